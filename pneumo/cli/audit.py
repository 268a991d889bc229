"""`audit`: a folder of films → what the data set is made of, as one JSON file."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pneumo.cli.options import add_models
from pneumo.domain import CLASSES

if TYPE_CHECKING:
    from pneumo.evidence.audit.records import Audit


def add_audit(parser: argparse.ArgumentParser) -> None:
    """Give a parser the options of `audit`."""
    parser.description = (
        "Read all films of a folder in the data set's layout and measure what it is made of: "
        "classes, patients, sizes, brightness, duplicates, mean films, and how far the files' "
        "properties alone give the class away. File names are kept, pictures of films are not."
    )
    parser.set_defaults(run=_audit)
    parser.add_argument(
        "folder", type=Path, metavar="DIR", help="folder that holds train, val or test"
    )
    parser.add_argument(
        "--original-sizes",
        type=Path,
        metavar="CSV",
        help="table of films at original size, for a folder whose films were shrunk: columns "
        "image, label, width, height, mode, bytes",
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="where the result goes; dataset_audit.json in the folder of the networks by "
        "default, where the page The data finds it",
    )
    add_models(parser)


def _audit(options: argparse.Namespace) -> int:
    from pneumo.errors import DataSetError
    from pneumo.evidence.audit.folder import audit_folder
    from pneumo.evidence.audit.records import AUDIT_FILE, write_audit

    out = options.out or options.models / AUDIT_FILE
    if out.is_dir() or not out.parent.is_dir():
        raise DataSetError(f"Expected a file in a folder that exists, not {out}: mend --out.")
    audit = audit_folder(options.folder, original_sizes=options.original_sizes)
    write_audit(audit, out)
    print("\n".join(_summarize(audit)))
    print(f"{out.name}: written after {audit.seconds:.0f} s")
    return 0


def _summarize(audit: Audit) -> Iterator[str]:
    yield f"{audit.films:,} films read, {audit.unreadable:,} unreadable"
    for film in audit.unreadable_films:
        yield f"  {film.split}/{CLASSES[film.label]}/{film.file}: {film.reason}"
    for part in audit.parts:
        series = ", ".join(f"{name} {films:,}" for name, films in part.series.items())
        yield (
            f"{part.split} {CLASSES[part.label]}: {part.films:,} films of {part.groups:,} groups "
            f"({series})"
        )
    for duplicates in audit.duplicates:
        yield (
            f"same by {duplicates.kind}: {duplicates.sets} sets; across splits "
            f"{duplicates.across_splits}, labels {duplicates.across_labels}, groups "
            f"{duplicates.across_groups}"
        )
    for overlap in audit.overlaps:
        yield (
            f"{overlap.key} numbers in train and test: {overlap.both:,} of {overlap.test:,} in test"
        )
    for baseline in audit.baselines:
        yield (
            f"AUC of {', '.join(baseline.features)} ({baseline.source}): {baseline.auc:.3f}, "
            f"n = {baseline.n:,}"
        )
