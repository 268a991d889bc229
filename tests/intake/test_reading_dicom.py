import contextlib
import logging
import struct
import time

import numpy as np
import pytest
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.pixels.processing import apply_voi_lut
from pydicom.sequence import Sequence
from pydicom.tag import Tag
from pydicom.uid import (
    BasicTextSRStorage,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLSLossless,
    RLELossless,
)

from pneumo.domain import Radiograph
from pneumo.errors import (
    DamagedFilmError,
    NotAnImageError,
    OversizedFilmError,
    PneumoError,
    UnsupportedFilmError,
)
from pneumo.intake import read_radiograph
from pneumo.intake.elements import first_item, open_data_set
from pneumo.intake.reading import read_unguarded
from tests.intake.synthetic_films import (
    COLUMNS,
    NATIVE,
    ROWS,
    data_set,
    dicom,
    encapsulated,
    jpeg_dicom,
    jpeg_extended_12_bits,
    lossless_jpeg_dicom,
    picture,
    ramp,
    saved,
)

WHOLE_12_BITS = {"WindowCenter": 2047.5, "WindowWidth": 4095, "VOILUTFunction": "LINEAR_EXACT"}
LOSSLESS = (*NATIVE, RLELossless, JPEGLSLossless, JPEG2000Lossless)

# pydicom warns about files that break the standard, and reads on.
from_pydicom = pytest.mark.filterwarnings("ignore::UserWarning:pydicom")


def said(film, word):
    return any(word in note for note in film.notes)


@pytest.mark.parametrize("syntax", LOSSLESS, ids=lambda uid: uid.name)
def test_every_lossless_encoding_yields_the_same_8_bits(syntax):
    film = read_radiograph(dicom(ramp(), syntax))
    np.testing.assert_array_equal(film.pixels, ramp().astype(np.float32) / np.float32(255))
    assert (film.source, film.bit_depth, film.modality, film.notes) == ("dicom", 8, "CR", ())


@pytest.mark.parametrize("syntax", LOSSLESS, ids=lambda uid: uid.name)
def test_every_lossless_encoding_yields_the_same_12_bits(syntax):
    film = read_radiograph(dicom(ramp(12, "uint16"), syntax, bits=12, **WHOLE_12_BITS))
    np.testing.assert_allclose(film.pixels, ramp(12, "uint16") / 4095, atol=1e-6)
    assert film.bit_depth == 12


@pytest.mark.parametrize("syntax", LOSSLESS, ids=lambda uid: uid.name)
def test_every_lossless_encoding_keeps_the_sign(syntax):
    values = (ramp(12, "int16") - 2048).astype(np.int16)
    window = {"WindowCenter": -0.5, "WindowWidth": 4095, "VOILUTFunction": "LINEAR_EXACT"}
    film = read_radiograph(dicom(values, syntax, bits=12, **window))
    np.testing.assert_allclose(film.pixels, ramp(12, "uint16") / 4095, atol=1e-6)


def test_jpeg_baseline_comes_within_two_grey_levels():
    film = read_radiograph(jpeg_dicom(ramp()))
    assert np.abs(film.pixels * 255 - ramp()).max() <= 2
    assert film.encoding == "DICOM, JPEG"


@pytest.mark.parametrize(("bits", "dtype"), [(8, "uint8"), (12, "uint16"), (16, "uint16")])
def test_jpeg_lossless_yields_every_value(bits, dtype, tmp_path):
    values = ramp(bits, dtype)
    window = {"WindowCenter": (2**bits - 1) / 2, "WindowWidth": 2**bits - 1}
    data = lossless_jpeg_dicom(values, tmp_path, bits=bits, VOILUTFunction="LINEAR_EXACT", **window)
    film = read_radiograph(data)
    np.testing.assert_allclose(film.pixels, values / (2**bits - 1), atol=1e-6)
    assert film.encoding == "DICOM, JPEG lossless"


def test_12_bit_jpeg_extended_is_decoded():
    blocks = np.linspace(0, 4095, 30).astype(int).reshape(5, 6)
    values = np.kron(blocks, np.ones((8, 8))).astype(np.uint16)
    frame = jpeg_extended_12_bits(blocks)
    film = read_radiograph(
        encapsulated(values, frame, JPEGExtended12Bit, BitsStored=12, HighBit=11, **WHOLE_12_BITS)
    )
    assert np.abs(film.pixels * 4095 - values).max() <= 1.001
    assert film.encoding == "DICOM, JPEG extended"


