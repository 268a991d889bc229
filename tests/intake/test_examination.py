"""What a DICOM file says of its examination, however it is spelt."""

from __future__ import annotations

from typing import Any

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from pneumo.domain import ADULT
from pneumo.intake import read_radiograph
from pneumo.intake.quality import FilmFile, find_file_concerns
from tests.intake.synthetic_films import data_set, dicom, ramp, saved


def concerns_of(**elements: Any) -> list[str]:
    film = FilmFile.of(read_radiograph(dicom(ramp(), **elements)))
    return [concern.name for concern in find_file_concerns(film) if concern.refuses]


@pytest.mark.parametrize(
    "view",
    [
        "LL",
        "RL",
        "LAT",
        "lateral",
        "LLAT",
        "RLAT",
        "LEFT LATERAL",
        "Lat-Left",
        "L/LAT",
        "LATERAL_R",
    ],
)
def test_a_lateral_view_is_noticed_however_it_is_spelt(view: str) -> None:
    assert concerns_of(ViewPosition=view) == ["not a frontal view"]


@pytest.mark.parametrize(
    "view", ["AP", "PA", "ap", "AP SUPINE", "AP LATERAL DECUBITUS", "FLAT", ""]
)
def test_a_frontal_view_is_none(view: str) -> None:
    assert concerns_of(ViewPosition=view) == []


@pytest.mark.parametrize(
    "part",
    ["ABDOMEN AP SUPINE 1V", "HAND/WRIST", "L-SPINE", "Abdomen", "LSPINE", "UPPER ARM", "Knees"],
)
def test_another_part_of_the_body_is_noticed_however_it_is_spelt(part: str) -> None:
    assert concerns_of(BodyPartExamined=part) == ["another part of the body"]


@pytest.mark.parametrize("part", ["CHEST", "Chest-PA", "PORT.CHEST 1V", "THORAX", "TORAX", ""])
def test_a_chest_is_none(part: str) -> None:
    assert concerns_of(BodyPartExamined=part) == []


def test_words_are_not_joined_to_parts_that_nobody_wrote() -> None:
    # Run together, these hold TOE.
    film = FilmFile.of(read_radiograph(dicom(ramp(), BodyPartExamined="PORTABLE TO ED")))
    names = [concern.name for concern in find_file_concerns(film)]
    assert "unknown part of the body" in names


def test_a_machine_in_small_letters_is_the_same_machine() -> None:
    assert concerns_of(Modality="ct") == ["not a plain film"]


def coded(keyword: str, value: str) -> dict[str, Sequence]:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator = value, "SCT"
    return {keyword: Sequence([item])}


@pytest.mark.parametrize("value", ["399173006", "R-10236", "399067008"])
def test_a_coded_lateral_view_is_noticed(value: str) -> None:
    assert concerns_of(**coded("ViewCodeSequence", value)) == ["not a frontal view"]
    assert concerns_of(ViewPosition="PA", **coded("ViewCodeSequence", value)) == []


@pytest.mark.parametrize("value", ["85562004", "T-D8700"])
def test_a_coded_hand_is_noticed(value: str) -> None:
    assert concerns_of(**coded("AnatomicRegionSequence", value)) == ["another part of the body"]


@pytest.mark.parametrize("value", ["816094009", "T-D3000", "123", ""])
def test_a_coded_chest_or_an_unknown_code_is_none(value: str) -> None:
    assert concerns_of(**coded("AnatomicRegionSequence", value)) == []


@pytest.mark.parametrize(
    ("age", "years"), [("45Y", ADULT), ("045y", ADULT), ("3Y", 3), ("18m", 1), ("1234Y", None)]
)
def test_an_age_without_its_zeros_is_read(age: str, years: int | None) -> None:
    # Small letters and missing zeros break the standard, and pydicom would not write them.
    ds = data_set(ramp(), PatientAge="001Y")
    data = saved(ds).replace(b"AS\x04\x00001Y", f"AS\x06\x00{age:6}".encode("latin-1"))
    assert read_radiograph(data).age_years == years


@pytest.mark.parametrize(
    ("born", "taken", "years"),
    [
        ("20150310", "20180309", 2),
        ("20150310", "20180310", 3),
        ("1950.03.10", "20180310", ADULT),
        ("19000101", "20200101", None),
        ("20200101", "20180101", None),
        ("20151310", "20180310", None),
        ("", "20180310", None),
        ("20150310", "", None),
    ],
)
def test_age_is_counted_from_dates_where_the_file_states_none(
    born: str, taken: str, years: int | None
) -> None:
    film = read_radiograph(dicom(ramp(), PatientBirthDate=born, StudyDate=taken))
    assert film.age_years == years
    assert "2015" not in repr(film)
    stated = dicom(ramp(), PatientAge="004Y", PatientBirthDate=born, StudyDate=taken)
    assert read_radiograph(stated).age_years == 4
