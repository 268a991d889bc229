"""Scores at a threshold → the figures that move with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go
from plotly.colors import sample_colorscale

from pneumo import CLASSES, Verdict
from pneumo.evidence.curves import Confusion
from pneumo.ui.evidence.outcomes import CLEARED, FALSE_ALARM, FOUND, MISSED, Outcome
from pneumo.ui.figures.layout import FONT_PX, SHARE, axis, lay_out
from pneumo.ui.figures.style import COLOURS, GUIDE, SERIES

if TYPE_CHECKING:
    import pandas as pd

CELLS = (FOUND, MISSED, FALSE_ALARM, CLEARED)
"""The cells of the confusion matrix as they are drawn, row after row."""

_NORMAL, _PNEUMONIA = CLASSES
_SHADES = ("rgb(219, 229, 236)", "rgb(11, 92, 138)")


def draw_confusion(confusion: Confusion, *, chosen: Outcome | None = None) -> go.Figure:
    """Draw the four cells with films and shares of their row, shaded by the share.

    The cells are bars in the order of CELLS, since a click can choose a bar but not a heat map's
    cell.

    Args:
        confusion: the counts.
        chosen: the cell that gets a frame.
    """
    totals = [confusion.cell(cell.label, 0) + confusion.cell(cell.label, 1) for cell in CELLS]
    shares = [
        cell.count(confusion) / total if total else 0.0
        for cell, total in zip(CELLS, totals, strict=True)
    ]
    cells = {
        "type": "bar",
        "x": [1 - cell.called for cell in CELLS],
        "y": [1] * len(CELLS),
        "base": [1 - cell.label for cell in CELLS],
        "width": 1,
        "text": [
            f"<b>{cell.count(confusion):,}</b><br>"
            f"{f'{share:.1%}' if total else 'no such film'}<br>{cell.title}<br>({cell.short})"
            for cell, share, total in zip(CELLS, shares, totals, strict=True)
        ],
        "textposition": "inside",
        "insidetextanchor": "middle",
        "textangle": 0,
        "constraintext": "none",
        "insidetextfont": {"size": FONT_PX, "color": [_ink_on(share) for share in shares]},
        "marker": {
            # Not a colour scale: Plotly's script would complain of numbers in the console.
            "color": sample_colorscale(_SHADES, shares),
            "line": {
                "color": [SERIES[5] if cell is chosen else GUIDE for cell in CELLS],
                "width": [5 if cell is chosen else 0.5 for cell in CELLS],
            },
        },
        "unselected": {"marker": {"opacity": 1}},
        "hovertemplate": "%{text}<extra></extra>",
    }
    words = {"ticktext": [_PNEUMONIA, _NORMAL], "showgrid": False}
    return lay_out(
        [cells],
        x=axis(
            "The network says (shares of the row)", range=[-0.52, 1.52], tickvals=[0, 1], **words
        ),
        y=axis("Official label", range=[2.03, -0.03], tickvals=[0.5, 1.5], tickangle=-90, **words),
        legend=False,
    )


def _ink_on(share: float) -> str:
    """Return a colour of text that reads on a cell's own ground, whatever the theme."""
    return "#ffffff" if share > 0.5 else "#0b1219"


def draw_roc(curve: pd.DataFrame, *, alarms: float, found: float, threshold: float) -> go.Figure:
    """Draw the ROC curve with a threshold's point on it.

    Args:
        curve: columns false_positive_rate and true_positive_rate, in [0, 1].
        alarms: share of the normal films called PNEUMONIA at the threshold.
        found: share of the pneumonias called PNEUMONIA at the threshold.
        threshold: in [0, 1].
    """
    line = _curve(
        curve["false_positive_rate"],
        curve["true_positive_rate"],
        "%{y:.1f}% found, %{x:.1f}% false alarms<extra></extra>",
    )
    return lay_out(
        [_chance([0, 100]), line, _mark(alarms, found, threshold)],
        x=axis("False alarms among normal films (%)", **SHARE),
        y=axis("Pneumonias found (%)", **SHARE),
    )


def draw_precision_recall(
    curve: pd.DataFrame, *, found: float, precision: float, share: float, threshold: float
) -> go.Figure:
    """Draw the precision-recall curve with a threshold's point on it.

    Args:
        curve: columns recall and precision, in [0, 1].
        found: recall at the threshold.
        precision: at the threshold; nan, where nothing is called PNEUMONIA, is not marked.
        share: of pneumonias among the films, which is chance's precision.
        threshold: in [0, 1].
    """
    line = _curve(
        curve["recall"],
        curve["precision"],
        "precision %{y:.1f}% where %{x:.1f}% are found<extra></extra>",
    )
    return lay_out(
        [_chance([100 * share] * 2), line, _mark(found, precision, threshold)],
        x=axis("Pneumonias found: recall (%)", **SHARE),
        y=axis("Right among alarms: precision (%)", **SHARE),
    )


def draw_histogram(bars: pd.DataFrame, *, threshold: float) -> go.Figure:
    """Draw how many films of each class got which probability, and where the threshold lies.

    Args:
        bars: columns bin_low, bin_high in [0, 1], class_name and films.
        threshold: in [0, 1].
    """
    traces: list[dict[str, Any]] = []
    for name, pattern in ((_PNEUMONIA, ""), (_NORMAL, "/")):
        chosen = bars[bars["class_name"] == name]
        low, high = chosen["bin_low"].to_numpy(), chosen["bin_high"].to_numpy()
        traces.append(
            {
                "type": "bar",
                "x": 50 * (low + high),
                "y": chosen["films"].to_numpy(),
                "name": f"label {name}",
                "marker": {"color": COLOURS[Verdict(name)], "pattern": {"shape": pattern}},
                "customdata": np.stack([100 * low, 100 * high], axis=1),
                "hovertemplate": "%{y} films from %{customdata[0]:.0f} to %{customdata[1]:.0f}%"
                f"<extra>{name}</extra>",
            }
        )
    top = 1.05 * max(1, bars["films"].max())
    line = {
        "type": "scatter",
        "x": [100 * threshold] * 2,
        "y": [0, top],
        "name": f"threshold {threshold:.1%}",
        "mode": "lines",
        "line": {"color": SERIES[5], "width": 3, "dash": "dot"},
        "hoverinfo": "skip",
    }
    return lay_out(
        [*traces, line],
        x=axis("Calibrated probability of pneumonia (%)", **SHARE),
        y=axis("Films", range=[0, top]),
        barmode="group",
        bargap=0.05,
    )


def _curve(x: pd.Series, y: pd.Series, hover: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": 100 * x.to_numpy(),
        "y": 100 * y.to_numpy(),
        "name": "all thresholds",
        "mode": "lines",
        "line": {"color": SERIES[0], "width": 2.5},
        "hovertemplate": hover,
    }


def _chance(y: list[float]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": [0, 100],
        "y": y,
        "name": "as by chance",
        "mode": "lines",
        "line": {"color": GUIDE, "width": 1.5, "dash": "dot"},
        "hoverinfo": "skip",
    }


def _mark(x: float, y: float, threshold: float) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": [100 * x],
        "y": [100 * y],
        "name": f"threshold {threshold:.1%}",
        "mode": "markers",
        "marker": {"size": 15, "color": SERIES[5], "line": {"width": 2}},
        "cliponaxis": False,
        "hovertemplate": f"at {threshold:.1%}: %{{x:.1f}}%, %{{y:.1f}}%<extra></extra>",
    }
