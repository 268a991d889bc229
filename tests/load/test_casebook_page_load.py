"""The page Casebook with 10,000 cases: how long it takes to open, and to filter."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import streamlit as st
from sqlalchemy.orm import Session
from streamlit.testing.v1 import AppTest

from pneumo.casebook import shelf
from pneumo.casebook.storage import transactions
from pneumo.casebook.storage.database import open_database
from pneumo.casebook.store import Casebook
from pneumo.domain import Verdict
from pneumo.ui.casebook.places import PAGE
from tests.casebook.drawn_cases import NOON, draw_case, draw_prediction
from tests.conftest import REPOSITORY

CASES, CHUNK, RUNS = 10_000, 1_000, 5


def fill(url: str) -> None:
    casebook = Casebook(open_database(url))

    def put(session: Session, first: int) -> None:
        for number in range(first, first + CHUNK):
            moment = NOON - timedelta(minutes=number)
            said = (draw_prediction(number % 100 / 100),)
            tags = ("ward",) if number % 3 else ("ward", "winter")
            case = draw_case(number, predictions=said, tags=tags)
            shelf.put(session, replace(case, created_at=moment, updated_at=moment))

    for first in range(1, CASES + 1, CHUNK):
        transactions.write(casebook.engine, lambda session, first=first: put(session, first))
    casebook.close()


def median_s(act: Callable[[], object]) -> float:
    taken = []
    for _ in range(RUNS):
        began = time.perf_counter()
        act()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


@pytest.mark.slow
def test_ten_thousand_cases_open_within_a_second_and_filter_within_300_ms(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path}/casebook.sqlite3"
    fill(url)
    monkeypatch.setenv("PNEUMO_DATABASE_URL", url)
    st.cache_resource.clear()
    page = AppTest.from_file(REPOSITORY / "streamlit_app.py", default_timeout=60).run()
    page.switch_page(str(PAGE)).run()
    assert any("10,000 cases found" in text.value for text in page.markdown)
    opening_s = median_s(lambda: page.switch_page(str(PAGE)).run())

    def turn() -> None:
        verdict = page.selectbox(key="casebook verdict")
        verdict.set_value(Verdict.NORMAL if verdict.value is None else None)
        page.text_input(key="casebook text").set_value("cough").run()

    page.selectbox(key="casebook tag").set_value("winter").run()
    filtering_s = median_s(turn)
    assert any("of 10,000 cases found" in text.value for text in page.markdown)
    st.cache_resource.clear()
    assert opening_s < 1
    assert filtering_s < 0.3
