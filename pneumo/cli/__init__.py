"""The command line: words → one of the project's tasks, with an exit status."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from pneumo.cli.audit import add_audit
from pneumo.cli.bench import add_bench
from pneumo.cli.evaluate import add_calibrate, add_evaluate, add_results
from pneumo.cli.expert_read import add_expert_read
from pneumo.cli.faults import NO_MEMORY, end_output, name_fault
from pneumo.cli.gate import add_coverage, add_gate
from pneumo.cli.predict import add_predict
from pneumo.cli.second_opinion import add_second_opinion
from pneumo.cli.stress import add_stress
from pneumo.cli.synthesize import add_synthesize
from pneumo.cli.train import add_train
from pneumo.errors import PneumoError

COMMANDS: dict[str, tuple[str, Callable[[argparse.ArgumentParser], None]]] = {
    "train": ("train networks on the data set", add_train),
    "calibrate": ("join trained networks into an ensemble", add_calibrate),
    "evaluate": ("score a split of the data set", add_evaluate),
    "audit": ("measure what a data set is made of", add_audit),
    "results": ("print the table of measured results", add_results),
    "predict": ("read films and folders of films", add_predict),
    "expert-read": ("compare a second read of the test films", add_expert_read),
    "second-opinion": ("have a language model read a split, and measure it", add_second_opinion),
    "stress": ("score held-out films after distortion", add_stress),
    "bench": ("time the dashboard on this machine", add_bench),
    "gate": ("fit the gate that says what is a chest film", add_gate),
    "coverage": ("calibrate prediction sets and measure their coverage", add_coverage),
    "synthesize": ("fit the model of synthetic films", add_synthesize),
}
"""Each command's one line of help, and what gives its parser its options and its task."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return 0, or 1 with the reason on standard error."""
    options = _parser().parse_args(arguments)
    status, reason = 1, ""
    try:
        status = int(options.run(options))
    except PneumoError as error:
        reason = str(error)
    except OSError as error:
        reason = name_fault(error)
    except MemoryError:
        reason = NO_MEMORY
    if unprinted := end_output():
        status, reason = 1, unprinted
    if reason:
        print(f"pneumo: {reason}", file=sys.stderr)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m pneumo", description="Train, score and apply the networks."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, (summary, add_options) in COMMANDS.items():
        add_options(commands.add_parser(name, help=summary))
    return parser
