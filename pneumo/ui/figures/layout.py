"""Traces and axes → one figure, laid out to read on a wide page and on a phone.

All is handed to Plotly at once: each later change of a figure costs milliseconds, which a slider
does not have.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

HEIGHT_PX = 360
FONT_PX = 14

SHARE: dict[str, Any] = {"range": [-2, 102], "tickvals": [0, 25, 50, 75, 100]}
"""An axis from 0 to 100%, with room for a mark on its end."""

_CAMERA_PX = 34
"""Room above a figure without a legend for the button that keeps it as a picture."""

_LEGEND = {
    "orientation": "h",
    "x": 0,
    "xanchor": "left",
    "y": 1.02,
    "yanchor": "bottom",
    "font": {"size": 13},
}


def axis(title: str, **choices: Any) -> dict[str, Any]:
    """Return an axis that nobody can drag, with its title in Plotly's terms."""
    return {
        "title": {"text": title, "font": {"size": FONT_PX}},
        "tickfont": {"size": 13},
        "automargin": True,
        "zeroline": False,
        "fixedrange": True,
    } | choices


def lay_out(
    traces: Sequence[dict[str, Any]],
    *,
    x: dict[str, Any],
    y: dict[str, Any],
    height_px: int = HEIGHT_PX,
    legend: bool = True,
    **choices: Any,
) -> go.Figure:
    """Return a figure with its legend on top, where a phone has room for it.

    Args:
        traces: in Plotly's terms, each with its type.
        x: from `axis`.
        y: likewise.
        height_px: of the whole figure.
        legend: whether there is one.
        choices: further entries of Plotly's layout.
    """
    layout = {
        "xaxis": x,
        "yaxis": y,
        "height": height_px,
        "margin": {"l": 8, "r": 12, "t": 8 if legend else _CAMERA_PX, "b": 8},
        "legend": _LEGEND,
        "showlegend": legend,
        "font": {"size": FONT_PX},
        "dragmode": False,
        "hovermode": "closest",
    }
    return go.Figure({"data": list(traces), "layout": layout | choices})