def test_a_corrupt_lossless_jpeg_cannot_bring_the_process_down(tmp_path):
    whole = lossless_jpeg_dicom(ramp(12, "uint16"), tmp_path, bits=12)
    scan = whole.index(b"\xff\xda")
    rng = np.random.default_rng(3)
    for _ in range(8):
        broken = bytearray(whole)
        for place in rng.integers(whole.index(b"\xff\xd8\xff"), scan + 40, 4):
            broken[place] = int(rng.integers(256))
        with contextlib.suppress(PneumoError):
            assert isinstance(read_radiograph(bytes(broken)), Radiograph)


def test_an_unknown_transfer_syntax_is_refused_by_its_number():
    ds = data_set(ramp())
    ds.PixelData = encapsulate([b"something private"])
    ds["PixelData"].is_undefined_length = True
    data = saved(ds, RLELossless).replace(b"1.2.840.10008.1.2.5\0", b"1.2.840.113619.5.9\0\0")
    with pytest.raises(UnsupportedFilmError, match=r"1\.2\.840\.113619\.5\.9"):
        read_radiograph(data)


def test_monochrome1_is_the_inverted_picture_of_its_twin():
    values = ramp(12, "uint16")
    bright = read_radiograph(dicom(values, bits=12))
    dark = read_radiograph(dicom(values, bits=12, PhotometricInterpretation="MONOCHROME1"))
    np.testing.assert_allclose(dark.pixels, 1 - bright.pixels, atol=1e-6)
    assert said(dark, "MONOCHROME1")


def test_presentation_lut_shape_inverse_does_not_invert_twice():
    once = dicom(ramp(), PhotometricInterpretation="MONOCHROME1")
    marked = dicom(ramp(), PhotometricInterpretation="MONOCHROME1", PresentationLUTShape="INVERSE")
    assert read_radiograph(once).fingerprint == read_radiograph(marked).fingerprint


def test_a_contradicting_presentation_lut_shape_is_not_followed_but_said():
    film = read_radiograph(dicom(ramp(), PresentationLUTShape="INVERSE"))
    assert film.fingerprint == read_radiograph(dicom(ramp())).fingerprint
    assert said(film, "contradicts")


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
@pytest.mark.parametrize("rescale", [(1, 0), (2.5, -1000)])
def test_windows_agree_with_pydicom(function, rescale):
    slope, intercept = rescale
    ds = data_set(
        ramp(12, "uint16"),
        bits=12,
        WindowCenter=1800 * slope + intercept,
        WindowWidth=1500 * slope,
        VOILUTFunction=function,
        RescaleSlope=slope,
        RescaleIntercept=intercept,
    )
    film = read_radiograph(saved(ds))
    world = ramp(12, "uint16") * slope + intercept
    expected = apply_voi_lut(world, ds)
    low, high = intercept, 4095 * slope + intercept
    np.testing.assert_allclose(film.pixels, (expected - low) / (high - low), atol=1e-5)
    assert said(film, "own window")


@pytest.mark.parametrize(
    ("center", "width"), [(2725, 5310), (1e9, 10), (-5000, 100), (49000, 1e8), (49000, 1)]
)
@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_a_window_outside_the_data_does_not_yield_a_black_film(center, width, photometric):
    values = np.linspace(32744, 65535, ROWS * COLUMNS).astype(np.uint16).reshape(ROWS, COLUMNS)
    film = read_radiograph(
        dicom(
            values,
            PhotometricInterpretation=photometric,
            WindowCenter=center,
            WindowWidth=width,
        )
    )
    assert np.percentile(film.pixels, 5) < 0.1
    assert np.percentile(film.pixels, 95) > 0.9
    assert said(film, "ignored")


def test_the_first_window_that_shows_the_film_is_taken():
    values = ramp(12, "uint16")
    both = dicom(values, bits=12, WindowCenter=[90000, 2048], WindowWidth=[10, 4096])
    only = dicom(values, bits=12, WindowCenter=2048, WindowWidth=4096)
    assert read_radiograph(both).fingerprint == read_radiograph(only).fingerprint


def test_without_a_window_one_hot_pixel_does_not_darken_the_film():
    values = ramp(10, "uint16")
    values[0, 0] = 65535
    film = read_radiograph(dicom(values))
    assert np.median(film.pixels) == pytest.approx(0.5, abs=0.02)
    assert said(film, "percentile")


