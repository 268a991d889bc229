"""A file that a casebook exported → its cases; damaged or hostile ones are refused, with a reason.

The file is not trusted: nothing of it is written to a disk, and every size is bounded before
anything is unpacked.
"""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, BinaryIO
from zipfile import BadZipFile, ZipFile

from pydantic import TypeAdapter
from pydantic_core import from_json

from pneumo.casebook.contents import (
    read_film_facts,
    read_opinions,
    read_predictions,
    read_reads,
    read_reference,
    to_utc,
    write_opinions,
    write_predictions,
    write_reads,
)
from pneumo.casebook.exchange.archive import (
    CASES,
    CHUNK_BYTES,
    FORM,
    MANIFEST,
    VERSION,
    Whole,
    name_film,
)
from pneumo.casebook.kept_film import MOST_BYTES, KeptFilm, keep_film, restore_film
from pneumo.casebook.records import Case
from pneumo.casebook.shelf import tidy
from pneumo.errors import CasebookError

_FILM = re.compile(r"films/[0-9a-f]{32}\.png")
_ID = re.compile(r"[0-9a-f]{32}")
_HASH = re.compile(r"[0-9a-f]{64}")
_MOST_MEMBERS = 200_000
_MOST_MANIFEST_BYTES = 64 * 2**20
_MOST_CASES_BYTES = 4 * 2**30
_MOST_LINE_BYTES = 8 * 2**20
_MOST_REFUSED = 1_000
_MOST_TIMES_PACKED = 200
"""Cases of one set of networks, heat maps and all, pack to a tenth; a bomb to a thousandth."""
_SMALL_BYTES = 2**20


@dataclass(frozen=True)
class ImportReport:
    """What an import brought.

    Attributes:
        added: cases that are new.
        present: cases that were there, and were left as they are.
        refused: of each other one, which it is and why.
    """

    added: int
    present: int
    refused: tuple[str, ...] = ()


def read_archive(source: BinaryIO, owner: str) -> Iterator[Whole | str]:
    """Return the cases in a file, as an owner's; a text instead of one says why it is refused.

    Raises:
        CasebookError: the file is no export, damaged as a whole, or made to harm.
    """
    try:
        with ZipFile(source) as file:
            hashes = _check_members(file)
            refused = 0
            for number, line in enumerate(_read_lines(file, hashes), 1):
                found = _read_case(file, hashes, line, number, owner)
                refused += isinstance(found, str)
                if refused > _MOST_REFUSED:
                    raise _refusal(f"more than {_MOST_REFUSED:,} of its cases are unsound")
                yield found
    except CasebookError:
        raise
    # A damaged zip file ends in any of these.
    except (BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError):
        raise _refusal("it is no zip file, or its end is missing or damaged") from None


@dataclass(frozen=True)
class _Record:
    id: str
    title: str
    note: str
    tags: list[str]
    film: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    reference: dict[str, Any] | None
    predictions: list[Any]
    opinions: list[Any]
    reads: list[Any]
    kept_film: dict[str, Any] | None


_RECORD = TypeAdapter(_Record)


def _check_members(file: ZipFile) -> dict[str, str]:
    """Return the members' hashes by the manifest, after a look at names and sizes."""
    members = file.infolist()
    names = {member.filename for member in members}
    if len(members) > _MOST_MEMBERS or len(names) != len(members):
        raise _refusal("it holds too many members, or one of them twice")
    if not {MANIFEST, CASES} <= names:
        raise _refusal("it lacks the manifest or the cases")
    most = {MANIFEST: _MOST_MANIFEST_BYTES, CASES: _MOST_CASES_BYTES}
    for member in members:
        if member.filename not in most and not _FILM.fullmatch(member.filename):
            raise _refusal("it holds files that no export holds")
        if member.flag_bits & 1:
            raise _refusal("it is locked with a password")
        most_packed = max(_SMALL_BYTES, _MOST_TIMES_PACKED * member.compress_size)
        if member.file_size > min(most.get(member.filename, MOST_BYTES), most_packed):
            raise _refusal("it would unpack to more than any export does")
    return _read_manifest(file.read(MANIFEST))


