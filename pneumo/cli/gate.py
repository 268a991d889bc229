"""`gate` and `coverage`: the data set and the networks → what guards the networks' word."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from pneumo.cli.options import add_data, add_models


def add_gate(parser: argparse.ArgumentParser) -> None:
    """Give a parser the options of `gate`."""
    parser.description = (
        "Fit the gate that says whether a film is one the networks were made for, on train and "
        "val; the test films are opened for --exam only. Takes some minutes."
    )
    parser.set_defaults(run=_gate)
    add_models(parser)
    add_data(parser)
    parser.add_argument("--seed", type=int, default=1, help="of all chance")
    parser.add_argument(
        "--exam",
        action="store_true",
        help="fit nothing, but have the gate that is there judge the official test films; each "
        "look at them is written to the ledger",
    )


def _gate(options: argparse.Namespace) -> int:
    from pneumo.evidence.gate_exam import examine_gate
    from pneumo.evidence.gating import fit_gate

    if options.exam:
        command = "python -m pneumo gate --exam"
        exam = examine_gate(options.data, options.models, command=command)
        print(f"gate {exam['gate_version']}")
        _print_rates(exam["rates"])
        return 0
    gate = fit_gate(options.data, options.models, seed=options.seed)
    print(f"gate {gate.version} on the features of {gate.network}")
    _print_rates(gate.measured)
    return 0


def _print_rates(rates: Mapping[str, Any]) -> None:
    from pneumo.evidence.metrics import Estimate

    for title, rate in rates.items():
        estimate = Estimate(**rate)
        print(f"  {title}: {estimate:.1%}, n = {estimate.n:,}")


def add_coverage(parser: argparse.ArgumentParser) -> None:
    """Give a parser the options of `coverage`."""
    parser.description = (
        "Calibrate prediction sets on the ensemble's scores of the held-out films, and measure "
        "how often they hold the true class there and among the test films' scores."
    )
    parser.set_defaults(run=_coverage)
    add_models(parser)


def _coverage(options: argparse.Namespace) -> int:
    from pneumo.evidence.coverage import calibrate_sets
    from pneumo.evidence.metrics import Estimate

    conformal = calibrate_sets(options.models)
    for level in conformal.levels:
        print(f"stated coverage {level.coverage:.0%}")
        for split, found in conformal.measured[f"{level.coverage:.2f}"].items():
            estimate = Estimate(**found["covered"])
            print(
                f"  {split}: {estimate:.1%} of {estimate.n:,} films covered; "
                f"{found['undecided']:.1%} of the sets hold both classes"
            )
    return 0