def test_a_flat_film_is_finite():
    film = read_radiograph(dicom(np.full((40, 40), 7, dtype=np.uint16)))
    assert film.pixels.min() == film.pixels.max() == 0.0


def lut(entries, first, bits=16):
    item = Dataset()
    item.add_new("LUTDescriptor", "US", [len(entries), first, bits])
    item.add_new("LUTData", "OW", np.asarray(entries, dtype="<u2").tobytes())
    return Sequence([item])


@pytest.mark.parametrize("packed", [False, True])
def test_a_long_voi_lut_of_8_bits_is_looked_up(packed):
    curve = np.linspace(0, 255, 4096).round().astype(np.uint8)
    table = lut(curve, 0, bits=8)
    if packed:
        table[0].LUTData = curve.tobytes()
    film = read_radiograph(dicom(ramp(12, "uint16"), bits=12, VOILUTSequence=table))
    np.testing.assert_allclose(film.pixels, curve[ramp(12, "uint16")] / 255, atol=1e-6)
    assert said(film, "VOI LUT")


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
@pytest.mark.parametrize("undefined_length", [False, True])
def test_a_voi_lut_is_looked_up_and_clamped(syntax, undefined_length):
    curve = (np.linspace(0, 1, 1024) ** 2 * 65535).astype(int)
    ds = data_set(ramp(12, "uint16"), bits=12, VOILUTSequence=lut(curve, 1000))
    ds["VOILUTSequence"].is_undefined_length = undefined_length
    ds.VOILUTSequence[0].is_undefined_length_sequence_item = undefined_length
    film = read_radiograph(saved(ds, syntax))
    index = np.clip(ramp(12, "uint16").astype(int) - 1000, 0, 1023)
    np.testing.assert_allclose(film.pixels, curve[index] / 65535, atol=1e-6)
    assert said(film, "VOI LUT")


def test_a_modality_lut_comes_before_the_window():
    table = lut(np.arange(4096)[::-1], 0)
    table[0].ModalityLUTType = "US"
    film = read_radiograph(
        dicom(ramp(12, "uint16"), bits=12, ModalityLUTSequence=table, **WHOLE_12_BITS)
    )
    np.testing.assert_allclose(film.pixels, 1 - ramp(12, "uint16") / 4095, atol=1e-6)


def test_a_truncated_lut_is_left_out():
    table = lut(np.arange(100), 0)
    table[0].LUTDescriptor = [4096, 0, 16]
    film = read_radiograph(dicom(ramp(12, "uint16"), bits=12, VOILUTSequence=table))
    assert said(film, "percentile")


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_padding_is_black_and_does_not_count(photometric):
    values = ramp(12, "uint16") // 4 + 1000
    values[:, :20] = 65535
    elements = {"PhotometricInterpretation": photometric, "PixelPaddingValue": 65535}
    film = read_radiograph(dicom(values, **elements))
    assert film.pixels[:, :20].max() == 0.0
    assert np.percentile(film.pixels[:, 20:], 98) > 0.95
    assert np.median(film.pixels[:, 20:]) == pytest.approx(0.5, abs=0.05)
    assert said(film, "Padding")


def test_signed_padding_is_recognised():
    values = (ramp(12, "int16") - 1000).astype(np.int16)
    values[:5] = -32768
    film = read_radiograph(dicom(values, PixelPaddingValue=-32768))
    assert film.pixels[:5].max() == 0.0
    assert np.median(film.pixels[5:]) == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ExplicitVRBigEndian, RLELossless])
def test_an_overlay_in_the_unused_high_bits_is_cleared(syntax):
    values = ramp(12, "uint16")
    marked = values.copy()
    marked[10:20, 10:20] |= 0x8000
    ds = dicom(marked, syntax, **{**WHOLE_12_BITS, "BitsStored": 12, "HighBit": 11})
    np.testing.assert_allclose(read_radiograph(ds).pixels, values / 4095, atol=1e-6)


def test_grey_bits_may_lie_high_in_the_word():
    values = ramp(12, "uint16")
    film = read_radiograph(dicom(values << 4, BitsStored=12, HighBit=15, **WHOLE_12_BITS))
    np.testing.assert_allclose(film.pixels, values / 4095, atol=1e-6)


