"""Sessions in a database: begun, joined, read against a clock, and never losing an answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import Engine, text

from pneumo.casebook.storage.database import Base, open_database
from pneumo.classroom import tables
from pneumo.classroom.records import SessionState, Steerer
from pneumo.classroom.store import MOST_SEATS, Classroom
from pneumo.errors import ClassroomError
from tests.classroom.scene import draw_plan

STUDENTS = 40


class Clock:
    """The time, which passes when a test says so."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = open_database(url)
    yield engine
    engine.dispose()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def room(engine: Engine, clock: Clock) -> Classroom:
    return Classroom(engine, clock=clock)


def read_all(room: Classroom, clock: Clock, code: str, token: str, *, rating: int = 5) -> None:
    desk = room.desk(code, token)
    while shown := desk.show_film():
        clock.wait(1)
        desk.answer(shown.film.place, rating)


def test_migration_makes_the_tables_that_the_code_expects(engine: Engine) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    assert tables.AnswerEntry.__tablename__ in Base.metadata.tables
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_class_reads_from_joining_to_the_end(room: Classroom, clock: Clock) -> None:
    code, steer = room.begin(draw_plan())
    ann, bob = room.join(code, " Ann "), room.join(code.lower())
    assert room.standing(code).state is SessionState.WAITING
    assert room.desk(code, ann).show_film() is None, "nothing is shown before the start"
    room.start(code, steer)
    read_all(room, clock, code, ann)
    progress = room.progress(code)
    assert progress.state is SessionState.RUNNING
    assert [(seat.answered, seat.over) for seat in progress.seats] == [(4, 4), (0, 0)]
    assert (progress.answers, progress.finished) == (4, 1)
    read_all(room, clock, code, bob, rating=1)
    assert room.progress(code).state is SessionState.ENDED, "all are through, so it ends by itself"
    session = room.open(code)
    assert session.started_at
    assert session.ended_at
    assert session.plan == draw_plan()
    seats = room.seats(code)
    assert [seat.nickname for seat in seats] == ["Ann", ""]
    assert len({seat.name for seat in seats}) == 2
    answers = room.answers(code)
    assert [(answer.seat, answer.place, answer.rating) for answer in answers] == [
        *((1, place, 5) for place in range(1, 5)),
        *((2, place, 1) for place in range(1, 5)),
    ]
    assert {answer.seconds for answer in answers} == {1.0}


def test_film_stays_until_it_is_answered_and_the_first_answer_counts(
    room: Classroom, clock: Clock
) -> None:
    code, steer = room.begin(draw_plan())
    desk = room.desk(code, room.join(code))
    room.start(code, steer)
    first = desk.show_film()
    clock.wait(3)
    assert desk.show_film() == first
    assert first
    assert desk.answer(1, 2).rating == 2
    clock.wait(1)
    again = desk.answer(1, 6)
    assert (again.rating, again.seconds) == (2, 3.0)
    second = desk.show_film()
    assert second
    assert second.film.place == 2
    assert len(desk.answers()) == 2


def test_film_whose_time_is_over_gives_way_and_takes_no_answer(
    room: Classroom, clock: Clock
) -> None:
    code, steer = room.begin(draw_plan(seconds=10))
    desk = room.desk(code, room.join(code))
    room.start(code, steer)
    shown = desk.show_film()
    assert shown
    assert shown.seconds_left(clock.now + timedelta(seconds=4)) == 6.0
    clock.wait(11)
    assert desk.answer(1, 4).rating == 4, "it was on its way when the time ended"
    desk.show_film()
    clock.wait(12)
    with pytest.raises(ClassroomError, match="The time for film 2 was over"):
        desk.answer(2, 4)
    third = desk.show_film()
    assert third
    assert third.film.place == 3
    assert desk.answers()[1].rating is None


def test_session_ends_when_the_last_time_is_over(room: Classroom, clock: Clock) -> None:
    code, steer = room.begin(draw_plan((0, 1), seconds=10))
    desk = room.desk(code, room.join(code))
    room.start(code, steer)
    for _ in range(2):
        assert desk.show_film()
        assert room.progress(code).state is SessionState.RUNNING
        clock.wait(12)
    assert desk.show_film() is None
    progress = room.progress(code)
    assert progress.state is SessionState.ENDED
    assert (progress.answers, progress.finished) == (0, 1)


def test_press_in_the_moment_a_film_appears_is_a_slip(room: Classroom, clock: Clock) -> None:
    code, steer = room.begin(draw_plan())
    desk = room.desk(code, room.join(code))
    room.start(code, steer)
    desk.show_film()
    clock.wait(0.2)
    with pytest.raises(ClassroomError, match="taken for a slip"):
        desk.answer(1, 6)
    clock.wait(0.3)
    assert desk.answer(1, 1).rating == 1


