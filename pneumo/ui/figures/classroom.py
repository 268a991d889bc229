"""What a class answered → its figures: everybody's point on the curves, and the films it missed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go

from pneumo import CLASSES, Verdict
from pneumo.classroom.measures import ReaderPoint
from pneumo.ui.figures.comparison import Curve, draw_roc_overlay, list_rows
from pneumo.ui.figures.layout import SHARE, axis, lay_out
from pneumo.ui.figures.style import COLOURS, GUIDE, SERIES

if TYPE_CHECKING:
    import pandas as pd

_NORMAL, _PNEUMONIA = CLASSES
_ROW_PX, _MARGIN_PX = 26, 110


def draw_class_roc(curves: Sequence[Curve], readers: Sequence[ReaderPoint]) -> go.Figure:
    """Draw the curves of class and networks, with a ring for each student.

    Students who lie on the same spot share a ring, which grows with their number and holds it.

    Args:
        curves: of the class and of networks, at most five.
        readers: those with answers to films of both classes are drawn.
    """
    figure = draw_roc_overlay(curves, enlarged=False)
    spots: dict[tuple[float, float], list[str]] = defaultdict(list)
    for reader in readers:
        found, cleared = reader.point.sensitivity, reader.point.specificity
        if found.n and cleared.n:
            spot = round(100 * (1 - cleared.value), 6), round(100 * found.value, 6)
            spots[spot].append(reader.seat.name)
    names = list(spots.values())
    figure.add_scatter(
        x=[alarms for alarms, _ in spots],
        y=[found for _, found in spots],
        text=[str(len(each)) if len(each) > 1 else "" for each in names],
        name="a student",
        mode="markers+text",
        textfont={"size": 12},
        cliponaxis=False,
        marker={
            "symbol": "circle-open",
            "size": [13 + 3 * (len(each) - 1) ** 0.7 for each in names],
            "color": SERIES[5],
            "line": {"width": 2.5},
        },
        customdata=[_name(each) for each in names],
        hovertemplate="%{customdata}: %{y:.0f}% found, %{x:.0f}% false alarms<extra></extra>",
    )
    figure.update_xaxes(title_text="Normal films called pneumonia: 1 - specificity (%)")
    figure.update_yaxes(title_text="Pneumonias found: sensitivity (%)")
    return figure


def _name(names: Sequence[str]) -> str:
    shown = ", ".join(names[:6])
    return shown if len(names) <= 6 else f"{shown} and {len(names) - 6} more"


def draw_films(table: pd.DataFrame) -> go.Figure:
    """Draw what the class called each film, the film with the fewest right answers on top.

    Args:
        table: as `pneumo.classroom.results.tabulate_films` has it, in the order of drawing.
    """
    rows = [f"{film} · {label}" for film, label in zip(table["film"], table["label"], strict=True)]
    everybody = (table["answered"] + table["unanswered"]).clip(lower=1)
    kinds: list[tuple[str, str, dict[str, Any]]] = [
        ("called_pneumonia", f"called {_PNEUMONIA}", _fill(Verdict.PNEUMONIA, "")),
        ("called_normal", f"called {_NORMAL}", _fill(Verdict.NORMAL, "/")),
        ("unanswered", "no answer", {"color": GUIDE, "pattern": {"shape": "."}}),
    ]
    traces = [
        {
            "type": "bar",
            "orientation": "h",
            "y": rows,
            "x": 100 * table[column] / everybody,
            "name": name,
            "marker": marker,
            "customdata": table[column],
            "hovertemplate": f"%{{y}}: %{{customdata}} students {name}<extra></extra>",
        }
        for column, name, marker in kinds
    ]
    networks = {
        "type": "scatter",
        "y": rows,
        "x": 100 * table["ensemble"],
        "name": "networks' probability",
        "mode": "markers",
        "cliponaxis": False,
        "marker": {"symbol": "diamond", "size": 11, "color": SERIES[1], "line": {"width": 1}},
        "hovertemplate": "%{y}: networks %{x:.1f}%<extra></extra>",
    }
    figure = lay_out(
        [*traces, networks],
        x=axis("Students; networks' probability (%)", **SHARE),
        y=list_rows(rows) | {"title": {"text": "Film · class"}},
        height_px=_ROW_PX * len(rows) + _MARGIN_PX,
        barmode="stack",
        bargap=0.25,
    )
    figure.update_layout(legend_traceorder="normal")
    return figure


def _fill(verdict: Verdict, pattern: str) -> dict[str, Any]:
    return {"color": COLOURS[verdict], "pattern": {"shape": pattern}}
