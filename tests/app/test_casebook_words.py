"""Words that are typed for a case and not yet saved: none is lost, whatever happens beside them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pneumo.casebook.storage.database import open_database
from pneumo.casebook.store import Casebook
from pneumo.domain import Verdict
from tests.app.test_casebook import (
    button,
    field,
    fill,
    folder,
    kept,
    labels,
    open_case,
    open_list,
    page,
    press,
    titles,
    told,
)
from tests.casebook.drawn_cases import draw_case

__all__ = ["folder", "page"]

CASE = draw_case().id


@contextmanager
def elsewhere(folder: Path) -> Iterator[Casebook]:
    """The casebook as another tab sees it."""
    casebook = Casebook(open_database(f"sqlite:///{folder}/casebook.sqlite3"))
    yield casebook
    casebook.close()


def texts(page: AppTest) -> list[str]:
    return [text.value for text in page.text]


def save_after_another_tab(page: AppTest, folder: Path) -> None:
    """Open a case, have another tab change its note, and try to save one of one's own."""
    fill(folder, draw_case())
    page.run()
    open_case(page, CASE)
    with elsewhere(folder) as casebook:
        casebook.update("", CASE, note="of the other tab")
    field(page, "Note").set_value("a long note")
    press(page, "Save note and tags")


def test_note_that_another_tab_changed_too_is_shown_beside_the_visitors(
    page: AppTest, folder: Path
) -> None:
    save_after_another_tab(page, folder)
    assert not page.exception
    assert "Not saved" in told(page)
    assert "Note: of the other tab" in texts(page)
    assert field(page, "Note").value == "a long note"
    assert kept(folder)[0].note == "of the other tab"
    press(page, "Save note and tags")
    assert kept(folder)[0].note == "a long note"
    assert "Note: of the other tab" not in texts(page)
    assert field(page, "Note").value == "a long note"


def test_visitor_may_take_what_the_other_tab_saved(page: AppTest, folder: Path) -> None:
    save_after_another_tab(page, folder)
    press(page, "Take this into the form")
    assert field(page, "Note").value == "of the other tab"
    assert "Take this into the form" not in labels(page)


def test_words_changed_elsewhere_stay_beside_those_that_are_saved_here(
    page: AppTest, folder: Path
) -> None:
    fill(folder, draw_case())
    page.run()
    open_case(page, CASE)
    with elsewhere(folder) as casebook:
        casebook.update("", CASE, title="Renamed", tags=["teaching"])
    field(page, "Note").set_value("typed here")
    press(page, "Save note and tags")
    (case,) = kept(folder)
    assert (case.title, case.tags, case.note) == ("Renamed", ("teaching",), "typed here")
    assert field(page, "Title").value == "Renamed"


def test_note_typed_before_another_button_stays(page: AppTest, folder: Path) -> None:
    fill(folder, draw_case(reference=None))
    page.run()
    open_case(page, CASE)
    # What is typed stays in the browser, which keeps it as long as the box is the same one and
    # is not filled by the server.
    before = field(page, "Note").proto.id
    page.segmented_control(key=f"answer of {CASE}").set_value(Verdict.NORMAL)
    field(page, "By what").set_value("clinical course")
    press(page, "Resolve")
    assert "NORMAL, by: clinical course" in told(page)
    assert field(page, "Note").proto.id == before
    assert not field(page, "Note").proto.set_value


def test_answer_given_elsewhere_is_not_overwritten(page: AppTest, folder: Path) -> None:
    fill(folder, draw_case(reference=None))
    page.run()
    open_case(page, CASE)
    answer = draw_case().reference
    assert answer is not None
    with elsewhere(folder) as casebook:
        casebook.update("", CASE, reference=answer)
    page.run()
    assert "Resolve" not in labels(page)
    assert kept(folder)[0].reference == answer


def test_casebook_that_fails_in_mid_session_keeps_the_case_and_what_was_typed(
    page: AppTest, folder: Path
) -> None:
    fill(folder, draw_case())
    page.run()
    open_case(page, CASE)
    file = folder / "casebook.sqlite3"
    file.rename(folder / "away")
    field(page, "Note").set_value("typed while it was away")
    press(page, "Save note and tags")
    assert not page.exception
    assert "The case is shown as it was last" in told(page)
    assert "Not saved" in told(page)
    assert field(page, "Note").value == "typed while it was away"
    (folder / "away").rename(file)
    press(page, "Save note and tags")
    assert kept(folder)[0].note == "typed while it was away"
    assert "shown as it was last" not in told(page)


def test_note_typed_for_a_case_that_was_deleted_is_shown(page: AppTest, folder: Path) -> None:
    fill(folder, draw_case())
    page.run()
    open_case(page, CASE)
    field(page, "Note").set_value("typed too late")
    with elsewhere(folder) as casebook:
        casebook.delete("", [CASE])
    press(page, "Save note and tags")
    assert "may have been deleted" in told(page)
    assert "typed too late" in texts(page)


def test_casebook_that_can_only_be_read_says_so_and_opens(
    page: AppTest, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(folder, draw_case())
    access = os.access
    monkeypatch.setattr(
        os,
        "access",
        lambda path, mode: (
            access(path, mode) and not (mode & os.W_OK and str(path).startswith(str(folder)))
        ),
    )
    page.run()
    open_list(page)
    assert "can only be read" in told(page)
    assert titles(page) == ["Case 1"]
    open_case(page, CASE)
    assert not page.exception
    assert field(page, "Note").value == draw_case().note
    assert button(page, "Save note and tags")
