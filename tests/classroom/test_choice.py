"""The films that an instructor gets for a wish."""

from __future__ import annotations

import pytest

from pneumo.classroom.choice import Hardness, Wish, choose_films, draw_labels, find_hard
from pneumo.errors import ClassroomError
from tests.classroom.scene import draw_scored

SCORED = draw_scored()
ALL = set(SCORED[0].files)


def wish(films: int = 12, share: float = 0.5, hardness: Hardness = Hardness.AS_THEY_COME) -> Wish:
    return Wish(films, share, hardness, seed=1)


def test_as_many_films_of_each_class_as_asked_for_each_of_another_patient() -> None:
    films = choose_films(SCORED, wish(12, 0.25), present=ALL)
    assert [film.place for film in films] == list(range(1, 13))
    assert sum(film.label for film in films) == 3
    assert len({film.group for film in films}) == 12
    assert all(set(film.probability) == {"first", "second", "ensemble"} for film in films)


def test_same_wish_gives_same_films_and_another_seed_others() -> None:
    again = choose_films(SCORED, wish(), present=ALL)
    assert choose_films(SCORED, wish(), present=ALL) == again
    other = Wish(12, 0.5, Hardness.AS_THEY_COME, seed=2)
    assert choose_films(SCORED, other, present=ALL) != again


def test_classes_do_not_come_one_after_the_other() -> None:
    labels = [film.label for film in choose_films(SCORED, wish(16), present=ALL)]
    assert labels != sorted(labels)
    assert labels != sorted(labels, reverse=True)


def test_a_third_are_hard_ones_where_asked_for_and_none_where_not() -> None:
    hard = {SCORED[0].files[place] for place in find_hard(SCORED).nonzero()[0]}
    assert len(hard) == 8
    included = choose_films(SCORED, wish(12, 0.5, Hardness.HARD_INCLUDED), present=ALL)
    assert sum(film.file in hard for film in included) == 4
    none = choose_films(SCORED, wish(12, 0.5, Hardness.NONE_HARD), present=ALL)
    assert not any(film.file in hard for film in none)


def test_only_films_that_can_be_shown_are_chosen() -> None:
    present = set(SCORED[0].files[:20])
    assert {film.file for film in choose_films(SCORED, wish(8), present=present)} <= present


def test_too_few_films_are_told_with_what_to_do() -> None:
    with pytest.raises(ClassroomError, match=r"each of another patient.*Ask for fewer films"):
        choose_films(SCORED, wish(), present=set(SCORED[0].files[:6]))


@pytest.mark.parametrize(("films", "share"), [(1, 0.5), (500, 0.5), (10, 0.0), (10, 1.0)])
def test_wish_out_of_range_is_refused(films: int, share: float) -> None:
    with pytest.raises(ClassroomError, match="Expected"):
        wish(films, share)


def test_rare_class_still_has_one_film() -> None:
    assert sum(draw_labels(wish(10, 0.01))) == 1
    assert sum(draw_labels(wish(10, 0.99))) == 9
