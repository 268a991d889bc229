"""Signing out in one tab ends the stay in all tabs that were open before."""

from __future__ import annotations

import time

import pytest
from streamlit.testing.v1 import AppTest

from pneumo import AccessError
from pneumo.ui.access import staying
from pneumo.ui.access.staying import Stay
from tests.app.test_access import AUTH, CLAIMS

ADA = "https://id.example 42"


@pytest.fixture(autouse=True)
def _nobody_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staying, "_LEFT_AT", {})


def sign_in(app: AppTest) -> AppTest:
    app.secrets["auth"] = AUTH
    app.user = {"is_logged_in": True, **CLAIMS}
    return app.run()


def test_other_tab_finds_the_door_after_a_sign_out(app: AppTest) -> None:
    other = AppTest.from_file(app._script_path, default_timeout=60)
    for tab in (app, other):
        sign_in(tab)
        assert tab.title[0].value == "Analyze a chest film"
    next(button for button in app.sidebar.button if button.label == "Sign out").click()
    app.run()
    other.run()
    assert not other.exception
    assert other.title[0].value == "Sign in"
    assert not other.file_uploader
    again = AppTest.from_file(app._script_path, default_timeout=60)
    assert sign_in(again).title[0].value == "Analyze a chest film"


def show_buttons() -> None:
    from pneumo.ui.access.staying import arrive
    from pneumo.ui.widgets.making_files import FileOffer, offer_files

    arrive("https://id.example 42")
    offer_files([FileOffer("CSV", "a.csv", "text/csv", "", lambda: b"a file")], key="one")


def test_file_is_not_made_after_a_sign_out(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []

    def take(label: str, make: object, **_: object) -> None:
        made.append(make)

    monkeypatch.setattr("streamlit.download_button", take)
    assert not AppTest.from_function(show_buttons).run().exception
    make = made[0]
    assert callable(make)
    assert make() == b"a file"
    monkeypatch.setitem(staying._LEFT_AT, ADA, time.monotonic())
    with pytest.raises(AccessError, match="signed out"):
        make()


def show_part() -> None:
    import streamlit as st

    from pneumo.ui.access.staying import arrive
    from pneumo.ui.fragments import fragment

    arrive("https://id.example 42")
    fragment()(lambda: st.text("A case."))()


def test_part_of_a_page_shows_nothing_after_a_sign_out(monkeypatch: pytest.MonkeyPatch) -> None:
    app = AppTest.from_function(show_part).run()
    assert [text.value for text in app.text] == ["A case."]
    monkeypatch.setitem(staying._LEFT_AT, ADA, time.monotonic())
    app.run()
    assert not app.text
    assert "signed out" in app.error[0].value


def test_stay_of_nobody_and_of_somebody_else_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(staying._LEFT_AT, ADA, 10.0)
    assert Stay(ADA, 9.0).is_over
    assert not Stay(ADA, 11.0).is_over
    assert not Stay("https://id.example 43", 9.0).is_over
    assert not Stay().is_over
