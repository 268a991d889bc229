"""The casebook is opened once a process, and a failure to open it is not kept."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import streamlit as st

from pneumo import CasebookError
from pneumo.casebook.records import now_utc
from pneumo.casebook.storage.database import open_database
from pneumo.casebook.store import Casebook
from pneumo.ui.resources import casebook_in
from tests.casebook.drawn_cases import draw_case


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


def test_old_cases_go_while_the_server_runs_and_nobody_looks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path}/casebook.sqlite3"
    lenient = Casebook(open_database(url))
    lenient.save(draw_case(created_at=now_utc() - timedelta(days=31)))
    monkeypatch.setenv("PNEUMO_RETENTION_DAYS", "30")
    casebook_in(url)
    deadline = time.monotonic() + 20
    while lenient.find("").total and time.monotonic() < deadline:
        time.sleep(0.02)
    assert lenient.find("").total == 0
    lenient.close()
