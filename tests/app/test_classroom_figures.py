"""The figures of a class, from its tables."""

from __future__ import annotations

from pneumo.classroom.measures import locate_readers
from pneumo.classroom.results import tabulate_films
from pneumo.evidence.curves import roc_table
from pneumo.ui.figures.classroom import draw_class_roc, draw_films
from pneumo.ui.figures.comparison import Curve
from tests.classroom.scene import rate

LABELS = (0, 0, 1, 1)


def test_students_on_one_spot_share_a_ring_that_says_how_many_they_are() -> None:
    ratings = rate([[1, 2, 6, 6], [1, 1, 5, 4], [6, 1, 6, 1], [1, 1, None, None]], LABELS)
    curve = Curve("Class", roc_table(LABELS, [0.1, 0.2, 0.9, 0.8]), 0.0, 1.0)
    figure = draw_class_roc([curve], locate_readers(ratings, "left out"))
    rings = figure.data[-1]
    assert list(zip(rings.x, rings.y, rings.text, strict=True)) == [
        (0.0, 100.0, "2"),
        (50.0, 50.0, ""),
    ], "who saw no film of a class has no place between the two"
    assert rings.customdata[0] == "Bird 0, Bird 1"
    assert "(%)" in figure.layout.xaxis.title.text
    assert "(%)" in figure.layout.yaxis.title.text


def test_films_are_bars_of_what_they_were_called_with_the_networks_beside() -> None:
    table = tabulate_films(rate([[1, 6, 6, None], [2, 1, 6, None]], LABELS), "left out")
    figure = draw_films(table.sort_values("share_right"))
    ill, normal, unanswered, networks = figure.data
    assert ill.y[0] == "2 · NORMAL", "the film that half of the class got wrong is on top"
    totals = [sum(shares) for shares in zip(ill.x, normal.x, unanswered.x, strict=True)]
    assert totals == [100.0] * 4
    assert list(networks.x) == [10.0, 10.0, 90.0, 10.0]
    assert "(%)" in figure.layout.xaxis.title.text
