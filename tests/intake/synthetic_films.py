"""Made-up films that the intake's tests are fed: nobody's chest, known arithmetic."""

from __future__ import annotations

import struct
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    UID,
    ComputedRadiographyImageStorage,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGBaseline8Bit,
)

ROWS, COLUMNS = 40, 48
NATIVE = (
    ImplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    DeflatedExplicitVRLittleEndian,
)


def ramp(bits: int = 8, dtype: str = "uint8") -> NDArray[Any]:
    """Return values that rise evenly from 0 to the largest of so many bits."""
    count = ROWS * COLUMNS
    return np.linspace(0, 2**bits - 1, count).round().astype(dtype).reshape(ROWS, COLUMNS)


def picture(image: Image.Image, encoding: str, **options: Any) -> bytes:
    stream = BytesIO()
    image.save(stream, encoding, **options)
    return stream.getvalue()


def data_set(values: NDArray[Any], *, bits: int | None = None, **elements: Any) -> Dataset:
    """Return a grey computed radiograph; keyword `None` leaves an element out."""
    allocated = values.dtype.itemsize * 8
    described: dict[str, Any] = {
        "SOPClassUID": ComputedRadiographyImageStorage,
        "SOPInstanceUID": "1.2.3",
        "Modality": "CR",
        "PatientName": "Roe^Jane",
        "PatientID": "SECRET-42",
        "PatientBirthDate": "19700101",
        "Rows": values.shape[0],
        "Columns": values.shape[1],
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "BitsAllocated": allocated,
        "BitsStored": bits or allocated,
        "HighBit": (bits or allocated) - 1,
        "PixelRepresentation": int(values.dtype.kind == "i"),
    }
    described.update(elements)
    ds = Dataset()
    for keyword, value in described.items():
        if value is not None:
            setattr(ds, keyword, value)
    ds.PixelData = values.tobytes() + (b"\x00" if values.nbytes % 2 else b"")
    ds["PixelData"].VR = "OB" if allocated == 8 else "OW"
    return ds


def saved(ds: Dataset, syntax: UID = ExplicitVRLittleEndian) -> bytes:
    """Return the DICOM file; a native syntax only decides how elements are written."""
    if not hasattr(ds, "file_meta"):
        ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = syntax
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    stream = BytesIO()
    ds.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


def dicom(
    values: NDArray[Any],
    syntax: UID = ExplicitVRLittleEndian,
    *,
    bits: int | None = None,
    **elements: Any,
) -> bytes:
    """Return a DICOM film, compressed by pydicom's encoders if the syntax asks for it."""
    if syntax == ExplicitVRBigEndian:
        swapped = data_set(values, bits=bits, **elements)
        swapped.PixelData = values.astype(values.dtype.newbyteorder(">")).tobytes()
        return saved(swapped, syntax)
    ds = data_set(values, bits=bits, **elements)
    if syntax in NATIVE:
        return saved(ds, syntax)
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.compress(syntax, generate_instance_uid=False)
    return saved(ds, syntax)


def encapsulated(values: NDArray[Any], frame: bytes, syntax: UID, **elements: Any) -> bytes:
    """Return a DICOM film around a frame that was compressed elsewhere."""
    ds = data_set(values, **elements)
    ds.PixelData = encapsulate([frame])
    ds["PixelData"].VR = "OB"
    ds["PixelData"].is_undefined_length = True
    return saved(ds, syntax)


def jpeg_dicom(values: NDArray[Any], **elements: Any) -> bytes:
    frame = picture(Image.fromarray(values), "JPEG", quality=100)
    return encapsulated(values, frame, JPEGBaseline8Bit, **elements)


def lossless_jpeg_dicom(values: NDArray[Any], folder: Path, **elements: Any) -> bytes:
    """Return a film in JPEG lossless, process 14, packed by GDCM, which knows files only."""
    gdcm = pytest.importorskip("gdcm")
    plain, packed = folder / "plain.dcm", folder / "packed.dcm"
    plain.write_bytes(dicom(values, **elements))
    reader = gdcm.ImageReader()
    reader.SetFileName(str(plain))
    assert reader.Read()
    change = gdcm.ImageChangeTransferSyntax()
    change.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.JPEGLosslessProcess14_1))
    change.SetInput(reader.GetImage())
    assert change.Change()
    writer = gdcm.ImageWriter()
    writer.SetFileName(str(packed))
    writer.SetFile(reader.GetFile())
    writer.SetImage(change.GetOutput())
    assert writer.Write()
    return packed.read_bytes()


def jpeg_extended_12_bits(blocks: NDArray[Any]) -> bytes:
    """Return a 12-bit JPEG (process 4) whose every 8 x 8 block has one value.

    No encoder at hand writes these. With all quantisers 1 the DC coefficient of a block is
    eight times its value, less half the range, and all others are zero.
    """
    bits: list[int] = []
    last = 0
    for value in blocks.ravel().tolist():
        difference, last = 8 * (value - 2048) - last, 8 * (value - 2048)
        size = abs(difference).bit_length()
        code = difference if difference >= 0 else difference + 2**size - 1
        bits += [int(bit) for bit in f"{size:05b}" + (f"{code:0{size}b}" if size else "") + "0"]
    bits += [1] * (-len(bits) % 8)
    scan = np.packbits(bits).tobytes().replace(b"\xff", b"\xff\x00")

    def segment(marker: int, body: bytes) -> bytes:
        return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body

    rows, columns = blocks.shape
    return b"".join(
        (
            b"\xff\xd8",
            segment(0xDB, b"\x00" + b"\x01" * 64),
            segment(0xC1, struct.pack(">BHHB", 12, rows * 8, columns * 8, 1) + b"\x01\x11\x00"),
            segment(0xC4, b"\x00" + bytes([0, 0, 0, 0, 16] + [0] * 11) + bytes(range(16))),
            segment(0xC4, b"\x10" + bytes([1] + [0] * 15) + b"\x00"),
            segment(0xDA, b"\x01\x01\x00\x00\x3f\x00"),
            scan,
            b"\xff\xd9",
        )
    )
