"""A kept film comes back as it was, and its file holds nothing but pixels."""

from __future__ import annotations

import io
import struct
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from pneumo.casebook.kept_film import KeptFilm, keep_film, restore_film
from pneumo.errors import CasebookError
from tests.casebook.films import draw_film

RNG = np.random.default_rng(3)


def chunks(png: bytes) -> list[bytes]:
    found, place = [], 8
    while place < len(png):
        (length,) = struct.unpack_from(">I", png, place)
        found.append(png[place + 4 : place + 8])
        place += 12 + length
    return found


def test_film_of_eight_bits_comes_back_to_the_last_bit() -> None:
    film = draw_film(notes=["Turned as the file's orientation tag asks."])
    back = restore_film(keep_film(film))
    assert back.fingerprint == film.fingerprint
    assert back.notes == film.notes
    assert not back.pixels.flags.writeable


@pytest.mark.parametrize(
    "greys",
    [
        RNG.integers(0, 65536, (40, 50)).astype(np.float32) / np.float32(65535),
        RNG.integers(0, 4096, (40, 50)).astype(np.float32) / np.float32(4095),
        (1 / (1 + np.exp(-RNG.integers(0, 4096, (40, 50)) / 800 + 2))).astype(np.float32),
    ],
    ids=["16 bits", "12 bits", "12 bits through a sigmoid window"],
)
def test_deeper_film_comes_back_to_the_last_bit(greys: np.ndarray) -> None:
    film = draw_film(
        greys, source="dicom", encoding="DICOM", bit_depth=12, spacing_mm=(0.15, 0.2), view="PA"
    )
    kept = keep_film(replace(film, body_part="CHEST", age_years=3))
    back = restore_film(kept)
    assert back.fingerprint == film.fingerprint
    assert (back.spacing_mm, back.view, back.bit_depth) == ((0.15, 0.2), "PA", 12)
    assert back.body_part == "CHEST"
    assert back.age_years is None  # It tells of the patient.
    assert Image.open(io.BytesIO(kept.png)).mode == "I;16"


def test_film_of_more_greys_than_codes_comes_back_within_half_a_code() -> None:
    film = draw_film(RNG.random((300, 400)).astype(np.float32))
    back = restore_film(keep_film(film))
    assert back.fingerprint != film.fingerprint
    assert np.abs(back.pixels - film.pixels).max() <= 1 / 131070 + 1e-7
    assert restore_film(keep_film(back)).fingerprint == back.fingerprint


def test_kept_file_holds_no_chunk_but_the_pixels() -> None:
    assert set(chunks(keep_film(draw_film()).png)) == {b"IHDR", b"IDAT", b"IEND"}


def test_damaged_film_says_so() -> None:
    kept = keep_film(draw_film())
    other = keep_film(draw_film(np.zeros((60, 90), np.float32)))
    colour = io.BytesIO()
    Image.new("RGB", (90, 60)).save(colour, "PNG")
    for bad in (
        KeptFilm(kept.png[:-40], kept.facts),
        KeptFilm(b"", kept.facts),
        KeptFilm(other.png, kept.facts),
        KeptFilm(colour.getvalue(), kept.facts),
        KeptFilm(kept.png, "{}"),
    ):
        with pytest.raises(CasebookError, match="pixels are damaged"):
            restore_film(bad)


def test_film_larger_than_any_is_not_decoded() -> None:
    with pytest.raises(CasebookError):
        restore_film(keep_film(draw_film()), max_pixels=100)
