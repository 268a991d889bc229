"""What one visitor has chosen and been told, as one typed object kept for the browser session.

Films live here and nowhere else: never in a cache that visitors share, never on disk.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import streamlit as st

from pneumo import Analysis, EnsemblePlan, Radiograph
from pneumo.ui.opinion.consultation import Consultation
from pneumo.ui.pictures import Picture

MOST_FILMS = 20
"""Most films of one visit; it bounds the memory that a visitor can ask for."""

_KEY = "visit"


@dataclass(frozen=True, eq=False)
class Film:
    """One film that a visitor chose.

    Attributes:
        label: the file's name, or what a synthetic film is called; shown to the visitor only.
        radiograph: the film.
        picture: the film for the screen, see `pneumo.ui.pictures.show_film`.
        synthetic: whether it was drawn from statistics and shows no child.
    """

    label: str
    radiograph: Radiograph
    picture: Picture
    synthetic: bool = False


@dataclass(frozen=True)
class Refusal:
    """A file that is no film, or none that can be read, and why."""

    label: str
    reason: str


@dataclass(frozen=True, eq=False)
class Reading:
    """A film with what the networks said, and the plan by which they said it."""

    film: Film
    analysis: Analysis
    plan: EnsemblePlan


@dataclass
class Visit:
    """From one empty page to the next.

    Attributes:
        number: counts the visits of this session; part of the widgets' keys, so that a new visit
            starts with empty ones.
        uploads: what became of each file, by the uploader's id, so that each is decoded once.
        drawn: the synthetic film on show, if any.
        draws: how many synthetic films were drawn in this session; the seed of the next.
        readings: the analysed films; empty until the networks were asked.
        consultations: what a language model was asked about each of them, by its place.
    """

    number: int = 1
    uploads: dict[str, Film | Refusal] = field(default_factory=dict)
    drawn: Film | None = None
    draws: int = 0
    readings: tuple[Reading, ...] = ()
    consultations: dict[int, Consultation] = field(default_factory=dict)

    @property
    def films(self) -> list[Film]:
        """The films that can be read, uploads first."""
        uploaded = [upload for upload in self.uploads.values() if isinstance(upload, Film)]
        return [*uploaded, self.drawn] if self.drawn else uploaded

    def consultation(self, place: int) -> Consultation:
        """Return the consultation about the film at that place among the readings."""
        return self.consultations.setdefault(place, Consultation())

    @property
    def refusals(self) -> list[Refusal]:
        """The files that cannot be read."""
        return [upload for upload in self.uploads.values() if isinstance(upload, Refusal)]


def current_visit() -> Visit:
    """Return this browser session's visit, begun if there is none."""
    visit: Visit = st.session_state.setdefault(_KEY, Visit())
    return visit


def begin_next_visit() -> None:
    """Forget the films and what was said about them; end what is still being asked."""
    past = current_visit()
    for consultation in past.consultations.values():
        consultation.cancel()
    st.session_state[_KEY] = Visit(number=past.number + 1, draws=past.draws)
