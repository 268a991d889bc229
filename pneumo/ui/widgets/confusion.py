"""Scores at a threshold → the confusion matrix, whose cells can be chosen."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pneumo import CLASSES
from pneumo.evidence.curves import Confusion, confuse
from pneumo.evidence.scores import Scored
from pneumo.ui.evidence.scored import describe_films
from pneumo.ui.figures.performance import CELLS, draw_confusion
from pneumo.ui.figures.style import downloadable, ink
from pneumo.ui.widgets.charts import is_dark, offer_table
from pneumo.ui.widgets.film_list import CELL, chosen_cell


def show_confusion(scored: Scored, threshold: float) -> None:
    """Show the confusion matrix; a click on a cell chooses the films that are listed."""
    confusion = confuse(scored.y_true, scored.probability, threshold)
    name, chosen = f"{scored.name}_{scored.split}_confusion", chosen_cell()
    st.markdown("**Confusion matrix**: choose a cell, and its films are listed below")
    # Plotly takes a second click on a cell back. A new key with each choice starts it anew.
    key = f"{name} {chosen.short}"
    st.plotly_chart(
        ink(draw_confusion(confusion, chosen=chosen), dark=is_dark()),
        config=downloadable(name),
        on_select=lambda: _follow_click(key),
        selection_mode="points",
        key=key,
        alt=", ".join(f"{cell.title} {cell.count(confusion):,}" for cell in CELLS),
    )
    offer_table(tabulate_confusion(confusion), name=name, note=f"{describe_films(scored)}.")


def _follow_click(key: str) -> None:
    points = st.session_state[key].selection.points
    if points:
        st.session_state[CELL] = CELLS[points[0]["point_index"]].short


def tabulate_confusion(confusion: Confusion) -> pd.DataFrame:
    """Return a row a cell: outcome, label, called, films and share of the films of that label."""
    totals = [confusion.cell(label, 0) + confusion.cell(label, 1) for label in (0, 1)]
    rows = [
        {
            "outcome": cell.name,
            "label": CLASSES[cell.label],
            "called": CLASSES[cell.called],
            "films": cell.count(confusion),
            "share_of_label": cell.count(confusion) / totals[cell.label]
            if totals[cell.label]
            else float("nan"),
        }
        for cell in CELLS
    ]
    return pd.DataFrame(rows)