def _read_manifest(data: bytes) -> dict[str, str]:
    try:
        manifest = from_json(data)
    except ValueError:
        raise _refusal("its manifest is damaged") from None
    if not isinstance(manifest, dict) or manifest.get("form") != FORM:
        raise _refusal("its manifest is not that of a casebook")
    version = manifest.get("version")
    if version != VERSION:
        raise _refusal(
            f"its form has another version than {VERSION}, the one known here: update the program"
        )
    hashes = manifest.get("sha256")
    if not isinstance(hashes, dict) or not all(
        isinstance(value, str) and _HASH.fullmatch(value) for value in hashes.values()
    ):
        raise _refusal("its manifest is damaged")
    return hashes


def _read_lines(file: ZipFile, hashes: dict[str, str]) -> Iterator[bytes]:
    """Return the cases' lines, after the whole of them has proved to be what was written."""
    digest = hashlib.sha256()
    with file.open(CASES) as lines:
        while chunk := lines.read(CHUNK_BYTES):
            digest.update(chunk)
    if digest.hexdigest() != hashes.get(CASES):
        raise _refusal("its cases were changed or damaged since it was written")
    with file.open(CASES) as lines:
        while line := lines.readline(_MOST_LINE_BYTES + 1):
            if len(line) > _MOST_LINE_BYTES:
                raise _refusal("one of its cases is longer than any case is")
            yield line


def _read_case(
    file: ZipFile, hashes: dict[str, str], line: bytes, number: int, owner: str
) -> Whole | str:
    try:
        record = _RECORD.validate_python(from_json(line, allow_inf_nan=False))
        case = _case_of(record, owner)
        film = _read_film(file, hashes, record, case)
    except ValueError:  # Pydantic's error is one.
        return f"Line {number} is no case that this version knows."
    except CasebookError as error:
        return f"Line {number}: {error}"
    return Whole(replace(case, has_film=film is not None), film)


def _case_of(record: _Record, owner: str) -> Case:
    if not _ID.fullmatch(record.id):
        raise ValueError("Expected an id of 32 hexadecimal digits.")
    case = tidy(
        Case(
            film=read_film_facts(record.film),
            title=record.title,
            predictions=read_predictions(json.dumps(record.predictions)),
            opinions=read_opinions(json.dumps(record.opinions)),
            reads=read_reads(json.dumps(record.reads)),
            note=record.note,
            tags=tuple(record.tags),
            reference=read_reference(record.reference),
            created_at=to_utc(record.created_at),
            updated_at=to_utc(record.updated_at),
            owner=owner,
            id=record.id,
        )
    )
    # A number such as 1e999 shows only now, as one that JSON cannot hold.
    write_predictions(case.predictions)
    write_opinions(case.opinions)
    write_reads(case.reads)
    return case


def _read_film(
    file: ZipFile, hashes: dict[str, str], record: _Record, case: Case
) -> KeptFilm | None:
    """Return a case's film, encoded anew, so that nothing but pixels comes in with it."""
    if record.kept_film is None:
        return None
    name = name_film(record.id)
    try:
        png = file.read(name)
    except (KeyError, BadZipFile, zlib.error):
        png = b""
    if not png or hashlib.sha256(png).hexdigest() != hashes.get(name):
        raise CasebookError("its film is missing, or was changed since it was written.")
    film = restore_film(KeptFilm(png, json.dumps(record.kept_film)))
    if (film.rows, film.columns) != (case.film.rows, case.film.columns):
        raise CasebookError("its film is another one than the case's.")
    return keep_film(film)


def _refusal(reason: str) -> CasebookError:
    return CasebookError(
        f"Expected a file that a casebook exported, but {reason}. Nothing more of it was taken "
        "in: export it anew."
    )
