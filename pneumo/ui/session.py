"""What one visitor has chosen and been told, as one typed object kept for the browser session.

Films live here and nowhere else: never in a cache that visitors share, never on disk.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

import streamlit as st

from pneumo import Analysis, EnsemblePlan, Radiograph
from pneumo.casebook.records import Case, Read, Reference, now_utc
from pneumo.decision.partial import PartAnalysis
from pneumo.domain import Usability
from pneumo.intake.mending import Mend
from pneumo.ui.access.held_files import forget_files
from pneumo.ui.opinion.consultation import Consultation
from pneumo.ui.pictures import Picture, show_film

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
        before: the film as it was chosen, if the visitor had it turned or inverted since.
        mends: what the visitor had done to it since, in this order.
        overridden: whether the gate refused it and the visitor wants the verdict all the same;
            the picture says so.
    """

    label: str
    radiograph: Radiograph
    picture: Picture
    synthetic: bool = False
    before: Film | None = None
    mends: tuple[Mend, ...] = ()
    overridden: bool = False


@dataclass(frozen=True)
class Refusal:
    """A file that is no film, or none that can be read, and why.

    It is `passing` if the same file may well be taken a moment later.
    """

    label: str
    reason: str
    passing: bool = False


@dataclass(frozen=True, eq=False)
class Unread:
    """A film that the networks could not read when they were asked, and why.

    Where only some of them failed, `part` is what the others say.
    """

    film: Film
    reason: str
    part: PartAnalysis | None = None


@dataclass(frozen=True, eq=False)
class Reading:
    """A film with what the networks said, the plan by which they said it, and when, in UTC.

    `faults` says why a guard of the networks, such as the gate, could not be asked.
    """

    film: Film
    analysis: Analysis
    plan: EnsemblePlan
    read_at: datetime = field(default_factory=now_utc)
    faults: tuple[str, ...] = ()

    @property
    def is_withheld(self) -> bool:
        """Whether the gate refused the film and nobody has asked for the verdict all the same."""
        quality = self.analysis.quality
        refused = quality is not None and quality.usability is Usability.REFUSED
        return refused and not self.film.overridden

    def overridden(self) -> Reading:
        """Return the reading of a film that the gate refused with its verdict, picture marked."""
        film = self.film
        marked = show_film(film.radiograph, synthetic=film.synthetic, refused=True)
        return replace(self, film=replace(film, picture=marked, overridden=True))


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
        unread: the films that the networks could not read; they stay chosen.
        consultations: what a language model was asked about each of them, by its place.
        reads: what the visitor committed to about each of them, the oldest first, by its place.
        references: the answers that the visitor entered for them, by the film's place.
        saved: the case of each of them as the visitor saved it last, by its place.
    """

    number: int = 1
    uploads: dict[str, Film | Refusal] = field(default_factory=dict)
    drawn: Film | None = None
    draws: int = 0
    readings: tuple[Reading, ...] = ()
    unread: tuple[Unread, ...] = ()
    consultations: dict[int, Consultation] = field(default_factory=dict)
    reads: dict[int, tuple[Read, ...]] = field(default_factory=dict)
    references: dict[int, Reference] = field(default_factory=dict)
    saved: dict[int, Case] = field(default_factory=dict)

    @property
    def films(self) -> list[Film]:
        """The films that can be read, uploads first."""
        uploaded = [upload for upload in self.uploads.values() if isinstance(upload, Film)]
        return [*uploaded, self.drawn] if self.drawn else uploaded

    def consultation(self, place: int) -> Consultation:
        """Return the consultation about the film at that place among the readings."""
        return self.consultations.setdefault(place, Consultation())

    def show_instead(self, place: int, reading: Reading) -> None:
        """Put a mended film's reading in the place of the old one.

        What a language model said of the other picture, and the case that it was saved in, are
        not about this one; what the visitor read and answered is.
        """
        self.readings = (*self.readings[:place], reading, *self.readings[place + 1 :])
        if (consultation := self.consultations.pop(place, None)) is not None:
            consultation.cancel()
        self.saved.pop(place, None)

    def override(self, place: int) -> None:
        """Let a film that the gate refused have its verdict, its picture marked for good."""
        reading = self.readings[place].overridden()
        self.readings = (*self.readings[:place], reading, *self.readings[place + 1 :])

    @property
    def refusals(self) -> list[Refusal]:
        """The files that cannot be read, and the films that the networks could not."""
        refused = [upload for upload in self.uploads.values() if isinstance(upload, Refusal)]
        films = self.films
        unread = [Refusal(u.film.label, u.reason) for u in self.unread if u.film in films]
        return [*refused, *unread]


def current_visit() -> Visit:
    """Return this browser session's visit, begun if there is none."""
    visit: Visit = st.session_state.setdefault(_KEY, Visit())
    return visit


def begin_next_visit() -> None:
    """Forget the films and what was said about them; end what is still being asked."""
    past = current_visit()
    for consultation in past.consultations.values():
        consultation.cancel()
    forget_files(past.uploads)
    st.session_state[_KEY] = Visit(number=past.number + 1, draws=past.draws)
