"""An audit's mean films → the parts of the page The data that compare them."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from pneumo.evidence.audit.inspection import MEAN_SIDE
from pneumo.evidence.audit.mean_films import FEWEST_FILMS, compare_means
from pneumo.evidence.audit.records import Audit, MeanFilm
from pneumo.ui.figures import dataset as figures
from pneumo.ui.figures import dataset_tables as tables
from pneumo.ui.fragments import fragment
from pneumo.ui.widgets.charts import show_chart

_CLASSES = ("normal", "pneumonia")
_UNITS = {"difference": "grey levels of 255", "cohens_d": "standard deviations"}


@dataclass(frozen=True)
class _Pair:
    """Two mean films to be compared."""

    first: MeanFilm
    second: MeanFilm

    @property
    def title(self) -> str:
        return f"{_name(self.first)} minus {_name(self.second)}"


def _name(film: MeanFilm) -> str:
    return f"{_CLASSES[film.label]} {film.split}"


def _list_pairs(audit: Audit) -> list[_Pair]:
    """Return pneumonia against normal in each split, then train against test in each class."""
    wanted = [((split, 1), (split, 0)) for split in ("train", "test", "val")]
    wanted += [(("train", label), ("test", label)) for label in (0, 1)]
    found = ((audit.find_mean(*first), audit.find_mean(*second)) for first, second in wanted)
    return [_Pair(first, second) for first, second in found if first and second]


@fragment()
def show_mean_films(audit: Audit) -> None:
    """Let the visitor choose two mean films, and show them and their difference."""
    pairs = {pair.title: pair for pair in _list_pairs(audit)}
    if not pairs:
        st.info(f"No two classes or splits have the {FEWEST_FILMS} films that a mean takes.")
        return
    left, right = st.columns([3, 2])
    chosen = left.selectbox(
        "Compare", list(pairs), format_func=_capitalize, key="pair of mean films"
    )
    unit = right.segmented_control(
        "Difference in",
        list(_UNITS),
        default="difference",
        required=True,
        format_func=_UNITS.__getitem__,
        key="unit of the difference",
    )
    pair = pairs[chosen]
    table = tables.tabulate_difference(pair.first, pair.second)
    n = f"n = {pair.first.n:,} and {pair.second.n:,} films"
    show_chart(
        figures.draw_means(
            table, (_capitalize(_name(pair.first)), _capitalize(_name(pair.second)))
        ),
        table[["row", "column", "first_mean", "second_mean", "first_spread", "second_spread"]],
        name=f"mean films {chosen}",
        alt=f"Mean films side by side: {_name(pair.first)} and {_name(pair.second)}",
        note=f"{n}, each squashed to {MEAN_SIDE} by {MEAN_SIDE} pixels and averaged.",
    )
    show_chart(
        figures.draw_difference(table, str(unit)),
        table[["row", "column", "difference", "cohens_d"]],
        name=f"difference {chosen}",
        alt=f"Map of the difference: {chosen}",
        note=f"{n}. Red: brighter in {_name(pair.first)}. Blue: darker there.",
    )
    _tabulate(list(pairs.values()))


def _tabulate(pairs: list[_Pair]) -> None:
    compared = [compare_means(pair.first, pair.second) for pair in pairs]
    st.table(
        {
            "Compared": [_capitalize(pair.title) for pair in pairs],
            "n": [f"{found.n_first:,} and {found.n_second:,}" for found in compared],
            "Grey levels of 255": [f"{found.difference:.1f}" for found in compared],
            "Standard deviations": [f"{found.standardized:.2f}" for found in compared],
            "by chance": [f"{found.by_chance:.2f}" for found in compared],
        },
        border="horizontal",
    )
    st.caption(
        "How far two mean films are apart over all pixels: the mean absolute difference, and the "
        "root mean square of the difference in units of the spread between films (Cohen's d). By "
        "chance: what the latter would be for films of one kind, dealt out at random."
    )


def _capitalize(text: str) -> str:
    return text[:1].upper() + text[1:]
