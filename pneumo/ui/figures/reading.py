"""A prediction → the Plotly figures that show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from pneumo import CLASSES, Prediction, Verdict
from pneumo.ui.figures.style import COLOURS, GUIDE
from pneumo.ui.wording import ALL_TOGETHER, percent

_ROW_PX, _MARGIN_PX = 44, 96


def draw_distribution(prediction: Prediction) -> go.Figure:
    """Draw the probability of both classes as bars that add up to 100%."""
    shares = (1 - prediction.probability, prediction.probability)
    figure = go.Figure(
        go.Bar(
            y=list(CLASSES),
            x=[100 * share for share in shares],
            text=[percent(share) for share in shares],
            marker_color=[COLOURS[Verdict(name)] for name in CLASSES],
            orientation="h",
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{text}<extra></extra>",
        )
    )
    return _finish(figure, rows=len(CLASSES), title="Calibrated probability (%)")


@dataclass(frozen=True)
class Row:
    """One line of the networks' chart: who, what it says, and what its threshold is."""

    title: str
    probability: float
    threshold: float
    verdict: Verdict

    @property
    def label(self) -> str:
        """Who, and the number, which must not need a pointer to be read."""
        return f"{self.title} · {percent(self.probability)}"


def list_scores(prediction: Prediction, thresholds: Mapping[str, float]) -> list[Row]:
    """Return a row for the ensemble and one for every network.

    Args:
        prediction: what they said.
        thresholds: each network's own threshold at the prediction's operating point, by name.
    """
    point = prediction.operating_point
    return [
        Row(ALL_TOGETHER, prediction.probability, point.threshold, prediction.leaning),
        *(
            Row(member.title, member.probability, thresholds[member.name], member.verdict)
            for member in prediction.members
        ),
    ]


def draw_scores(rows: Sequence[Row]) -> go.Figure:
    """Draw every network's probability beside its own threshold."""
    figure = go.Figure()
    for verdict, symbol in ((Verdict.PNEUMONIA, "circle"), (Verdict.NORMAL, "diamond")):
        said = [row for row in rows if row.verdict is verdict]
        figure.add_scatter(
            y=[row.label for row in said],
            x=[100 * row.probability for row in said],
            name=f"says {verdict}",
            mode="markers",
            marker={"size": 15, "symbol": symbol, "color": COLOURS[verdict]},
            hovertemplate=f"%{{y}}: {verdict}<extra></extra>",
        )
    figure.add_scatter(
        y=[row.label for row in rows],
        x=[100 * row.threshold for row in rows],
        text=[percent(row.threshold) for row in rows],
        name="own threshold",
        mode="markers",
        marker={
            "size": 24,
            "symbol": "line-ns",
            "line": {"width": 3, "color": GUIDE},
        },
        hovertemplate="%{y}: threshold %{text}<extra></extra>",
    )
    figure.update_yaxes(categoryorder="array", categoryarray=[row.label for row in reversed(rows)])
    figure.update_layout(
        legend={
            "font_size": 14,
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": 1,
            "yanchor": "bottom",
        }
    )
    return _finish(figure, rows=len(rows) + 1, title="Calibrated probability of pneumonia (%)")


def _finish(figure: go.Figure, *, rows: int, title: str) -> go.Figure:
    figure.update_xaxes(
        title={"text": title, "font_size": 14},
        tickfont_size=14,
        range=[-3, 103],
        tickvals=[0, 25, 50, 75, 100],
        zeroline=False,
        fixedrange=True,
    )
    figure.update_yaxes(fixedrange=True, automargin=True, tickfont_size=14, ticksuffix="  ")
    figure.update_layout(
        height=rows * _ROW_PX + _MARGIN_PX,
        font_size=14,
        margin={"l": 8, "r": 56, "t": 8, "b": 8},
        dragmode=False,
    )
    return figure
