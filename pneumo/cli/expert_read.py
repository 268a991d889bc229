"""`expert-read`: a second read of the test films → its agreement with labels and networks."""

from __future__ import annotations

import argparse
from pathlib import Path

from pneumo.cli.options import add_models


def add_expert_read(parser: argparse.ArgumentParser) -> None:
    """Give a parser the options of `expert-read`."""
    parser.description = (
        "Compare an independent expert's read of the official test films with their labels and "
        "with the scores that the networks were already given. No film is scored, so this is no "
        "further look at test. Only counts and statistics are kept."
    )
    parser.set_defaults(run=_read)
    add_models(parser)
    parser.add_argument(
        "--reads",
        type=Path,
        required=True,
        metavar="CSV",
        help="a row a test film: image, official_binary, expert_binary, official_3class, "
        "expert_3class, expert_unusable, expert_overlay, expert_borderline",
    )


def _read(options: argparse.Namespace) -> int:
    from pneumo.evidence.shortcuts.expert import EXPERT_FILE, write_expert_read

    read = write_expert_read(options.reads, options.models)
    print(
        f"{EXPERT_FILE}: the expert and the official label agree on {read.agreement:.1%} of "
        f"{read.n:,} films, kappa {read.kappa:.3f}"
    )
    for row in read.networks:
        print(
            f"  {row.title}, {row.reference}: AUC {row.found['auc']:.3f} (n = {row.found['auc'].n})"
        )
    return 0
