"""A case ⇄ its rows in the tables, within somebody's transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from pneumo.casebook.contents import (
    read_film_facts,
    read_opinions,
    read_predictions,
    read_reads,
    write_opinions,
    write_predictions,
    write_reads,
)
from pneumo.casebook.journal import Act, note_down
from pneumo.casebook.kept_film import KeptFilm
from pneumo.casebook.records import Case, Reference
from pneumo.casebook.search import fill_entry, plain, read_verdict
from pneumo.casebook.storage.tables import CaseContents, CaseEntry, CaseFilm, CaseTag
from pneumo.domain import Verdict
from pneumo.errors import CasebookError, ChangedCaseError, MissingCaseError

LONGEST_TITLE = 200
LONGEST_NOTE = 20_000
LONGEST_TAG = 50
MOST_TAGS = 30


def tidy(case: Case) -> Case:
    """Return a case whose words any database takes, with its tags sorted and without doubles.

    Raises:
        CasebookError: a title, a note or a tag is too long, there are too many tags, no
            prediction, or a reference answer that is none.
    """
    if not case.predictions:
        raise CasebookError(
            "Expected a case that the networks have read, but it holds no prediction: wait for "
            "the networks, then save."
        )
    tags = tuple(sorted({tag for each in case.tags if (tag := plain(each).strip())}))
    case = replace(case, title=plain(case.title).strip(), note=plain(case.note), tags=tags)
    if case.reference:
        if case.reference.verdict is Verdict.INDETERMINATE:
            raise CasebookError(
                "Expected a reference answer of PNEUMONIA or NORMAL, but got one that is neither: "
                "leave the case open until there is an answer."
            )
        source = plain(case.reference.source)
        case = replace(case, reference=replace(case.reference, source=source))
    _check_length("title", case.title, LONGEST_TITLE)
    _check_length("note", case.note, LONGEST_NOTE)
    for tag in tags:
        _check_length("tag", tag, LONGEST_TAG)
    if len(tags) > MOST_TAGS:
        raise CasebookError(
            f"Expected at most {MOST_TAGS} tags, but there are {len(tags)}: take some away."
        )
    return case


def check_unchanged(case: Case, seen: Case, parts: Iterable[str]) -> None:
    """Make sure that the words and the answer of a case are still those that somebody saw.

    Args:
        case: as it is kept.
        seen: as it was seen.
        parts: names of the attributes that are to be changed; others may differ.

    Raises:
        ChangedCaseError: one is another by now.
    """
    changed = [
        name
        for name in ("title", "tags", "note", "reference")
        if name in parts and getattr(case, name) != getattr(seen, name)
    ]
    if changed:
        said = " and ".join("answer" if name == "reference" else name for name in changed)
        raise ChangedCaseError(
            f"Somebody else, or you in another tab, changed the {said} since you saw the case."
        )


def put(session: Session, case: Case, kept: KeptFilm | None = None) -> None:
    """Write a case's rows, in place of those that are there; a film only if one is given."""
    key = (case.owner, case.id)
    entry = session.get(CaseEntry, key) or CaseEntry(owner=case.owner, id=case.id)
    fill_entry(entry, case)
    session.add(entry)
    session.flush()  # The rows below refer to it.
    contents = session.get(CaseContents, key) or CaseContents(owner=case.owner, case_id=case.id)
    contents.predictions = write_predictions(case.predictions)
    contents.opinions = write_opinions(case.opinions)
    contents.reads = write_reads(case.reads)
    session.add(contents)
    session.execute(delete(CaseTag).where(CaseTag.owner == case.owner, CaseTag.case_id == case.id))
    session.add_all(CaseTag(owner=case.owner, case_id=case.id, tag=tag) for tag in case.tags)
    if kept:
        session.merge(CaseFilm(owner=case.owner, case_id=case.id, facts=kept.facts, png=kept.png))
    session.flush()


def take(session: Session, owner: str, case_id: str, *, to_change: bool = False) -> Case:
    """Return a whole case.

    Args:
        session: the transaction.
        owner: whose it must be.
        case_id: which one.
        to_change: whether nobody else may change it until the transaction ends.

    Raises:
        MissingCaseError: this owner has no such case.
        CasebookError: its rows are damaged.
    """
    entry = session.get(CaseEntry, (owner, case_id), with_for_update=to_change)
    if entry is None:
        raise missing(case_id)
    return gather(session, [entry])[0]


