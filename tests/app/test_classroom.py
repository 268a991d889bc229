"""A class on the page Classroom: an instructor's browser and students', on one database."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
import streamlit as st
from sqlalchemy import update
from streamlit.testing.v1 import AppTest

from pneumo.casebook.records import now_utc
from pneumo.casebook.storage.database import open_database
from pneumo.classroom import desk
from pneumo.classroom.records import RATINGS, SessionState
from pneumo.classroom.store import Classroom
from pneumo.classroom.tables import AnswerEntry
from pneumo.ui.classroom.place import SIGNED_IN
from tests.app.conftest import LABELS, write_scores
from tests.app.test_access import AUTH
from tests.conftest import REPOSITORY, draw_film

PAGE = "pages/reading/classroom.py"
PROBABILITY = tuple(0.1234 + 0.081 * place for place in range(len(LABELS)))


@pytest.fixture
def casebook(app: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of its own for the database, let go of in the end."""
    monkeypatch.setenv("PNEUMO_CASEBOOK", str(tmp_path / "casebook"))
    # Tests press faster than anybody sees a film.
    monkeypatch.setattr(desk, "SLIP", timedelta(0))
    yield tmp_path / "casebook"
    st.cache_resource.clear()


@pytest.fixture
def data(models: Path, casebook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of a data set of ten drawn films, with scores of the tiny networks."""
    write_scores(models, probability=PROBABILITY)
    for place, label in enumerate(LABELS):
        folder = tmp_path / "data" / "test" / ("NORMAL", "PNEUMONIA")[label]
        folder.mkdir(parents=True, exist_ok=True)
        draw_film(label, place).save(folder / f"film{place}.jpeg")
    monkeypatch.setenv("PNEUMO_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


def visit(**address: str) -> AppTest:
    """A browser that opens the page at an address."""
    app = AppTest.from_file(REPOSITORY / "streamlit_app.py", default_timeout=60)
    for name, value in address.items():
        app.query_params[name] = value
    app.switch_page(PAGE).run()
    assert not app.exception, app.exception
    return app


def button(app: AppTest, label: str) -> Any:
    return next(found for found in app.button if found.label == label)


def press(app: AppTest, label: str) -> AppTest:
    button(app, label).click().run()
    assert not app.exception, app.exception
    return app


def labels(app: AppTest) -> list[str]:
    return [found.label for found in app.button]


def words(app: AppTest) -> str:
    kinds = (app.title, app.header, app.subheader, app.markdown, app.caption, app.text)
    notes = (app.info, app.error, app.warning, app.success)
    return "\n".join(str(element.value) for kind in (*kinds, *notes) for element in kind)


def everything(app: AppTest) -> str:
    """All that was sent to the browser, element by element."""

    def walk(node: Any) -> Iterator[str]:
        yield str(getattr(node, "proto", ""))
        for child in getattr(node, "children", {}).values():
            yield from walk(child)

    return "\n".join(walk(app._tree))


def begin(*, films: int = 4, clock: int | None = 30) -> AppTest:
    instructor = visit()
    instructor.slider(key="class films").set_value(films)
    instructor.select_slider(key="class seconds").set_value(clock)
    instructor.segmented_control(key="class hardness").set_value("as they come")
    press(instructor, "Open the classroom")
    assert not instructor.error, words(instructor)
    return instructor


def code_of(app: AppTest) -> str:
    return str(_one(app.query_params["join"]))


def _one(value: Any) -> Any:
    return value[0] if isinstance(value, list) else value


def join(code: str, nickname: str = "") -> AppTest:
    student = visit(join=code)
    student.text_input[0].set_value(nickname)
    return press(student, "Join")


def read(student: AppTest, *, films: int, rating: int) -> AppTest:
    for place in range(1, films + 1):
        assert f"Film {place} of {films}" in words(student)
        press(student, RATINGS[rating])
    return student


def test_class_reads_and_the_instructor_sees_everybody_on_the_curves(data: Path) -> None:
    instructor = begin()
    code = code_of(instructor)
    assert code in words(instructor)
    assert "Nobody has joined yet" in words(instructor)
    ann, bob = join(code, "<b>Ann"), join(code)
    assert "Waiting for your instructor" in words(ann)
    instructor.run()
    assert "2 joined" in words(instructor)
    assert "(<b>Ann)" in "".join(text.value for text in instructor.text), "as text, not as markup"
    press(instructor, "Start")
    read(ann.run(), films=4, rating=6)
    instructor.run()
    assert {"1 of 2", "4 of 8"} <= {metric.value for metric in instructor.metric}
    assert "1 of 2 are through" in words(ann)
    read(bob.run(), films=4, rating=1)
    instructor.run()
    found = words(instructor)
    assert "**8 answers** of 2 students to 4 films" in found
    assert "no test of the networks" in found
    assert "n = 4 films of the test split: 2 pneumonia, 2 normal" in found
    assert {"Everybody's operating point", "How far the class agrees"} <= {
        heading.value for heading in instructor.subheader
    }
    # One says pneumonia of everything and the other of nothing: as far apart as can be.
    assert instructor.metric[0].label == "Fleiss' kappa"
    assert instructor.metric[0].value == "-1.000"
    assert len(instructor.get("plotly_chart")) == 2
    students = next(table.value for table in instructor.dataframe if "Student" in table.value)
    assert students["Sensitivity"].tolist()[0].startswith("100%")
    assert students["Sensitivity"].tolist()[1].startswith("0%")
    assert not any("Ann" in name for name in students["Student"]), "the class sees no nickname"
    for choice in ("Count as wrong", "Leave them out"):
        instructor.segmented_control(key="class unanswered").set_value(choice).run()
        assert not instructor.exception
    instructor.toggle(key="class members").set_value(True).run()
    assert not instructor.exception


def test_student_is_told_nothing_before_the_end(data: Path) -> None:
    instructor = begin()
    student = join(code_of(instructor))
    press(instructor, "Start")
    sent = [everything(student)]
    student.run()
    for place in range(1, 5):
        sent.append(everything(student))
        assert f"Film {place} of 4" in sent[-1]
        press(student, RATINGS[2])
    instructor.run()
    student.run()
    assert "The session has ended" in words(student)
    sent.append(everything(student))
    for secret in ("film0", ".jpeg", "NORMAL", "PNEUMONIA", "Networks", "First network"):
        assert not any(secret in each for each in sent), secret
    scores = {f"{digits}"[:5] for score in PROBABILITY for digits in (score, 100 * score)}
    assert not any(score in each for score in scores for each in sent)


def test_own_result_comes_when_the_instructor_shows_it(data: Path) -> None:
    instructor = begin()
    student = join(code_of(instructor))
    press(instructor, "Start")
    read(student.run(), films=4, rating=5)
    instructor.run()
    student.run()
    assert "appears here when your instructor shows it" in words(student)
    instructor.toggle(key="class release").set_value(True).run()
    student.run()
    assert not student.exception
    found = words(student)
    assert "Sensitivity: **100% (34% to 100%)** of 2 pneumonias found" in found
    assert "Specificity: **0% (0% to 66%)** of 2 normal films called so" in found
    assert found.count("You: probably pneumonia, right.") == 2
    assert found.count("You: probably pneumonia, wrong.") == 2
    assert found.count("% pneumonia.") == 4, "the networks' score of each film"


def test_reload_comes_back_to_the_same_seat_and_film_with_answers_kept(data: Path) -> None:
    instructor = begin()
    code = code_of(instructor)
    student = join(code)
    name = student.title[0].value
    press(instructor, "Start")
    student.run()
    press(student, RATINGS[1])
    address = {key: _one(value) for key, value in student.query_params.items()}
    again = visit(**address)
    assert "Film 2 of 4" in words(again)
    press(again, RATINGS[6])
    assert "Film 3 of 4" in words(again)
    assert "Film 3 of 4" in words(student.run()), "both windows are one seat"
    instructor.run()
    assert instructor.metric[1].value == "2 of 4"
    press(instructor, "End it now")
    assert name.removeprefix("You are ") in words(again.run())


def test_late_answer_is_refused_and_the_next_film_comes(data: Path, casebook: Path) -> None:
    instructor = begin(clock=10)
    student = join(code_of(instructor))
    press(instructor, "Start")
    student.run()
    engine = open_database(f"sqlite:///{casebook / 'casebook.sqlite3'}")
    with engine.begin() as connection:
        shown_at = now_utc() - timedelta(seconds=12)
        connection.execute(update(AnswerEntry).values(shown_at=shown_at))
    engine.dispose()
    press(student, RATINGS[6])
    assert "The time for film 1 was over" in student.toast[0].value
    assert "Film 2 of 4" in words(student)
    instructor.run()
    assert instructor.metric[1].value == "0 of 4"


def test_only_the_instructors_link_steers(data: Path) -> None:
    instructor = begin()
    code = code_of(instructor)
    for stranger in (visit(join=code, steer="guessed"), visit(join=code, steer=SIGNED_IN)):
        assert "You cannot steer this session" in words(stranger)
        assert "Start" not in labels(stranger)
    own_link = next(found.value for found in instructor.code if "steer=" in found.value)
    token = parse_qs(own_link.partition("?")[2])["steer"][0]
    elsewhere = visit(join=code, steer=token)
    assert "Start" in labels(elsewhere)
    for browser in (instructor, elsewhere):
        assert token not in str(browser.query_params), "the whole class sees the address"
    press(elsewhere.run(), "Start")
    assert "Nobody has joined yet: start when" in words(elsewhere)


def sign_in(app: AppTest, name: str) -> AppTest:
    app.user = {
        "is_logged_in": True,
        "iss": "https://id.example",
        "sub": name,
        "email": f"{name}@example.org",
        "email_verified": True,
    }
    return app


def open_browser(name: str, **address: str) -> AppTest:
    """A browser in which somebody has signed in, or, without a name, nobody of those who can."""
    app = AppTest.from_file(REPOSITORY / "streamlit_app.py", default_timeout=60)
    app.secrets["auth"] = AUTH
    app.user = {"is_logged_in": False}
    if name:
        sign_in(app, name)
    for parameter, value in address.items():
        app.query_params[parameter] = value
    app.switch_page(PAGE).run()
    assert not app.exception, app.exception
    return app


def test_where_readers_sign_in_only_who_began_a_class_steers_it(
    data: Path, casebook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PNEUMO_INSTRUCTORS", "ada@example.org, bob@example.org")
    monkeypatch.setenv("PNEUMO_ADMINS", "eve@example.org")
    ada = open_browser("ada")
    ada.segmented_control(key="class hardness").set_value("as they come")
    ada.slider(key="class films").set_value(4)
    press(ada, "Open the classroom")
    address = {name: str(_one(value)) for name, value in ada.query_params.items()}
    assert set(address) == {"join", "steer"}
    for name in ("", "bob"):
        stranger = open_browser(name, **address)
        assert "You cannot steer this session" in words(stranger)
        assert not {"Start", "Give it up", "Steer this session"} & set(labels(stranger))
        invited = open_browser(name, join=address["join"])
        assert "Steer this session" not in labels(invited)
    assert "Start" in labels(open_browser("ada", **address)), "a reload comes back"
    assert "Give it up" in labels(open_browser("eve", **address)), "an administrator may"
    elsewhere = press(open_browser("ada", join=address["join"]), "Steer this session")
    press(elsewhere, "Give it up")
    assert "Open the classroom" in labels(elsewhere)


def test_synthetic_class_says_what_its_films_are(casebook: Path) -> None:
    instructor = visit()
    assert "PNEUMO_DATA" in words(instructor)
    assert "nobody has a diagnosis" in words(instructor)
    instructor.slider(key="class films").set_value(2)
    press(instructor, "Open the classroom")
    assert "2 synthetic films" in words(instructor)
    student = join(code_of(instructor))
    assert "SYNTHETIC films" in words(student)
    press(instructor, "Start")
    read(student.run(), films=2, rating=3)
    instructor.run()
    assert "**2 answers** of 1 students" in words(instructor)
    assert not instructor.exception


def test_wrong_code_and_deleted_session_are_told(data: Path) -> None:
    stranger = visit(join="QQQQQQ")
    assert "No session has this code" in words(stranger)
    typed = press(stranger, "Type another code")
    typed.text_input[0].set_value("qq qqqq")
    press(typed, "Join")
    assert "No session has this code" in words(typed)
    instructor = begin()
    student = join(code_of(instructor))
    press(instructor, "Give it up")
    assert "Open the classroom" in labels(instructor)
    student.run()
    assert not student.exception
    assert not student.error
    assert "This class is over" in words(student)
    assert "Not a medical device" in words(student)


@contextmanager
def broken_database(casebook: Path) -> Iterator[None]:
    """A database that fails, since a table of it is mislaid, and is whole again afterwards."""
    with closing(sqlite3.connect(casebook / "casebook.sqlite3")) as connection:
        connection.execute("ALTER TABLE class_sessions RENAME TO mislaid")
        yield
        connection.execute("ALTER TABLE mislaid RENAME TO class_sessions")


def test_answer_in_an_outage_is_held_and_kept_with_the_time_of_its_press(
    data: Path, casebook: Path
) -> None:
    instructor = begin(clock=10)
    student = join(code_of(instructor))
    press(instructor, "Start")
    assert "Film 1 of 4" in words(student.run())
    with broken_database(casebook):
        press(student, RATINGS[6])
        assert "“Surely pneumonia” for film 1 is held" in words(student)
        assert "Not a medical device" in words(student)
        press(student, "Try again now")
        assert "“Surely pneumonia” for film 1 is held" in words(student)
    engine = open_database(f"sqlite:///{casebook / 'casebook.sqlite3'}")
    with engine.begin() as connection:  # As if the outage had lasted for longer than the film.
        connection.execute(update(AnswerEntry).values(shown_at=now_utc() - timedelta(seconds=12)))
    held = student.session_state["answer that is not kept yet"]
    student.session_state["answer that is not kept yet"] = replace(
        held, pressed_at=now_utc() - timedelta(seconds=9)
    )
    student.run()
    assert "Film 2 of 4" in words(student)
    assert not student.toast
    (kept, *_) = Classroom(engine).answers(code_of(instructor))
    engine.dispose()
    assert kept.rating == 6
    assert kept.seconds == pytest.approx(3, abs=0.5)


def test_pages_of_a_class_outlive_an_outage_by_themselves(data: Path, casebook: Path) -> None:
    instructor = begin()
    student = join(code_of(instructor))
    with broken_database(casebook):
        for browser in (student, instructor):
            browser.run()
            assert not browser.exception
            assert "The class waits" in words(browser)
            assert "Try again now" in labels(browser)
    assert "Waiting for your instructor" in words(student.run())
    assert "1 joined" in words(instructor.run())


def test_wish_for_a_class_is_kept_while_the_database_fails(data: Path, casebook: Path) -> None:
    begin()
    instructor = visit()
    instructor.slider(key="class films").set_value(4)
    instructor.segmented_control(key="class hardness").set_value("as they come")
    with broken_database(casebook):
        press(instructor, "Open the classroom")
        assert "failed" in instructor.error[0].value
        assert instructor.slider(key="class films").value == 4
    press(instructor, "Open the classroom")
    assert "Nobody has joined yet" in words(instructor)


def test_class_that_nobody_answers_still_ends(data: Path) -> None:
    instructor = begin()
    join(code_of(instructor))
    press(instructor, "Start")
    press(instructor, "End it now")
    assert "nobody answered" in words(instructor)
    press(instructor, "Delete it for good")
    assert "Open the classroom" in labels(instructor)


def test_too_few_films_are_told_and_the_wish_is_kept(data: Path) -> None:
    instructor = visit()
    instructor.slider(key="class films").set_value(40)
    press(instructor, "Open the classroom")
    assert "Ask for fewer films" in words(instructor)
    assert instructor.slider(key="class films").value == 40


def test_files_to_take_home_hold_every_answer(data: Path, casebook: Path) -> None:
    from pneumo.casebook.exchange.case_table import write_table
    from pneumo.classroom.ratings import gather_ratings
    from pneumo.classroom.results import list_answers, measure_all, record_session

    instructor = begin()
    code = code_of(instructor)
    student = join(code, "=SUM(A1)")
    press(instructor, "Start")
    read(student.run(), films=4, rating=4)
    instructor.run()
    offered = [found.label for found in instructor.get("download_button")]
    assert {"Answers (CSV)", "Films (CSV)", "Whole session (JSON)"} <= set(offered)
    engine = open_database(f"sqlite:///{casebook / 'casebook.sqlite3'}")
    room = Classroom(engine)
    session, seats, answers = room.open(code), room.seats(code), room.answers(code)
    engine.dispose()
    assert session.state is SessionState.ENDED
    table = write_table(list_answers(session, seats, answers)).decode("utf-8-sig").splitlines()
    assert len(table) == 5
    assert all(",'=SUM(A1)," in line for line in table[1:]), "no spreadsheet runs a nickname"
    agreement, auc = measure_all(gather_ratings(session.plan, seats, answers))
    record = record_session(session, seats, answers, agreement=agreement, auc=auc)
    assert len(json.loads(json.dumps(record, allow_nan=False))["answers"]) == 4
