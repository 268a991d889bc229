"""`calibrate`, `evaluate` and `results`: trained networks → an ensemble and what it reaches."""

from __future__ import annotations

import argparse

from pneumo.cli.options import add_data, add_models


def add_calibrate(parser: argparse.ArgumentParser) -> None:
    """Give a parser the options of `calibrate`."""
    parser.set_defaults(run=_calibrate)
    add_models(parser)
    parser.add_argument("names", nargs="+", metavar="NAME", help="members of the ensemble")


def _calibrate(options: argparse.Namespace) -> int:
    from pneumo.evidence.evaluation import calibrate

    plan = calibrate(options.models, options.names)
    print(f"ensemble {plan.version} of {', '.join(options.names)}")
    for point in plan.operating_points:
        print(
            f"  {point.name}: threshold {point.threshold:.3f}, sensitivity "
            f"{point.sensitivity:.3f}, specificity {point.specificity:.3f} (n = {point.n})"
        )
    return 0


def add_evaluate(parser: argparse.ArgumentParser) -> None:
    """Give a parser the options of `evaluate`."""
    parser.set_defaults(run=_evaluate)
    add_models(parser)
    add_data(parser)
    parser.add_argument(
        "--split",
        choices=("train", "val", "test"),
        default="test",
        help="each look at test is written to the ledger",
    )


def _evaluate(options: argparse.Namespace) -> int:
    from pneumo.evidence.evaluation import evaluate
    from pneumo.evidence.results import to_markdown

    command = f"python -m pneumo evaluate --split {options.split}"
    results = evaluate(options.data, options.models, split=options.split, command=command)
    print(to_markdown(results))
    return 0


def add_results(parser: argparse.ArgumentParser) -> None:
    """Give a parser the options of `results`."""
    from pneumo.decision.operating import BALANCED, OPERATING_POINTS

    parser.set_defaults(run=_results)
    add_models(parser)
    parser.add_argument("--split", default="test", help="a split that has been scored")
    parser.add_argument("--operating-point", choices=OPERATING_POINTS, default=BALANCED)


def _results(options: argparse.Namespace) -> int:
    from pneumo.evidence.results import measure, to_markdown

    results = measure(options.models, options.split, operating_point=options.operating_point)
    print(to_markdown(results))
    return 0