def gather(session: Session, entries: Sequence[CaseEntry]) -> list[Case]:
    """Return the whole cases of some entries of one owner, in their order.

    Raises:
        CasebookError: the rows of one are damaged; the message names it.
    """
    if not entries:
        return []
    owner, ids = entries[0].owner, [entry.id for entry in entries]
    wanted = select(CaseContents).where(CaseContents.owner == owner, CaseContents.case_id.in_(ids))
    contents = {found.case_id: found for found in session.scalars(wanted)}
    tags = tags_of(session, owner, ids)
    return [_assemble(entry, contents.get(entry.id), tags[entry.id]) for entry in entries]


def tags_of(session: Session, owner: str, ids: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the tags of each of an owner's cases, sorted."""
    tags: dict[str, list[str]] = {case_id: [] for case_id in ids}
    wanted = select(CaseTag).where(CaseTag.owner == owner, CaseTag.case_id.in_(list(tags)))
    for found in session.scalars(wanted):
        tags[found.case_id].append(found.tag)
    return {case_id: tuple(sorted(names)) for case_id, names in tags.items()}


def remove(
    session: Session, condition: tuple[ColumnElement[bool], ...], act: Act, *, by: str | None = None
) -> int:
    """Delete the cases that meet a condition, with all that hangs on them; return how many.

    Args:
        session: the transaction.
        condition: which cases.
        act: what the journal calls it.
        by: who does it; None for each case's owner.
    """
    wanted = select(CaseEntry.owner, CaseEntry.id).where(*condition)
    # In one order, so that two who delete the same cases wait for each other and do not cross.
    found = session.execute(wanted.order_by(CaseEntry.owner, CaseEntry.id).with_for_update()).all()
    session.execute(delete(CaseEntry).where(*condition))
    for owner, case_id in found:
        note_down(session, owner if by is None else by, act, [case_id])
    return len(found)


def is_there(session: Session, case_id: str) -> bool:
    """Tell whether anybody has a case of this id."""
    return session.scalar(select(CaseEntry.id).where(CaseEntry.id == case_id).limit(1)) is not None


def missing(case_id: str) -> MissingCaseError:
    """Return the error of a case that is not there, or is somebody else's: nobody is told which."""
    shown = case_id if len(case_id) == 32 and case_id.isalnum() else "of that id"
    return MissingCaseError(
        f"Expected a case of yours, but there is none {shown}: it may have been deleted. Choose "
        "one from the list."
    )


def damaged(case_id: str) -> CasebookError:
    """Return the error of a case whose rows do not fit what the program writes."""
    return CasebookError(
        f"Case {case_id} cannot be read: what is kept of it is damaged, or was written by another "
        "program. Delete it, or bring the casebook back from a backup."
    )


def _assemble(entry: CaseEntry, contents: CaseContents | None, tags: tuple[str, ...]) -> Case:
    if contents is None:
        raise damaged(entry.id)
    try:
        return Case(
            film=read_film_facts(
                {
                    "fingerprint": entry.fingerprint,
                    "rows": entry.rows,
                    "columns": entry.columns,
                    "source": entry.source,
                    "encoding": entry.encoding,
                    "synthetic": entry.synthetic,
                    "mends": json.loads(entry.mends or "[]"),
                    "chosen_fingerprint": entry.chosen_fingerprint,
                }
            ),
            title=entry.title,
            predictions=read_predictions(contents.predictions),
            opinions=read_opinions(contents.opinions),
            reads=read_reads(contents.reads),
            note=entry.note,
            tags=tags,
            reference=reference_of(entry),
            has_film=entry.has_film,
            created_at=entry.created_at,
            updated_at=entry.updated_at,
            owner=entry.owner,
            id=entry.id,
        )
    except ValueError:
        raise damaged(entry.id) from None


def reference_of(entry: CaseEntry) -> Reference | None:
    """Return the answer that a case was resolved with; None if it is open.

    Raises:
        ValueError: the answer is damaged.
    """
    verdict = read_verdict(entry.reference_verdict)
    if verdict is None:
        return None
    if entry.resolved_at is None:
        raise ValueError("Expected the time of the reference answer.")
    return Reference(verdict, entry.reference_source, entry.resolved_at)


def _check_length(name: str, text: str, longest: int) -> None:
    if len(text) > longest:
        raise CasebookError(
            f"Expected a {name} of at most {longest:,} characters, but it has {len(text):,}: "
            "shorten it, then save again."
        )
