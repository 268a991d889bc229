import struct

import numpy as np
import pytest
from PIL import Image, ImageFile, TiffImagePlugin

from pneumo.errors import (
    DamagedFilmError,
    NotAnImageError,
    OversizedFilmError,
    UnsupportedFilmError,
)
from pneumo.intake import read_radiograph
from tests.intake.synthetic_films import COLUMNS, ROWS, picture, ramp

LOSSLESS = [("PNG", {}), ("BMP", {}), ("TIFF", {}), ("WEBP", {"lossless": True})]


def said(film, word):
    return any(word in note for note in film.notes)


@pytest.mark.parametrize(("encoding", "options"), LOSSLESS)
def test_a_lossless_grey_film_keeps_every_value(encoding, options):
    film = read_radiograph(picture(Image.fromarray(ramp()), encoding, **options))
    np.testing.assert_array_equal(film.pixels, ramp().astype(np.float32) / np.float32(255))
    assert (film.source, film.bit_depth, film.notes) == ("picture", 8, ())
    assert film.encoding.upper() == encoding
    assert film.spacing_mm is film.view is film.modality is None


def test_a_jpeg_comes_within_two_grey_levels():
    film = read_radiograph(picture(Image.fromarray(ramp()), "JPEG", quality=100, dpi=(72, 72)))
    assert np.abs(film.pixels * 255 - ramp()).max() <= 2
    assert film.spacing_mm is None


def test_pixels_are_contiguous_read_only_float32():
    pixels = read_radiograph(picture(Image.fromarray(ramp()), "PNG")).pixels
    assert pixels.dtype == np.float32
    assert pixels.flags.c_contiguous
    with pytest.raises(ValueError, match="read-only"):
        pixels[0, 0] = 1.0


def test_equal_films_have_equal_fingerprints_whatever_their_file():
    grey, colour = Image.fromarray(ramp()), Image.fromarray(ramp()).convert("RGB")
    prints = {
        read_radiograph(picture(grey, "PNG")).fingerprint,
        read_radiograph(picture(colour, "PNG")).fingerprint,
        read_radiograph(picture(grey, "BMP")).fingerprint,
    }
    other = read_radiograph(picture(Image.fromarray(255 - ramp()), "PNG")).fingerprint
    assert len(prints) == 1
    assert len(other) == 64
    assert other not in prints


@pytest.mark.parametrize("encoding", ["PNG", "TIFF"])
def test_sixteen_bits_keep_their_fine_shades(encoding):
    values = ramp(16, "uint16")
    film = read_radiograph(picture(Image.fromarray(values), encoding))
    np.testing.assert_allclose(film.pixels, values / 65535, atol=1e-6)
    assert film.bit_depth == 16
    assert not film.notes


@pytest.mark.parametrize("bits", [10, 12, 14, 15])
def test_a_12_bit_film_in_a_16_bit_png_is_not_nearly_black(bits):
    film = read_radiograph(picture(Image.fromarray(ramp(bits, "uint16")), "PNG"))
    assert film.pixels.max() == 1.0
    assert said(film, f"{bits} bits")


@pytest.mark.parametrize("encoding", ["PNG", "TIFF"])
@pytest.mark.parametrize(
    ("low", "high"), [(0, 4200), (0, 5000), (0, 9000), (1000, 3000), (20000, 40000)]
)
def test_a_part_of_sixteen_bits_is_stretched_to_what_it_shows(encoding, low, high):
    values = (low + ramp() / 255.0 * (high - low)).round().astype(np.uint16)
    film = read_radiograph(picture(Image.fromarray(values), encoding))
    assert np.abs(film.pixels - ramp() / 255).max() < 0.01
    assert said(film, "stretched between the 0.5th and 99.5th percentile")


def test_a_white_marker_does_not_darken_a_deep_film():
    values = ramp(12, "uint16")
    values[0, :5] = 65535
    film = read_radiograph(picture(Image.fromarray(values), "PNG"))
    assert np.median(film.pixels) == pytest.approx(0.5, abs=0.02)


