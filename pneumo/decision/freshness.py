"""The networks' files on disk and the plan in memory → whether they still belong together."""

from __future__ import annotations

from pathlib import Path

from pneumo.decision.ensemble import ENSEMBLE_FILE, EnsemblePlan, read_plan
from pneumo.errors import ModelError
from pneumo.networks.cards import ARCHITECTURE, WEIGHTS, hash_network

Stamp = tuple[tuple[int, int] | None, ...]


def stamp_files(models_dir: Path, plan: EnsemblePlan) -> Stamp:
    """Return size and time of each file that a plan's networks were loaded from, None if gone.

    Takes microseconds: while it stays the same, nobody needs to read the files.
    """
    folders = [models_dir / member.name for member in plan.members]
    paths = [folder / name for folder in folders for name in (ARCHITECTURE, WEIGHTS)]
    return tuple(map(_stamp, [models_dir / ENSEMBLE_FILE, *paths]))


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns


def is_current(models_dir: Path, plan: EnsemblePlan) -> bool:
    """Tell whether the files hold what was loaded, byte for byte; reads all of them."""
    try:
        return read_plan(models_dir).version == plan.version and all(
            hash_network(models_dir / member.name) == member.weights_sha256
            for member in plan.members
        )
    except (ModelError, OSError):
        return False
