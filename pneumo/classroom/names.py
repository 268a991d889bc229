"""Chance → what people read aloud and type: join codes, seats' names, and tokens for machines."""

from __future__ import annotations

import hashlib
import re
import secrets

CODE_LENGTH = 6
_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Without I, L, O, 0 and 1, which are mistaken for each other."""

_COLOURS = (
    "Amber", "Blue", "Bronze", "Copper", "Coral", "Crimson", "Golden", "Green", "Grey", "Indigo",
    "Ivory", "Jade", "Lilac", "Olive", "Pearl", "Purple", "Red", "Silver", "Teal", "White",
)  # fmt: skip
_BIRDS = (
    "bittern", "bunting", "condor", "crane", "dove", "eagle", "falcon", "finch", "goose", "hawk",
    "heron", "ibis", "jay", "kestrel", "kite", "lark", "magpie", "martin", "osprey", "owl",
    "pelican", "plover", "puffin", "raven", "robin", "sparrow", "stork", "swan", "swift", "tern",
    "thrush", "warbler", "wren",
)  # fmt: skip

MOST_NICKNAME = 40


def draw_code() -> str:
    """Return a join code of six characters that nobody mistakes for others."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(CODE_LENGTH))


def draw_name() -> str:
    """Return a name for a seat, one of 660."""
    return f"{secrets.choice(_COLOURS)} {secrets.choice(_BIRDS)}"


def draw_token() -> str:
    """Return 128 bits that nobody guesses, fit for an address."""
    return secrets.token_urlsafe(16)


def seal(token: str) -> str:
    """Return what is kept of a token: whoever reads the database can steer nothing with it."""
    return hashlib.sha256(token.encode()).hexdigest()


def tidy_code(typed: str) -> str:
    """Return a code as it was drawn from one as it was typed.

    >>> tidy_code(" ab3-9xy ")
    'AB39XY'
    """
    return re.sub(r"[\s-]", "", typed).upper()


def tidy_nickname(typed: str) -> str:
    r"""Return a nickname on one line, of at most MOST_NICKNAME characters, that can be printed.

    >>> tidy_nickname("  the  quick\nfox ")
    'the quick fox'
    """
    shown = "".join(letter if letter.isprintable() else " " for letter in typed)
    return " ".join(shown.split())[:MOST_NICKNAME]
