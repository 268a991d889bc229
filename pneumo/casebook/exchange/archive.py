"""Whole cases with their films → one zip file that another casebook can take in.

The file holds `manifest.json` (form, and the SHA-256 of each other member), `cases.jsonl` (a case a
line) and `films/<case>.png`. `pneumo.casebook.exchange.arrivals` reads it.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from pneumo.casebook.contents import write_opinions, write_predictions, write_reads
from pneumo.casebook.kept_film import KeptFilm
from pneumo.casebook.records import Case, Damaged, now_utc

FORM = "pneumo casebook"
VERSION = 1

MANIFEST, CASES = "manifest.json", "cases.jsonl"

CHUNK_BYTES = 2**20


@dataclass(frozen=True)
class ExportReport:
    """What an export holds.

    Attributes:
        cases: how many.
        films: how many of them with their pixels.
        problems: of each case that cannot be read, and is therefore left out, its id and why.
    """

    cases: int
    films: int
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Whole:
    """A case with its film, if that is kept."""

    case: Case
    film: KeptFilm | None = None


def write_archive(out: BinaryIO, found: Iterable[Whole | Damaged]) -> ExportReport:
    """Write cases into one file.

    Args:
        out: where to, open for writing; need not be seekable.
        found: the cases; those that cannot be read are left out.
    """
    hashes: dict[str, str] = {}
    problems = []
    cases, digest = 0, hashlib.sha256()
    # Films go out as they come. Lines wait, packed: a zip file takes one member at a time.
    packer, packed = zlib.compressobj(), bytearray()
    with ZipFile(out, "w", ZIP_DEFLATED) as file:
        for each in found:
            if isinstance(each, Damaged):
                problems.append(each.reason)
                continue
            cases += 1
            if each.film:
                name = name_film(each.case.id)
                file.writestr(ZipInfo(name), each.film.png, ZIP_STORED)
                hashes[name] = hashlib.sha256(each.film.png).hexdigest()
            line = _write_line(each)
            digest.update(line)
            packed += packer.compress(line)
        packed += packer.flush()
        films, hashes[CASES] = len(hashes), digest.hexdigest()
        member = ZipInfo(CASES)
        member.compress_type = ZIP_DEFLATED
        with file.open(member, "w", force_zip64=True) as lines:
            unpacker = zlib.decompressobj()
            rest = bytes(packed)
            while rest:
                lines.write(unpacker.decompress(rest, CHUNK_BYTES))
                rest = unpacker.unconsumed_tail
            lines.write(unpacker.flush())
        manifest = {
            "form": FORM,
            "version": VERSION,
            "written_at": now_utc().isoformat(),
            "cases": cases,
            "films": films,
            "left_out": problems,
            "sha256": hashes,
        }
        file.writestr(ZipInfo(MANIFEST), json.dumps(manifest, indent=1), ZIP_DEFLATED)
    return ExportReport(cases, films, tuple(problems))


def _write_line(each: Whole) -> bytes:
    case = each.case
    reference = case.reference
    record = {
        "id": case.id,
        "title": case.title,
        "note": case.note,
        "tags": list(case.tags),
        "film": asdict(case.film),
        "created_at": case.created_at.isoformat(),
        "updated_at": case.updated_at.isoformat(),
        "reference": reference
        and asdict(reference) | {"resolved_at": reference.resolved_at.isoformat()},
        "predictions": json.loads(write_predictions(case.predictions)),
        "opinions": json.loads(write_opinions(case.opinions)),
        "reads": json.loads(write_reads(case.reads)),
        "kept_film": each.film and json.loads(each.film.facts),
    }
    return json.dumps(record, separators=(",", ":")).encode("ascii") + b"\n"


def name_film(case_id: str) -> str:
    """Return the name of the member that holds a case's film."""
    return f"films/{case_id}.png"
