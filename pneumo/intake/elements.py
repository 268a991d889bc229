"""The bytes of a DICOM file come in, the few elements that the intake needs of it go out."""

from __future__ import annotations

import math
import re
import zlib
from io import BytesIO
from typing import Any

from pydicom import config, dcmread
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileDataset
from pydicom.filereader import read_dataset
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
)

from pneumo.errors import DamagedFilmError, OversizedFilmError, PneumoError

# pydicom quotes values that break a rule in warnings. The setting holds for the whole process;
# what the intake uses of a value, it checks itself.
config.settings.reading_validation_mode = config.IGNORE

# Whatever else a file holds, first of all who the patient is, pydicom steps over.
_WANTED = (
    "SOPClassUID", "Modality", "ImagerPixelSpacing", "ViewPosition", "SamplesPerPixel",
    "PhotometricInterpretation", "NumberOfFrames", "Rows", "Columns", "PixelSpacing",
    "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation", "PixelPaddingValue",
    "PixelPaddingRangeLimit", "WindowCenter", "WindowWidth", "VOILUTFunction", "VOILUTSequence",
    "RescaleIntercept", "RescaleSlope", "ModalityLUTSequence", "PresentationLUTShape",
    "FloatPixelData", "DoubleFloatPixelData", "PixelData",
)  # fmt: skip
_FIRST_GROUPS = (b"\x02\x00", b"\x08\x00", b"\x00\x08")
_LARGEST_NUMBER = 1e12


def begins_like_dicom(data: bytes, *, max_bytes: int) -> bool:
    """Tell whether bytes without the "DICM" prefix are a DICOM data set all the same.

    The first element must be of group 0002 or 0008, and an image's size or the class of a DICOM
    object must be found: older archives write such files.
    """
    if data[:2] not in _FIRST_GROUPS:
        return False
    try:
        ds = open_data_set(data, max_bytes=max_bytes)
    except DamagedFilmError:
        return False
    return bool(numbers(ds, "Rows")) or sop_class(ds) is not None


def open_data_set(data: bytes, *, max_bytes: int) -> FileDataset:
    """Return the wanted elements of a DICOM file, always with a transfer syntax.

    Raises:
        DamagedFilmError: the elements do not add up: the file is cut off or corrupt.
        OversizedFilmError: a deflated data set inflates to more than `max_bytes`.
    """
    try:
        stream = BytesIO(data)
        stream.seek(132 if data[128:132] == b"DICM" else 0)
        meta = read_dataset(stream, False, True, stop_when=lambda tag, *_: tag >> 16 != 2)
        deflated = uid(meta, "TransferSyntaxUID") == DeflatedExplicitVRLittleEndian
        if deflated:
            # pydicom would inflate without an upper bound.
            data = _inflated(stream.read(), max_bytes)
        ds = dcmread(BytesIO(data), force=True, specific_tags=list(_WANTED))
        if deflated:
            ds.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
        elif uid(ds.file_meta, "TransferSyntaxUID") is None:
            little_endian = ds.original_encoding[1]
            ds.file_meta.TransferSyntaxUID = (
                ExplicitVRLittleEndian if little_endian else ExplicitVRBigEndian
            )
    except PneumoError:
        raise
    # pydicom meets corrupt bytes with a dozen kinds of errors, RecursionError to struct.error.
    except Exception:
        raise DamagedFilmError(
            "Expected a complete DICOM file, but its elements are cut off or corrupt: "
            "export or send the film again."
        ) from None
    return ds


def _inflated(data: bytes, max_bytes: int) -> bytes:
    inflated = zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, max_bytes + 1)
    if len(inflated) > max_bytes:
        raise OversizedFilmError(
            f"Expected at most {max_bytes:,} bytes, but the deflated DICOM file inflates to "
            "more: export it uncompressed, or raise PNEUMO_MAX_BYTES."
        )
    return inflated


def element(ds: Dataset, keyword: str) -> DataElement | None:
    """Return an element, None if it is absent or cannot be read."""
    try:
        return ds[keyword]
    except Exception:  # as above
        return None


def values(ds: Dataset, keyword: str) -> list[Any]:
    """Return the values of an element, [] if it is absent, empty or cannot be read."""
    found = element(ds, keyword)
    if found is None or found.VM == 0:
        return []
    return list(found.value) if found.VM > 1 else [found.value]


def text(ds: Dataset, keyword: str) -> str | None:
    """Return a code string, None if absent, empty or not made of capitals and digits."""
    found = str(next(iter(values(ds, keyword)), "")).strip(" \0")
    return found if re.fullmatch(r"[A-Z0-9_ ]{1,16}", found) else None


def uid(ds: Dataset, keyword: str) -> str | None:
    """Return a unique identifier, None if absent or malformed."""
    found = str(next(iter(values(ds, keyword)), "")).strip(" \0")
    return found if re.fullmatch(r"[0-9.]{1,64}", found) else None


def numbers(ds: Dataset, keyword: str) -> list[float]:
    """Return the numbers of an element, [] if it is absent or any is senseless."""
    try:
        found = [float(value) for value in values(ds, keyword)]
    except (TypeError, ValueError):
        return []
    sensible = all(math.isfinite(number) and abs(number) <= _LARGEST_NUMBER for number in found)
    return found if sensible else []


def whole(ds: Dataset, keyword: str) -> int | None:
    """Return the first number of an element, None if absent or senseless."""
    found = numbers(ds, keyword)
    return int(found[0]) if found else None


def sop_class(ds: FileDataset) -> str | None:
    """Return the standard's name for the kind of object, None if it is not registered."""
    return registered_name(uid(ds, "SOPClassUID") or uid(ds.file_meta, "MediaStorageSOPClassUID"))


def registered_name(number: str | None) -> str | None:
    """Return the standard's name for a registered UID (PS3.6 annex A), None for any other.

    >>> registered_name("1.2.840.10008.1.2.5")
    'RLE Lossless'
    """
    known = UID(number or "", validation_mode=config.IGNORE)
    return None if known.name == known else known.name
