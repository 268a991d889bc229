"""Visits on which a film becomes a case, and the case is found, opened, resolved and deleted."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pneumo.casebook.journal import Act
from pneumo.casebook.records import Case
from pneumo.casebook.storage.database import open_database
from pneumo.casebook.store import Casebook
from pneumo.domain import Verdict
from pneumo.ui.casebook.places import PAGE
from pneumo.ui.widgets.casebook_files import name_damaged, offer_table
from tests.app.conftest import FilmBytes
from tests.app.test_analyze import analyze, button, labels, shares, upload, words
from tests.app.test_quality import give_gate
from tests.casebook.drawn_cases import NOON, draw_case, draw_opinion, draw_prediction
from tests.conftest import REPOSITORY

FILE_NAME = "Roe Jane 2019.png"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where these tests' cases go; not there yet."""
    folder = tmp_path / "kept" / "casebook"
    monkeypatch.setenv("PNEUMO_CASEBOOK", str(folder))
    monkeypatch.delenv("PNEUMO_DATABASE_URL", raising=False)
    return folder


@pytest.fixture
def page(folder: Path, models: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AppTest]:
    """The app, whose casebook is let go of in the end."""
    monkeypatch.setenv("PNEUMO_MODELS", str(models))
    st.cache_data.clear()
    st.cache_resource.clear()
    yield AppTest.from_file(REPOSITORY / "streamlit_app.py", default_timeout=60)
    st.cache_resource.clear()


def fill(folder: Path, *cases: Case) -> None:
    """Keep cases before the app is started."""
    casebook = Casebook(open_database(f"sqlite:///{folder}/casebook.sqlite3"))
    for case in cases:
        casebook.save(case)
    casebook.close()


def kept(folder: Path) -> list[Case]:
    """Return what lies in the casebook."""
    casebook = Casebook(open_database(f"sqlite:///{folder}/casebook.sqlite3"))
    cases = list(casebook.hand_out(""))
    casebook.close()
    return cases


def read_film(page: AppTest, film: bytes) -> AppTest:
    return analyze(upload(page.run(), (FILE_NAME, film)))


def press(page: AppTest, label: str) -> AppTest:
    button(page, label).click()
    return page.run()


def open_list(page: AppTest) -> AppTest:
    page.query_params.clear()
    return page.switch_page(str(PAGE)).run()


def open_case(page: AppTest, case_id: str) -> AppTest:
    page.switch_page(str(PAGE))
    page.query_params["case"] = case_id
    return page.run()


def field(page: AppTest, label: str) -> Any:
    kinds = (page.text_input, page.text_area, page.multiselect, page.checkbox, page.selectbox)
    return next(found for kind in kinds for found in kind if found.label == label)


def told(page: AppTest) -> str:
    boxes = [*page.info, *page.warning, *page.error, *page.success]
    titles = [str(getattr(box.proto, "title", "")) for box in boxes]
    return "\n".join([words(page), *titles, *[str(box.value) for box in page.success]])


def titles(page: AppTest) -> list[str]:
    return list(page.dataframe[0].value["Title"]) if page.dataframe else []


def choose_rows(page: AppTest, *places: int) -> AppTest:
    page.session_state[page.dataframe[0].key] = {
        "selection": {"rows": list(places), "columns": [], "cells": []}
    }
    return page.run()


def test_nothing_is_written_before_save_is_pressed(
    page: AppTest, folder: Path, film_bytes: FilmBytes
) -> None:
    read_film(page, film_bytes())
    field(page, "Note").set_value("typed, not saved").run()
    assert not page.exception
    assert "Nothing of this film is saved yet" in told(page)
    assert str(folder) in told(page)
    assert not folder.parent.exists()


