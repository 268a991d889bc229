"""Uploaded files, or a folder of the server's owner → the sources of a batch, within limits."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from streamlit.runtime.uploaded_file_manager import UploadedFile

from pneumo import Settings
from pneumo.decision.sources import Source, find_sources, take_upload

MOST_FILMS = 1_000
"""Most films of one batch: their rows and thumbnails are some megabytes of the visitor's session,
and are sent to the browser whole. The command `predict` reads any number."""

MOST_BYTES = 400 * 1024 * 1024
"""Most bytes of one batch's uploads: they lie in the server's memory until they are read and
forgotten, beside the networks and other visitors' films."""

_MEBIBYTE = 1024 * 1024
_MOST_FOLDERS = 200


@dataclass(frozen=True)
class Collection:
    """What a visitor chose.

    Attributes:
        sources: the films' sources.
        size: bytes of it that lie in memory.
        file_ids: the uploader's ids of the files that they come from.
    """

    sources: tuple[Source, ...] = ()
    size: int = 0
    file_ids: tuple[str, ...] = ()

    @property
    def excess(self) -> str:
        """Why it is too much for one batch, and what to do; empty if it is not."""
        if len(self.sources) > MOST_FILMS:
            return (
                f"These are {len(self.sources):,} films, and at most {MOST_FILMS:,} are read at a "
                "time: choose fewer. The command predict reads any number."
            )
        if self.size > MOST_BYTES:
            return (
                f"These files have {self.size / _MEBIBYTE:,.0f} MiB, and at most "
                f"{MOST_BYTES // _MEBIBYTE} MiB are taken at a time: choose fewer. The command "
                "predict reads any number."
            )
        return ""


def collect_uploads(files: Sequence[UploadedFile], settings: Settings) -> Collection:
    """Return what a visitor uploaded; archives are opened, hidden files are left out."""
    sources: list[Source] = []
    size = 0
    for file in files:
        if any(part.startswith(".") for part in PurePosixPath(file.name).parts):
            continue
        data = file.getvalue()
        size += len(data)
        sources += take_upload(file.name, data, max_bytes=settings.max_bytes)
    return Collection(tuple(sources), size, tuple(file.file_id for file in files))


def collect_folder(data_dir: Path, folder: str, settings: Settings) -> Collection:
    """Return the films directly in one of the folders that `list_folders` named."""
    place = data_dir / folder
    files = sorted(
        file for file in place.iterdir() if file.is_file() and not file.name.startswith(".")
    )
    return Collection(tuple(find_sources(files, max_bytes=settings.max_bytes, beside=data_dir)))


def list_folders(data_dir: Path) -> list[str]:
    """Return the folders below the owner's own that hold files, relative to it, in order."""
    found = []
    for folder, below, files in os.walk(data_dir):
        below[:] = sorted(name for name in below if not name.startswith("."))
        if any(not name.startswith(".") for name in files):
            found.append(str(Path(folder).relative_to(data_dir)))
        if len(found) == _MOST_FOLDERS:
            break
    return found
