"""The frozen records that the stages hand each other, from film to verdict."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

import numpy as np
from numpy.typing import NDArray

CLASSES: tuple[str, str] = ("NORMAL", "PNEUMONIA")
"""Class order of every network: index 0 is NORMAL, index 1 is PNEUMONIA."""

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


@dataclass(frozen=True, eq=False)
class Analysis:
    """All that the networks say about one film: the verdict and a heat map each."""

    prediction: Prediction
    explanations: tuple[Explanation, ...]


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
