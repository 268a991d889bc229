"""`stress`: the data set and the networks → how their scores bear distortion."""

from __future__ import annotations

import argparse

from pneumo.cli.options import add_data, add_models


def add_stress(parser: argparse.ArgumentParser) -> None:
    """Give a parser the options of `stress`."""
    parser.description = (
        "Score held-out films after blacking out, blur, re-compression, inversion, rotation and "
        "noise. The films are those of train and val that no network learned from. The official "
        "test films are not read, so this is no further look at test."
    )
    parser.set_defaults(run=_stress)
    add_models(parser)
    add_data(parser)
    parser.add_argument(
        "--limit",
        type=int,
        metavar="N",
        help="draw about N of the held-out films, whole patient groups, in the classes' own "
        "proportion; all of them by default",
    )
    parser.add_argument("--resume", action="store_true", help="go on where a run was cut off")


def _stress(options: argparse.Namespace) -> int:
    from pneumo.evidence.shortcuts.stress import STRESS_SCORES, list_conditions, stress
    from pneumo.evidence.shortcuts.stress_table import STRESS_FILE, write_stress

    stress(options.data, options.models, limit=options.limit, resume=options.resume)
    table = write_stress(options.models)
    print(
        f"{STRESS_SCORES}, {STRESS_FILE}: {table.n:,} of {table.n_held_out:,} held-out films, as "
        f"they were and distorted in {len(list_conditions()) - 1} ways"
    )
    return 0
