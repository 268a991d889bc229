"""Who is here → what they are called now, for the journal: their number tells nobody who it was.

It is kept for as long as the server runs, and written only beside what they do.
"""

from __future__ import annotations

LONGEST_NAME = 320
"""Characters that are kept: those of the longest address (RFC 3696, erratum 1690)."""

_NAMES: dict[str, str] = {}


def introduce(owner: str, name: str) -> None:
    """Remember what somebody is called, in place of what they were called before."""
    if owner:
        _NAMES[owner] = name.replace("\0", "")[:LONGEST_NAME]


def name_of(owner: str) -> str:
    """Return what somebody was called last; empty if nobody has introduced them."""
    return _NAMES.get(owner, "")
