"""The bytes of a DICOM file come in, the few elements that the intake needs of it go out."""

from __future__ import annotations

import math
import re
import time
import zlib
from typing import Any

from pydicom import config
from pydicom.charset import default_encoding
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.filereader import read_dataset, read_sequence_item
from pydicom.tag import Tag
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from pneumo.errors import DamagedFilmError, OversizedFilmError, PneumoError
from pneumo.intake.metered import DicomStream

# pydicom quotes values that break a rule in warnings. The setting holds for the whole process;
# what the intake uses of a value, it checks itself.
config.settings.reading_validation_mode = config.IGNORE

# Whatever else a file holds, first of all who the patient is, pydicom steps over.
_WANTED = (
    "SOPClassUID", "Modality", "ImagerPixelSpacing", "ViewPosition", "SamplesPerPixel",
    "BodyPartExamined", "PatientAge", "PatientBirthDate", "StudyDate", "ViewCodeSequence",
    "AnatomicRegionSequence", "PlanarConfiguration",
    "PhotometricInterpretation", "NumberOfFrames", "Rows", "Columns", "PixelSpacing",
    "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation", "PixelPaddingValue",
    "PixelPaddingRangeLimit", "WindowCenter", "WindowWidth", "VOILUTFunction", "VOILUTSequence",
    "RescaleIntercept", "RescaleSlope", "ModalityLUTSequence", "PresentationLUTShape",
    "RedPaletteColorLookupTableDescriptor", "RedPaletteColorLookupTableData",
    "GreenPaletteColorLookupTableDescriptor", "GreenPaletteColorLookupTableData",
    "BluePaletteColorLookupTableDescriptor", "BluePaletteColorLookupTableData",
    "FloatPixelData", "DoubleFloatPixelData", "PixelData",
)  # fmt: skip
_WANTED_TAGS = tuple(map(Tag, _WANTED))
_LONGEST_VALUE = 4096
_TABLES = ("LUTData", *(name for name in _WANTED if name.endswith("LookupTableData")))
_LONGEST = dict.fromkeys(_TABLES, 2 * 65536)
_FIRST_GROUPS = (b"\x02\x00", b"\x08\x00", b"\x00\x08")
_LARGEST_NUMBER = 1e12
_PARSING_S = 2.0


def find_data_set(data: bytes, *, max_bytes: int) -> FileDataset | None:
    """Return the DICOM data set in bytes without the "DICM" prefix, None if they hold none.

    The first element must be of group 0002 or 0008, and an image's size or the class of a DICOM
    object must be found: older archives write such files.

    Raises:
        OversizedFilmError: see `open_data_set`.
    """
    if data[:2] not in _FIRST_GROUPS:
        return None
    try:
        ds = open_data_set(data, max_bytes=max_bytes)
    except DamagedFilmError:
        return None
    return ds if numbers(ds, "Rows") or sop_class(ds) is not None else None


def open_data_set(data: bytes, *, max_bytes: int) -> FileDataset:
    """Return the wanted elements of a DICOM file, always with a transfer syntax.

    Raises:
        DamagedFilmError: the elements do not add up: the file is cut off or corrupt.
        OversizedFilmError: a deflated data set inflates to more than `max_bytes`.
    """
    # One time for all of a file's parts, however many there are.
    ends = time.thread_time() + _PARSING_S
    try:
        stream = DicomStream(data, ends)
        stream.seek(132 if data[128:132] == b"DICM" else 0)
        meta = read_dataset(stream, False, True, stop_when=lambda tag, *_: tag >> 16 != 2)
        syntax = uid(meta, "TransferSyntaxUID")
        if syntax == DeflatedExplicitVRLittleEndian:
            # pydicom would inflate without an upper bound.
            stream = DicomStream(_inflated(stream.read(), max_bytes), ends)
        implicit, little_endian = _element_encoding(stream, syntax)
        ds = FileDataset(
            stream,
            read_dataset(stream, implicit, little_endian, specific_tags=list(_WANTED_TAGS)),
            file_meta=FileMetaDataset(meta),
            is_implicit_VR=implicit,
            is_little_endian=little_endian,
        )
        ds.set_original_encoding(implicit, little_endian)
        ds.parsing_ends = ends
        if syntax is None:
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


