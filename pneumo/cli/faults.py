"""A fault of the machine under a command → a sentence, never a traceback."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

NO_MEMORY = "The machine has run out of memory: close other programs, then start again."


def say_fault(error: OSError) -> str:
    """Say in words what the system said, such as "No space left on device"."""
    return os.strerror(error.errno) if error.errno else str(error)


def name_fault(error: OSError) -> str:
    """Say what could not be used, as far as the system names it, why, and what to do."""
    what = error.filename or "A file or standard output"
    return (
        f"{what} cannot be used: {say_fault(error)}. What was finished before is kept; free some "
        "room or mend the folder, then start again."
    )


def tell_of_output(error: OSError) -> str:
    """Say that nothing more can be printed, why, and what to do."""
    return (
        f"Standard output cannot be written: {say_fault(error)}. What came before is there; free "
        "some room or print to another place, then start again."
    )


def end_output() -> str:
    """Hand on what is still to be printed; return why that fails, empty if it does not.

    Python would try once more at its end, and fail with a traceback. So what cannot be printed is
    given up here.
    """
    if sys.stdout is None:  # as a shell's >&- makes it
        return ""
    try:
        sys.stdout.flush()
    except OSError as error:
        with suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, sys.stdout.fileno())
            os.close(nowhere)
        return tell_of_output(error)
    return ""