def test_case_goes_from_analyze_to_the_casebook_and_is_shown_as_it_was_read(
    page: AppTest, folder: Path, film_bytes: FilmBytes
) -> None:
    read_film(page, film_bytes())
    page.segmented_control(key="point 1").set_value("rule-in").run()
    verdict, probability = page.header[0].value, shares(page)
    field(page, "Title").set_value("A hazy base").run()
    field(page, "Note").set_value("**Look** again").run()
    press(page, "Save case")
    assert not page.exception
    assert "Saved." in told(page)
    (case,) = kept(folder)
    assert not case.has_film
    assert FILE_NAME.encode() not in b"".join(path.read_bytes() for path in folder.iterdir())

    open_list(page)
    assert titles(page) == ["A hazy base"]
    assert f"1 case kept in {folder}" in told(page)
    choose_rows(page, 0)
    press(page, "Open")
    assert not page.exception
    assert page.header[0].value == verdict
    assert "rule-in" in told(page)
    assert shares(page) == probability
    assert "lie on plain grey" in told(page)
    assert case.film.fingerprint in told(page)
    assert field(page, "Note").value == "**Look** again"
    assert "Same model" not in told(page)


def test_file_name_is_no_title(page: AppTest, folder: Path, film_bytes: FilmBytes) -> None:
    press(read_film(page, film_bytes()), "Save case")
    (case,) = kept(folder)
    assert case.title.startswith("Film of ")
    assert "UTC" in case.title


def test_further_changes_stay_one_case(page: AppTest, folder: Path, film_bytes: FilmBytes) -> None:
    press(read_film(page, film_bytes()), "Save case")
    (first,) = kept(folder)
    assert button(page, "Save changes").disabled
    page.segmented_control(key="point 1").set_value("rule-in").run()
    assert not button(page, "Save changes").disabled
    field(page, "Keep the film's pixels too").check().run()
    press(page, "Save changes")
    (second,) = kept(folder)
    assert (second.id, second.created_at) == (first.id, first.created_at)
    assert [said.prediction.operating_point.name for said in second.predictions] == ["rule-in"]
    assert second.has_film
    field(page, "Keep the film's pixels too").uncheck().run()
    press(page, "Save changes")
    (third,) = kept(folder)
    assert not third.has_film
    assert button(page, "Save changes").disabled


def test_what_was_changed_in_the_casebook_is_not_lost_by_saving_again(
    page: AppTest, folder: Path, film_bytes: FilmBytes
) -> None:
    press(read_film(page, film_bytes()), "Save case")
    (case,) = kept(folder)
    casebook = Casebook(open_database(f"sqlite:///{folder}/casebook.sqlite3"))
    casebook.update("", case.id, title="Another tab's title", tags=["teaching"])
    casebook.close()
    field(page, "Note").set_value("a note from here").run()
    press(page, "Save changes")
    (case,) = kept(folder)
    assert (case.title, case.tags) == ("Another tab's title", ("teaching",))
    assert case.note == "a note from here"
    assert button(page, "Save changes").disabled


def test_synthetic_film_is_kept_as_one(page: AppTest, folder: Path) -> None:
    page.run()
    press(page, "Try a synthetic film")
    press(analyze(page), "Save case")
    (case,) = kept(folder)
    assert case.film.synthetic
    assert case.title.startswith("Synthetic film of ")
    open_list(page)
    assert titles(page)[0].endswith("(SYNTHETIC)")
    open_case(page, case.id)
    assert "SYNTHETIC" in told(page)


def test_failed_save_says_why_and_keeps_what_was_typed(
    page: AppTest, folder: Path, film_bytes: FilmBytes
) -> None:
    folder.parent.parent.mkdir(exist_ok=True)
    folder.parent.write_text("a file where a folder should be")
    read_film(page, film_bytes())
    field(page, "Note").set_value("three days of cough").run()
    press(page, "Save case")
    assert not page.exception
    assert "Not saved" in told(page)
    assert "PNEUMO_CASEBOOK" in told(page)
    assert field(page, "Note").value == "three days of cough"
    assert "Save case" in labels(page)
    folder.parent.unlink()
    press(page, "Save case")
    (case,) = kept(folder)
    assert case.note == "three days of cough"


def test_unopenable_database_is_told_on_the_page(page: AppTest, folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "casebook.sqlite3").write_bytes(b"no database at all" * 100)
    page.run()
    open_list(page)
    assert not page.exception
    assert "The file is no casebook" in told(page)
    assert page.title[0].value == "Casebook"


def test_empty_casebook_says_how_cases_come_here(page: AppTest) -> None:
    page.run()
    open_list(page)
    assert not page.exception
    assert "Your casebook is empty" in told(page)
    assert "Save case" in told(page)


