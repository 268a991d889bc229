"""The browser session → who uses it: whose cases are theirs, and what they may do.

Where `.streamlit/secrets.toml` has no section `[auth]`, nobody signs in: whoever reaches the server
is its one user. With one, Streamlit's OpenID Connect support tells who it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import streamlit as st

from pneumo import AccessError, Settings, read_settings
from pneumo.casebook.people import introduce
from pneumo.ui.access.door import note_sign_in, require_open_house
from pneumo.ui.access.staying import arrive


class Role(IntEnum):
    """What somebody may do; each may do what those before it may."""

    STUDENT = 0
    """Join a class; the role of those who have not signed in where others do."""
    READER = 1
    """Read films, keep cases of their own."""
    INSTRUCTOR = 2
    """Begin classes."""
    ADMIN = 3
    """See the log of who did what."""


@dataclass(frozen=True)
class Person:
    """Who uses a browser session.

    Attributes:
        owner: what their cases are kept under; empty where nobody signs in.
        name: what they are called on the page; empty likewise.
        role: what they may do.
    """

    owner: str
    name: str
    role: Role


def current_person() -> Person:
    """Return who uses this browser session; nobody once they have signed out, in whatever tab.

    Raises:
        AccessError: the sign-in does not say who it is, or is set up but cannot be told.
        SettingsError: a setting is wrong, so that no role can be told.
    """
    signed_in = st.user.get("is_logged_in")
    if signed_in is None:  # There is nothing to sign in with.
        require_open_house()
        return Person("", "", Role.ADMIN)
    note_sign_in()
    if not signed_in:
        return Person("", "", Role.STUDENT)
    person = identify(dict(st.user.to_dict()), read_settings())
    if arrive(person.owner).is_over:
        return Person("", "", Role.STUDENT)
    introduce(person.owner, person.name)
    return person


def identify(claims: dict[str, object], settings: Settings) -> Person:
    """Return who an identity token's claims are about.

    Cases belong to issuer and subject, which stay the same for good (OpenID Connect Core 1.0,
    section 5.7), unlike the e-mail address. Roles are given to both, or to an address, since that
    is what an administrator knows, and then only to one that the provider calls verified: where
    the claim is missing, whoever signs in may have typed the address themselves.

    Raises:
        AccessError: the token does not say who it is about.
    """
    issuer, subject = str(claims.get("iss") or ""), str(claims.get("sub") or "")
    if not (issuer and subject):
        raise AccessError(
            "The sign-in did not say who you are (no claims iss and sub): ask whoever runs this "
            "server to check its OpenID Connect provider."
        )
    address = str(claims.get("email") or "").lower()
    is_verified = str(claims.get("email_verified")).lower() == "true"
    owner = f"{issuer} {subject}"
    known_as = {owner, address} if address and is_verified else {owner}
    role = Role.READER
    if known_as & settings.admins:
        role = Role.ADMIN
    elif known_as & settings.instructors:
        role = Role.INSTRUCTOR
    return Person(owner, address or str(claims.get("name") or subject), role)


def current_owner() -> str:
    """Return what this session's cases are kept under; empty where nobody signs in.

    Raises:
        AccessError: others sign in here, and this session has not.
    """
    person = current_person()
    require(Role.READER, person)
    return person.owner


def require(role: Role, person: Person | None = None) -> None:
    """Make sure that the one who uses this session may do what a role may.

    Raises:
        AccessError: they may not.
    """
    person = person or current_person()
    if person.role >= role:
        return
    if person.role is Role.STUDENT:
        raise AccessError("Sign in first: this server keeps each reader's cases apart.")
    raise AccessError(
        f"This is for the role {role.name.lower()}, and you have the role "
        f"{person.role.name.lower()} here: ask whoever runs this server."
    )