def test_answers_outside_of_what_is_asked_are_refused(room: Classroom, clock: Clock) -> None:
    code, steer = room.begin(draw_plan())
    desk = room.desk(code, room.join(code))
    room.start(code, steer)
    desk.show_film()
    clock.wait(1)
    with pytest.raises(ClassroomError, match="rating from 1 to 6"):
        desk.answer(1, 7)
    with pytest.raises(ClassroomError, match="not shown to you yet"):
        desk.answer(2, 3)
    room.end(code, steer)
    with pytest.raises(ClassroomError, match="session is over"):
        desk.answer(1, 3)
    assert [answer.rating for answer in room.answers(code)] == [None]


def test_answer_that_came_in_time_but_was_kept_later_counts_from_its_press(
    room: Classroom, clock: Clock
) -> None:
    code, steer = room.begin(draw_plan(seconds=10))
    desk = room.desk(code, room.join(code))
    room.start(code, steer)
    desk.show_film()
    clock.wait(4)
    pressed_at = clock.now
    clock.wait(60)
    kept = desk.answer(1, 6, pressed_at=pressed_at)
    assert (kept.rating, kept.seconds) == (6, 4.0)
    desk.show_film()
    late = clock.now + timedelta(seconds=12)
    with pytest.raises(ClassroomError, match="was over before your answer came"):
        desk.answer(2, 6, pressed_at=late)


def test_only_the_token_steers(room: Classroom) -> None:
    code, steer = room.begin(draw_plan())
    seat = room.join(code)
    assert room.is_steered_by(code, steer)
    strangers = (Steerer(), Steerer(seat), Steerer(seat, "https://id.example ada"))
    for stranger in strangers:
        assert not room.is_steered_by(code, stranger)
        for act in (room.start, room.end, room.delete):
            with pytest.raises(ClassroomError, match="Only whoever began"):
                act(code, stranger)
    assert room.standing(code).state is SessionState.WAITING


def test_token_is_worth_nothing_where_somebody_signed_in_to_begin(room: Classroom) -> None:
    code, steer = room.begin(draw_plan(), owner="https://id.example ada")
    for stranger in (Steerer(steer.token), Steerer(steer.token, "https://id.example bob")):
        assert not room.is_steered_by(code, stranger)
        with pytest.raises(ClassroomError, match="Only whoever began"):
            room.delete(code, stranger)
    assert room.is_steered_by(code, Steerer(owner="https://id.example ada"))
    assert room.is_steered_by(code, Steerer(owner="https://id.example eve", is_admin=True))
    room.end(code, steer)
    room.delete(code, Steerer(owner="https://id.example eve", is_admin=True))


def test_nobody_is_an_admin_without_a_sign_in(room: Classroom) -> None:
    code, _ = room.begin(draw_plan(), owner="https://id.example ada")
    assert not room.is_steered_by(code, Steerer(is_admin=True))
    code, _ = room.begin(draw_plan())
    assert not room.is_steered_by(code, Steerer(is_admin=True))


def test_nobody_starts_an_empty_room_and_nobody_joins_an_ended_one(room: Classroom) -> None:
    code, steer = room.begin(draw_plan())
    with pytest.raises(ClassroomError, match="Nobody has joined"):
        room.start(code, steer)
    room.end(code, steer)
    with pytest.raises(ClassroomError, match="has ended"):
        room.join(code)


def test_own_results_are_shown_only_after_the_end(room: Classroom) -> None:
    code, steer = room.begin(draw_plan())
    with pytest.raises(ClassroomError, match="end it first"):
        room.show_results(code, steer, is_shown=True)
    room.end(code, steer)
    room.show_results(code, steer, is_shown=True)
    assert room.standing(code).is_shown


@pytest.mark.parametrize("code", ["ZZZZZZ", "", "x" * 5000, "'; DROP TABLE class_seats; --"])
def test_unknown_code_is_told_what_to_do(room: Classroom, code: str) -> None:
    for ask in (room.open, room.standing, room.progress, room.join):
        with pytest.raises(ClassroomError, match="No session has this code"):
            ask(code)


def test_seat_of_another_session_is_none(room: Classroom) -> None:
    code, _ = room.begin(draw_plan())
    other, _ = room.begin(draw_plan())
    token = room.join(code)
    seat = room.desk(code, token).seat()
    assert seat
    assert seat.number == 1
    assert room.desk(other, token).seat() is None
    with pytest.raises(ClassroomError, match="join it anew"):
        room.desk(other, token).answers()


def test_full_session_takes_no_more(room: Classroom, engine: Engine) -> None:
    code, _ = room.begin(draw_plan())
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO class_seats (code, number, name, nickname, sealed_token, joined_at)"
                " VALUES (:code, :number, :name, '', '', '2026-01-01 00:00:00')"
            ),
            [
                {"code": code, "number": number, "name": f"Bird {number}"}
                for number in range(1, MOST_SEATS + 1)
            ],
        )
    with pytest.raises(ClassroomError, match="ask for a second session"):
        room.join(code)


