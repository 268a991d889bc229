"""Options that several commands share."""

from __future__ import annotations

import argparse
from pathlib import Path

from pneumo.settings import read_settings


def add_data(parser: argparse.ArgumentParser) -> None:
    """Add --data, the folder of the data set."""
    parser.add_argument(
        "--data",
        type=Path,
        required=True,
        metavar="DIR",
        help="folder that holds train, val and test",
    )


def add_models(parser: argparse.ArgumentParser) -> None:
    """Add --models, the folder of the trained networks."""
    parser.add_argument(
        "--models",
        type=Path,
        default=read_settings().models_dir,
        metavar="DIR",
        help="folder of the trained networks",
    )