def test_a_flat_deep_picture_is_black():
    film = read_radiograph(picture(Image.fromarray(np.full((40, 40), 900, np.uint16)), "PNG"))
    assert film.pixels.max() == 0.0


@pytest.mark.parametrize(
    ("kinds", "is_read"), [((0, 1, 1), True), ((0, 0), False), ((1, 0), False)]
)
def test_previews_that_follow_a_film_do_not_cost_it(kinds, is_read):
    pages = [Image.fromarray(ramp()[:: page + 1, :: page + 1]) for page in range(len(kinds))]
    for page, kind in zip(pages, kinds, strict=True):
        page.encoderinfo = {"tiffinfo": {254: kind}}
    first, *rest = pages
    told = {"tiffinfo": {254: kinds[0]}}
    data = picture(first, "TIFF", save_all=True, append_images=rest, **told)
    if is_read:
        film = read_radiograph(data)
        np.testing.assert_array_equal(film.pixels, ramp().astype(np.float32) / np.float32(255))
    else:
        with pytest.raises(UnsupportedFilmError, match="several pictures"):
            read_radiograph(data)


def tiff(values, *, photometric, order):
    """Write the smallest uncompressed grey TIFF by hand: Pillow cannot write these."""
    raw = values.astype(values.dtype.newbyteorder(order)).tobytes()
    entries = [
        (256, 4, COLUMNS),
        (257, 4, ROWS),
        (258, 3, values.dtype.itemsize * 8),
        (259, 3, 1),
        (262, 3, photometric),
        (273, 4, 8),
        (277, 3, 1),
        (278, 4, ROWS),
        (279, 4, len(raw)),
    ]
    head = {"<": b"II*\x00", ">": b"MM\x00*"}[order] + struct.pack(order + "L", 8 + len(raw))
    table = struct.pack(order + "H", len(entries))
    for tag, kind, value in entries:
        packed = struct.pack(order + "L", value)
        if kind == 3:
            packed = struct.pack(order + "HH", value, 0)
        table += struct.pack(order + "HHL", tag, kind, 1) + packed
    return head + raw + table + struct.pack(order + "L", 0)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_a_tiff_with_white_as_zero_is_inverted_in_either_byte_order(order, dtype):
    bits = np.dtype(dtype).itemsize * 8
    values = ramp(bits, dtype)
    dark = read_radiograph(tiff(values, photometric=1, order=order))
    white = read_radiograph(tiff(values, photometric=0, order=order))
    np.testing.assert_allclose(dark.pixels, values / (2**bits - 1), atol=1e-6)
    np.testing.assert_allclose(white.pixels, 1 - dark.pixels, atol=1e-6)
    assert white.bit_depth == bits


def test_a_floating_point_tiff_is_scaled_by_its_finite_values():
    values = ramp().astype(np.float32) * 40 - 1000
    values[0, 5] = np.nan
    values[0, 6] = np.inf
    film = read_radiograph(picture(Image.fromarray(values), "TIFF"))
    assert np.isfinite(film.pixels).all()
    assert film.pixels[0, 5] == film.pixels[0, 6] == 0.0
    assert film.pixels[-1, -1] == 1.0
    assert said(film, "smallest and largest")


def test_a_floating_point_tiff_without_a_number_is_refused():
    with pytest.raises(UnsupportedFilmError, match="no finite number"):
        read_radiograph(picture(Image.fromarray(np.full((40, 40), np.nan, "f4")), "TIFF"))


def test_a_32_bit_tiff_is_scaled_by_its_range():
    film = read_radiograph(picture(Image.fromarray(ramp().astype(np.int32) - 100), "TIFF"))
    np.testing.assert_allclose(film.pixels, ramp() / 255, atol=1e-6)
    assert film.bit_depth == 32


