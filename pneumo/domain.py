"""The frozen records that the stages hand each other, from film to verdict."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

import numpy as np
from numpy.typing import NDArray

CLASSES: tuple[str, str] = ("NORMAL", "PNEUMONIA")
"""Class order of every network: index 0 is NORMAL, index 1 is PNEUMONIA."""

ADULT = 18
"""Years; whoever is older is recorded as this old."""

ENSEMBLE = "ensemble"
"""The name under which the networks' joint score and heat map go."""


class Verdict(StrEnum):
    """What a score says at an operating point."""

    PNEUMONIA = "PNEUMONIA"
    NORMAL = "NORMAL"
    INDETERMINATE = "INDETERMINATE"


@dataclass(frozen=True, eq=False)
class Radiograph:
    """One grey projection film, freed of everything that could name a patient.

    Attributes:
        pixels: shape (rows, columns), float32 in [0, 1]; 0 is black, bone is bright.
        source: whether the bytes were a picture file or a DICOM object.
        encoding: the format found in the bytes, for people, e.g. "JPEG" or
            "DICOM, JPEG 2000".
        bit_depth: bits of grey that the file stored per pixel.
        spacing_mm: distance between rows and between columns in millimetres, None if unknown.
        view: DICOM View Position (0018,5101) such as "PA", "AP" or "LL"; None if unknown.
        modality: DICOM Modality (0008,0060) such as "DX" or "CR"; None if unknown.
        body_part: DICOM Body Part Examined (0018,0015) such as "CHEST"; None if unknown.
        age_years: DICOM Patient's Age (0010,1010) in whole years, ADULT for that age and above,
            so that nobody old is singled out; else the years from birth to examination; None if
            unknown. No date is kept.
        notes: what the intake had to do to the pixels, one sentence each.
        fingerprint: SHA-256 of shape and pixels, hexadecimal: equal films have equal ones.
    """

    pixels: NDArray[np.float32]
    source: Literal["picture", "dicom"]
    encoding: str
    bit_depth: int
    spacing_mm: tuple[float, float] | None = None
    view: str | None = None
    modality: str | None = None
    body_part: str | None = None
    age_years: int | None = None
    notes: tuple[str, ...] = ()
    fingerprint: str = ""

    @property
    def rows(self) -> int:
        """Height in pixels."""
        return int(self.pixels.shape[0])

    @property
    def columns(self) -> int:
        """Width in pixels."""
        return int(self.pixels.shape[1])


@dataclass(frozen=True)
class OperatingPoint:
    """A named threshold, frozen on validation films.

    Attributes:
        name: "rule-out", "balanced" or "rule-in".
        threshold: calibrated probability in [0, 1] at and above which a film is PNEUMONIA.
        band: the probabilities (low, high) around the threshold that are INDETERMINATE.
        sensitivity: measured on the validation films, in [0, 1].
        specificity: likewise.
        n: number of validation films.
    """

    name: str
    threshold: float
    band: tuple[float, float]
    sensitivity: float
    specificity: float
    n: int


@dataclass(frozen=True)
class MemberScore:
    """One network's say: its calibrated probability of pneumonia in [0, 1] and verdict."""

    name: str
    title: str
    probability: float
    verdict: Verdict


@dataclass(frozen=True)
class Prediction:
    """The networks' joint verdict on one film.

    Attributes:
        verdict: what the probability says at the operating point, band included.
        leaning: PNEUMONIA or NORMAL by the threshold alone, also inside the band.
        probability: calibrated probability of pneumonia in [0, 1].
        members: every network's own score.
        spread: largest minus smallest member probability, in [0, 1].
        split_vote: whether the members' own thresholds disagree.
        operating_point: the point that was applied.
        model_version: short hash of the ensemble and of all weights that it names.
    """

    verdict: Verdict
    leaning: Verdict
    probability: float
    members: tuple[MemberScore, ...]
    spread: float
    split_vote: bool
    operating_point: OperatingPoint
    model_version: str


@dataclass(frozen=True, eq=False)
class Explanation:
    """Where one network found evidence.

    Attributes:
        name: the network's name, or ENSEMBLE for the weighted mean of all.
        title: the name for people.
        evidence: shape (rows, columns) on the network's own coarse grid over the whole film,
            float32 in [-1, 1]; positive speaks for PNEUMONIA, negative for NORMAL.
    """

    name: str
    title: str
    evidence: NDArray[np.float32]


