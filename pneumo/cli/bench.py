"""`bench`: this machine → how long the dashboard takes on it."""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Sequence

FILMS = 5_856
"""Films of the whole data set: more than any split that is measured at once."""


def add_bench(parser: argparse.ArgumentParser) -> None:
    """Give a parser the options of `bench`."""
    parser.set_defaults(run=_bench)
    parser.add_argument("--json", action="store_true", help="one flat JSON object of the medians")
    parser.add_argument("--runs", type=int, default=15, metavar="N", help="repeats of each timing")


def _bench(options: argparse.Namespace) -> int:
    from pneumo.ui.rehearsal import time_pages, time_slider

    taken = {"slider_ms": [1000 * s for s in time_slider(films=FILMS, moves=options.runs)]}
    taken |= {f"page_{name}_s": seconds for name, seconds in time_pages(runs=options.runs).items()}
    if options.json:
        print(json.dumps({name: round(statistics.median(all_), 4) for name, all_ in taken.items()}))
    else:
        for name, all_ in taken.items():
            print(f"{name:24} {_describe(all_)}")
    return 0


def _describe(numbers: Sequence[float]) -> str:
    low, high = min(numbers), max(numbers)
    return f"{statistics.median(numbers):8.3f} ({low:.3f} to {high:.3f}, n = {len(numbers)})"
