"""Parts of pages that run by themselves: an expected error is told in plain words, once."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pneumo.ui.fragments import LONGEST_PAUSE_S, lengthen_pause
from tests.conftest import REPOSITORY


def polling_page() -> None:
    import streamlit as st

    from pneumo import CasebookError
    from pneumo.ui.fragments import forget_mishaps, fragment

    @fragment(run_every=600.0)
    def poll() -> None:
        st.session_state["tries"] += 1
        if st.session_state["broken"]:
            raise CasebookError("The casebook failed.")
        st.write("All is well")

    if st.button("Again"):
        forget_mishaps()
    poll()


def open_page(*, broken: bool) -> AppTest:
    app = AppTest.from_function(polling_page)
    app.session_state["tries"] = 0
    app.session_state["broken"] = broken
    return app.run()


def test_poll_that_fails_says_so_waits_and_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        app = open_page(broken=True)
        assert not app.exception
        assert app.error[0].value == "The casebook failed. Trying again …"
        for _ in range(3):
            app.run()
            assert app.error[0].value == "The casebook failed. Trying again …"
    assert app.session_state["tries"] == 1, "it waits before it tries again"
    told = [message for message in caplog.messages if "CasebookError" in message]
    assert len(told) == 1
    assert "The casebook failed." not in caplog.text, "words may name what no log may"
    assert not any(record.exc_info for record in caplog.records), "no traceback"
    app.session_state["broken"] = False
    app.button[0].click().run()
    assert not app.error
    assert app.markdown[0].value == "All is well"


def test_error_that_nobody_expects_still_surfaces() -> None:
    def page() -> None:
        from pneumo.ui.fragments import fragment

        @fragment()
        def draw() -> None:
            raise ZeroDivisionError("a bug")

        draw()

    assert AppTest.from_function(page).run().exception


def test_pauses_grow_to_a_limit() -> None:
    pauses = [lengthen_pause(2.0, count) for count in range(1, 20)]
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[1], pauses[-1]) == (2.0, 4.0, LONGEST_PAUSE_S)


def test_every_part_of_a_page_is_of_this_kind() -> None:
    scripts = [*(REPOSITORY / "pneumo" / "ui").rglob("*.py"), *(REPOSITORY / "pages").rglob("*.py")]
    bare = {path.name for path in scripts if "st.fragment(" in path.read_text()}
    bare |= {path.name for path in scripts if "@st.fragment" in path.read_text()}
    assert bare == {"fragments.py"}


def test_page_that_failed_is_tried_again_by_a_press(
    app: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("no folder")
    monkeypatch.setenv("PNEUMO_CASEBOOK", str(in_the_way / "casebook"))
    app.switch_page("pages/reading/casebook.py").run()
    assert not app.exception
    assert app.error
    in_the_way.unlink()
    app.button(key="try the page again").click().run()
    assert not app.error
    assert "No case is kept yet" in app.info[0].value
