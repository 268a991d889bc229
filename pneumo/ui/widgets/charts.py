"""A figure with the table behind it → a chart that visitors can keep as picture and as CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING

import plotly.graph_objects as go
import streamlit as st

from pneumo.ui.figures.style import downloadable, ink

if TYPE_CHECKING:
    import pandas as pd


def is_dark() -> bool:
    """Tell whether this visitor sees the dark theme."""
    return bool(st.context.theme.type == "dark")


def show_chart(
    figure: go.Figure, table: pd.DataFrame, *, name: str, alt: str, note: str = ""
) -> None:
    """Show a figure, what it rests on, and its table as a CSV file to keep.

    The camera above the figure keeps it as a PNG picture.

    Args:
        figure: with axis titles that name units.
        table: every number that is drawn.
        name: of the file, without an ending; also the widget's key, so unique on a page.
        alt: what the figure shows, in words.
        note: n and whatever else a reader needs, below the figure.
    """
    st.plotly_chart(ink(figure, dark=is_dark()), config=downloadable(name), key=name, alt=alt)
    offer_table(table, name=name, note=note)


def offer_table(table: pd.DataFrame, *, name: str, note: str) -> None:
    """Show a note below a figure, beside a button that keeps its table as a CSV file.

    Args:
        table: every number that is drawn.
        name: of the file, without an ending; part of the button's key.
        note: n and whatever else a reader needs.
    """
    left, right = st.columns([3, 1], vertical_alignment="center")
    left.caption(note)
    with right, st.container(horizontal_alignment="right"):
        keep_table(table, name=name)


def keep_table(table: pd.DataFrame, *, name: str, label: str = "CSV") -> None:
    """Show a button that keeps a table as a CSV file, written out when it is pressed.

    Args:
        table: what to keep.
        name: of the file, without an ending; part of the button's key, so unique on a page.
        label: what the button says.
    """
    st.download_button(
        label,
        lambda: table.to_csv(index=False).encode(),
        file_name=f"{name}.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        key=f"{name} table",
        help="Keep the numbers behind this.",
    )
