"""Streamlit's log of a file that could not be made → one line, where the failure was expected.

A disk that is full is no bug: the page says so, and the log need not show the program's insides.
"""

from __future__ import annotations

import logging

from pneumo import PneumoError

_LOGGER = "streamlit.runtime.backend_operation_handler"


def shorten_expected_failures() -> None:
    """Have Streamlit log an expected failure to make a file without a traceback."""
    logging.getLogger(_LOGGER).addFilter(_shorten)


def _shorten(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if record.exc_info else None
    cause = error.__cause__ if error else None
    if isinstance(cause, PneumoError):
        record.exc_info = None
        # The words are for the page: they may name what the log must not.
        record.msg, record.args = "A file could not be made: %s", (type(cause).__name__,)
    return True
