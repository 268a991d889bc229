"""What was measured of several networks → the figures that set them side by side."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from pneumo import Estimate
from pneumo.ui.evidence.estimates import say_interval, say_number
from pneumo.ui.figures.layout import axis, lay_out
from pneumo.ui.figures.style import DASHES, GUIDE, SERIES, SYMBOLS

if TYPE_CHECKING:
    import pandas as pd

_ROW_PX, _MARGIN_PX = 40, 100
_SHADES = ((0.0, "#dbe5ec"), (1.0, "#0b5c8a"))
_ON_LIGHT, _ON_DARK = "#0b1219", "#ffffff"
_CORNER = 40
"""Per cent of both axes that the enlarged upper left corner of an ROC curve shows."""


@dataclass(frozen=True, eq=False)
class Curve:
    """One network's ROC curve with its point at the operating point.

    Attributes:
        title: the network's name for people.
        table: columns false_positive_rate and true_positive_rate, in [0, 1].
        alarms: share of the normal films that it calls PNEUMONIA at the operating point.
        found: share of the pneumonias that it calls PNEUMONIA there.
    """

    title: str
    table: pd.DataFrame
    alarms: float
    found: float


def draw_forest(
    titles: Sequence[str], estimates: Sequence[Estimate], *, metric: str, is_share: bool
) -> go.Figure:
    """Draw a metric of each network as a dot with its 95% interval, the first on top.

    Args:
        titles: a network each.
        estimates: the metric of each.
        metric: its name.
        is_share: whether it is drawn in per cent.
    """
    traces = [
        draw_estimate(title, estimate, place, is_share=is_share)
        for place, (title, estimate) in enumerate(zip(titles, estimates, strict=True))
    ]
    return lay_out(
        traces,
        x=axis(f"{metric} ({name_unit(is_share=is_share)}), 95% interval"),
        y=list_rows(titles),
        height_px=_ROW_PX * len(titles) + _MARGIN_PX,
        legend=False,
    )


def draw_estimate(label: str, estimate: Estimate, place: int, *, is_share: bool) -> dict[str, Any]:
    """Return the trace of a measured number: a dot with its interval as a line through it.

    Args:
        label: of the row that it lies in.
        estimate: the number.
        place: of its colour and symbol among those of networks.
        is_share: whether it is drawn in per cent.
    """
    scale = 100 if is_share else 1
    words = (
        f"{say_number(estimate.value, is_share=is_share)} "
        f"({say_interval(estimate, is_share=is_share)})"
    )
    return {
        "type": "scatter",
        "x": [scale * estimate.value],
        "y": [label],
        "mode": "markers",
        "marker": {"size": 12, "symbol": SYMBOLS[place], "color": SERIES[place]},
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [scale * (estimate.high - estimate.value)],
            "arrayminus": [scale * (estimate.value - estimate.low)],
            "thickness": 2.5,
            "width": 7,
        },
        "text": [words],
        "hovertemplate": "%{y}: %{text}<extra></extra>",
    }


def list_rows(labels: Sequence[str]) -> dict[str, Any]:
    """Return the upright axis of a figure with a row a label, the first on top."""
    return axis(
        "",
        categoryorder="array",
        categoryarray=list(labels)[::-1],
        range=[-0.6, len(labels) - 0.4],
        ticksuffix=" ",
    )


def name_unit(*, is_share: bool) -> str:
    """Return a metric's unit as an axis title shows it."""
    return "%" if is_share else "no unit"


def draw_roc_overlay(curves: Sequence[Curve], *, enlarged: bool) -> go.Figure:
    """Draw the ROC curves over each other, each with its point at the operating point.

    Args:
        curves: a network each, at most as many as there are colours.
        enlarged: whether only the upper left corner is shown, where good networks differ.
    """
    chance = {
        "type": "scatter",
        "x": [0, 100],
        "y": [0, 100],
        "name": "chance",
        "mode": "lines",
        "line": {"color": GUIDE, "width": 1.5, "dash": "dot"},
        "hoverinfo": "skip",
    }
    traces = [trace for place, curve in enumerate(curves) for trace in _trace(curve, place)]
    low, high = (-1.0, float(_CORNER)) if enlarged else (-2.0, 102.0)
    return lay_out(
        [chance, *traces],
        x=axis("Normal films called PNEUMONIA (%)", range=[low, high]),
        y=axis("Pneumonias found (%)", range=[100 - high, 100 - low]),
        height_px=460,
    )


