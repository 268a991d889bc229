"""A case and, if it was kept, its film → the report's pictures, as data URLs with their words."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass

from PIL import Image

from pneumo.casebook.pictures import Picture, draw_colour_bar, lay_heat_map, show_film, show_grey
from pneumo.casebook.records import Case
from pneumo.domain import ENSEMBLE, Explanation, Radiograph
from pneumo.wording import HEAT_MAP_CAVEAT

OPACITY = 0.6
_JPEG_QUALITY = 88
_NO_FILM = (
    "The film's pixels were not kept with this case, so that the heat map lies on even grey: it "
    "shows where on the film the evidence was, and nothing of the film."
)
_NO_MAP = "No heat map was kept with this case."


@dataclass(frozen=True)
class Shown:
    """One picture: where a page finds it, what it shows for who cannot see it, and its caption."""

    source: str
    alt: str
    caption: str


@dataclass(frozen=True)
class Pictures:
    """What a report shows: film and heat map, or what there is of them; and what to know."""

    shown: tuple[Shown, ...]
    colour_bar: str
    caveat: str


def draw_pictures(case: Case, film: Radiograph | None) -> Pictures:
    """Draw the film and the evidence that the networks together found for what they lean to."""
    labels = {
        "synthetic": case.film.synthetic,
        "refused": case.latest.quality.get("usability") == "refused",
    }
    shown, leaning = [], case.latest.prediction.leaning
    word = "Synthetic film" if case.film.synthetic else "Film"
    if film is None:
        ground = show_grey(case.film.rows, case.film.columns, **labels)
    else:
        ground = show_film(film, **labels)
        shown.append(Shown(_encode(ground), "Chest film", f"{word}, reduced for print"))
    explanation = _find_joint(case.latest.explanations)
    caveats = [] if film else [_NO_FILM]
    if explanation is not None:
        overlay = lay_heat_map(ground, explanation, leaning, opacity=OPACITY)
        caption = f"Evidence for {leaning}, {explanation.title.lower()} of all networks"
        if explanation.name != ENSEMBLE:
            caption = f"Evidence for {leaning}, {explanation.title}"
        alt = f"Heat map of the evidence for {leaning}" + (" over the chest film" if film else "")
        shown.append(Shown(_encode(overlay), alt, caption))
    caveats.append(_NO_MAP if explanation is None else HEAT_MAP_CAVEAT)
    bar = "" if explanation is None else _encode(draw_colour_bar(leaning))
    return Pictures(tuple(shown), bar, " ".join(caveats))


def _find_joint(explanations: tuple[Explanation, ...]) -> Explanation | None:
    joint = [explanation for explanation in explanations if explanation.name == ENSEMBLE]
    return next(iter([*joint, *explanations]), None)


def _encode(picture: Picture) -> str:
    stored = io.BytesIO()
    Image.fromarray(picture).save(stored, "JPEG", quality=_JPEG_QUALITY, subsampling=0)
    return f"data:image/jpeg;base64,{base64.b64encode(stored.getvalue()).decode('ascii')}"