def test_a_one_bit_picture_is_black_and_white():
    film = read_radiograph(picture(Image.fromarray(ramp() > 127), "PNG"))
    assert set(np.unique(film.pixels)) == {0.0, 1.0}
    assert film.bit_depth == 1


def test_a_palette_is_resolved():
    film = read_radiograph(picture(Image.fromarray(255 - ramp()).convert("P"), "PNG"))
    np.testing.assert_allclose(film.pixels, 1 - ramp() / 255, atol=1e-6)


def test_colour_becomes_luminance_and_is_said():
    red = np.zeros((40, 40, 3), dtype=np.uint8)
    red[..., 0] = 255
    film = read_radiograph(picture(Image.fromarray(red), "PNG"))
    np.testing.assert_allclose(film.pixels, 0.299, atol=1e-5)
    assert said(film, "colour")


def test_a_grey_film_saved_as_rgb_is_not_called_coloured():
    film = read_radiograph(picture(Image.fromarray(ramp()).convert("RGB"), "JPEG", quality=95))
    assert not film.notes


def test_a_cmyk_jpeg_has_the_right_polarity():
    white = Image.new("RGB", (40, 40), "white").convert("CMYK")
    assert read_radiograph(picture(white, "JPEG")).pixels.mean() > 0.95


@pytest.mark.parametrize("mode", ["LA", "RGBA"])
def test_transparent_parts_lie_over_black(mode):
    image = Image.new("L", (40, 40), 255)
    cover = Image.new("L", (40, 40), 255)
    cover.paste(0, (0, 0, 20, 40))
    image = image.convert(mode)
    image.putalpha(cover)
    film = read_radiograph(picture(image, "PNG"))
    assert film.pixels[:, :20].max() == 0.0
    assert film.pixels[:, 20:].min() == 1.0
    assert said(film, "over black")


def test_a_wholly_transparent_picture_still_shows_its_grey():
    image = Image.fromarray(ramp()).convert("LA")
    image.putalpha(0)
    assert read_radiograph(picture(image, "PNG")).pixels.max() == 1.0