def _trace(curve: Curve, place: int) -> list[dict[str, Any]]:
    shared = {"type": "scatter", "name": curve.title, "legendgroup": curve.title}
    line = {
        "x": 100 * curve.table["false_positive_rate"].to_numpy(),
        "y": 100 * curve.table["true_positive_rate"].to_numpy(),
        "mode": "lines",
        "line": {"color": SERIES[place], "dash": DASHES[place], "width": 2.5},
        "hoverinfo": "skip",
    }
    mark = {
        "x": [100 * curve.alarms],
        "y": [100 * curve.found],
        "mode": "markers",
        "showlegend": False,
        "cliponaxis": False,
        "marker": {"size": 12, "symbol": SYMBOLS[place], "color": SERIES[place]},
        "hovertemplate": f"{curve.title}: %{{y:.1f}}% found, %{{x:.1f}}% false alarms"
        "<extra></extra>",
    }
    return [shared | line, shared | mark]


def draw_agreement(table: pd.DataFrame, *, is_share: bool) -> go.Figure:
    """Draw a square table of how far networks agree as shaded cells with their numbers.

    Args:
        table: networks' titles as index and as columns, in [0, 1] where it is a share.
        is_share: whether cells are shares of films; else they are Cohen's kappa, in [-1, 1].
    """
    values = table.to_numpy(dtype=float)
    titles = [str(title) for title in table.columns]
    cells = {
        "type": "heatmap",
        "z": values,
        "x": titles,
        "y": titles,
        "colorscale": _SHADES,
        "xgap": 3,
        "ygap": 3,
        "showscale": False,
        "hoverinfo": "skip",
    }
    middle = (np.nanmin(values) + np.nanmax(values)) / 2 if np.isfinite(values).any() else 0.0
    numbers = [
        {
            "x": column,
            "y": row,
            "text": _cell(value, is_share=is_share),
            "showarrow": False,
            # On the figure's own shades, which are the same in both themes.
            "font": {"size": 13, "color": _ON_DARK if value > middle else _ON_LIGHT},
        }
        for row, row_values in zip(titles, values.tolist(), strict=True)
        for column, value in zip(titles, row_values, strict=True)
    ]
    return lay_out(
        [cells],
        x=axis("Network", showgrid=False, tickangle=-40),
        y=axis("Network", showgrid=False, autorange="reversed"),
        height_px=_ROW_PX * len(titles) + 190,
        legend=False,
        annotations=numbers,
    )


def _cell(value: float, *, is_share: bool) -> str:
    if math.isnan(value):
        return "none"
    return f"{value:.1%}" if is_share else f"{value:.2f}"


def draw_latencies(
    titles: Sequence[str], median: Sequence[float], p95: Sequence[float]
) -> go.Figure:
    """Draw the milliseconds a film takes: the median as a bar, the 95th percentile as a mark."""
    bars = {
        "type": "bar",
        "y": list(titles),
        "x": list(median),
        "orientation": "h",
        "name": "median",
        "marker": {"color": SERIES[0]},
        "hovertemplate": "%{y}: median %{x:.0f} ms<extra></extra>",
    }
    marks = {
        "type": "scatter",
        "y": list(titles),
        "x": list(p95),
        "mode": "markers",
        "name": "95th percentile",
        "marker": {"size": 14, "symbol": "diamond", "color": SERIES[1]},
        "cliponaxis": False,
        "hovertemplate": "%{y}: 95th percentile %{x:.0f} ms<extra></extra>",
    }
    figure = lay_out(
        [bars, marks],
        x=axis("Time for a warm film (ms)", rangemode="tozero"),
        y=list_rows(titles),
        height_px=_ROW_PX * len(titles) + _MARGIN_PX,
    )
    return figure.update_layout(legend={"xref": "container"})