def test_8_bits_in_big_endian_words_are_unswapped():
    ds = data_set(ramp())
    ds.PixelData = ramp().view("<u2").byteswap().tobytes()
    ds["PixelData"].VR = "OW"
    film = read_radiograph(saved(ds, ExplicitVRBigEndian))
    np.testing.assert_allclose(film.pixels, ramp() / 255, atol=1e-6)


def test_the_record_keeps_view_modality_and_spacing():
    spaced = dicom(
        ramp(),
        Modality="DX",
        ViewPosition="AP",
        ImagerPixelSpacing=[0.2, 0.2],
        PixelSpacing=[0.139, 0.143],
    )
    film = read_radiograph(spaced)
    assert (film.view, film.modality, film.spacing_mm) == ("AP", "DX", (0.139, 0.143))
    imager = read_radiograph(dicom(ramp(), ImagerPixelSpacing=[0.2, 0.25]))
    assert imager.spacing_mm == (0.2, 0.25)
    assert read_radiograph(dicom(ramp())).spacing_mm is None


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRLittleEndian])
@pytest.mark.parametrize("cut", ["preamble", "file meta too"])
def test_dicom_without_its_preamble_is_recognised(syntax, cut):
    data = dicom(ramp(), syntax)[132:]
    if cut == "file meta too":
        data = data[data.index(b"\x08\x00\x16\x00") :]
    film = read_radiograph(data)
    np.testing.assert_allclose(film.pixels, ramp() / 255, atol=1e-6)


@from_pydicom
def test_a_file_that_declares_explicit_but_holds_implicit_vrs_is_read():
    implicit = dicom(ramp(), ImplicitVRLittleEndian)
    start = implicit.index(b"\x08\x00\x16\x00")
    explicit = dicom(ramp(), ExplicitVRLittleEndian)
    mixed = explicit[: explicit.index(b"\x08\x00\x16\x00")] + implicit[start:]
    assert read_radiograph(mixed).fingerprint == read_radiograph(explicit).fingerprint


def test_nested_sequences_with_pixels_of_their_own_are_stepped_over():
    icon = data_set(np.zeros((32, 32), dtype=np.uint8), SOPInstanceUID="9.9")
    ds = data_set(ramp(), IconImageSequence=Sequence([icon]))
    for undefined in (False, True):
        ds["IconImageSequence"].is_undefined_length = undefined
        ds.IconImageSequence[0].is_undefined_length_sequence_item = undefined
        assert read_radiograph(saved(ds)).rows == ROWS


def test_several_frames_are_refused():
    stack = np.stack([ramp(), ramp()])
    data = dicom(stack.reshape(-1, COLUMNS), Rows=ROWS, NumberOfFrames=2)
    with pytest.raises(UnsupportedFilmError, match="2 frames"):
        read_radiograph(data)


def in_channels(*channels, planar=0, **elements):
    """Return a film of three channels, uncompressed."""
    layers = np.stack(channels, axis=-1 if planar == 0 else 0)
    described = {"PhotometricInterpretation": "RGB", "SamplesPerPixel": 3, **elements}
    ds = data_set(ramp(), PlanarConfiguration=planar, **described)
    ds.PixelData = layers.tobytes()
    return ds


def in_palette(*channels, bits=16):
    """Return a film whose values stand for the shades of a palette."""
    tables = {}
    for name, shades in zip(("Red", "Green", "Blue"), channels, strict=True):
        wide = (np.asarray(shades) * (257 if bits == 16 else 1)).astype(f"<u{bits // 8}")
        tables[f"{name}PaletteColorLookupTableDescriptor"] = [256, 0, bits]
        tables[f"{name}PaletteColorLookupTableData"] = wide.tobytes()
    return data_set(ramp(), PhotometricInterpretation="PALETTE COLOR", **tables)


@pytest.mark.parametrize("planar", [0, 1])
@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRLittleEndian])
def test_three_equal_channels_are_a_grey_film(planar, syntax):
    film = read_radiograph(saved(in_channels(ramp(), ramp(), ramp(), planar=planar), syntax))
    np.testing.assert_array_equal(film.pixels, ramp().astype(np.float32) / np.float32(255))
    assert (film.source, film.bit_depth) == ("dicom", 8)
    assert said(film, "Stored as colour")


@pytest.mark.parametrize("bits", [8, 16])
def test_a_palette_of_greys_is_a_grey_film(bits):
    shades = 255 - np.arange(256)
    film = read_radiograph(saved(in_palette(shades, shades, shades, bits=bits)))
    np.testing.assert_allclose(film.pixels, 1 - ramp() / 255, atol=1e-6)


