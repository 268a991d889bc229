"""The casebook is opened once a process, and a failure to open it is not kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st

from pneumo import CasebookError
from pneumo.ui.resources import casebook_in


@pytest.fixture(autouse=True)
def fresh_cache() -> Iterator[None]:
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


def test_visitors_share_one_casebook(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/casebook.sqlite3"
    assert casebook_in(url) is casebook_in(url)


def test_casebook_opens_once_what_was_in_the_way_is_gone(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/kept/casebook.sqlite3"
    (tmp_path / "kept").write_text("in the way")
    with pytest.raises(CasebookError, match="PNEUMO_CASEBOOK"):
        casebook_in(url)
    (tmp_path / "kept").unlink()
    assert casebook_in(url).find("").total == 0


def test_retention_comes_from_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PNEUMO_RETENTION_DAYS", "30")
    assert casebook_in(f"sqlite:///{tmp_path}/casebook.sqlite3").retention_days == 30
