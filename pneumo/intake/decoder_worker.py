"""Compressed frames on standard input come in one after the other, raw values go out.

A process of its own, since decoders in C can abort the process that they run in, spend minutes on
a corrupt frame, or fill the memory. Run by `decoder_process`, never imported.

A request is one line of whole numbers behind the decoder's name and its transfer syntax (rows,
columns, allocated and stored bits, seconds, bytes of memory, bytes of the frame), then the frame;
the reply a status, the number of bytes, then the bytes.
"""

from __future__ import annotations

import contextlib
import os
import select
import struct
import sys
from typing import BinaryIO, cast

REPLY = struct.Struct("<BQ")
DONE, CORRUPT, MISSING = 0, 1, 3
_IDLE_S = 120.0


def main() -> int:
    """Answer requests until standard input ends or nobody has asked for a while."""
    requests = sys.stdin.buffer
    # A decoder's own prints must not get between the replies.
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    while _await(requests):
        line = requests.readline().split()
        if not line:
            break
        decoder, syntax, *numbers = (word.decode("ascii") for word in line)
        *layout, seconds, memory, size = (int(number) for number in numbers)
        _bound(seconds, memory)
        status, data = _answer(decoder, requests.read(size), syntax, layout)
        replies.write(REPLY.pack(status, len(data)))
        replies.write(data)
        replies.flush()
        del data  # It would take up memory until the next request.
    return 0


def _await(requests: BinaryIO) -> bool:
    if sys.platform == "win32":  # Pipes cannot be waited for there.
        return True
    return bool(select.select([requests], [], [], _IDLE_S)[0])


def _bound(seconds: int, memory: int) -> None:
    """Have the system end this process should it take more, where the system can."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        spent = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
        most = resource.getrlimit(resource.RLIMIT_CPU)[1]
        resource.setrlimit(resource.RLIMIT_CPU, (int(spent) + 1 + seconds, most))
        most = resource.getrlimit(resource.RLIMIT_DATA)[1]
        resource.setrlimit(resource.RLIMIT_DATA, (memory, most))


def _answer(
    decoder: str, frame: bytes, syntax: str, layout: list[int]
) -> tuple[int, bytes | bytearray]:
    try:
        if decoder == "gdcm":
            return DONE, _ask_gdcm(frame, syntax, layout)
        return DONE, _ask_charls(frame) if decoder == "charls" else _ask_openjpeg(frame)
    except ImportError:
        return MISSING, b""
    except Exception:  # each decoder has its own errors, for the one cause there is
        return CORRUPT, b""


def _ask_charls(frame: bytes) -> bytearray:
    import jpeg_ls

    values: bytearray = jpeg_ls.decode_pixel_data(frame)[0]
    return values


def _ask_openjpeg(frame: bytes) -> bytearray:
    from openjpeg.utils import decode_pixel_data

    return cast("bytearray", decode_pixel_data(frame, version=2))


def _ask_gdcm(frame: bytes, syntax: str, layout: list[int]) -> bytes:
    import gdcm

    rows, columns, allocated, stored = layout
    fragment = gdcm.Fragment()
    fragment.SetByteStringValue(frame)
    fragments = gdcm.SequenceOfFragments.New()
    fragments.AddFragment(fragment)
    element = gdcm.DataElement(gdcm.Tag(0x7FE0, 0x0010))
    element.SetValue(fragments.__ref__())
    grey = gdcm.PhotometricInterpretation.GetPIType("MONOCHROME2")
    image = gdcm.Image()
    image.SetNumberOfDimensions(2)
    image.SetDimensions((columns, rows, 1))
    image.SetDataElement(element)
    image.SetPhotometricInterpretation(gdcm.PhotometricInterpretation(grey))
    image.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.GetTSType(syntax)))
    image.SetPixelFormat(gdcm.PixelFormat(1, allocated, stored, stored - 1, 0))
    # GDCM hands bytes over as text.
    values: bytes = image.GetBuffer().encode("utf-8", "surrogateescape")
    return values


if __name__ == "__main__":
    sys.exit(main())
