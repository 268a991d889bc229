from pathlib import Path

import numpy as np
import pytest

from pneumo.errors import PneumoError, UnsupportedFilmError
from pneumo.intake import read_radiograph

DATA = Path(__file__).parents[2].parent / "shared" / "data"
DICOM = DATA / "dicom"

needs_dicom = pytest.mark.skipif(not DICOM.is_dir(), reason="the shared DICOM films are absent")
needs_originals = pytest.mark.skipif(
    not (DATA / "originals").is_dir(), reason="the original films are absent"
)
needs_strangers = pytest.mark.skipif(
    not (DATA / "not_chest_xray").is_dir(), reason="the pictures that are no films are absent"
)


def read(path):
    return read_radiograph(path.read_bytes())


@needs_dicom
def test_the_relabelled_film_is_the_inverted_picture_of_its_twin():
    twin = read(DICOM / "chest" / "cr_mono2_8bit_jpegbaseline_rsna.dcm")
    fake = read(DICOM / "chest" / "cr_mono1_8bit_FAKE_rsna.dcm")
    np.testing.assert_allclose(fake.pixels, 1 - twin.pixels, atol=1e-6)


@needs_dicom
@pytest.mark.parametrize(
    ("name", "bit_depth"),
    [
        ("chest/cr_mono1_10bit_uncompressed_gdcm.dcm", 10),
        ("chest/cr_mono1_15bit_j2k_lossy_RG1.dcm", 15),
        ("chest/cr_mono2_8bit_jpegbaseline_rsna.dcm", 8),
        ("chest/dx_mono2_8bit_implicit_nih.dcm", 8),
    ],
)
def test_a_real_chest_film_has_lungs_darker_than_the_spine(name, bit_depth):
    film = read(DICOM / name)
    rows, columns = film.pixels.shape
    band = film.pixels[int(rows * 0.3) : int(rows * 0.55)]
    spine = np.median(band[:, int(columns * 0.48) : int(columns * 0.53)])
    lung = np.median(band[:, int(columns * 0.22) : int(columns * 0.32)])
    assert lung < spine - 0.1
    assert film.bit_depth == bit_depth


@needs_dicom
def test_the_hip_in_jpeg_ls_decodes():
    film = read(DICOM / "other_xray" / "cr_hip_mono2_10bit_jpegls.dcm")
    assert film.pixels.shape == (2140, 1760)
    assert "JPEG-LS" in film.encoding
    assert film.pixels.std() > 0.1


@needs_dicom
def test_colour_ultrasound_is_refused_with_advice():
    with pytest.raises(UnsupportedFilmError, match="colour"):
        read(DICOM / "not_xray" / "us_rgb_gdcm.dcm")


@needs_dicom
@pytest.mark.parametrize(("name", "modality"), [("ct_small", "CT"), ("mr_small", "MR")])
def test_other_modalities_are_read_and_named_for_a_later_gate(name, modality):
    assert read(DICOM / "not_xray" / f"{name}_pydicom.dcm").modality == modality


@needs_originals
def test_original_films_are_read_at_full_size_without_a_note():
    for path in sorted((DATA / "originals").rglob("*.jpeg"))[::10]:
        film = read(path)
        assert min(film.pixels.shape) > 100
        assert film.notes == ()
        assert film.pixels.std() > 0.05


@needs_strangers
def test_pictures_that_are_no_films_come_through_or_are_refused_but_never_crash():
    paths = [path for path in (DATA / "not_chest_xray").rglob("*") if path.is_file()]
    for path in paths:
        try:
            assert np.isfinite(read(path).pixels).all()
        except PneumoError as refusal:
            pytest.fail(f"{path.name}: {refusal}")