class Usability(StrEnum):
    """Whether a film is one that the networks were made for."""

    FINE = "fine"
    WARNED = "usable with warnings"
    REFUSED = "refused"


Remedy = Literal["", "rotate 90", "rotate 180", "rotate 270", "invert", "mirror"]


@dataclass(frozen=True)
class Concern:
    """One reason to doubt that a score of a film means anything.

    Attributes:
        name: in a few words, such as "upside down" or "not a chest film".
        message: what was seen and what to do, in whole sentences.
        refuses: whether it alone refuses the film; else it warns.
        value: what was measured; None where the file's own words are the reason.
        threshold: from where on the measurement is a concern; None likewise.
        remedy: what mends the film, counted anticlockwise; empty if nothing simple does.
    """

    name: str
    message: str
    refuses: bool = False
    value: float | None = None
    threshold: float | None = None
    remedy: Remedy = ""


@dataclass(frozen=True)
class FilmQuality:
    """What the gate says of one film.

    Attributes:
        usability: fine, usable with warnings, or refused.
        concerns: the reasons, those that refuse first; empty if it is fine.
        distance: how unlike the training films it is; None if that was not measured.
        distance_threshold: the distance above which a film is unlike them; None likewise.
        gate_version: short hash of the gate; empty if only the file's own words were looked at.
    """

    usability: Usability
    concerns: tuple[Concern, ...]
    distance: float | None = None
    distance_threshold: float | None = None
    gate_version: str = ""

    @classmethod
    def of(
        cls,
        concerns: Iterable[Concern],
        *,
        distance: float | None = None,
        distance_threshold: float | None = None,
        gate_version: str = "",
    ) -> FilmQuality:
        """Return the quality that some concerns, in any order, add up to."""
        ordered = tuple(sorted(concerns, key=lambda concern: not concern.refuses))
        usability = Usability.WARNED if ordered else Usability.FINE
        if ordered and ordered[0].refuses:
            usability = Usability.REFUSED
        return cls(usability, ordered, distance, distance_threshold, gate_version)


@dataclass(frozen=True)
class PredictionSet:
    """The classes that the networks cannot rule out for one film.

    Attributes:
        coverage: the share of films, class by class, whose true class such sets shall hold.
        classes: of CLASSES; both where the film is unclear, none where it is unlike either.
    """

    coverage: float
    classes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Analysis:
    """All that is said about one film.

    Attributes:
        prediction: the networks' verdict.
        explanations: a heat map each.
        quality: what the gate says of the film; None where no gate is there.
        sets: the prediction sets, one a stated coverage; empty where none were calibrated.
    """

    prediction: Prediction
    explanations: tuple[Explanation, ...]
    quality: FilmQuality | None = None
    sets: tuple[PredictionSet, ...] = ()


Adequacy = Literal["yes", "no", "cannot tell"]
View = Literal["AP", "PA", "lateral", "cannot tell"]
Side = Literal["left", "right", "both", "midline", "cannot tell"]
Zone = Literal["upper", "middle", "lower", "perihilar", "whole", "not in the lungs", "cannot tell"]
FindingCertainty = Literal["definite", "probable", "possible"]
Certainty = Literal["high", "moderate", "low"]


@dataclass(frozen=True)
class Finding:
    """One thing that a reader of the film names.

    Attributes:
        name: what is seen, e.g. "consolidation".
        side: the patient's side, not the picture's.
        zone: the part of the lung, or that it lies elsewhere.
        certainty: how sure the reader is of it.
    """

    name: str
    side: Side
    zone: Zone
    certainty: FindingCertainty


@dataclass(frozen=True)
class Opinion:
    """What a second reader, a vision language model, says about one film.

    Attributes:
        image_adequate: whether the film is good enough to be read.
        adequacy_reason: why, in a sentence; may be empty.
        view: how the film was taken, as far as the picture tells.
        findings: the findings, the most important first; empty if there is none.
        impression: the reading in prose.
        verdict: the answer to the networks' question.
        certainty: how sure the reader is of the verdict, in a word.
        limitations: what the reader could not judge; may be empty.
        changes: in a second, informed read, what it changes in the first; empty otherwise.
    """

    image_adequate: Adequacy
    adequacy_reason: str
    view: View
    findings: tuple[Finding, ...]
    impression: str
    verdict: Verdict
    certainty: Certainty
    limitations: str
    changes: str = ""
