"""What is asked for → what was measured; each section can be run without the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pneumo.bench.timing import Measure


@dataclass(frozen=True)
class Order:
    """What to measure with.

    Attributes:
        models_dir: the folder of the networks.
        runs: how often what takes a moment is repeated; what takes seconds is repeated less.
        films: how many films the largest folder holds.
    """

    models_dir: Path
    runs: int = 15
    films: int = 64

    @property
    def few(self) -> int:
        """Repeats of what takes seconds."""
        return max(1, self.runs // 3)

    @property
    def fewer(self) -> int:
        """Repeats of what starts a process, and takes many seconds."""
        return max(1, self.runs // 5)


def _film(order: Order) -> list[Measure]:
    from pneumo.bench.film import compare_with_limit

    # Cheap, and the ratio that is asked for most exactly.
    return compare_with_limit(order.models_dir, runs=3 * order.runs)


def _peers(order: Order) -> list[Measure]:
    from pneumo.bench.film import compare_with_peers

    return compare_with_peers(order.models_dir, runs=order.runs)


def _batch(order: Order) -> list[Measure]:
    from pneumo.bench.batch import compare_batches

    return compare_batches(
        order.models_dir, runs=order.few, large_runs=order.fewer, films=order.films
    )


def _visitors(order: Order) -> list[Measure]:
    from pneumo.bench.visitors import compare_visitors

    return compare_visitors(order.models_dir, runs=order.runs)


def _start(order: Order) -> list[Measure]:
    from pneumo.bench.start import measure_starts

    return measure_starts(order.models_dir, runs=order.fewer)


def _memory(order: Order) -> list[Measure]:
    from pneumo.bench.memory import measure_memory

    return measure_memory(order.models_dir, runs=order.fewer)


def _training(order: Order) -> list[Measure]:
    from pneumo.bench.training import compare_training

    return compare_training(order.models_dir, runs=max(1, order.runs // 15))


def _slider(order: Order) -> list[Measure]:
    from pneumo.bench.evidence import time_slider

    return time_slider(order.models_dir, runs=order.runs)


def _pages(order: Order) -> list[Measure]:
    from pneumo.bench.evidence import time_pages

    return time_pages(order.models_dir, runs=order.few)


def _report(order: Order) -> list[Measure]:
    from pneumo.bench.report_time import time_report

    return time_report(order.models_dir, runs=order.runs)


SECTIONS: dict[str, Callable[[Order], list[Measure]]] = {
    "film": _film,
    "peers": _peers,
    "batch": _batch,
    "visitors": _visitors,
    "start": _start,
    "memory": _memory,
    "training": _training,
    "slider": _slider,
    "pages": _pages,
    "report": _report,
}
"""The sections in the order in which they are run and reported."""