def test_filters_narrow_the_list_together(page: AppTest, folder: Path) -> None:
    normal = (draw_prediction(0.2),)
    fill(
        folder,
        draw_case(1, title="one", tags=("ward",)),
        draw_case(2, title="two", tags=("ward",), predictions=normal, reference=None),
        draw_case(3, title="three", tags=("clinic",), predictions=normal, note="rotated"),
    )
    page.run()
    open_list(page)
    assert sorted(titles(page)) == ["one", "three", "two"]
    field(page, "Verdict of the networks").set_value(Verdict.NORMAL).run()
    assert sorted(titles(page)) == ["three", "two"]
    field(page, "Tag").set_value("ward").run()
    assert titles(page) == ["two"]
    field(page, "Answer").set_value(True).run()
    assert titles(page) == []
    assert "No case is like that" in told(page)
    field(page, "Answer").set_value(None).run()
    field(page, "Tag").set_value(None).run()
    field(page, "Search titles and notes").set_value("ROTATED").run()
    assert titles(page) == ["three"]
    page.date_input[0].set_value((NOON.date().replace(day=24), NOON.date().replace(day=30))).run()
    assert titles(page) == []
    assert not page.exception


def test_more_cases_than_a_page_shows_are_turned_over(page: AppTest, folder: Path) -> None:
    fill(folder, *[draw_case(number) for number in range(1, 53)])
    page.run()
    open_list(page)
    assert "52 cases found" in told(page)
    assert len(titles(page)) == 50
    (name,) = [name for name in page.session_state if name.startswith("casebook page")]
    page.session_state[name] = 2
    page.run()
    assert not page.exception
    assert len(titles(page)) == 2


def test_case_is_resolved_and_taken_back(page: AppTest, folder: Path) -> None:
    fill(folder, draw_case(reference=None))
    page.run()
    open_case(page, draw_case().id)
    press(page, "Resolve")
    assert "say by what it is known" in told(page)
    page.segmented_control(key=f"answer of {draw_case().id}").set_value(Verdict.NORMAL)
    field(page, "By what").set_value("clinical course")
    press(page, "Resolve")
    assert not page.exception
    assert "NORMAL, by: clinical course" in told(page)
    (case,) = kept(folder)
    assert case.reference is not None
    assert case.reference.verdict is Verdict.NORMAL
    press(page, "Take the answer back")
    (case,) = kept(folder)
    assert case.reference is None
    assert "Resolve" in labels(page)


def test_words_of_a_case_can_be_changed(page: AppTest, folder: Path) -> None:
    fill(folder, draw_case())
    page.run()
    open_case(page, draw_case().id)
    field(page, "Title").set_value("Renamed")
    field(page, "Note").set_value("Written anew")
    press(page, "Save note and tags")
    (case,) = kept(folder)
    assert (case.title, case.note, case.tags) == ("Renamed", "Written anew", ("ward", "winter"))
    assert "Renamed" in [text.value for text in page.text]


def test_change_that_is_refused_keeps_what_was_typed(page: AppTest, folder: Path) -> None:
    fill(folder, draw_case())
    page.run()
    open_case(page, draw_case().id)
    field(page, "Note").set_value("typed")
    field(page, "Tags").set_value(["x" * 60])
    press(page, "Save note and tags")
    assert not page.exception
    assert "at most 50 characters" in told(page)
    assert field(page, "Note").value == "typed"
    (case,) = kept(folder)
    assert case.note == draw_case().note


def test_change_from_elsewhere_shows_without_opening_anew(page: AppTest, folder: Path) -> None:
    fill(folder, draw_case())
    page.run()
    open_case(page, draw_case().id)
    fill(folder, draw_case(title="Renamed elsewhere"))
    page.run()
    assert "Renamed elsewhere" in [text.value for text in page.text]
    casebook = Casebook(open_database(f"sqlite:///{folder}/casebook.sqlite3"))
    acts = [entry.act for entry in casebook.journal_entries()]
    casebook.close()
    assert acts.count(Act.OPENED) == 1


