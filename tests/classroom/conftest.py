"""Databases of both kinds, as the casebook's tests have them."""

from tests.casebook.conftest import postgresql, sqlite_url, url

__all__ = ["postgresql", "sqlite_url", "url"]
