"""A condition → the light rows, the reads, the words, or the whole cases that meet it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, defer

from pneumo.casebook.contents import read_reads
from pneumo.casebook.records import Case, CaseReads, Damaged
from pneumo.casebook.search import CasePage, list_entry, read_verdict
from pneumo.casebook.shelf import damaged, gather, reference_of, tags_of
from pneumo.casebook.storage.tables import CaseContents, CaseEntry
from pneumo.domain import Verdict
from pneumo.errors import CasebookError

NEWEST_FIRST = (CaseEntry.created_at.desc(), CaseEntry.id)


@dataclass(frozen=True)
class ReadsFound:
    """The cases that a reader committed to something on.

    Attributes:
        cases: the oldest first.
        problems: of each that cannot be read, its id and why.
    """

    cases: tuple[CaseReads, ...]
    problems: tuple[str, ...] = ()


def list_page(
    session: Session, owner: str, condition: ColumnElement[bool], *, limit: int, offset: int
) -> CasePage:
    """Return some of the owner's cases that meet a condition, and how many do."""
    total = session.scalar(select(func.count()).select_from(CaseEntry).where(condition))
    wanted = select(CaseEntry).where(condition).order_by(*NEWEST_FIRST)
    wanted = wanted.limit(limit).offset(offset).options(defer(CaseEntry.words))
    entries = session.scalars(wanted).all()
    tags = tags_of(session, owner, [entry.id for entry in entries])
    rows, problems = [], []
    for entry in entries:
        try:
            rows.append(list_entry(entry, tags[entry.id]))
        except ValueError:
            problems.append(str(damaged(entry.id)))
    return CasePage(tuple(rows), total or 0, tuple(problems))


def list_reads(session: Session, owner: str) -> ReadsFound:
    """Return what a summary of a reader needs of each case that has a read."""
    wanted = (
        select(CaseEntry, CaseContents.reads)
        .join(
            CaseContents,
            (CaseContents.owner == CaseEntry.owner) & (CaseContents.case_id == CaseEntry.id),
        )
        .where(CaseEntry.owner == owner, CaseEntry.reader_verdict != "")
        .order_by(CaseEntry.created_at, CaseEntry.id)
        .options(defer(CaseEntry.words), defer(CaseEntry.note))
    )
    cases, problems = [], []
    for entry, reads in session.execute(wanted):
        try:
            cases.append(
                CaseReads(
                    case_id=entry.id,
                    fingerprint=entry.fingerprint,
                    reads=read_reads(reads),
                    leaning=Verdict(entry.leaning),
                    probability=entry.probability,
                    operating_point=entry.operating_point,
                    opinion=read_verdict(entry.opinion_verdict),
                    reference=reference_of(entry),
                )
            )
        except ValueError:
            problems.append(str(damaged(entry.id)))
    return ReadsFound(tuple(cases), tuple(problems))


def list_words(session: Session, column: InstrumentedAttribute[str], owner: str) -> list[str]:
    """Return every word that a column of `cases` or `case_tags` holds for an owner, sorted."""
    of_owner = column.parent.class_.owner == owner
    return sorted(session.scalars(select(column).where(of_owner).distinct()))


def list_whole(owner: str, ids: Sequence[str], session: Session) -> list[Case | Damaged]:
    """Return whole cases in the order of their ids.

    Those that are gone by now are passed over.
    """
    wanted = select(CaseEntry).where(CaseEntry.owner == owner, CaseEntry.id.in_(ids))
    entries = {entry.id: entry for entry in session.scalars(wanted)}
    present = [entries[case_id] for case_id in ids if case_id in entries]
    try:
        return list(gather(session, present))
    except CasebookError:
        return [_gather_one(session, entry) for entry in present]


def _gather_one(session: Session, entry: CaseEntry) -> Case | Damaged:
    try:
        return gather(session, [entry])[0]
    except CasebookError as error:
        return Damaged(entry.id, str(error))
