"""The colours, symbols and settings that every figure shares."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from pneumo import Verdict

COLOURS = {Verdict.PNEUMONIA: "#d1495b", Verdict.NORMAL: "#3b8bc4"}
"""Told apart by people with any kind of colour vision, on light and on dark ground; never the
only difference between two marks."""

SERIES = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00")
"""Colours of networks side by side, from Okabe and Ito (2008), made for colour-blind readers. The
lines also differ by DASHES and the marks by SYMBOLS."""

DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
SYMBOLS = ("circle", "diamond", "square", "triangle-up", "cross", "x")

GUIDE = "#8a8a8a"
"""Colour of thresholds, diagonals and other lines to compare with."""

STATIC: dict[str, Any] = {"displayModeBar": False, "scrollZoom": False}
"""Plotly's settings of a figure on a page for reading films: nothing to press."""

_GREY = "#5f666d"


def ink(figure: go.Figure, *, dark: bool) -> go.Figure:
    """Darken a figure's text in the light theme, where Streamlit's own grey is too pale."""
    if not dark:
        # Set one by one: Plotly's update methods take twice as long, and a slider waits for it.
        for axis in (*figure.select_xaxes(), *figure.select_yaxes()):
            axis.tickfont.color = axis.title.font.color = _GREY
        for trace in figure.select_traces({"type": "bar"}):
            trace.textfont.color = _GREY
    return figure


def downloadable(name: str) -> dict[str, Any]:
    """Return Plotly's settings of a figure that visitors may keep as a picture of this name."""
    return {
        "displayModeBar": True,
        "displaylogo": False,
        "scrollZoom": False,
        "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": {"format": "png", "filename": name, "scale": 2},
    }