def test_a_grey_jpeg_of_three_channels_is_a_grey_film():
    frame = picture(Image.fromarray(ramp()).convert("RGB"), "JPEG", quality=95)
    described = {"PhotometricInterpretation": "YBR_FULL_422", "SamplesPerPixel": 3}
    film = read_radiograph(encapsulated(ramp(), frame, JPEGBaseline8Bit, **described))
    assert np.abs(film.pixels * 255 - ramp()).max() <= 3
    assert film.encoding == "DICOM, JPEG"


@pytest.mark.parametrize("photometric", ["RGB", "YBR_FULL", "YBR_ICT", "PALETTE COLOR"])
def test_colour_is_refused_by_name(photometric):
    if photometric == "PALETTE COLOR":
        ds = in_palette(np.arange(256), np.arange(256), 255 - np.arange(256))
    else:
        ds = in_channels(ramp(), ramp()[::-1], ramp(), PhotometricInterpretation=photometric)
    with pytest.raises(UnsupportedFilmError, match=f"{photometric}.*send the original X-ray"):
        read_radiograph(saved(ds))


def test_colour_that_is_cut_off_is_damaged():
    cut = in_channels(ramp(), ramp(), ramp())
    cut.PixelData = cut.PixelData[:-100]
    without = data_set(ramp(), PhotometricInterpretation="PALETTE COLOR")
    for ds in (cut, without):
        with pytest.raises(DamagedFilmError, match="again"):
            read_radiograph(saved(ds))


@pytest.mark.parametrize("count", [-5, -4096, -9999, 0])
@pytest.mark.parametrize("keyword", ["VOILUTSequence", "ModalityLUTSequence"])
def test_a_table_of_senseless_size_is_left_out(keyword, count):
    table = Dataset()
    table.add_new("LUTDescriptor", "IS", [count, 0, 12])
    table.add_new("LUTData", "OW", bytes(6))
    film = read_radiograph(dicom(ramp(12, "uint16"), bits=12, **{keyword: Sequence([table])}))
    assert said(film, "percentile")


@pytest.mark.parametrize("words", ["\\nan\\16", "\\\\", "4096\\0\\inf", "\\0\\x"])
def test_a_table_described_in_words_is_left_out(words):
    table = Dataset()
    table.add_new("LUTDescriptor", "LO", words.split("\\"))
    table.add_new("LUTData", "OW", bytes(8192))
    film = read_radiograph(dicom(ramp(12, "uint16"), bits=12, VOILUTSequence=Sequence([table])))
    assert said(film, "percentile")


@pytest.mark.parametrize("count", [0, 1])
def test_a_table_of_one_word_is_left_out(count):
    table = Dataset()
    table.add_new("LUTDescriptor", "US", [count, 0, 12])
    table.add_new("LUTData", "LO", "12")
    film = read_unguarded(
        dicom(ramp(12, "uint16"), bits=12, VOILUTSequence=Sequence([table])),
        max_pixels=10_000,
        max_bytes=100_000,
    )
    assert said(film, "percentile")


@pytest.mark.parametrize("stored", [-2_000_000_000, -3, 0, 17, 2**31 - 1])
def test_senseless_stored_bits_are_those_allocated(stored):
    ds = data_set(ramp(16, "uint16"), BitsStored=None)
    ds.add_new("BitsStored", "SL", stored)
    film = read_radiograph(saved(ds))
    assert (film.bit_depth, film.pixels.max()) == (16, 1.0)


@pytest.mark.parametrize("keyword", ["Rows", "Columns"])
def test_a_negative_side_is_no_size(keyword):
    ds = data_set(ramp(), **{keyword: None})
    ds.add_new(keyword, "SS", -40)
    with pytest.raises(DamagedFilmError, match="negative"):
        read_radiograph(saved(ds))


@pytest.mark.parametrize(
    "keyword",
    ["SOPClassUID", "Modality", "ViewPosition", "BodyPartExamined", "PatientAge", "VOILUTFunction"],
)
@pytest.mark.parametrize("undefined_length", [False, True])
def test_a_sequence_in_place_of_words_says_nothing(keyword, undefined_length):
    whole = dicom(ramp())
    inside = b"\x28\x00\x02\x00IS\x04\x00-inf"
    item = b"\xfe\xff\x00\xe0" + struct.pack("<L", len(inside)) + inside
    size = 0xFFFFFFFF if undefined_length else len(item)
    ends = b"\xfe\xff\xdd\xe0" + bytes(4) if undefined_length else b""
    tag = Tag(keyword)
    element = struct.pack("<HH2s2xL", tag.group, tag.element, b"SQ", size) + item + ends
    at = whole.index(b"\x28\x00\x02\x00US")
    film = read_radiograph(whole[:at] + element + whole[at:])
    assert film.view is film.body_part is film.age_years is None


