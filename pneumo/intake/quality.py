"""A radiograph → what its file says against a score of it: its tags, its size, its colour."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pneumo.domain import ADULT, Concern, Radiograph
from pneumo.intake.pixel_quality import Range
from pneumo.intake.shades import IN_COLOUR

# DICOM PS3.3 C.7.3.1.1.1: projection radiography, films that were scanned or photographed, and OT
# and SC, which say nothing.
_PROJECTION = frozenset({"CR", "DX", "DR", "XR", "RG", "RF", "HC", "OT", "SC"})
_MODALITIES = {
    "CT": "computed tomography",
    "MR": "magnetic resonance",
    "US": "ultrasound",
    "MG": "mammography",
    "NM": "nuclear medicine",
    "PT": "positron emission tomography",
    "XC": "photography",
    "XA": "angiography",
}
_LATERAL = re.compile(r"LAT|LAT[LR]|[LR]LAT|LATERALE?|[LR]LATERAL|[LR]L|[LR]L[DO]|ML|LM|PROFILE?")
_FRONTAL = frozenset({"AP", "PA"})
_CHEST = ("CHEST", "THORAX", "TORAX", "LUNG", "RIB", "HEART", "TRUNK", "BABYGRAM")
# DICOM PS3.16 annex L, with what else is often written.
_ELSEWHERE = (
    "ABDOMEN", "ANKLE", "ARM", "BRAIN", "BREAST", "CALF", "CLAVICLE", "COCCYX", "CSPINE", "ELBOW",
    "EXTREMITY", "FEMUR", "FINGER", "FOOT", "FOREARM", "HAND", "HEAD", "HIP", "HUMERUS", "JAW",
    "KNEE", "LEG", "LSPINE", "NECK", "PELVIS", "SACRUM", "SCAPULA", "SHOULDER", "SKULL", "SPINE",
    "TEETH", "THIGH", "THUMB", "TIBIA", "TOE", "TOOTH", "WRIST",
)  # fmt: skip

AGES = (1, 5)
"""Years of the children whose films the networks learned from."""

SMALLEST_SIDE = 140
"""Pixels. Of 1,566 training films at original size, none had a shorter side."""

ASPECTS = (0.6, 3.4)
"""Width by height. Of the same films, the narrowest had 0.84 and the widest 3.18."""


@dataclass(frozen=True)
class FilmFile:
    """What is known of a film before anybody looks at it; see `Radiograph` for the fields."""

    rows: int
    columns: int
    modality: str | None = None
    view: str | None = None
    body_part: str | None = None
    age_years: int | None = None
    in_colour: bool = False

    @classmethod
    def of(cls, radiograph: Radiograph) -> FilmFile:
        """Return what is known of a radiograph."""
        return cls(
            radiograph.rows,
            radiograph.columns,
            radiograph.modality,
            radiograph.view,
            radiograph.body_part,
            radiograph.age_years,
            IN_COLOUR in radiograph.notes,
        )


def find_doubts(radiograph: Radiograph) -> tuple[str, ...]:
    """Return one sentence for each reason in the file to distrust a score; empty if none."""
    return tuple(concern.message for concern in find_file_concerns(FilmFile.of(radiograph)))


def find_file_concerns(film: FilmFile) -> list[Concern]:
    """Return what a file's own words, size and colour say against a score of its film."""
    return [*_doubt_tags(film), *_doubt_size(film)]


def _doubt_tags(film: FilmFile) -> Iterator[Concern]:
    if film.modality is not None and film.modality not in _PROJECTION:
        meaning = f" ({_MODALITIES[film.modality]})" if film.modality in _MODALITIES else ""
        yield Concern(
            "not a plain film",
            f"The file says modality {film.modality}{meaning}; the networks know plain films "
            "only. Choose the chest film itself.",
            refuses=True,
        )
    if film.view is not None and _is_lateral(film.view):
        yield Concern(
            "not a frontal view",
            f"The file says view {film.view}; the networks know frontal films only. Choose the "
            "AP or PA film of the same examination.",
            refuses=True,
        )
    if film.body_part is not None and not any(part in film.body_part for part in _CHEST):
        words = _words(film.body_part)
        elsewhere = any(word.startswith(_ELSEWHERE) or word.endswith(_ELSEWHERE) for word in words)
        yield Concern(
            "another part of the body" if elsewhere else "unknown part of the body",
            f"The file says body part {film.body_part}; the networks know chest films only. "
            "Choose a film of the chest, or look whether the file is labelled wrongly.",
            refuses=elsewhere,
        )
    if film.age_years is not None and not AGES[0] <= film.age_years <= AGES[1]:
        age = {0: "under 1 year", 1: "1 year", ADULT: f"{ADULT} years or more"}
        yield Concern(
            "outside the population",
            "This film is outside the population that the networks were trained on: the file "
            f"says an age of {age.get(film.age_years, f'{film.age_years} years')}, and they know "
            f"children aged {AGES[0]} to {AGES[1]}. How well they read others is unknown.",
            value=float(film.age_years),
            threshold=float(AGES[film.age_years > AGES[1]]),
        )
    if film.in_colour:
        yield Concern(
            "in colour",
            "The picture holds colour, which films do not. Export the film itself, without marks, "
            "heat maps or a photograph of the screen.",
        )


def _words(said: str) -> list[str]:
    return said.replace("_", " ").split()


def _is_lateral(view: str) -> bool:
    """Tell whether a view's words say that it is lateral, and none that it is frontal.

    A film taken from the front with the child on its side is one of "AP LATERAL DECUBITUS".
    """
    words = _words(view)
    return _FRONTAL.isdisjoint(words) and any(_LATERAL.fullmatch(word) for word in words)


def _doubt_size(film: FilmFile) -> Iterator[Concern]:
    size = f"{film.columns} x {film.rows}"
    if (shortest := min(film.rows, film.columns)) < SMALLEST_SIDE:
        yield Concern(
            "too small",
            f"The film has {size} pixels; the networks know films of at least {SMALLEST_SIDE} "
            "pixels a side only. Export it at its full size.",
            value=float(shortest),
            threshold=float(SMALLEST_SIDE),
        )
    aspect = film.columns / film.rows
    if (end := Range(*ASPECTS).broken_by(aspect)) is not None:
        yield Concern(
            "unusual shape",
            f"The film has {size} pixels, {aspect:.2f} times as wide as high; the networks know "
            f"{ASPECTS[0]} to {ASPECTS[1]}. Export the whole film and nothing beside it.",
            value=round(aspect, 3),
            threshold=end,
        )
