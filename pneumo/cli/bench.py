"""`bench`: this machine → how fast the project is on it, beside the limit and the peers' way."""

from __future__ import annotations

import argparse
import json
import sys

from pneumo.bench.sections import SECTIONS, Order
from pneumo.cli.options import add_models
from pneumo.errors import PneumoError


def add_bench(parser: argparse.ArgumentParser) -> None:
    """Give a parser the options of `bench`."""
    parser.set_defaults(run=_bench)
    add_models(parser)
    output = parser.add_mutually_exclusive_group()
    output.add_argument("--json", action="store_true", help="one flat JSON object of the medians")
    output.add_argument("--markdown", action="store_true", help="the table of BENCHMARKS.md")
    parser.add_argument(
        "--runs", type=_count, default=Order.runs, metavar="N",
        help=f"repeats of what takes a moment, {Order.runs} by default; what takes longer is "
        "repeated less",
    )  # fmt: skip
    parser.add_argument(
        "--films", type=_count, default=Order.films, metavar="N",
        help=f"films of the largest folder, {Order.films} by default",
    )  # fmt: skip
    parser.add_argument(
        "--only", nargs="+", choices=SECTIONS, metavar="NAME",
        help=f"measure only these: {', '.join(SECTIONS)}",
    )  # fmt: skip


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def _bench(options: argparse.Namespace) -> int:
    from pneumo.bench.report import describe_run, draw_markdown, draw_table, flatten
    from pneumo.decision.latency import describe_machine

    order = Order(options.models, runs=options.runs, films=options.films)
    measures, failed = [], False
    for name, measure in SECTIONS.items():
        if options.only and name not in options.only:
            continue
        print(f"measuring: {name}", file=sys.stderr)
        try:
            measures += measure(order)
        except PneumoError as error:
            failed = True
            print(f"pneumo: {name} is left out. {error}", file=sys.stderr)
    run = describe_run(describe_machine())
    if options.json:
        print(json.dumps(flatten(measures, run)))
    else:
        print((draw_markdown if options.markdown else draw_table)(measures, run))
    return 1 if failed else 0