def test_thousands_of_windows_take_no_longer_than_one():
    halves = np.repeat(np.uint8([0, 200]), 500)
    many = {"WindowCenter": ["5"] * 2000, "WindowWidth": ["1"] * 2000, "VOILUTFunction": "SIGMOID"}
    data = dicom(np.tile(halves, (1000, 1)), **many)
    began = time.thread_time()
    assert said(read_radiograph(data), "ignored")
    assert time.thread_time() - began < 2.0


def test_a_window_after_many_senseless_ones_is_not_looked_for():
    offered = {"WindowCenter": [90000] * 9 + [2048], "WindowWidth": [10] * 9 + [4096]}
    assert said(read_radiograph(dicom(ramp(12, "uint16"), bits=12, **offered)), "ignored")


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", ["Roe^Jane", "ISO_IR 100\\Roe^Jane", "ISO 2022 IR Roe"])
@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRLittleEndian])
def test_a_name_in_place_of_a_character_set_reaches_no_log(name, syntax, caplog):
    caplog.set_level(logging.DEBUG)
    table = lut(np.arange(4096), 0)
    table[0].add_new("SpecificCharacterSet", "CS", "ISO_IR 6")
    ds = data_set(ramp(), SpecificCharacterSet="ISO_IR 6", VOILUTSequence=table)
    data = saved(ds, syntax).replace(b"ISO_IR 6", name.encode()[:8].ljust(8))
    assert name.encode()[:8] in data
    film = read_radiograph(data)
    assert (film.rows, film.modality) == (ROWS, "CR")
    assert "Roe" not in caplog.text


@pytest.mark.parametrize("named", ["", "ISO_IR 192"])
@pytest.mark.parametrize("syntax", NATIVE)
def test_a_character_set_costs_no_element_that_follows(named, syntax):
    film = read_radiograph(dicom(ramp(), syntax, SpecificCharacterSet=named, ViewPosition="PA"))
    assert (film.modality, film.view, film.rows) == ("CR", "PA", ROWS)


def test_all_parts_of_a_file_share_one_time(monkeypatch):
    table = lut(np.arange(4096), 0)
    data = dicom(ramp(12, "uint16"), bits=12, VOILUTSequence=table)
    ds = open_data_set(data, max_bytes=len(data))
    assert first_item(ds, "VOILUTSequence") is not None
    ds = open_data_set(data, max_bytes=len(data))
    monkeypatch.setattr(time, "thread_time", lambda: ds.parsing_ends + 1.0)
    assert first_item(ds, "VOILUTSequence") is None


def test_only_the_first_item_of_a_sequence_is_read():
    table = lut(np.arange(0, 65536, 16), 0)
    data = dicom(ramp(12, "uint16"), bits=12, VOILUTSequence=Sequence([*table, *table]))
    second = data.rindex(b"\xfe\xff\x00\xe0")
    broken = data[:second] + b"\xff\xff\xff\xff" + data[second + 4 :]
    assert said(read_radiograph(broken), "VOI LUT")


def test_colour_hidden_in_a_jpeg_that_claims_grey_is_refused():
    frame = picture(Image.fromarray(ramp()).convert("RGB"), "JPEG")
    with pytest.raises(UnsupportedFilmError, match="3 colour channels"):
        read_radiograph(encapsulated(ramp(), frame, JPEGBaseline8Bit))


def test_a_structured_report_is_refused_by_its_kind():
    ds = data_set(ramp(), SOPClassUID=BasicTextSRStorage, Modality="SR")
    del ds.PixelData
    with pytest.raises(UnsupportedFilmError, match="Basic Text SR Storage"):
        read_radiograph(saved(ds))


@from_pydicom
@pytest.mark.parametrize("syntax", [*LOSSLESS, JPEGBaseline8Bit], ids=lambda uid: uid.name)
@pytest.mark.parametrize("part", [0.3, 0.6, 0.9])
def test_a_film_cut_off_on_the_way_is_damaged(syntax, part):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64), dtype=np.uint8)
    whole = jpeg_dicom(noise) if syntax == JPEGBaseline8Bit else dicom(noise, syntax)
    with pytest.raises(DamagedFilmError, match="again"):
        read_radiograph(whole[: int(len(whole) * part)])


