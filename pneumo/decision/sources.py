"""Files, folders, archives and uploads → one `Source` a film: a label, and how to get its bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from pneumo.errors import DamagedFilmError, FilmError
from pneumo.intake.reading import log_unforeseen
from pneumo.intake.zip_archive import begins_like_zip, check_bytes, list_entries
from pneumo.settings import Settings

_ARCHIVE = ".zip"


@dataclass(frozen=True)
class Source:
    """One file that may be a film, wherever it lies.

    Attributes:
        label: its name for people, and in a worklist's rows.
        read: returns its bytes, from any thread and as often as asked, or raises the `FilmError`
            that says why there are none.
    """

    label: str
    read: Callable[[], bytes] = field(repr=False)


def find_files(paths: Iterable[Path]) -> list[Path]:
    """Replace folders by all the files in them, at any depth, in order; hidden ones left out."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(
                file
                for file in path.rglob("*")
                if file.is_file()
                and not any(part.startswith(".") for part in file.relative_to(path).parts)
            )
        else:
            found.append(path)
    return found


def find_sources(
    paths: Iterable[Path], *, max_bytes: int = Settings.max_bytes, beside: Path | None = None
) -> list[Source]:
    """Return the sources in files, folders and zip archives, in order.

    A file is opened as an archive, given by itself or found in a folder, where its name ends in
    .zip and it begins like one: a film is a film whatever it is called, and an office document is
    a zip archive too. An archive that cannot be opened is one source that says why.

    Args:
        paths: what to look at.
        max_bytes: most bytes of one film.
        beside: a folder that the labels leave out; None for the paths as they are.
    """
    found: list[Source] = []
    for file in find_files(paths):
        label = str(file if beside is None else file.relative_to(beside))
        if file.suffix.lower() == _ARCHIVE and begins_like_zip(_look_at(file)):
            found += _open_archive(label, file, max_bytes)
        else:
            found.append(Source(label, partial(_read, file, max_bytes)))
    return found


def take_upload(name: str, data: bytes, *, max_bytes: int = Settings.max_bytes) -> list[Source]:
    """Return the sources in one file that is in memory: itself, or an archive's films."""
    if name.lower().endswith(_ARCHIVE) and begins_like_zip(data):
        return _open_archive(name, data, max_bytes)
    return [Source(name, lambda: data)]


def pick_sources(
    labels: Sequence[str], base: Path, *, max_bytes: int = Settings.max_bytes
) -> list[Source]:
    """Return the sources that `find_sources` gave these labels, in their order.

    Args:
        labels: as `find_sources` gave them.
        base: the folder that relative ones start from.
        max_bytes: see `find_sources`.
    """
    archives: dict[str, dict[str, Source]] = {}
    found = []
    for label in labels:
        place = _find_archive(label, base) or label
        if place not in archives:
            inside = find_sources([base / place], max_bytes=max_bytes)
            start = len(str(base / place))
            archives[place] = {place + one.label[start:]: one for one in inside}
        source = archives[place].get(label)
        found.append(Source(label, source.read if source else _tell_of_loss))
    return found


def _find_archive(label: str, base: Path) -> str:
    """Return the part of a label that names the archive which the rest lies in, if any."""
    ends = [place for place, letter in enumerate(label) if letter == "/"]
    starts = (label[:end] for end in ends)
    return next(
        (one for one in starts if one.lower().endswith(_ARCHIVE) and (base / one).is_file()), ""
    )


def _open_archive(label: str, place: Path | bytes, max_bytes: int) -> list[Source]:
    try:
        entries = list_entries(place, max_bytes=max_bytes)
        if not entries:
            raise DamagedFilmError("The archive holds no file: pack the films anew.")
    except FilmError as error:
        return [Source(label, partial(_fail, type(error), str(error)))]
    except Exception as error:  # One archive, whatever is wrong with it, costs its own row alone.
        log_unforeseen(error)
        reason = (
            "Expected a zip archive that can be opened, but this one led to an error that nobody "
            "foresaw: pack the films anew."
        )
        return [Source(label, partial(_fail, DamagedFilmError, reason))]
    return [Source(f"{label}/{entry.name}", entry.read) for entry in entries]


def _look_at(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(4)
    except OSError:  # whoever reads it is told
        return b""


def _read(file: Path, max_bytes: int) -> bytes:
    try:
        check_bytes(file.stat().st_size, max_bytes)
        return file.read_bytes()
    except OSError as error:
        raise FilmError(
            f"The file cannot be opened: {error.strerror}. Check path and rights."
        ) from None


def _fail(kind: type[FilmError], reason: str) -> bytes:
    raise kind(reason)


def _tell_of_loss() -> bytes:
    raise FilmError("The file is no longer in its archive. Start again.")
