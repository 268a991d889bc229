"""Cases come in and stay; whoever owns them finds, opens, changes, hands on or deletes them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from types import EllipsisType
from typing import BinaryIO

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from pneumo.casebook.exchange.archive import ExportReport, Whole, write_archive
from pneumo.casebook.exchange.arrivals import ImportReport, read_archive
from pneumo.casebook.journal import Act, Journal, JournalEntry, JournalQuery, note_down
from pneumo.casebook.kept_film import KeptFilm, keep_film, restore_film
from pneumo.casebook.listing import (
    NEWEST_FIRST,
    ReadsFound,
    list_page,
    list_reads,
    list_whole,
    list_words,
)
from pneumo.casebook.records import (
    Case,
    CaseOpinion,
    CasePrediction,
    Damaged,
    Read,
    Reference,
    now_utc,
)
from pneumo.casebook.search import CasePage, CaseQuery, CaseRow, find_by
from pneumo.casebook.shelf import check_unchanged, is_there, missing, put, remove, take, tidy
from pneumo.casebook.storage.case_database import CaseDatabase
from pneumo.casebook.storage.failures import Task
from pneumo.casebook.storage.tables import CaseEntry, CaseFilm, CaseTag
from pneumo.domain import Radiograph
from pneumo.errors import CasebookError, MissingCaseError

__all__ = ["CasePage", "CaseQuery", "CaseRow", "Casebook", "ReadsFound"]

OVERRIDDEN = "refused by the gate, answered all the same"
"""What the journal says of a case beside that it was saved."""

_CHUNK = 100
_PARTS = ("title", "note", "tags", "reference", "predictions", "opinions", "reads")


class Casebook(CaseDatabase):
    """The cases in one database. Each has an owner, and nobody reaches another's.

    Every method may raise `CasebookError`, whose message says what is wrong with the database and
    what to do; nothing is ever done halfway. What is done to a case is noted in the journal, in
    the same transaction. It can be used by many threads at once.
    """

    def __init__(self, engine: Engine, *, retention_days: int | None = None) -> None:
        """Take a database that `pneumo.casebook.storage.database.open_database` has opened.

        Args:
            engine: the database.
            retention_days: cases are deleted so many days after they were saved first; None for
                never.
        """
        super().__init__(engine, retention_days=retention_days)
        self.journal = Journal(engine)

    def save(self, case: Case, *, film: Radiograph | None = None) -> Case:
        """Keep a case, in place of the one of its id and owner if that is there.

        It is on the disk when this returns. To save the same case again changes nothing but the
        time of its last change.

        Args:
            case: the case.
            film: the case's film, whose pixels are kept with it; None keeps none, or leaves the
                one that was kept before.

        Returns:
            The case as `open` gives it.
        """
        return self.revise(case.owner, case.id, lambda _: case, film=film)

    def revise(
        self,
        owner: str,
        case_id: str,
        change: Callable[[Case | None], Case],
        *,
        film: Radiograph | None = None,
    ) -> Case:
        """Keep what becomes of a case, while nobody else can change it.

        Args:
            owner: whose case.
            case_id: which one.
            change: takes the case as it is kept, None if it is not there; returns the case of the
                same owner and id to keep. It may be called twice.
            film: see `save`.

        Returns:
            The case as `open` gives it.
        """
        kept = keep_film(film) if film is not None else None

        def work(session: Session) -> Case:
            is_there = session.get(CaseEntry, (owner, case_id), with_for_update=True) is not None
            before = take(session, owner, case_id) if is_there else None
            case = tidy(change(before))
            if film is not None and film.fingerprint != case.film.fingerprint:
                raise CasebookError(
                    "Expected the film of this very case, but got another one: choose the film "
                    "anew, then save."
                )
            case = replace(case, has_film=kept is not None or bool(before and before.has_film))
            if before is not None:
                case = replace(case, created_at=before.created_at, updated_at=now_utc())
            put(session, case, kept)
            act = Act.SAVED if before is None else Act.CHANGED
            parts = ["film"] * (kept is not None) + [OVERRIDDEN] * case.latest.is_refused
            note_down(session, owner, act, [case_id], ", ".join(parts))
            return case

        self._delete_what_is_old()
        return self._write(work)

    def forget_film(self, owner: str, case_id: str) -> Case:
        """Delete the film that is kept with a case for good, as `delete` does, and only that.

        Raises:
            MissingCaseError: this owner has no such case.
        """

        def work(session: Session) -> Case:
            case = replace(take(session, owner, case_id, to_change=True), has_film=False)
            found = session.get(CaseFilm, (owner, case_id))
            if found is not None:
                session.delete(found)
                put(session, case)
                note_down(session, owner, Act.CHANGED, [case_id], "film deleted")
            return case

        case = self._write(work, task=Task.DELETE)
        self._wipe_deleted()
        return case

    def find(
        self, owner: str, query: CaseQuery | None = None, *, limit: int = 50, offset: int = 0
    ) -> CasePage:
        """Return some of the cases that a query finds, the newest first, and how many there are.

        Args:
            owner: whose cases.
            query: what they are looked for by; None for all.
            limit: most rows.
            offset: how many to skip.
        """
        condition = find_by(owner, query or CaseQuery())
        self._delete_what_is_old()
        return self._read(
            lambda session: list_page(session, owner, condition, limit=limit, offset=offset)
        )

    def open(self, owner: str, case_id: str) -> Case:
        """Return a whole case, as it was saved.

        Where owners sign in, it is noted in the journal if the case is somebody else's.

        Raises:
            MissingCaseError: this owner has no such case.
            CasebookError: it is damaged; the message names it.
        """

        def look(session: Session) -> Case:
            return take(session, owner, case_id)

        def note(session: Session, case: Case) -> None:
            note_down(session, owner, Act.OPENED, [case_id], "film" if case.has_film else "")

        self._delete_what_is_old()
        try:
            return self._show(owner, look, note, task=Task.OPEN)
        except MissingCaseError:
            if owner and self._read(lambda session: is_there(session, case_id)):
                self.journal.note(owner, Act.REFUSED, case_id, "another reader's case")
            raise

    def find_case(self, owner: str, case_id: str) -> Case | None:
        """Return a whole case as it is now, None if this owner has none of that id.

        The journal holds nothing of it: whoever is shown a case has it from `open` first.
        """

        def work(session: Session) -> Case | None:
            is_there = session.get(CaseEntry, (owner, case_id)) is not None
            return take(session, owner, case_id) if is_there else None

        return self._read(work)

    def film(self, owner: str, case_id: str) -> Radiograph | None:
        """Return the film that is kept with a case, None if none is.

        The journal holds nothing of it: it says "film" where a case with one was opened.

        Its fingerprint is the one in `Case.film` for all films but those whose greys 16 bits
        cannot tell apart, see `pneumo.casebook.kept_film`.

        Raises:
            MissingCaseError: this owner has no such case.
            CasebookError: the film is damaged.
        """

        def work(session: Session) -> KeptFilm | None:
            if session.get(CaseEntry, (owner, case_id)) is None:
                raise missing(case_id)
            found = session.get(CaseFilm, (owner, case_id))
            return KeptFilm(found.png, found.facts) if found else None

        kept = self._read(work)
        return restore_film(kept) if kept else None

    def update(
        self,
        owner: str,
        case_id: str,
        *,
        title: str | None = None,
        note: str | None = None,
        tags: Sequence[str] | None = None,
        reference: Reference | EllipsisType | None = ...,
        add_prediction: CasePrediction | None = None,
        add_opinion: CaseOpinion | None = None,
        add_read: Read | None = None,
        seen: Case | None = None,
    ) -> Case:
        """Change parts of a case, whoever else changes others at the same time.

        Args:
            owner: whose case.
            case_id: which one.
            title: a new title; None leaves it, as for the others.
            note: new words.
            tags: new tags, in place of all.
            reference: the answer it is resolved with; None opens it again, `...` leaves it.
            add_prediction: what the networks say today.
            add_opinion: what a language model says today.
            add_read: what the reader commits to now.
            seen: the case as whoever changes it has seen it; None does not ask.

        Returns:
            The case as it is now.

        Raises:
            MissingCaseError: this owner has no such case.
            ChangedCaseError: somebody else has changed the same since it was seen.
        """

        def change(case: Case) -> Case:
            return replace(
                case,
                title=case.title if title is None else title,
                note=case.note if note is None else note,
                tags=case.tags if tags is None else tuple(tags),
                reference=case.reference if isinstance(reference, EllipsisType) else reference,
                predictions=case.predictions + ((add_prediction,) if add_prediction else ()),
                opinions=case.opinions + ((add_opinion,) if add_opinion else ()),
                reads=case.reads + ((add_read,) if add_read else ()),
            )

        def work(session: Session) -> Case:
            before = take(session, owner, case_id, to_change=True)
            case = tidy(change(before))
            parts = [name for name in _PARTS if getattr(case, name) != getattr(before, name)]
            if not parts:
                return before
            if seen is not None:
                check_unchanged(before, seen, parts)
            case = replace(case, updated_at=now_utc())
            put(session, case)
            note_down(session, owner, Act.CHANGED, [case_id], ", ".join(parts))
            return case

        return self._write(work)

    def delete(self, owner: str, case_ids: Sequence[str]) -> int:
        """Delete cases for good, films included, and return how many there were.

        Ids that this owner does not have are passed over. On SQLite the bytes are overwritten in
        the file, and the log that held them is emptied. On PostgreSQL the rows are gone for
        everybody at once; when their bytes go is up to the server's VACUUM and its backups.
        """

        def work(session: Session) -> int:
            found = 0
            for begin in range(0, len(case_ids), _CHUNK):
                ids = list(case_ids[begin : begin + _CHUNK])
                mine = (CaseEntry.owner == owner, CaseEntry.id.in_(ids))
                found += remove(session, mine, Act.DELETED)
            return found

        count = self._write(work, task=Task.DELETE)
        if count:
            self._wipe_deleted()
        return count

    def all_tags(self, owner: str) -> list[str]:
        """Return every tag of an owner's cases, sorted."""
        return self._read(lambda session: list_words(session, CaseTag.tag, owner))

    def model_versions(self, owner: str) -> list[str]:
        """Return every version of the networks that spoke last on an owner's cases, sorted."""
        return self._read(lambda session: list_words(session, CaseEntry.model_version, owner))

    def list_reads(self, owner: str) -> ReadsFound:
        """Return what a summary of a reader needs: each case of an owner that has a read."""
        return self._read(lambda session: list_reads(session, owner))

    def hand_out(self, owner: str, query: CaseQuery | None = None) -> Iterator[Case | Damaged]:
        """Return every whole case that a query finds, newest first, to be made a table of.

        Each is noted in the journal as exported; a damaged one costs none of the others.
        """
        for found in self._gather(owner, query or CaseQuery(), with_films=False):
            yield found.case if isinstance(found, Whole) else found

    def export(self, owner: str, out: BinaryIO, query: CaseQuery | None = None) -> ExportReport:
        """Write whole cases with their films into one file, see `pneumo.casebook.exchange.archive`.

        Args:
            owner: whose cases.
            out: where to, open for writing bytes.
            query: which; None for all.
        """
        found = self._gather(owner, query or CaseQuery(), with_films=True)
        return write_archive(out, found)

    def import_(self, owner: str, file: BinaryIO) -> ImportReport:
        """Take the cases of an exported file in, as an owner's own.

        A case whose id is there is left as it is, so that a file can be taken in twice. A bad one
        is refused, and the good ones beside it are kept.

        Raises:
            CasebookError: the file as a whole is no export, or damaged; what had been taken in
                before that showed, stays.
        """
        added = present = 0
        refused: list[str] = []
        for each in read_archive(file, owner):
            if isinstance(each, str):
                refused.append(each)
            elif self._is_too_old(each.case):
                refused.append(
                    f"Case {each.case.id} is older than the {self.retention_days} days that cases "
                    "are kept here."
                )
            elif self._write(partial(_take_in, each)):
                added += 1
            else:
                present += 1
        return ImportReport(added, present, tuple(refused))

    def note_export(self, owner: str, case_id: str, kind: str) -> None:
        """Note in the journal that a case is handed on as a file, before it is.

        Args:
            owner: whose case.
            case_id: which one.
            kind: of file, such as "PDF".

        Raises:
            MissingCaseError: this owner has no such case, or no longer.
        """

        def look(session: Session) -> None:
            if session.get(CaseEntry, (owner, case_id)) is None:
                raise missing(case_id)

        def note(session: Session, _: None) -> None:
            note_down(session, owner, Act.EXPORTED, [case_id], kind)

        self._show(owner, look, note, task=Task.EXPORT)

    def journal_entries(self, limit: int = 100, owner: str | None = None) -> list[JournalEntry]:
        """Return the last acts, the newest first; those of one owner if one is given."""
        return self.journal.find(JournalQuery(owner), limit=limit)

    def _gather(
        self, owner: str, query: CaseQuery, *, with_films: bool
    ) -> Iterator[Whole | Damaged]:
        """Return whole cases and those that cannot be read, a chunk a transaction."""

        def note_export(session: Session, found: Iterable[Case | Damaged]) -> None:
            ids = [each.id if isinstance(each, Case) else each.case_id for each in found]
            note_down(session, owner, Act.EXPORTED, ids)

        self._delete_what_is_old()
        condition = find_by(owner, query)
        wanted = select(CaseEntry.id).where(condition).order_by(*NEWEST_FIRST)
        ids = self._read(lambda session: session.scalars(wanted).all())
        for begin in range(0, len(ids), _CHUNK):
            chunk = ids[begin : begin + _CHUNK]
            found = self._show(
                owner, partial(list_whole, owner, chunk), note_export, task=Task.EXPORT
            )
            for each in found:
                if isinstance(each, Case):
                    yield Whole(each, self._kept(each) if with_films else None)
                else:
                    yield each

    def _kept(self, case: Case) -> KeptFilm | None:
        if not case.has_film:
            return None
        key = (case.owner, case.id)
        found = self._read(lambda session: session.get(CaseFilm, key))
        return KeptFilm(found.png, found.facts) if found else None

    def _is_too_old(self, case: Case) -> bool:
        earliest = self._earliest()
        return earliest is not None and case.created_at < earliest


def _take_in(whole: Whole, session: Session) -> bool:
    """Keep a case that came in a file; return whether it was new."""
    case = whole.case
    if session.get(CaseEntry, (case.owner, case.id)) is not None:
        return False
    put(session, case, whole.film)
    note_down(session, case.owner, Act.IMPORTED, [case.id], "film" if whole.film else "")
    return True
