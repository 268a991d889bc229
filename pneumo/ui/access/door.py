"""The server's secrets → whether readers sign in here; where that cannot be told, nobody gets in.

Streamlit knows of no sign-in when `secrets.toml` is missing, and likewise when it cannot be read.
The first is a person's own machine. The second would let strangers in as if they were that person.
"""

from __future__ import annotations

from pathlib import Path
from threading import Event

import streamlit as st

from pneumo import AccessError

_readers_sign_in = Event()


def note_sign_in() -> None:
    """Remember, until the server stops, that readers sign in here."""
    _readers_sign_in.set()


def require_open_house() -> None:
    """Make sure that nobody signs in on this server, since Streamlit knows of no way to.

    Raises:
        AccessError: readers signed in here before, or the secrets are there but cannot be read.
    """
    if _readers_sign_in.is_set():
        raise AccessError(
            "Readers sign in on this server, but its sign-in is no longer set up, so nobody gets "
            "in. Whoever runs it: bring back the section [auth] of .streamlit/secrets.toml, or "
            "start the server anew if nobody is to sign in any more."
        )
    files = [Path(path) for path in st.config.get_option("secrets.files")]
    if any(file.exists() for file in files) and not st.secrets.load_if_toml_exists():
        raise AccessError(
            "This server's secrets cannot be read, so it cannot be told who may come in. Whoever "
            "runs it: mend .streamlit/secrets.toml; `streamlit run` says in its log which line is "
            "wrong."
        )
