"""The sign-in providers in `.streamlit/secrets.toml` → ways in and out of the dashboard."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from pneumo.ui.access.staying import leave
from pneumo.ui.access.visitor import Person

_ICON = ":material/login:"


def list_providers(auth: Mapping[str, object]) -> list[str]:
    """Return the names of the providers in the section `[auth]`; "" stands for an unnamed one.

    >>> list_providers({"client_id": "a", "redirect_uri": "b"})
    ['']
    >>> list_providers({"redirect_uri": "b", "hospital": {"client_id": "a"}})
    ['hospital']
    """
    named = [
        name
        for name, section in auth.items()
        if isinstance(section, Mapping) and "client_id" in section
    ]
    return ([""] if "client_id" in auth else []) + named


def show_sign_in() -> None:
    """Show the page that somebody sees who has not signed in."""
    st.title("Sign in", anchor=False)
    st.write("This dashboard keeps each reader's cases apart, and so has to know who you are.")
    for provider in list_providers(st.secrets.get("auth", {})):
        label = f"Sign in with {provider}" if provider else "Sign in"
        if st.button(label, type="primary", icon=_ICON, key=f"sign in {provider}"):
            st.login(provider or None)
    st.caption(
        "You are sent to your organisation's own sign-in page; no password is typed here. What "
        "is kept of you is what that page calls you, beside your cases and in the log of who did "
        "what. Students who join a class need not sign in: open the page Classroom."
    )


def show_person(person: Person) -> None:
    """Show who is signed in, with the way out; nothing where nobody signs in."""
    if not person.owner:
        return
    st.text(person.name)
    st.caption(
        f"Signed in as {person.role.name.lower()}",
        help=f"This server knows you as `{person.owner}`: issuer and subject of your sign-in, "
        "which whoever runs it can give a role to.",
    )
    st.button("Sign out", icon=":material/logout:", on_click=leave, args=[person.owner])
