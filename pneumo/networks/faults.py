"""A fault of the machine under the networks → a ModelError that says what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pneumo.errors import ModelError, PneumoError

# RuntimeError is OpenVINO's only kind of error, also for want of memory. TensorFlow's kinds all
# descend from OpError, which is known by its name: to import TensorFlow would take seconds.
_OF_A_RUNTIME = {"MemoryError", "RuntimeError", "OpError"}


@contextmanager
def told_as_model_error(what: str) -> Iterator[None]:
    """Turn faults of memory, disk and libraries within a block into a ModelError.

    What the project says by itself passes as it is, and so does what can only be a bug.

    Args:
        what: what failed then, the beginning of the sentence.

    Raises:
        ModelError: there was such a fault.
    """
    try:
        yield
    except PneumoError:
        raise
    except Exception as error:
        advice = _advise(error)
        if not advice:
            raise
        raise ModelError(f"{what}: {advice}") from error


def _advise(error: Exception) -> str:
    """Return what came and what to do in words, empty if it is no fault of the machine."""
    if isinstance(error, OSError):
        return (
            "there is no room on the disk, or a file cannot be used "
            f"({error.strerror or type(error).__name__}). Free some room, then ask again."
        )
    if isinstance(error, ImportError):
        return (
            f"the library {error.name or 'that runs networks'} is missing or cannot be loaded. "
            "Install what requirements.txt lists, or close other programs, then ask again; "
            "restart the server if it stays so."
        )
    if _OF_A_RUNTIME & {kind.__name__ for kind in type(error).__mro__}:
        return (
            "the machine has run out of memory, or the program that runs networks failed. Close "
            "other programs or wait a moment, then ask again; restart the server if it stays so."
        )
    return ""
