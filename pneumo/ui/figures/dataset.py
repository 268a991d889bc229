"""Tables of an audited data set → the figures that show what is in it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from pneumo import Verdict
from pneumo.evidence.audit.distributions import is_logarithmic
from pneumo.evidence.audit.records import Measure
from pneumo.ui.figures.dataset_tables import BACTERIAL, KINDS, NORMAL, UNNAMED, VIRAL
from pneumo.ui.figures.layout import axis, lay_out
from pneumo.ui.figures.style import COLOURS, DASHES, GUIDE, SERIES

AXES = {
    "width": "Width (pixels)",
    "height": "Height (pixels)",
    "aspect": "Width divided by height (no unit)",
    "bytes": "File size (kilobytes)",
    "brightness": "Mean grey of a film (levels of 255)",
    "contrast": "Spread of grey within a film (levels of 255)",
}

_KIND_LOOKS: dict[str, tuple[str, str]] = {
    NORMAL: (COLOURS[Verdict.NORMAL], ""),
    BACTERIAL: (COLOURS[Verdict.PNEUMONIA], ""),
    VIRAL: (SERIES[1], "/"),
    UNNAMED: (GUIDE, "x"),
}
_SERIES_LOOKS = {
    "IM": (COLOURS[Verdict.NORMAL], ""),
    "NORMAL2-IM": (SERIES[4], "/"),
    "bacteria": (COLOURS[Verdict.PNEUMONIA], ""),
    "virus": (SERIES[1], "/"),
}
_SPLIT_LOOKS = {"train": (SERIES[0], "circle"), "val": (SERIES[3], "square"),
                "test": (SERIES[5], "diamond")}  # fmt: skip
_SPLIT_DASHES = {"train": DASHES[0], "test": DASHES[2], "val": DASHES[1]}

_DIVERGING = [[0.0, "#2166ac"], [0.25, "#92c5de"], [0.5, "#f7f7f7"], [0.75, "#f4a582"],
              [1.0, "#b2182b"]]  # fmt: skip
"""Blue below, white at zero, red above: told apart with any kind of colour vision (Brewer 2003)."""

_BAR_ROW_PX, _ROW_PX, _MARGIN_PX = 52, 34, 120
_PICTURE_PX = 430
_DOWNWARDS: dict[str, Any] = {
    "autorange": "reversed",
    "constrain": "domain",
    "constraintoward": "top",
}
"""A picture's first row is its top."""


def draw_kinds(table: pd.DataFrame) -> go.Figure:
    """Draw each split's films by what they show, as bars that add up to 100%."""
    splits = list(dict.fromkeys(table["split"]))
    traces = [
        {
            "type": "bar",
            "y": rows["split"],
            "x": 100 * rows["share"],
            "name": kind,
            "orientation": "h",
            "marker": _fill(_KIND_LOOKS[kind]),
            "customdata": rows[["films", "split_films"]],
            "hovertemplate": f"%{{y}}: %{{customdata[0]:,}} of %{{customdata[1]:,}} films, "
            f"{kind}<extra></extra>",
        }
        for kind in KINDS
        if len(rows := table[table["kind"] == kind])
    ]
    return lay_out(
        traces,
        x=axis("Share of the split's films (%)", range=[0, 100], tickvals=[0, 25, 50, 75, 100]),
        y=axis("Split", categoryorder="array", categoryarray=splits[::-1], ticksuffix="  "),
        height_px=len(splits) * _BAR_ROW_PX + _MARGIN_PX,
        barmode="stack",
        bargap=0.35,
    ).update_layout(legend_traceorder="normal")


def draw_group_sizes(table: pd.DataFrame) -> go.Figure:
    """Draw how many of a series' films belong to patient groups of each size."""
    traces = [
        {
            "type": "bar",
            "x": rows["films_a_group"],
            "y": 100 * rows["share"],
            "name": series,
            "marker": _fill(_SERIES_LOOKS[series]),
            "customdata": rows[["films", "groups"]],
            "hovertemplate": f"{series}: %{{customdata[0]:,}} films of %{{customdata[1]:,}} groups"
            "<extra></extra>",
        }
        for series in dict.fromkeys(table["series"])
        if len(rows := table[table["series"] == series])
    ]
    return lay_out(
        traces,
        x=axis("Films of one patient group", type="category"),
        y=axis("Share of the series' films (%)"),
    )


def _fill(look: tuple[str, str]) -> dict[str, Any]:
    colour, pattern = look
    return {"color": colour, "pattern": {"shape": pattern, "solidity": 0.2, "fillmode": "overlay"}}


def draw_stretches(table: pd.DataFrame) -> go.Figure:
    """Draw which stretches of each series' numbering lie in which split."""
    labelled = table.assign(row=table["series"] + " · " + table["split"])
    traces = []
    for split in dict.fromkeys(table["split"]):
        rows = labelled[labelled["split"] == split].to_dict("records")
        colour, symbol = _SPLIT_LOOKS[split]
        traces.append(
            {
                "type": "scatter",
                # A gap after each stretch, so that one trace draws them all.
                "x": [x for row in rows for x in (row["first"], row["last"], None)],
                "y": [y for row in rows for y in (row["row"], row["row"], None)],
                "customdata": [[row["films"]] for row in rows for _ in range(3)],
                "name": split,
                "mode": "lines+markers",
                "line": {"color": colour, "width": 6},
                "marker": {"color": colour, "symbol": symbol, "size": 10},
                "hovertemplate": "%{y}: number %{x}, end of a stretch of %{customdata[0]:,} films"
                "<extra></extra>",
            }
        )
    order = list(dict.fromkeys(labelled["row"]))[::-1]
    return lay_out(
        traces,
        x=axis("Number in the file name"),
        y=axis("Series and split", categoryorder="array", categoryarray=order, ticksuffix="  "),
        height_px=len(order) * _ROW_PX + _MARGIN_PX,
    )


