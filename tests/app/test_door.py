"""Whether readers sign in here: where it cannot be told, nobody gets in."""

from __future__ import annotations

from pathlib import Path

import pytest
import streamlit as st
from streamlit.runtime.secrets import Secrets

from pneumo import AccessError
from pneumo.ui.access.door import note_sign_in, require_open_house

GOOD = '[auth]\ncookie_secret = "for a test"\n'


@pytest.fixture
def secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where Streamlit looks for its secrets; nothing lies there yet."""
    file = tmp_path / "secrets.toml"
    get_option = st.config.get_option
    monkeypatch.setattr(
        st.config,
        "get_option",
        lambda name: [str(file)] if name == "secrets.files" else get_option(name),
    )
    monkeypatch.setattr(st, "secrets", Secrets())
    return file


def test_server_without_secrets_is_open_to_who_reaches_it(secrets: Path) -> None:
    assert not secrets.exists()
    require_open_house()


def test_secrets_without_sign_in_leave_the_house_open(secrets: Path) -> None:
    secrets.write_text('OPENAI_API_KEY = "for a test"\n')
    require_open_house()


def test_secrets_that_cannot_be_read_let_nobody_in(secrets: Path) -> None:
    secrets.write_text(GOOD + "\n[auth.second\n")
    with pytest.raises(AccessError, match="cannot be read"):
        require_open_house()


def test_sign_in_that_was_there_before_is_not_forgotten(secrets: Path) -> None:
    note_sign_in()
    assert not secrets.exists()
    with pytest.raises(AccessError, match="no longer set up"):
        require_open_house()
