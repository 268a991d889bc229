"""Forty students read films at once on a real server: `pytest -m slow -s tests/load`."""

from __future__ import annotations

import statistics
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from urllib.parse import parse_qs

import pytest

from pneumo.bench.server import serve
from pneumo.casebook.storage.database import open_database
from pneumo.classroom.records import RATINGS, SessionState
from pneumo.classroom.store import Classroom
from pneumo.ui.visitor import Visitor
from tests.classroom.scene import sqlite_in

STUDENTS, FILMS = 40, 12
WITHIN_S = 2.0
LOOKS_S = 0.5
"""So long a student looks at a film: less than anybody, and more than what is taken for a slip."""

PAGE = "classroom"


def look_until(visitor: Visitor, is_there: Callable[[], bool], *, patience_s: float = 120) -> None:
    """Look as often as the page asks for, as a browser does, until something is on it."""
    until = time.monotonic() + patience_s
    while not is_there():
        pause = visitor.pause_s
        assert pause is not None, visitor.headings + visitor.words
        assert time.monotonic() < until, visitor.headings + visitor.words
        time.sleep(pause)
        visitor.look_again()


def read_films(student: Visitor, number: int) -> list[tuple[float, float]]:
    """Read all films, and return when each answer was given and when what followed was there."""
    presses = []
    for film in range(1, FILMS + 1):
        heading = f"Film {film} of {FILMS}"
        look_until(student, lambda heading=heading: heading in student.headings)
        time.sleep(LOOKS_S)
        pressed = time.monotonic()
        student.press(RATINGS[1 + (number + film) % 6])
        presses.append((pressed, time.monotonic()))
    return presses


@pytest.mark.slow
def test_forty_students_at_once_lose_no_answer_and_the_instructor_sees_the_last_one_at_once(
    tmp_path: Path, shipped_models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PNEUMO_CASEBOOK", str(tmp_path))
    monkeypatch.delenv("PNEUMO_DATA", raising=False)
    monkeypatch.delenv("PNEUMO_DATABASE_URL", raising=False)
    with (
        serve(shipped_models, tmp_path / "cache") as server,
        Visitor(server.port) as instructor,
        ThreadPoolExecutor(STUDENTS) as pool,
    ):
        instructor.open(PAGE)
        instructor.press("Open the classroom")
        (code,) = parse_qs(instructor.query)["join"]
        together = Barrier(STUDENTS)

        def study(number: int) -> tuple[str, list[tuple[float, float]]]:
            with Visitor(server.port) as student:
                together.wait()
                student.open(PAGE, query=f"join={code}")
                student.press("Join")
                look_until(student, lambda: f"Film 1 of {FILMS}" in student.headings)
                presses = read_films(student, number)
                look_until(student, lambda: "The session has ended" in student.headings)
                return student.headings[0], presses

        studies = [pool.submit(study, number) for number in range(STUDENTS)]
        look_until(instructor, lambda: f"{STUDENTS} joined" in instructor.headings)
        instructor.press("Start")
        look_until(instructor, lambda: "How far the class agrees" in instructor.headings)
        presses = [press for study in studies for press in study.result()[1]]
    last = max(pressed for pressed, _ in presses)
    answers = f"**{STUDENTS * FILMS} answers** of {STUDENTS} students to {FILMS} films are in."
    counted = instructor.seen_at[answers] - last
    measured = instructor.seen_at["How far the class agrees"] - last
    waits = [shown - pressed for pressed, shown in presses]
    engine = open_database(sqlite_in(tmp_path))
    room = Classroom(engine)
    session, kept, seats = room.open(code), room.answers(code), room.seats(code)
    engine.dispose()
    print(  # noqa: T201 - the report of a benchmark
        f"\n{STUDENTS} students, {FILMS} films each: the instructor's screen counts the last "
        f"answer {counted:.2f} s after it was given and shows the results after {measured:.2f} s; "
        f"from an answer to the next film median {statistics.median(waits):.2f} s, longest "
        f"{max(waits):.2f} s"
    )
    assert session.state is SessionState.ENDED
    assert len(seats) == STUDENTS
    each = Counter((answer.seat, answer.place) for answer in kept)
    assert len(each) == len(kept) == STUDENTS * FILMS
    assert all(answer.rating is not None for answer in kept)
    given = Counter(1 + (number + film) % 6 for number in range(STUDENTS) for film in range(1, 13))
    assert Counter(answer.rating for answer in kept) == given
    assert counted < WITHIN_S