def draw_measure(table: pd.DataFrame, measure: Measure) -> go.Figure:
    """Draw a measure's histograms as outlines: colour for the class, dashes for the split."""
    unit = 1000 if measure.key == "bytes" else 1
    traces = []
    for split, class_name in dict.fromkeys(zip(table["split"], table["class"], strict=True)):
        rows = table[(table["split"] == split) & (table["class"] == class_name)]
        edges = [*(rows["bin_low"] / unit), rows["bin_high"].iloc[-1] / unit]
        traces.append(
            {
                "type": "scatter",
                "x": [edges[0], *edges],
                "y": [0.0, *(100 * rows["share"]), 0.0],
                "name": f"{class_name}, {split} (n = {rows['n'].iloc[0]:,})",
                "mode": "lines",
                "line": {
                    "shape": "hv",
                    "width": 2.2,
                    "color": COLOURS[Verdict(class_name)],
                    "dash": _SPLIT_DASHES.get(split, DASHES[3]),
                },
                "hovertemplate": "from %{x:.4g}: %{y:.1f}% of the films"
                "<extra>%{fullData.name}</extra>",
            }
        )
    low, high = measure.edges[0] / unit, measure.edges[-1] / unit
    scale: dict[str, Any] = {}
    if is_logarithmic(low, high):
        ticks = [step * 10**power for power in range(-3, 10) for step in (1, 2, 5)]
        scale = {"type": "log", "tickvals": [tick for tick in ticks if low <= tick <= high]}
    return lay_out(
        traces,
        x=axis(AXES[measure.key], **scale),
        y=axis("Share of the class's films (%)", rangemode="tozero"),
    )


def draw_means(table: pd.DataFrame, titles: tuple[str, str]) -> go.Figure:
    """Draw two mean films side by side, on the grey scale of a film."""
    planes = [_as_plane(table, column) for column in ("first_mean", "second_mean")]
    halves = ((0.0, 0.48), (0.52, 1.0))
    captions = [
        {
            "text": title,
            "x": sum(half) / 2,
            "y": 1.0,
            "xref": "paper",
            "yref": "paper",
            "xanchor": "center",
            "yanchor": "bottom",
            "showarrow": False,
        }
        for title, half in zip(titles, halves, strict=True)
    ]
    figure = _draw_planes(
        planes,
        hover="%{z:.0f} of 255",
        scale={"colorscale": "Greys_r", "cmin": 0, "cmax": 255},
        bar="Mean grey (levels of 255)",
        domain=halves[0],
        annotations=captions,
    )
    side = len(planes[1])
    column = axis(f"Column (pixel of {side})", domain=halves[1], anchor="y2", constrain="domain")
    row = axis("", anchor="x2", showticklabels=False, **_DOWNWARDS, scaleanchor="x2")
    return figure.update_layout(xaxis2=column, yaxis2=row)


def draw_difference(table: pd.DataFrame, column: str) -> go.Figure:
    """Draw one mean film minus another.

    Args:
        table: of `tabulate_difference`.
        column: "difference" in grey levels of 255, or "cohens_d" in standard deviations.
    """
    plane = _as_plane(table, column)
    largest = float(abs(plane).max()) or 1.0
    unit, hover = (
        ("grey levels of 255", "%{z:+.1f} grey levels")
        if column == "difference"
        else ("standard deviations", "%{z:+.2f} standard deviations")
    )
    return _draw_planes(
        [plane],
        hover=hover,
        scale={"colorscale": _DIVERGING, "cmin": -largest, "cmax": largest},
        bar=f"Difference ({unit})",
        domain=(0.0, 1.0),
    )


def _as_plane(table: pd.DataFrame, column: str) -> NDArray[np.float64]:
    side = int(table["row"].max()) + 1
    return table[column].to_numpy(dtype=float).reshape(side, -1)


def _draw_planes(
    planes: list[NDArray[np.float64]],
    *,
    hover: str,
    scale: dict[str, Any],
    bar: str,
    domain: tuple[float, float],
    **choices: Any,
) -> go.Figure:
    """Return a figure of heat maps with one colour bar below, its first axes given a domain."""
    traces = [
        {
            "type": "heatmap",
            "z": plane,
            "coloraxis": "coloraxis",
            "xaxis": f"x{place}" if place > 1 else "x",
            "yaxis": f"y{place}" if place > 1 else "y",
            "hovertemplate": f"row %{{y}}, column %{{x}}: {hover}<extra></extra>",
        }
        for place, plane in enumerate(planes, start=1)
    ]
    rows, columns = planes[0].shape
    colour_bar = {
        "title": {"text": bar, "side": "top", "font": {"size": 13}},
        "orientation": "h",
        "thickness": 12,
        "len": 0.9,
        "x": 0.5,
        "y": -0.28,
        "yanchor": "top",
    }
    return lay_out(
        traces,
        x=axis(f"Column (pixel of {columns})", domain=domain, constrain="domain"),
        y=axis(f"Row (pixel of {rows})", scaleanchor="x", **_DOWNWARDS),
        height_px=_PICTURE_PX,
        legend=False,
        coloraxis={"colorbar": colour_bar, **scale},
        **choices,
    )
