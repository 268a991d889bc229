"""A radiograph → what is kept of it in any case, none of which shows it or names a patient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pneumo.domain import Radiograph
from pneumo.intake.mending import Mend


@dataclass(frozen=True)
class FilmFacts:
    """What is kept of a film in any case; nothing of it shows the film or names a patient.

    Attributes:
        fingerprint: SHA-256 of shape and pixels, hexadecimal, of the film as it was read.
        rows: height in pixels, likewise.
        columns: width in pixels.
        source: "picture" or "dicom".
        encoding: the file's format, for people.
        synthetic: whether the film was drawn from statistics.
        mends: what the reader had done to the film before it was read, in this order.
        chosen_fingerprint: of the film as it was chosen, before that; the same one if nothing was
            done to it.
    """

    fingerprint: str
    rows: int
    columns: int
    source: Literal["picture", "dicom"]
    encoding: str
    synthetic: bool = False
    mends: tuple[Mend, ...] = ()
    chosen_fingerprint: str = ""

    def __post_init__(self) -> None:
        """Fill in the fingerprint of a film that nothing was done to."""
        if not self.chosen_fingerprint:
            object.__setattr__(self, "chosen_fingerprint", self.fingerprint)

    @classmethod
    def of(
        cls,
        radiograph: Radiograph,
        *,
        synthetic: bool = False,
        mends: tuple[Mend, ...] = (),
        chosen: Radiograph | None = None,
    ) -> FilmFacts:
        """Return what is kept of a radiograph.

        Args:
            radiograph: as the networks read it.
            synthetic: whether it was drawn from statistics.
            mends: what the reader had done to it.
            chosen: the film before that; None if nothing was done.
        """
        return cls(
            radiograph.fingerprint,
            radiograph.rows,
            radiograph.columns,
            radiograph.source,
            radiograph.encoding,
            synthetic,
            mends,
            (chosen or radiograph).fingerprint,
        )
