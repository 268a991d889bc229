"""Tables of said against seen → the reliability diagram."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go

from pneumo.ui.figures.layout import SHARE, axis, lay_out
from pneumo.ui.figures.style import DASHES, GUIDE, SERIES, SYMBOLS

if TYPE_CHECKING:
    import pandas as pd


def draw_reliability(before: pd.DataFrame, after: pd.DataFrame) -> go.Figure:
    """Draw how often films that got a probability show pneumonia, with 95% intervals.

    Args:
        before: of the uncalibrated probability; a row a bin with films in it, columns
            mean_probability, observed_share, low, high in [0, 1], and n.
        after: likewise, of the calibrated one.
    """
    diagonal = {
        "type": "scatter",
        "x": [0, 100],
        "y": [0, 100],
        "name": "as often as said",
        "mode": "lines",
        "line": {"color": GUIDE, "width": 1.5, "dash": "dot"},
        "hoverinfo": "skip",
    }
    return lay_out(
        [diagonal, _trace("before calibration", before, 1), _trace("after", after, 0)],
        x=axis("Mean probability that was said (%)", **SHARE),
        y=axis("Pneumonias among them (%)", **SHARE),
    )


def _trace(name: str, bins: pd.DataFrame, place: int) -> dict[str, Any]:
    shares = 100 * bins[["mean_probability", "observed_share", "low", "high"]].to_numpy()
    said, seen, low, high = shares.T
    return {
        "type": "scatter",
        "x": said,
        "y": seen,
        "name": name,
        "mode": "lines+markers",
        "line": {"color": SERIES[place], "width": 2, "dash": DASHES[place]},
        "marker": {"size": 9, "symbol": SYMBOLS[place]},
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": (high - seen).clip(0),
            "arrayminus": (seen - low).clip(0),
            "thickness": 1,
            "width": 3,
        },
        "customdata": bins["n"].to_numpy(),
        "hovertemplate": "said %{x:.0f}%, seen %{y:.0f}% of %{customdata} films"
        f"<extra>{name}</extra>",
    }
