"""A JPEG frame that GDCM alone decodes comes in, its raw values go out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from pneumo.intake.codestream import Codestream

_WORKER = Path(__file__).with_name("gdcm_worker.py")
_WITHOUT_DECODER = 3
_TIMEOUT_S = 60.0


class DecoderMissingError(Exception):
    """GDCM is not installed."""


def decode_apart(frame: bytes, codestream: Codestream, syntax: str) -> bytes:
    """Return what a process of its own makes of a lossless or 12-bit JPEG frame.

    Costs about 50 ms more than decoding in place, and cannot take the dashboard down.

    Args:
        frame: the whole JPEG stream.
        codestream: its own header.
        syntax: transfer syntax that GDCM is told, "1.2.840.10008.1.2.4.57" for lossless.

    Returns:
        Unsigned little endian values, row by row, of 8 bits up to a precision of 8, else 16.

    Raises:
        DecoderMissingError: GDCM is not installed.
        ValueError: the frame is corrupt, or took longer than a minute.
    """
    allocated = 8 if codestream.precision <= 8 else 16
    numbers = (codestream.rows, codestream.columns, allocated, codestream.precision)
    # -P keeps this folder, with its own dicom.py, off the worker's import path.
    command = [sys.executable, "-P", str(_WORKER), syntax, *map(str, numbers)]
    try:
        done = subprocess.run(  # noqa: S603 - the interpreter itself, our own file and numbers
            command, input=frame, capture_output=True, timeout=_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise ValueError("the frame takes too long to decode") from None
    if done.returncode == _WITHOUT_DECODER:
        raise DecoderMissingError
    size = codestream.rows * codestream.columns * (allocated // 8)
    if done.returncode != 0 or len(done.stdout) != size:
        raise ValueError("the frame cannot be decoded")
    return done.stdout