def test_days_of_retention_are_told(
    page: AppTest, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PNEUMO_RETENTION_DAYS", "36500")
    fill(folder, draw_case())
    page.run()
    open_list(page)
    assert "A case is deleted 36,500 days after it was saved." in told(page)


def test_case_is_deleted_once_it_was_asked_again(page: AppTest, folder: Path) -> None:
    fill(folder, *[draw_case(number) for number in (1, 2, 3)])
    page.run()
    open_list(page)
    choose_rows(page, 0, 2)
    press(page, "Delete 2 cases …")
    assert len(kept(folder)) == 3
    assert "cannot be brought back" in told(page)
    press(page, "Delete 2 cases")
    assert not page.exception
    assert len(kept(folder)) == 1
    assert len(titles(page)) == 1


def test_case_of_nobody_leads_back_to_the_list(page: AppTest, folder: Path) -> None:
    fill(folder, draw_case())
    page.run()
    open_case(page, "f" * 32)
    assert not page.exception
    assert "may have been deleted" in told(page)
    press(page, "All cases")
    assert titles(page) == ["Case 1"]


def test_kept_film_is_read_by_todays_networks(
    page: AppTest, folder: Path, film_bytes: FilmBytes
) -> None:
    read_film(page, film_bytes())
    field(page, "Keep the film's pixels too").check().run()
    press(page, "Save case")
    (case,) = kept(folder)
    open_case(page, case.id)
    assert "plain grey" not in told(page)
    assert "still the ones" in told(page)
    press(page, "Read it with today's networks")
    assert not page.exception
    same = "Same model: the probability of pneumonia is the same, and the verdict is the same."
    assert same in told(page)
    press(page, "Add this reading to the case")
    (case,) = kept(folder)
    assert len(case.predictions) == 2
    assert "This reading is part of the case" in told(page)
    assert field(page, "Reading of the networks").value == 0


def test_film_that_was_not_kept_is_asked_for_and_another_one_refused(
    page: AppTest, folder: Path, film_bytes: FilmBytes
) -> None:
    film = film_bytes(1)
    press(read_film(page, film), "Save case")
    (case,) = kept(folder)
    open_case(page, case.id)
    assert button(page, "Read it with today's networks").disabled
    page.file_uploader[0].set_value(("other.png", film_bytes(2), "image/png")).run()
    assert "This is another film" in told(page)
    assert button(page, "Read it with today's networks").disabled
    page.file_uploader[0].set_value(("same.png", film, "image/png")).run()
    press(page, "Read it with today's networks")
    assert not page.exception
    assert "Same model: the probability of pneumonia is the same" in told(page)


def test_mended_film_is_known_again_by_the_file_that_was_chosen_and_mended_alike(
    page: AppTest, folder: Path, film_bytes: FilmBytes
) -> None:
    film = film_bytes(1)
    read_film(page, film)
    chosen = page.session_state["visit"].readings[0].film.radiograph
    press(page, "Rotate by half a turn")
    press(page, "Save case")
    (case,) = kept(folder)
    assert case.film.mends == ("rotate 180",)
    assert case.film.chosen_fingerprint == chosen.fingerprint != case.film.fingerprint
    open_case(page, case.id)
    assert "Before it was read: Turned by 180 degrees by the reader." in told(page)
    assert f"The same of the film as chosen: {chosen.fingerprint}" in told(page)
    page.file_uploader[0].set_value(("other.png", film_bytes(2), "image/png")).run()
    assert f"fingerprint {chosen.fingerprint[:12]}" in told(page)
    page.file_uploader[0].set_value(("same.png", film, "image/png")).run()
    assert "This is another film" not in told(page)
    press(page, "Read it with today's networks")
    assert not page.exception
    _, reading = page.session_state["casebook now"]
    assert reading.film.radiograph.fingerprint == case.film.fingerprint
    assert "the probability of pneumonia is the same" in told(page)


def test_film_that_todays_gate_refuses_has_no_verdict_before_it_is_asked_for(
    page: AppTest, folder: Path, models: Path, film_bytes: FilmBytes
) -> None:
    film = film_bytes(rows=180, columns=200)
    press(read_film(page, film), "Save case")
    (case,) = kept(folder)
    give_gate(models, refuses=True)
    st.cache_resource.clear()
    open_case(page, case.id)
    page.file_uploader[0].set_value(("same.png", film, "image/png")).run()
    press(page, "Read it with today's networks")
    assert not page.exception
    assert "unlike the training films" in page.error[0].value
    assert "Add this reading to the case" not in labels(page)
    assert "Same model" not in told(page)
    press(page, "Show the networks' answer all the same")
    assert "Same model" in told(page)
    press(page, "Add this reading to the case")
    assert not page.exception
    (case,) = kept(folder)
    assert case.latest.is_refused
    assert "REFUSED BY THE GATE" in told(page)
    open_list(page)
    assert titles(page)[0].endswith("(REFUSED BY THE GATE)")


def test_damaged_cases_are_named_once_a_file_was_made_and_the_others_go_out(
    folder: Path,
) -> None:
    fill(folder, draw_case(1), draw_case(2))
    casebook = Casebook(open_database(f"sqlite:///{folder}/casebook.sqlite3"))
    with casebook.engine.begin() as connection:
        change = f"UPDATE case_contents SET opinions = '[1]' WHERE case_id = '{1:032x}'"
        connection.exec_driver_sql(change)
    left_out = ["of the file before"]
    offer = offer_table(lambda: name_damaged(casebook.hand_out(""), left_out), name="all")
    table = offer.make().decode("utf-8-sig")
    casebook.close()
    assert "Case 2" in table
    assert [f"Case {1:032x} cannot be read" in reason for reason in left_out] == [True]


def test_opinions_are_shown_with_their_prompt_and_as_plain_text(
    page: AppTest, folder: Path
) -> None:
    marked = "![x](http://foreign.test/a.png)"
    said = draw_prediction()
    point = said.prediction.operating_point
    prediction = replace(
        said.prediction,
        operating_point=replace(point, name=f"{marked} point"),
        model_version=marked,
        members=tuple(replace(m, title=marked) for m in said.prediction.members),
    )
    opinion = draw_opinion()
    assert opinion.result.opinion is not None
    result = replace(
        opinion.result,
        asked_at=marked,
        cached=True,
        model=marked,
        opinion=replace(opinion.result.opinion, impression=marked, limitations=marked),
    )
    fill(
        folder,
        draw_case(
            title=marked,
            note=marked,
            predictions=(replace(said, prediction=prediction),),
            opinions=(replace(opinion, result=result), draw_opinion(informed=True)),
            tags=(marked,),
        ),
    )
    page.run()
    open_list(page)
    open_case(page, draw_case().id)
    assert not page.exception
    said_so = told(page)
    assert "Prompt: radiologist v1" in said_so
    assert marked in [text.value for text in page.text]
    boxes = (*page.markdown, *page.caption, *page.info, *page.warning, *page.header)
    assert [box.value for box in boxes if "](http" in str(box.value)] == []


def test_file_of_the_casebook_brings_cases_back_once(page: AppTest, folder: Path) -> None:
    fill(folder, draw_case(1), draw_case(2))
    casebook = Casebook(open_database(f"sqlite:///{folder}/casebook.sqlite3"))
    out = io.BytesIO()
    casebook.export("", out)
    casebook.delete("", [draw_case(1).id])
    casebook.close()
    page.run()
    open_list(page)
    for brought, present in ((1, 1), (0, 2)):
        page.file_uploader[0].set_value(("book.zip", out.getvalue(), "application/zip"))
        press(page, "Bring back")
        assert not page.exception
        noun = "case" if brought == 1 else "cases"
        assert f"{brought} {noun} brought back; {present} were here" in told(page)
    assert len(kept(folder)) == 2
    page.file_uploader[0].set_value(("book.zip", b"no archive", "application/zip"))
    press(page, "Bring back")
    assert page.error
    assert not page.exception


def test_exports_are_made_of_what_the_filter_shows(page: AppTest, folder: Path) -> None:
    fill(folder, draw_case(1, title="one"), draw_case(2, title="two"))
    page.run()
    open_list(page)
    field(page, "Search titles and notes").set_value("two").run()
    downloads = {found.label: found for found in page.download_button}
    assert set(downloads) == {"CSV", "FHIR (JSON)", "Casebook (ZIP)"}
