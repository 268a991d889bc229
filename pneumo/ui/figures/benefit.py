"""What a network's calls would mean for children → the figures of consequences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from pneumo.evidence.curves import PredictiveValues
from pneumo.ui.figures.layout import axis, lay_out
from pneumo.ui.figures.performance import CELLS
from pneumo.ui.figures.style import DASHES, GUIDE, SERIES

if TYPE_CHECKING:
    import pandas as pd

COLUMNS, ROWS = 40, 25
"""A thousand children in a field: wide enough for a page, narrow enough for a phone."""


def count_children(values: PredictiveValues) -> dict[str, int]:
    """Return the number of children of 1,000 with each outcome, by the outcome's name."""
    return {outcome.name: int(getattr(values, outcome.field)) for outcome in CELLS}


def draw_thousand(values: PredictiveValues) -> go.Figure:
    """Draw one mark a child, by colour and by symbol, row after row from the upper left."""
    counts = count_children(values)
    places = np.split(np.arange(COLUMNS * ROWS), np.cumsum(list(counts.values()))[:-1])
    traces = [
        {
            "type": "scatter",
            "x": children % COLUMNS,
            "y": children // COLUMNS,
            "name": f"{outcome.name}: {len(children)}",
            "mode": "markers",
            "marker": {"size": 7, "symbol": outcome.symbol, "color": outcome.colour},
            "hovertemplate": f"{outcome.title}: {len(children)} of 1,000<extra></extra>",
        }
        for outcome, children in zip(CELLS, places, strict=True)
    ]
    bare = {"showticklabels": False, "showgrid": False}
    return lay_out(
        traces,
        x=axis("1,000 children, one mark each", range=[-0.7, COLUMNS - 0.3], **bare),
        y=axis("", range=[ROWS - 0.3, -0.7], **bare),
        height_px=400,
    )


def draw_net_benefit(benefit: pd.DataFrame) -> go.Figure:
    """Draw the net benefit of three rules over the threshold probability.

    Args:
        benefit: columns threshold in (0, 1), network, treat_all, treat_none; net true positives a
            film, nan where it is not defined.
    """
    rules = (
        ("network", "treat whom the network calls", SERIES[0], DASHES[0]),
        ("treat_all", "treat all", SERIES[1], DASHES[1]),
        ("treat_none", "treat none", GUIDE, DASHES[2]),
    )
    traces: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "x": 100 * benefit["threshold"].to_numpy(),
            "y": 100 * benefit[column].to_numpy(),
            "name": name,
            "mode": "lines",
            "line": {"color": colour, "width": 2.5, "dash": dash},
            "hovertemplate": f"{name}: %{{y:.1f}} at %{{x:.0f}}%<extra></extra>",
        }
        for column, name, colour, dash in rules
    ]
    # Treating all falls without end towards 100%; what matters is where it crosses the others.
    top = 108 * max(0.01, float(benefit[["network", "treat_all"]].to_numpy().max()))
    return lay_out(
        traces,
        x=axis("Threshold probability (%)", range=[0, 100], tickvals=[0, 25, 50, 75, 100]),
        y=axis("Net benefit per 100 films", range=[-0.2 * top, top]),
    )
