"""What a language model answered against what another side says → one figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from pneumo.ui.figures.layout import FONT_PX, axis, lay_out

if TYPE_CHECKING:
    import pandas as pd

_SHADES = ((0.0, "#dbe5ec"), (1.0, "#0b5c8a"))
_ON_LIGHT, _ON_DARK = "#0b1219", "#ffffff"
_HEIGHT_PX = 400


def draw_cross_table(table: pd.DataFrame, *, other: str) -> go.Figure:
    """Draw numbers of films as cells, shaded by the share of their column.

    Args:
        table: from `cross_tabulate`: the model's answers as index, the other side's as columns.
        other: title of the columns' axis: whose word they are.
    """
    counts = table.to_numpy(dtype=np.int64)
    totals = counts.sum(axis=0)
    shares = counts / np.where(totals > 0, totals, 1)
    rows = [str(answer).capitalize() if answer.islower() else str(answer) for answer in table.index]
    columns = [
        f"{call}<br>n = {total:,}" for call, total in zip(table.columns, totals, strict=True)
    ]
    cells = {
        "type": "heatmap",
        "z": shares,
        "x": columns,
        "y": rows,
        "colorscale": _SHADES,
        "zmin": 0,
        "zmax": 1,
        "xgap": 3,
        "ygap": 3,
        "showscale": False,
        "hoverinfo": "skip",
    }
    numbers = [
        {
            "x": columns[j],
            "y": rows[i],
            "text": f"<b>{counts[i, j]:,}</b><br>{shares[i, j]:.1%}",
            "showarrow": False,
            # On the figure's own shades, which are the same in both themes.
            "font": {"size": FONT_PX, "color": _ON_DARK if shares[i, j] > 0.5 else _ON_LIGHT},
        }
        for i in range(len(rows))
        for j in range(len(columns))
    ]
    return lay_out(
        [cells],
        x=axis(other, showgrid=False),
        y=axis("The language model says", showgrid=False, autorange="reversed", ticksuffix=" "),
        height_px=_HEIGHT_PX,
        legend=False,
        annotations=numbers,
    )
