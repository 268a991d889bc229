"""A network's compiled form ⇄ a file in the user's cache folder, so that later starts are quick.

A file is named by all that makes the form what it is, and begins with the hash of what follows:
one that is cut off, changed or made by something else is as good as none.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from pneumo.settings import read_settings

FORM = 1
"""Counts up when serving changes what it compiles."""

KEPT = 8
"""How many compiled networks stay: two ensembles of four."""

_DIGEST_BYTES = 32
_LEFT_BEHIND_S = 3600.0


class CompiledCache:
    """The compiled networks in one folder, which is made when the first one is kept."""

    def __init__(self, folder: Path) -> None:
        """Look after a folder."""
        self.folder = folder

    def find(self, name: str) -> bytes | None:
        """Return what was kept under a name, None if there is nothing sound."""
        path = self._path(name)
        try:
            with path.open("rb") as file:
                digest, content = file.read(_DIGEST_BYTES), file.read()
        except OSError:
            return None
        if hashlib.sha256(content).digest() != digest:
            return None
        with suppress(OSError):
            os.utime(path)  # What is used stays.
        return content

    def keep(self, name: str, content: bytes) -> None:
        """Keep a compiled network, whole or not at all, and drop those unused the longest.

        A folder that cannot be written to costs the cache, not the network.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            # mkstemp makes a file that nobody else can read or change.
            handle, temporary = tempfile.mkstemp(dir=self.folder, prefix=".", suffix=".tmp")
        except OSError:
            return
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(hashlib.sha256(content).digest())
                file.write(content)
            Path(temporary).replace(self._path(name))
            self._drop_old()
        except OSError:
            Path(temporary).unlink(missing_ok=True)

    def _drop_old(self) -> None:
        files = sorted(self.folder.glob("*.compiled"), key=lambda path: path.stat().st_mtime)
        for path in files[:-KEPT]:
            path.unlink(missing_ok=True)
        drop_left_behind(self.folder)

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.compiled"


def drop_left_behind(folder: Path) -> None:
    """Remove the temporary files of processes that were killed while they wrote into a cache."""
    with suppress(OSError):  # They stay then, until the next time.
        for path in folder.glob(".*.tmp"):
            if time.time() - path.stat().st_mtime > _LEFT_BEHIND_S:
                path.unlink(missing_ok=True)


def open_compiled_cache() -> CompiledCache:
    """Return the cache in the folder that PNEUMO_CACHE names, else in the system's for caches."""
    folder = read_settings().cache_dir
    if folder is None:
        from platformdirs import user_cache_path

        folder = user_cache_path("pneumo", appauthor=False)
    return CompiledCache(folder / "networks")


def name_compiled(network_sha256: str, made_by: Sequence[str]) -> str:
    """Return the name of a compiled network, hexadecimal.

    Args:
        network_sha256: see `pneumo.networks.cards.hash_network`.
        made_by: versions of the programs that built and compiled it, and for which processor.
    """
    parts = json.dumps([FORM, network_sha256, *made_by])
    return hashlib.sha256(parts.encode("utf-8")).hexdigest()
