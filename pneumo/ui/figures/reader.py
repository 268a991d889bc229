"""How often a reader is right, alone and with the machine → the figure that compares them."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from pneumo.casebook.reader import Performance, ReaderSummary
from pneumo.ui.figures.layout import SHARE, axis, lay_out
from pneumo.ui.figures.style import SERIES, SYMBOLS

ALONE, FINAL, NETWORKS = "You, alone", "You, with the machine", "The networks"
_APART = 0.22
"""Between the marks of one measure, in rows."""
_HEIGHT_PX = 300


def list_performances(summary: ReaderSummary) -> dict[str, Performance]:
    """Return whose performance is known, by what they are called on the page."""
    sides = {ALONE: summary.alone, FINAL: summary.final, NETWORKS: summary.networks}
    return {title: found for title, found in sides.items() if found is not None}


def tabulate_performance(summary: ReaderSummary) -> pd.DataFrame:
    """Return every number of the figure: reader, measure, value, low, high (shares) and n."""
    return pd.DataFrame(
        [
            {"reader": title, "measure": measure} | vars(found)
            for title, performance in list_performances(summary).items()
            for measure, found in (
                ("sensitivity", performance.sensitivity),
                ("specificity", performance.specificity),
            )
        ]
    )


def draw_performance(table: pd.DataFrame) -> go.Figure:
    """Draw sensitivity and specificity with their 95% intervals, a mark for each reader.

    Args:
        table: as `tabulate_performance` returns it; a measure without a film is left out.
    """
    found = table.dropna(subset=["value"])
    measures = list(dict.fromkeys(found["measure"]))
    counts = found.groupby("measure")["n"].first()
    readers = list(dict.fromkeys(table["reader"]))
    traces = []
    for place, reader in enumerate(readers):
        rows = found[found["reader"] == reader]
        offset = _APART * (place - (len(readers) - 1) / 2)
        share = 100 * rows["value"]
        traces.append(
            {
                "type": "scatter",
                "x": share.tolist(),
                "y": [measures.index(measure) + offset for measure in rows["measure"]],
                "name": reader,
                "mode": "markers",
                "marker": {"size": 12, "symbol": SYMBOLS[place], "color": SERIES[place]},
                "error_x": {
                    "type": "data",
                    "symmetric": False,
                    "array": (100 * rows["high"] - share).tolist(),
                    "arrayminus": (share - 100 * rows["low"]).tolist(),
                    "thickness": 2.5,
                    "width": 6,
                },
                "hovertemplate": "%{x:.0f}%<extra></extra>",
            }
        )
    return lay_out(
        traces,
        x=axis("Films called right (%), 95% interval", **SHARE),
        y=axis(
            "",
            tickvals=list(range(len(measures))),
            ticktext=[f"{each.capitalize()}<br>n = {counts[each]:,}" for each in measures],
            range=[len(measures) - 0.5, -0.5],
            ticksuffix=" ",
        ),
        height_px=_HEIGHT_PX,
    )
