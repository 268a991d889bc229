"""Where cases are kept, and the pages that lead there and back: told without opening anything."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from pneumo import Settings
from pneumo.settings import REPOSITORY

PAGE = REPOSITORY / "pages" / "reading" / "casebook.py"
ANALYZE = REPOSITORY / "pages" / "reading" / "analyze.py"

CASE_PARAMETER = "case"
"""Name of the part of the casebook page's address that says which case is open."""


def say_where(settings: Settings) -> str:
    """Say where cases are kept, for people; no password is in it."""
    if settings.database_url is None:
        return f"the folder {_folder(settings)} on the machine that runs this page"
    address = urlsplit(settings.database_url)
    if address.scheme.startswith("sqlite"):
        return f"the file {address.path.removeprefix('/')} on the machine that runs this page"
    return f"the database {address.path.lstrip('/')} on {address.hostname or 'this machine'}"


def _folder(settings: Settings) -> Path:
    if settings.casebook_dir:
        return settings.casebook_dir.absolute()
    from platformdirs import user_data_path

    return user_data_path("pneumo", appauthor=False)
