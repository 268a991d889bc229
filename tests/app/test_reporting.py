"""The buttons that make reports: nothing is made unasked, and a failure is said."""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from streamlit.testing.v1 import AppTest

from pneumo.errors import ReportError
from pneumo.ui.widgets import making_files
from pneumo.ui.widgets.making_files import Making


def fail() -> bytes:
    raise ReportError("No paper.")


def test_failure_is_remembered_until_a_report_is_made() -> None:
    making = Making()
    with pytest.raises(ReportError):
        making.watch(fail)()
    assert making.failure == "No paper."
    assert making.watch(lambda: b"a report")() == b"a report"
    assert making.failure == ""


def test_report_is_under_way_from_the_press_to_its_end() -> None:
    making = Making()
    assert not making.is_under_way
    making.ask()
    assert making.is_under_way
    making.watch(lambda: b"")()
    assert not making.is_under_way


def test_report_that_ends_before_the_page_hears_of_the_press_is_over() -> None:
    making = Making()
    making.watch(lambda: b"")()
    making.ask()
    assert not making.is_under_way


def test_page_waits_for_the_report_s_end_and_no_longer() -> None:
    making = Making()
    making.ask()
    with ThreadPoolExecutor() as pool:
        made = pool.submit(making.watch(lambda: time.sleep(0.2) or b"a report"))
        making.wait(30)
        assert not making.is_under_way
        assert made.result() == b"a report"
    making.give_up()
    assert making.failure == ""


def test_press_that_the_browser_lost_is_said_and_the_next_one_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(making_files, "_BEGIN_S", 0.1)
    making = Making()
    making.ask()
    while making.is_under_way:
        making.wait(0.05)
    making.give_up()
    assert "Press once more" in making.failure
    making.ask()
    assert making.is_under_way
    making.watch(lambda: b"a report")()
    assert not making.is_under_way
    assert making.failure == ""


def show_buttons() -> None:
    from pathlib import Path

    from pneumo.casebook.records import Case
    from pneumo.decision.worklist import WorklistRow
    from pneumo.ui.widgets.reporting import offer_batch_report, offer_report

    def never() -> Case:
        raise AssertionError("Nobody asked for a report.")

    offer_report(never, None, models_dir=Path(), key="one", note=print)
    offer_batch_report([], models_dir=Path(), key="none")
    rows = [WorklistRow("a.png", "ok", "balanced", "v1")]
    offer_batch_report(rows, models_dir=Path(), key="some")


def test_buttons_are_offered_and_make_nothing_unasked() -> None:
    app = AppTest.from_function(show_buttons).run()
    assert not app.exception
    assert [button.proto.label for button in app.get("download_button")] == [
        "Report (PDF)", "Report (HTML)", "Summary (PDF)", "Summary (HTML)",
    ]  # fmt: skip


def test_page_says_why_no_report_could_be_made() -> None:
    app = AppTest.from_function(show_buttons)
    making = Making()
    with pytest.raises(ReportError):
        making.watch(fail)()
    app.session_state["making report one"] = making
    app.run()
    assert [error.value for error in app.error] == ["No paper."]


def test_page_names_what_the_last_file_could_not_hold() -> None:
    def show() -> None:
        from pneumo.ui.widgets.making_files import offer_files

        offer_files([], key="all", left_out=["Case 1 is damaged.", "Case 2 is damaged."])
        offer_files([], key="none")

    app = AppTest.from_function(show).run()
    assert [box.value for box in app.warning] == ["Case 1 is damaged.\n\nCase 2 is damaged."]


def test_buttons_load_nothing_that_makes_reports() -> None:
    code = (
        "import sys, pneumo.ui.widgets.reporting; "
        "print([m for m in ('weasyprint', 'jinja2', 'pneumo.casebook.report') if m in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "weasyprint" not in ran.stdout
    assert "pneumo.casebook.report" not in ran.stdout