def _element_encoding(stream: DicomStream, syntax: str | None) -> tuple[bool, bool]:
    """Return whether elements leave out their types, and whether they are little endian.

    pydicom finds out by itself where a file leaves out types against what its syntax says.
    """
    if syntax is None:
        place = stream.tell()
        first = stream.read(6)
        stream.seek(place)
        explicit = first[4:6].isalpha() and first[4:6].isupper()
        # Groups are low numbers, which read the wrong way round are high ones.
        return not explicit, not explicit or int.from_bytes(first[:2], "little") < 0x0400
    return syntax == ImplicitVRLittleEndian, syntax != ExplicitVRBigEndian


def _inflated(data: bytes, max_bytes: int) -> bytes:
    inflated = zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, max_bytes + 1)
    if len(inflated) > max_bytes:
        raise OversizedFilmError(
            f"Expected at most {max_bytes:,} bytes, but the deflated DICOM file inflates to "
            "more: export it uncompressed, or raise PNEUMO_MAX_BYTES."
        )
    return inflated


def element(ds: Dataset, keyword: str) -> DataElement | None:
    """Return an element, None if it is absent, absurdly long or cannot be read."""
    try:
        raw = ds.get_item(keyword)
        if isinstance(raw, RawDataElement):
            # pydicom makes a Python object of each of a million values, and reads what claims to
            # be a sequence without any bound.
            if raw.VR == "SQ":
                return None
            if keyword == "PixelData":
                too_long = raw.VR not in (None, "OB", "OW", "UN")
            else:
                too_long = len(raw.value or b"") > _LONGEST.get(keyword, _LONGEST_VALUE)
            if too_long:
                return None
        return ds[keyword]
    except Exception:  # as above
        return None


def stream_of(ds: FileDataset, part: bytes) -> DicomStream:
    """Return a part of a file as a stream, which has what time the file has left."""
    return DicomStream(part, ds.parsing_ends)


def first_item(ds: FileDataset, keyword: str) -> Dataset | None:
    """Return the first item of a sequence, None if it is absent, empty or cannot be read."""
    try:
        raw = ds.get_item(keyword)
        if isinstance(raw, RawDataElement):
            # pydicom would read it without any bound, with all the items that follow.
            stream = stream_of(ds, raw.value or b"")
            encoding = raw.is_implicit_VR, raw.is_little_endian
            return read_sequence_item(stream, *encoding, default_encoding)
        found = raw.value if raw is not None else ()
        return next((item for item in found if isinstance(item, Dataset)), None)
    except Exception:  # as above
        return None


def values(ds: Dataset, keyword: str) -> list[Any]:
    """Return the values of an element, [] if it is absent, empty or cannot be read."""
    found = element(ds, keyword)
    if found is None or found.VM == 0:
        return []
    return list(found.value) if found.VM > 1 else [found.value]


def _first_word(ds: Dataset, keyword: str) -> str:
    # A hostile file gives any element any type: even to print some values raises an error.
    found = next(iter(values(ds, keyword)), "")
    return found.strip(" \0") if isinstance(found, str) else ""


def text(ds: Dataset, keyword: str) -> str | None:
    """Return a code string as capitals, digits, `_` and single blanks.

    None if it is absent, empty, longer than 64 characters, or holds anything but these and the
    `-`, `/` and `.` that devices write between words.
    """
    found = " ".join(re.sub(r"[-/.]", " ", _first_word(ds, keyword).upper()).split())
    return found if re.fullmatch(r"[A-Z0-9_ ]{1,64}", found) else None


def code(ds: FileDataset, keyword: str) -> str | None:
    """Return the Code Value of a code sequence's first item (PS3.3 8.8), None if there is none."""
    item = first_item(ds, keyword)
    return None if item is None else _first_word(item, "CodeValue") or None


def uid(ds: Dataset, keyword: str) -> str | None:
    """Return a unique identifier, None if absent or malformed."""
    found = _first_word(ds, keyword)
    return found if re.fullmatch(r"[0-9.]{1,64}", found) else None


def numbers(ds: Dataset, keyword: str) -> list[float]:
    """Return the numbers of an element, [] if it is absent or any is senseless."""
    try:
        found = [float(value) for value in values(ds, keyword)]
    except (TypeError, ValueError, OverflowError):
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