def test_deleted_session_leaves_nothing(room: Classroom, clock: Clock, engine: Engine) -> None:
    code, steer = room.begin(draw_plan())
    token = room.join(code, "Ann")
    room.start(code, steer)
    read_all(room, clock, code, token)
    room.delete(code, steer)
    with engine.connect() as connection:
        for table in ("class_sessions", "class_seats", "class_answers"):
            assert connection.scalar(text(f"SELECT count(*) FROM {table}")) == 0


def test_old_sessions_are_deleted_and_new_ones_kept(room: Classroom, clock: Clock) -> None:
    old, _ = room.begin(draw_plan())
    clock.wait(3 * 86_400)
    new, _ = room.begin(draw_plan())
    assert room.delete_expired(2) == 1
    assert room.standing(new).state is SessionState.WAITING
    with pytest.raises(ClassroomError):
        room.standing(old)


def test_tokens_are_not_in_the_database(room: Classroom, engine: Engine) -> None:
    code, steer = room.begin(draw_plan())
    token = room.join(code)
    with engine.connect() as connection:
        rows = [
            *connection.execute(text("SELECT * FROM class_sessions")),
            *connection.execute(text("SELECT * FROM class_seats")),
        ]
    assert steer.token not in str(rows)
    assert token not in str(rows)


def test_forty_students_who_answer_at_once_lose_nothing(engine: Engine) -> None:
    """Each in a thread of their own, two windows each, as browsers' sessions on a server are."""
    start = datetime(2026, 1, 2, tzinfo=UTC)
    begun, later = Classroom(engine, clock=lambda: start), start + timedelta(seconds=1)
    labels = (0, 1, 0, 1, 1)
    code, steer = begun.begin(draw_plan(labels))
    with ThreadPoolExecutor(STUDENTS) as pool:
        tokens = list(pool.map(lambda _: begun.join(code), range(STUDENTS)))
        begun.start(code, steer)
        together = Barrier(STUDENTS)

        def read(student: int) -> None:
            shows = begun.desk(code, tokens[student])
            answers = Classroom(engine, clock=lambda: later).desk(code, tokens[student])
            together.wait()
            while shown := shows.show_film():
                assert shows.show_film() == shown
                answers.answer(shown.film.place, 1 + student % 6)
                answers.answer(shown.film.place, 6)

        list(pool.map(read, range(STUDENTS)))
    assert len({seat.name for seat in begun.seats(code)}) == STUDENTS
    answers = begun.answers(code)
    each = Counter((answer.seat, answer.place) for answer in answers)
    assert len(each) == len(answers) == STUDENTS * len(labels)
    numbers = {begun.desk(code, token).seat(): student for student, token in enumerate(tokens)}
    rating = {seat.number: 1 + student % 6 for seat, student in numbers.items() if seat}
    assert all(answer.rating == rating[answer.seat] for answer in answers)
    assert begun.progress(code).state is SessionState.ENDED


def test_what_is_done_with_a_class_stands_in_the_journal(engine: Engine, clock: Clock) -> None:
    room = Classroom(engine, by="id 7", clock=clock)
    code, steer = room.begin(draw_plan(), owner="id 7")
    ann = room.join(code)
    room.start(code, steer)
    room.start(code, steer)  # Nothing comes of it.
    read_all(room, clock, code, ann)
    assert room.progress(code).state is SessionState.ENDED
    room.show_results(code, steer, is_shown=True)
    room.show_results(code, steer, is_shown=False)
    room.note_export(code, steer, "answers")
    with pytest.raises(ClassroomError):
        room.delete(code, Steerer("guessed"))
    room.delete(code, steer)
    room.begin(draw_plan(), owner="id 7")
    clock.wait(timedelta(days=3).total_seconds())
    assert Classroom(engine, clock=clock).delete_expired(1) == 1
    wanted = text("SELECT owner, act, case_id = :code, detail FROM journal ORDER BY id")
    with engine.connect() as connection:
        lines = connection.execute(wanted, {"code": code}).all()
    assert [tuple(line) for line in lines] == [
        ("id 7", "began a class", True, "4 films"),
        ("id 7", "let a class read", True, ""),
        ("id 7", "ended a class", True, "everybody was through"),
        ("id 7", "showed a class its results", True, ""),
        ("id 7", "hid a class's results", True, ""),
        ("id 7", "exported a class", True, "answers"),
        ("id 7", "deleted a class", True, ""),
        ("id 7", "began a class", False, "4 films"),
        ("id 7", "deleted a class because it was old", False, ""),
    ]