@pytest.mark.parametrize("change", [-4, 4])
def test_a_fragment_of_another_length_than_stated_is_damaged(change):
    whole = dicom(ramp(), JPEGLSLossless)
    at = whole.index(b"\xff\xd8\xff") + 40
    changed = (
        whole[:at] + bytes(change) + whole[at:] if change > 0 else whole[: at + change] + whole[at:]
    )
    with pytest.raises(DamagedFilmError, match="cut off"):
        read_radiograph(changed)


@pytest.mark.parametrize("end", ["Rows", "PatientID"])
def test_a_film_cut_off_before_its_pixels_is_damaged(end):
    whole = dicom(ramp())
    mark = {"Rows": b"\x28\x00\x10\x00US", "PatientID": b"\x10\x00\x20\x00LO"}[end]
    with pytest.raises(DamagedFilmError, match="cut off"):
        read_radiograph(whole[: whole.index(mark) + 10])


def test_a_frame_of_another_size_than_stated_never_reaches_a_decoder():
    frame = picture(Image.new("L", (500, 500)), "JPEG")
    with pytest.raises(DamagedFilmError, match="another size"):
        read_radiograph(encapsulated(ramp(), frame, JPEGBaseline8Bit))


def test_rows_and_columns_are_bounded_before_decoding():
    with pytest.raises(OversizedFilmError, match="65535 x 65535"):
        read_radiograph(dicom(ramp(), Rows=65535, Columns=65535))
    with pytest.raises(DamagedFilmError, match="rows and columns"):
        read_radiograph(dicom(ramp(), Rows=0))
    with pytest.raises(UnsupportedFilmError, match="at least 32"):
        read_radiograph(dicom(ramp(), Rows=8))


def test_a_deflated_bomb_is_not_inflated():
    bomb = dicom(np.zeros((2000, 2000), dtype=np.uint8), DeflatedExplicitVRLittleEndian)
    assert len(bomb) < 10_000
    with pytest.raises(OversizedFilmError, match="inflates"):
        read_radiograph(bomb, max_bytes=100_000)


def test_nothing_about_the_patient_comes_through(caplog):
    caplog.set_level(logging.DEBUG)
    whole = dicom(ramp(), PatientComments="Roe^Jane SECRET-42", ViewPosition="PA")
    told = [repr(read_radiograph(whole))]
    for broken in (whole[:700], whole[:-900], dicom(ramp(), NumberOfFrames=3)):
        with pytest.raises(PneumoError) as refusal:
            read_radiograph(broken)
        told.append(str(refusal.value))
        assert refusal.value.__cause__ is None
        assert refusal.value.__suppress_context__ or refusal.value.__context__ is None
    for text in (*told, caplog.text):
        assert "Roe" not in text
        assert "SECRET" not in text
        assert "1970" not in text


def test_a_name_that_pydicom_would_quote_in_a_warning_stays_unread(recwarn):
    data = dicom(ramp())
    read_radiograph(data.replace(b"Roe^Jane", b"Roe^J\xff\xfee") + bytes(37))
    assert not recwarn.list


@pytest.mark.filterwarnings("always::UserWarning:pydicom")
def test_what_pydicom_warns_of_names_no_patient(recwarn, caplog):
    whole = dicom(ramp(), JPEG2000Lossless)
    with pytest.raises(DamagedFilmError):
        read_radiograph(whole[:-30])
    told = " ".join(str(warning.message) for warning in recwarn.list) + caplog.text
    assert "End of file" in told
    assert "Roe" not in told
    assert "SECRET" not in told


def test_deeply_nested_sequences_end_in_a_refusal():
    opening = b"\x40\x00\x75\x02SQ\x00\x00\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff"
    start = dicom(ramp())
    start = start[: start.index(b"\x08\x00\x16\x00")]
    with pytest.raises(DamagedFilmError):
        read_radiograph(start + opening * 5000)


def test_random_bytes_that_begin_like_dicom_are_refused():
    noise = np.random.default_rng(1).bytes(5000)
    with pytest.raises((NotAnImageError, DamagedFilmError)):
        read_radiograph(b"\x08\x00\x05\x00" + noise)
