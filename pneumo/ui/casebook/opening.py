"""The settings → the casebook of this server, opened when it is first needed and not before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pneumo import Settings
from pneumo.ui.resources import casebook_in

if TYPE_CHECKING:
    from pneumo.casebook.store import Casebook


def open_casebook(settings: Settings) -> Casebook:
    """Return the casebook that the settings ask for; a database that is not there is made.

    Raises:
        CasebookError: it cannot be opened; the message says why and what to do.
    """
    # SQLAlchemy takes a third of a second, which the page Analyze need not wait for.
    from pneumo.casebook.storage.database import database_url

    return casebook_in(database_url(settings))
