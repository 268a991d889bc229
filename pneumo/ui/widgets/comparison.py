"""Several networks on the same films → their numbers side by side, as a table and as figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from pneumo import BALANCED, EnsemblePlan, Estimate
from pneumo.evidence.curves import roc_table
from pneumo.evidence.metrics import METRICS, score_at
from pneumo.evidence.scores import Scored
from pneumo.ui.evidence.compared import estimates_of
from pneumo.ui.evidence.estimates import say_interval, say_number
from pneumo.ui.evidence.scored import describe_films
from pneumo.ui.figures.comparison import Curve, draw_forest, draw_roc_overlay
from pneumo.ui.fragments import fragment
from pneumo.ui.widgets.charts import keep_table, show_chart
from pneumo.ui.wording import name_point, name_split

Estimates = Mapping[str, Mapping[str, Estimate]]
"""Each metric of each network, by the network's name and the metric's key."""

_GROUPS = {
    "Decisions": [key for key, metric in METRICS.items() if metric.at_threshold],
    "Ranking and calibration": [key for key, metric in METRICS.items() if not metric.at_threshold],
    "Size and making": [],
}
_MEGABYTE = 1e6


def choose_comparison(plan: EnsemblePlan, splits: Sequence[str]) -> tuple[str, str]:
    """Let the visitor choose which films the page is about, and at which thresholds.

    Returns:
        Names of a split and of an operating point.
    """
    left, right = st.columns(2)
    split = left.segmented_control(
        "Films",
        splits,
        default=splits[0],
        required=True,
        format_func=name_split,
        key="compared films",
    )
    points = [point.name for point in plan.operating_points]
    point = right.segmented_control(
        "Operating point",
        points,
        default=BALANCED if BALANCED in points else points[0],
        required=True,
        format_func=name_point,
        key="compared point",
        help="Each network is taken at its own threshold of that name.",
    )
    return str(split), str(point)


def measure(networks: Sequence[Scored], point: str) -> dict[str, dict[str, Estimate]]:
    """Return every metric of every network at an operating point."""
    return {network.name: estimates_of(network, point) for network in networks}


@fragment()
def show_table(networks: Sequence[Scored], found: Estimates, making: pd.DataFrame) -> None:
    """Show a row a network, of the columns that the visitor wants, and offer all as one CSV."""
    group = st.segmented_control(
        "Columns",
        list(_GROUPS),
        default="Decisions",
        required=True,
        key="compared columns",
    )
    keys = _GROUPS[str(group)]
    columns = _say_metrics(networks, found, keys) if keys else _say_making(making)
    st.table(
        {"Network": [network.title for network in networks]} | columns,
        border="horizontal",
        hide_index=True,
        alt=f"A row a network: {group}",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            f"{describe_films(networks[0])}. In brackets: 95% intervals by a bootstrap that draws "
            "whole patient groups."
            if keys
            else "From the networks' cards and the files in their folders. Kernels are kept as "
            "16-bit numbers, which halves the files.",
            width="stretch",
        )
        keep_table(
            tabulate_all(networks, found, making),
            name=f"networks_{networks[0].split}",
            label="All columns as CSV",
        )


def tabulate_all(
    networks: Sequence[Scored], found: Estimates, making: pd.DataFrame
) -> pd.DataFrame:
    """Return a row a network with every metric, both ends of its interval, n, size and making."""
    rows = []
    for network in networks:
        row: dict[str, object] = {"network": network.title, "split": network.split, "n": network.n}
        for key, estimate in found[network.name].items():
            row |= {key: estimate.value, f"{key}_low": estimate.low, f"{key}_high": estimate.high}
        rows.append(row | {"name": network.name})
    return pd.DataFrame(rows).merge(making, on="name", how="left").drop(columns="name")


def _say_metrics(
    networks: Sequence[Scored], found: Estimates, keys: Sequence[str]
) -> dict[str, list[str]]:
    return {
        METRICS[key].title: [
            _say(found[network.name][key], is_share=METRICS[key].is_share) for network in networks
        ]
        for key in keys
    }


def _say(estimate: Estimate, *, is_share: bool) -> str:
    return (
        f"{say_number(estimate.value, is_share=is_share)} "
        f"({say_interval(estimate, is_share=is_share)})"
    )


def _say_making(making: pd.DataFrame) -> dict[str, list[str]]:
    def count(column: str) -> list[str]:
        return [f"{n:,}" if pd.notna(n) else "not recorded" for n in making[column]]

    return {
        "Parameters": count("parameters"),
        "Of which trained": count("parameters_trained"),
        "Weights on disk": [
            f"{size / _MEGABYTE:.1f} MB" if pd.notna(size) else "not found"
            for size in making["weights_bytes"]
        ],
        "Started from": list(making["initialisation"]),
        "Training": list(making["protocol"]),
        "Learned from": list(making["learned_from"]),
    }


@fragment()
def show_forest(networks: Sequence[Scored], found: Estimates, point: str) -> None:
    """Show a metric of the visitor's choice as dots with intervals."""
    key = str(
        st.selectbox(
            "Metric", list(METRICS), format_func=lambda key: METRICS[key].title, key="forest metric"
        )
    )
    metric = METRICS[key]
    titles = [network.title for network in networks]
    estimates = [found[network.name][key] for network in networks]
    at = f" at the operating point {point}" if metric.at_threshold else ""
    show_chart(
        draw_forest(titles, estimates, metric=metric.title, is_share=metric.is_share),
        tabulate_estimates(titles, estimates, key),
        name=f"compare_{networks[0].split}_{key}",
        alt=f"{metric.title} of each network with its 95% interval",
        note=f"{metric.meaning} {'Higher' if metric.better == 'higher' else 'Lower'} is better. "
        f"{describe_films(networks[0])}{at}. Overlapping intervals do not tell whether two "
        "networks differ, since both read the same films: the paired tests below do.",
    )


def tabulate_estimates(
    titles: Sequence[str], estimates: Sequence[Estimate], key: str
) -> pd.DataFrame:
    """Return a row a network with a metric's value, interval and n."""
    return pd.DataFrame(
        [
            {
                "network": title,
                "metric": key,
                "value": estimate.value,
                "low": estimate.low,
                "high": estimate.high,
                "n": estimate.n,
            }
            for title, estimate in zip(titles, estimates, strict=True)
        ]
    )


@fragment()
def show_roc(networks: Sequence[Scored], point: str) -> None:
    """Show the networks' ROC curves over each other."""
    st.subheader("Ranking, over all thresholds", anchor=False)
    if len(set(networks[0].y_true.tolist())) < 2:
        st.info("All of these films have the same label, so there is no ROC curve.")
        return
    enlarged = st.toggle("Enlarge the upper left corner", value=True, key="roc corner")
    curves = [_trace(network, point) for network in networks]
    table = pd.concat([curve.table.assign(network=curve.title) for curve in curves])
    show_chart(
        draw_roc_overlay(curves, enlarged=enlarged),
        table,
        name=f"compare_{networks[0].split}_roc",
        alt="ROC curves of all networks over each other",
        note=f"{describe_films(networks[0])}. A mark is a network at its threshold of the "
        f"operating point {point}. The nearer a curve comes to the upper left corner, the better "
        "it ranks pneumonias above normal films.",
    )


def _trace(network: Scored, point: str) -> Curve:
    at = score_at(network.y_true, network.probability, network.find_point(point).threshold)
    table = roc_table(network.y_true, network.probability)
    return Curve(network.title, table, 1 - at["specificity"], at["recall"])
