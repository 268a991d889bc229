"""A network's history → the curves of its training."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go

from pneumo.ui.figures.layout import axis, lay_out
from pneumo.ui.figures.style import DASHES, SERIES, SYMBOLS

if TYPE_CHECKING:
    import pandas as pd

_MOST_LABELS = 8


def draw_losses(history: pd.DataFrame) -> go.Figure:
    """Draw the loss on the films learned from and on the held-out ones, an epoch a point."""
    curves = [
        _curve(history, "loss", "learned from", 0),
        _curve(history, "validation_loss", "held out", 1),
        _ring(history, "validation_loss"),
    ]
    return lay_out(curves, x=_epochs(history), y=axis("Loss (nats a film)"), height_px=320)


def draw_validation_auc(history: pd.DataFrame) -> go.Figure:
    """Draw the AUC on the held-out films, an epoch a point."""
    curves = [
        _curve(history, "validation_auc", "held out", 1),
        _ring(history, "validation_auc"),
    ]
    return lay_out(curves, x=_epochs(history), y=axis("AUC (no unit)"), height_px=320)


def _curve(history: pd.DataFrame, column: str, name: str, place: int) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": history["epoch"].to_numpy(),
        "y": history[column].to_numpy(),
        "name": name,
        "mode": "lines+markers",
        "line": {"color": SERIES[place], "width": 2.5, "dash": DASHES[place]},
        "marker": {"size": 8, "symbol": SYMBOLS[place]},
        "hovertemplate": "epoch %{x}: %{y:.4f}<extra></extra>",
    }


def _ring(history: pd.DataFrame, column: str) -> dict[str, Any]:
    """Mark the last epoch whose weights were kept: those that the network has."""
    kept = history[history["kept"]].tail(1)
    return {
        "type": "scatter",
        "x": kept["epoch"].to_numpy(),
        "y": kept[column].to_numpy(),
        "name": "kept",
        "mode": "markers",
        "marker": {
            "size": 18,
            "symbol": "circle-open",
            "color": SERIES[5],
            "line": {"width": 3},
        },
        "hovertemplate": "kept after epoch %{x}<extra></extra>",
    }


def _epochs(history: pd.DataFrame) -> dict[str, Any]:
    """Return the axis of epochs, with the films' side where it is not that of the last label."""
    shown = history.iloc[:: max(1, len(history) // _MOST_LABELS)]
    changed = shown["side"] != shown["side"].shift()
    labels = [
        f"{epoch}<br>{side} px" if is_new else str(epoch)
        for epoch, side, is_new in zip(shown["epoch"], shown["side"], changed, strict=True)
    ]
    return axis(
        "Epoch, with the films' side in pixels",
        tickvals=shown["epoch"].to_list(),
        ticktext=labels,
    )
