"""A compressed frame comes in, its raw values go out, decoded by a process that may fail."""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Literal

from pneumo.intake.codestream import Codestream
from pneumo.intake.decoder_worker import DONE, MISSING, REPLY

Decoder = Literal["gdcm", "charls", "openjpeg"]

_WORKER = Path(__file__).with_name("decoder_worker.py")
_MOST_IDLE = 2

_PATIENCE_S = 60.0
"""By the clock, for machines that do not bound a process's time on the processor."""
_FAREWELL_S = 1.0
_LEAST_S = 3
_BYTES_A_SECOND = 1_000_000
"""Of the frame, at least: the slowest decoder, of JPEG 2000, does five times as many."""
_LEAST_MEMORY = 192 * 1024 * 1024
_MEMORY_A_PIXEL = 10
_LARGE_PIXELS = 16_000_000
"""What a larger frame took up is given back by ending the process."""


_NEEDED = (
    "PATH", "PYTHONHOME", "PYTHONPATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT",
)  # fmt: skip


class DecoderMissingError(Exception):
    """The decoder is not installed."""


class _GoneError(Exception):
    """The process had ended before it was asked."""


def _bare_environment() -> dict[str, str]:
    """Return what Python needs to start; no key that lies in the environment is among it."""
    kept = {name: os.environ[name] for name in _NEEDED if name in os.environ}
    return kept | {"OPENBLAS_NUM_THREADS": "1"}  # each thread takes up memory


class _Worker:
    """A running `decoder_worker`."""

    def __init__(self) -> None:
        self._starter = os.getpid()
        # -P keeps this folder, with its own dicom.py, off the worker's import path.
        self._process = subprocess.Popen(  # noqa: S603 - the interpreter itself and our own file
            [sys.executable, "-P", str(_WORKER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_bare_environment(),
        )

    @property
    def is_ready(self) -> bool:
        """Whether it runs and is this process's own, not one that a fork has left here."""
        return self._starter == os.getpid() and self._process.poll() is None

    def ask(self, request: str, frame: bytes) -> tuple[int, bytes]:
        """Return the reply's status and bytes.

        Raises:
            _GoneError: the process ends before it has replied.
        """
        requests, replies = self._process.stdin, self._process.stdout
        assert requests is not None and replies is not None  # noqa: S101, PT018 - for mypy
        alarm = threading.Timer(_PATIENCE_S, self._process.kill)
        alarm.start()
        try:
            requests.write(request.encode("ascii"))
            requests.write(frame)
            requests.flush()
            head = replies.read(REPLY.size)
            if len(head) < REPLY.size:
                raise _GoneError
            status, size = REPLY.unpack(head)
            data = replies.read(size)
            if len(data) < size:
                raise _GoneError
        except OSError:
            raise _GoneError from None
        finally:
            alarm.cancel()
        return status, data

    def end(self) -> int:
        """Wait until the process has ended, which it does for want of requests; return how."""
        if self._starter != os.getpid():
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    pipe.close()
            return 0
        with suppress(OSError, subprocess.TimeoutExpired):
            self._process.communicate(timeout=_FAREWELL_S)
        self._process.kill()
        with suppress(OSError):  # what was not sent yet needs nobody any more
            self._process.communicate()
        return self._process.wait()


_idle: list[_Worker] = []
_lock = threading.Lock()


def decode_apart(frame: bytes, codestream: Codestream, syntax: str, decoder: Decoder) -> bytes:
    """Return what a process of its own makes of a compressed grey frame.

    The process stays for the next frame, so that only the first one waits for its start; it ends
    by itself when nobody asks any more. A frame has some seconds on the processor, more if it is
    long, and memory by its size; a process that takes more, hangs or aborts is replaced.

    Args:
        frame: the whole stream.
        codestream: its own header, which says how much memory is set aside.
        syntax: transfer syntax that GDCM is told, "1.2.840.10008.1.2.4.57" for lossless.
        decoder: who decodes.

    Returns:
        Little endian values, row by row, of 8 bits up to a precision of 8, of 16 up to 16, else
        of 32.

    Raises:
        DecoderMissingError: the decoder is not installed.
        ValueError: the frame is corrupt or takes more than it may.
        MemoryError: the machine has no room for the process.
    """
    pixels, allocated = codestream.rows * codestream.columns, codestream.container
    seconds = _LEAST_S + len(frame) // _BYTES_A_SECOND
    memory = _LEAST_MEMORY + 2 * len(frame) + _MEMORY_A_PIXEL * pixels
    numbers = (codestream.rows, codestream.columns, allocated, codestream.precision)
    limits = (seconds, memory, len(frame))
    request = " ".join([decoder, syntax, *map(str, (*numbers, *limits))]) + "\n"
    status, data = _ask(request, frame, may_stay=pixels <= _LARGE_PIXELS)
    if status == MISSING:
        raise DecoderMissingError
    if status != DONE or len(data) != pixels * allocated // 8:
        raise ValueError("the frame cannot be decoded")
    return data


def _ask(request: str, frame: bytes, *, may_stay: bool) -> tuple[int, bytes]:
    worker, was_idle = _take()
    try:
        reply = worker.ask(request, frame)
    except _GoneError:
        # It may have ended by itself, for want of work, in the moment that it was asked.
        if worker.end() == 0 and was_idle:
            return _ask(request, frame, may_stay=may_stay)
        raise ValueError("the frame brings its decoder down") from None
    except BaseException:
        worker.end()
        raise
    if may_stay:
        _give_back(worker)
    else:
        worker.end()
    return reply


def _take() -> tuple[_Worker, bool]:
    with _lock:
        while _idle:
            worker = _idle.pop()
            if worker.is_ready:
                return worker, True
            worker.end()
    try:
        return _Worker(), False
    except OSError as error:  # The system lets no further process begin.
        raise MemoryError("no process can be started") from error


def _give_back(worker: _Worker) -> None:
    with _lock:
        if len(_idle) < _MOST_IDLE:
            _idle.append(worker)
            return
    worker.end()


def end_idle() -> None:
    """End the processes that wait for a frame; the next frame starts one anew."""
    with _lock:
        while _idle:
            _idle.pop().end()


atexit.register(end_idle)
