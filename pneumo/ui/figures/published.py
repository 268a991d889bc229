"""Our measured numbers and those that others published → one figure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from pneumo import Estimate
from pneumo.ui.figures.comparison import draw_estimate, list_rows, name_unit
from pneumo.ui.figures.layout import axis, lay_out
from pneumo.ui.figures.style import SERIES, SYMBOLS

_ROW_PX, _LEGEND_LINE_PX, _MARGIN_PX = 34, 24, 80
_ENTRY_PX = 290
"""Width of an entry of the legend, more than half of a phone's."""


@dataclass(frozen=True)
class Mark:
    """One published number, or the ends of a published range, in [0, 1]."""

    label: str
    protocol: str
    low: float
    high: float


def draw_published(
    titles: Sequence[str],
    estimates: Sequence[Estimate],
    marks: Sequence[Mark],
    *,
    metric: str,
    is_share: bool,
) -> go.Figure:
    """Draw our estimates with their intervals, and below them what others published.

    Args:
        titles: our networks.
        estimates: the metric of each.
        marks: the published numbers, without interval since their sources state none.
        metric: its name.
        is_share: whether it is drawn in per cent.
    """
    ours = [f"<b>{title}</b>" for title in titles]
    traces = [
        draw_estimate(label, estimate, 0, is_share=is_share)
        | {"name": "measured here, 95% interval", "showlegend": place == 0}
        for place, (label, estimate) in enumerate(zip(ours, estimates, strict=True))
    ]
    protocols = dict.fromkeys(mark.protocol for mark in marks)
    traces += [
        _draw_marks([mark for mark in marks if mark.protocol == protocol], place, is_share=is_share)
        for place, protocol in enumerate(protocols, start=1)
    ]
    rows = [*ours, *(mark.label for mark in marks)]
    legend_px = _LEGEND_LINE_PX * (1 + len(protocols))
    height_px = _ROW_PX * len(rows) + legend_px + _MARGIN_PX
    figure = lay_out(
        traces,
        x=axis(f"{metric} ({name_unit(is_share=is_share)})"),
        y=list_rows(rows),
        height_px=height_px,
        margin={"l": 8, "r": 12, "t": legend_px + 8, "b": 8},
    )
    # From the figure's own left edge, and on a phone a line an entry: the rows' names leave too
    # little beside them.
    edges = {"xref": "container", "yref": "container", "x": 0, "y": 1, "yanchor": "top"}
    return figure.update_layout(legend=edges | {"entrywidth": _ENTRY_PX})


def _draw_marks(marks: Sequence[Mark], place: int, *, is_share: bool) -> dict[str, Any]:
    """Return the trace of the numbers that one protocol gave; a range is a dotted line."""
    scale = 100 if is_share else 1
    return {
        "type": "scatter",
        "x": [scale * end for mark in marks for end in (mark.low, mark.high, math.nan)],
        "y": [mark.label for mark in marks for _ in range(3)],
        "name": f"published: {marks[0].protocol}",
        "mode": "lines+markers",
        "connectgaps": False,
        "line": {"color": SERIES[place], "width": 2, "dash": "dot"},
        "marker": {"size": 11, "symbol": f"{SYMBOLS[place]}-open", "line": {"width": 2.5}},
        "hovertemplate": "%{y}: %{x:.4~f}<extra></extra>",
    }
