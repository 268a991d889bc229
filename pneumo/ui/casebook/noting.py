"""What a visitor hands on, sends or is refused → a line in the journal, before it happens.

What happens to a kept case is always noted. Anything else is only where readers sign in: elsewhere
there is nobody to name, and no casebook is made for somebody who never saved a case.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from pneumo import PneumoError, Settings
from pneumo.ui.access.visitor import Person, current_owner
from pneumo.ui.casebook.opening import open_casebook

if TYPE_CHECKING:
    from pneumo.opinion.endpoint import Endpoint

_LONGEST = 200


def note_report(settings: Settings, case_id: str) -> Callable[[str], None]:
    """Return what notes that a report of the film on show is handed on, given its kind of file.

    It may be called on any thread, and raises `CasebookError` if nothing can be noted.

    Args:
        settings: where the casebook is.
        case_id: of the case that the film was saved as; empty if it was not.

    Raises:
        AccessError: others sign in here, and this session has not.
    """
    owner = current_owner()

    def note(kind: str) -> None:
        if not (owner or case_id):
            return
        from pneumo.casebook.journal import Act

        detail = kind if case_id else f"{kind} of a film that is not kept"
        open_casebook(settings).journal.note(owner, Act.EXPORTED, case_id, detail)

    return note


def note_sending(settings: Settings, endpoint: Endpoint) -> Callable[[], None]:
    """Return what notes that a film is sent to a language model: to which, and to what host.

    It may be called on any thread, and raises `CasebookError` if nothing can be noted.

    Raises:
        AccessError: others sign in here, and this session has not.
    """
    owner = current_owner()

    def note() -> None:
        if owner:
            from pneumo.casebook.journal import Act

            receiver = f"{endpoint.model[:_LONGEST]} at {endpoint.host[:_LONGEST]}"
            open_casebook(settings).journal.note(owner, Act.SENT, detail=receiver)

    return note


def note_refusal(settings: Settings, person: Person, what: str) -> None:
    """Note that somebody was refused a page; that they are must not depend on it."""
    if person.owner:
        from pneumo.casebook.journal import Act

        with suppress(PneumoError):
            open_casebook(settings).journal.note(person.owner, Act.REFUSED, detail=what)
