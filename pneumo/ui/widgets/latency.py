"""The networks' folders → how long each takes on this machine, measured at a visitor's press."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import streamlit as st

from pneumo import EnsemblePlan, ModelError
from pneumo.decision.latency import (
    WARM_FILMS,
    Latency,
    add_up,
    describe_machine,
    measure_latency,
)
from pneumo.ui.figures.comparison import draw_latencies
from pneumo.ui.fragments import fragment
from pneumo.ui.widgets.charts import show_chart
from pneumo.ui.wording import ALL_TOGETHER

_KEY = "latency"


@dataclass(frozen=True)
class _Timing:
    """What was measured in this session, and for which version of the networks."""

    model_version: str
    machine: str
    latencies: tuple[Latency, ...]


@fragment()
def show_latency(models_dir: Path, plan: EnsemblePlan) -> None:
    """Offer to measure how long each network takes, and show what was measured."""
    st.subheader("How fast they are", anchor=False)
    st.write(
        f"Each network is loaded anew for its first film, then reads {WARM_FILMS} films one at a "
        "time. This machine is the one that runs the dashboard."
    )
    if st.button("Measure on this machine", icon=":material/timer:", key="measure latency"):
        try:
            st.session_state[_KEY] = _measure(models_dir, plan)
        except ModelError as error:
            st.error(str(error), icon=":material/error:")
    timing: _Timing | None = st.session_state.get(_KEY)
    if timing is not None and timing.model_version == plan.version:
        _show(timing)


def _measure(models_dir: Path, plan: EnsemblePlan) -> _Timing:
    bar = st.progress(0.0, text="Starting what runs the networks …")
    found: list[Latency] = []
    try:
        for latency in measure_latency(models_dir, plan):
            found.append(latency)
            done = len(found) / len(plan.members)
            bar.progress(done, text=f"{latency.title}: {latency.median_ms:.0f} ms a film")
    finally:
        bar.empty()
    together = add_up(found, title=ALL_TOGETHER)
    return _Timing(plan.version, describe_machine(), (*found, together))


def _show(timing: _Timing) -> None:
    table = tabulate_latencies(timing.latencies)
    st.dataframe(
        {
            "Network": table["network"],
            "Cold": [f"{s:.1f} s" for s in table["cold_s"]],
            "Warm, median": [f"{ms:.0f} ms" for ms in table["median_ms"]],
            "Warm, 95th percentile": [f"{ms:.0f} ms" for ms in table["p95_ms"]],
        },
        hide_index=True,
        alt="A row a network: cold, median and 95th percentile",
    )
    show_chart(
        draw_latencies(
            table["network"].tolist(), table["median_ms"].tolist(), table["p95_ms"].tolist()
        ),
        table.assign(machine=timing.machine),
        name="latency",
        alt="Milliseconds a film of each network",
        note=f"n = {table['films'].iloc[0]} warm films a network, on {timing.machine}. Cold: "
        "from the network's files to its first verdict. Warm: score and heat map, without reading "
        "the film. Other work on the machine slows it, so measure "
        "again when it is idle. All together: the networks one after the other.",
    )


def tabulate_latencies(latencies: Sequence[Latency]) -> pd.DataFrame:
    """Return a row a network: cold seconds, median and 95th percentile of warm milliseconds."""
    return pd.DataFrame(
        [
            {
                "network": latency.title,
                "cold_s": latency.cold_s,
                "median_ms": latency.median_ms,
                "p95_ms": latency.p95_ms,
                "films": len(latency.warm_ms),
            }
            for latency in latencies
        ]
    )