@pytest.mark.parametrize("encoding", ["JPEG", "PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_orientation_tag_is_followed_once(encoding, orientation):
    upright = np.zeros((40, 60), dtype=np.uint8)
    upright[:8, :16] = 255
    stored = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.T,
        6: np.rot90(upright),
        7: np.rot90(upright, 2).T,
        8: np.rot90(upright, -1),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = Image.fromarray(np.ascontiguousarray(stored))
    options = {"tiffinfo": exif} if encoding == "TIFF" else {"exif": exif}
    film = read_radiograph(picture(image, encoding, **options))
    assert film.pixels.shape == (40, 60)
    assert np.abs(film.pixels - upright / 255).mean() < 0.02


@pytest.mark.parametrize(
    ("encoding", "options"),
    [("TIFF", {}), ("PNG", {}), ("WEBP", {"lossless": True}), ("GIF", {})],
)
def test_several_pictures_in_one_file_are_refused(encoding, options):
    first, second = Image.fromarray(ramp()), Image.fromarray(255 - ramp())
    data = picture(first, encoding, save_all=True, append_images=[second], **options)
    with pytest.raises(UnsupportedFilmError, match="GIF" if encoding == "GIF" else "several"):
        read_radiograph(data)


@pytest.mark.parametrize("fills_up", [False, True])
@pytest.mark.parametrize("encoding", ["JPEG", "PNG", "TIFF", "BMP", "WEBP"])
def test_half_a_film_is_damaged_not_half_black(encoding, fills_up, monkeypatch):
    # The library that sets our reports has Pillow fill up what it reads, in all of the process.
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", fills_up)
    noise = np.random.default_rng(0).integers(0, 256, (64, 64), dtype=np.uint8)
    data = picture(Image.fromarray(noise), encoding)
    with pytest.raises(DamagedFilmError, match="again"):
        read_radiograph(data[: len(data) // 2])


@pytest.mark.parametrize("encoding", ["JPEG", "PNG", "TIFF", "BMP", "WEBP"])
def test_too_many_pixels_are_refused_by_the_header_alone(encoding):
    data = picture(Image.new("L", (300, 200)), encoding)
    with pytest.raises(OversizedFilmError, match="300 x 200"):
        read_radiograph(data, max_pixels=59_999)
    assert read_radiograph(data, max_pixels=60_000).rows == 200


@pytest.mark.parametrize("encoding", ["PNG", "TIFF"])
def test_pillows_own_global_bound_plays_no_part(encoding, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    assert read_radiograph(picture(Image.fromarray(ramp()), encoding)).rows == ROWS


def test_a_png_that_claims_to_be_gigantic_is_never_decoded():
    header = struct.pack(">LLBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + struct.pack(">L", 13) + b"IHDR" + header
    data += struct.pack(">L", __import__("zlib").crc32(b"IHDR" + header))
    data += struct.pack(">L", 0) + b"IDAT" + struct.pack(">L", 0x35AF061E)
    with pytest.raises(OversizedFilmError):
        read_radiograph(data)


def test_a_thumbnail_is_refused_with_the_smallest_side_allowed():
    with pytest.raises(UnsupportedFilmError, match="at least 32"):
        read_radiograph(picture(Image.new("L", (200, 31)), "PNG"))


def test_too_many_bytes_are_refused():
    with pytest.raises(OversizedFilmError, match="PNEUMO_MAX_BYTES"):
        read_radiograph(bytes(100), max_bytes=99)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"", "empty"),
        (b"%PDF-1.7 a report", "PDF"),
        (b"PK\x03\x04" + bytes(200), "ZIP"),
        (b"BM is how this letter begins, and it goes on for a while", "no known picture"),
        (bytes(4096), "no known picture"),
        (b"\x08\x00", "no known picture"),
    ],
)
def test_what_is_no_picture_is_named_and_refused(data, name):
    with pytest.raises(NotAnImageError, match=name):
        read_radiograph(data)


@pytest.mark.parametrize("data", [b"\x00\x00\x00\x20ftypheic" + bytes(50), b"GIF89a" + bytes(50)])
def test_a_picture_format_that_is_not_accepted_is_refused_with_advice(data):
    with pytest.raises(UnsupportedFilmError, match="DICOM or PNG"):
        read_radiograph(data)


def test_a_garbled_exif_block_does_not_cost_the_film():
    exif = b"Exif\x00\x00II*\x00\x08\x00\x00\x00\x05\x00\x12\x01"
    assert read_radiograph(picture(Image.fromarray(ramp()), "JPEG", exif=exif)).rows == ROWS


def test_a_compressed_16_bit_tiff_reads_like_a_raw_one():
    image = Image.fromarray(ramp(16, "uint16"))
    raw = read_radiograph(picture(image, "TIFF"))
    packed = read_radiograph(picture(image, "TIFF", compression="tiff_lzw"))
    assert raw.fingerprint == packed.fingerprint
    assert TiffImagePlugin.READ_LIBTIFF is False


@pytest.mark.parametrize(("side", "rows"), [(None, 960), (480, 480), (481, 960), (120, 120)])
def test_jpeg_keeps_the_rows_that_are_needed(side: int | None, rows: int) -> None:
    shades = np.linspace(0, 255, 960).astype(np.uint8)
    data = picture(Image.fromarray(np.tile(shades[:, None], (1, 1000))), "JPEG", quality=95)
    film = read_radiograph(data, needed_side=side)
    assert film.rows == rows
    assert any("fraction" in note for note in film.notes) == (rows < 960)
    np.testing.assert_allclose(film.pixels[rows // 4].mean(), 0.25, atol=0.01)


def test_only_jpeg_is_decoded_smaller() -> None:
    data = picture(Image.new("L", (500, 400), 90), "PNG")
    assert read_radiograph(data, needed_side=50).rows == 400
