"""What distortion and a second read do to the networks → the figures that show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from pneumo import Estimate
from pneumo.evidence.shortcuts.distortions import Distortion
from pneumo.evidence.shortcuts.stress import UNCHANGED
from pneumo.ui.evidence.estimates import say_interval, say_number
from pneumo.ui.figures.layout import axis, lay_out
from pneumo.ui.figures.style import DASHES, GUIDE, SERIES, SYMBOLS

_TITLE_LETTERS = 40
"""Of an axis title's line: what a phone has room for."""
_CURVES_PX = 460
_ROW_PX, _MARGIN_PX = 84, 120
_APART = 0.24
"""Between the marks of one network, in rows."""


@dataclass(frozen=True)
class Measure:
    """What is drawn over a distortion's strength.

    Attributes:
        key: one of `pneumo.evidence.shortcuts.stress_table.MEASURES`.
        title: name for people.
        axis: name with unit.
        is_share: whether it is drawn in per cent.
        chance: what guessing reaches; None where that depends on the guess.
    """

    key: str
    title: str
    axis: str
    is_share: bool
    chance: float | None = None


MEASURES = {
    measure.key: measure
    for measure in (
        Measure("auc", "AUC", "AUC (no unit)", False, 0.5),
        Measure("recall", "Sensitivity (recall)", "Pneumonias found (%)", True),
        Measure("specificity", "Specificity", "Normal films called NORMAL (%)", True),
        Measure(
            "mean_pneumonia",
            "Mean probability, pneumonias",
            "Mean probability of pneumonia (%)",
            True,
        ),
        Measure(
            "mean_normal",
            "Mean probability, normal films",
            "Mean probability of pneumonia (%)",
            True,
        ),
    )
}


def select_curve(table: pd.DataFrame, distortion: Distortion, measure: str) -> pd.DataFrame:
    """Return a measure of all networks over the strengths of one distortion.

    Args:
        table: that of `pneumo.evidence.shortcuts.stress_table.Stress`.
        distortion: whose rows.
        measure: key of MEASURES.

    Returns:
        The table's columns and `step`: 0 for the films as they were, 1 for the mildest strength,
        and so on.
    """
    steps = {distortion.unchanged: 0} | {
        strength: step for step, strength in enumerate(distortion.strengths, start=1)
    }
    chosen = table[table["measure"] == measure]
    before = chosen[chosen["distortion"] == UNCHANGED].assign(strength=distortion.unchanged)
    after = chosen[chosen["distortion"] == distortion.name]
    curve = pd.concat([before, after]).assign(distortion=distortion.name)
    return curve.assign(step=curve["strength"].map(steps))


def draw_curves(
    curve: pd.DataFrame,
    distortion: Distortion,
    measure: Measure,
    *,
    titles: Mapping[str, str],
    banded: str,
) -> go.Figure:
    """Draw a line a network over the strength of a distortion.

    Args:
        curve: as `select_curve` returns it.
        distortion: for the axis.
        measure: likewise.
        titles: every network's name for people, by its name.
        banded: the network whose 95% intervals are drawn as a band.
    """
    scale = 100 if measure.is_share else 1
    strengths = [distortion.unchanged, *distortion.strengths]
    traces: list[dict[str, Any]] = []
    for place, (name, title) in enumerate(titles.items()):
        line = curve[curve["network"] == name]
        if name == banded:
            traces.append(_lay_band(line, title, SERIES[place], scale))
        traces.append(_lay_line(line, title, place, measure))
    if measure.chance is not None:
        traces.append(
            {
                "type": "scatter",
                "x": [-0.3, len(strengths) - 0.7],
                "y": [scale * measure.chance] * 2,
                "name": "guessing",
                "mode": "lines",
                "line": {"color": GUIDE, "dash": "dot", "width": 1.5},
                "hoverinfo": "skip",
            }
        )
    lowest = min(measure.chance or 0.0, float(curve["low"].min()))
    return lay_out(
        traces,
        x=axis(
            "<br>".join(wrap(f"{distortion.title}: {distortion.unit}", _TITLE_LETTERS)),
            tickvals=list(range(len(strengths))),
            ticktext=["as it was", *(f"{strength:g}" for strength in distortion.strengths)],
            range=[-0.3, len(strengths) - 0.7],
        ),
        y=axis(measure.axis, range=[scale * (lowest - 0.03), scale * 1.03]),
        height_px=_CURVES_PX,
    )


def _lay_line(line: pd.DataFrame, title: str, place: int, measure: Measure) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": line["step"].tolist(),
        "y": [(100 if measure.is_share else 1) * value for value in line["value"]],
        "name": title,
        "mode": "lines+markers",
        "line": {"color": SERIES[place], "dash": DASHES[place], "width": 2.5},
        "marker": {"symbol": SYMBOLS[place], "size": 9},
        "cliponaxis": False,
        "text": [
            _say(Estimate(value, low, high, 0), is_share=measure.is_share)
            for value, low, high in line[["value", "low", "high"]].to_numpy()
        ],
        "hovertemplate": f"{title}: %{{text}}<extra></extra>",
    }


def _lay_band(line: pd.DataFrame, title: str, colour: str, scale: int) -> dict[str, Any]:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    ends = [*line["high"], *line["low"][::-1]]
    return {
        "type": "scatter",
        "x": [*line["step"], *line["step"][::-1]],
        "y": [scale * end for end in ends],
        "name": f"{title}, 95% interval",
        "mode": "lines",
        "fill": "toself",
        "fillcolor": f"rgba({red},{green},{blue},0.2)",
        "line": {"width": 0},
        "hoverinfo": "skip",
    }


def _say(estimate: Estimate, *, is_share: bool) -> str:
    value = say_number(estimate.value, is_share=is_share)
    return f"{value} ({say_interval(estimate, is_share=is_share)})"


def draw_comparisons(
    comparisons: Mapping[str, Mapping[str, Estimate]], *, metric: str, is_share: bool
) -> go.Figure:
    """Draw a metric of each network against several references, with 95% intervals.

    Args:
        comparisons: reference's name for people → network's name for people → what it reaches.
        metric: its name.
        is_share: whether it is drawn in per cent.
    """
    scale = 100 if is_share else 1
    networks = list(next(iter(comparisons.values())))
    traces = []
    for place, (reference, found) in enumerate(comparisons.items()):
        offset = _APART * (place - (len(comparisons) - 1) / 2)
        estimates = list(found.values())
        traces.append(
            {
                "type": "scatter",
                "x": [scale * each.value for each in estimates],
                "y": [row + offset for row in range(len(estimates))],
                "name": f"{reference} (n = {estimates[0].n:,})",
                "mode": "markers",
                "marker": {"size": 12, "symbol": SYMBOLS[place], "color": SERIES[place]},
                "error_x": {
                    "type": "data",
                    "symmetric": False,
                    "array": [scale * (each.high - each.value) for each in estimates],
                    "arrayminus": [scale * (each.value - each.low) for each in estimates],
                    "thickness": 2.5,
                    "width": 6,
                },
                "text": [
                    f"{network}, {reference}: {_say(each, is_share=is_share)}"
                    for network, each in found.items()
                ],
                "hovertemplate": "%{text}<extra></extra>",
            }
        )
    return lay_out(
        traces,
        x=axis(f"{metric} ({'%' if is_share else 'no unit'}), 95% interval"),
        y=axis(
            "Network",
            tickvals=list(range(len(networks))),
            ticktext=networks,
            range=[len(networks) - 0.5, -0.5],
            ticksuffix=" ",
        ),
        height_px=_ROW_PX * len(networks) + _MARGIN_PX,
    )
