"""Films and a strength → the same films with a part hidden or a property changed.

Each distortion takes something away that a network might live on. What the networks' scores do
then tells whether they did.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from pneumo.domain import Radiograph
from pneumo.networks.films import squash

Film = NDArray[np.uint8]


@dataclass(frozen=True)
class Distortion:
    """One way to change a film.

    Attributes:
        name: key in DISTORTIONS and in the files.
        title: name for people.
        unit: what a strength is counted in.
        unchanged: the strength that leaves a film as it was.
        strengths: those that the networks are asked at, from the mildest to the strongest.
        asks: the question that the distortion puts to a network.
        suspect: what a network would show that reads something else than the lungs.
        apply: one film, shape (side, side), a strength and a source of chance → the changed film.
    """

    name: str
    title: str
    unit: str
    unchanged: float
    strengths: tuple[float, ...]
    asks: str
    suspect: str
    apply: Callable[[Film, float, np.random.Generator], Film]


def distort(films: Film, distortion: Distortion, strength: float, *, seed: int = 1) -> Film:
    """Return films at one strength of a distortion.

    Args:
        films: shape (n, side, side), uint8.
        distortion: an entry of DISTORTIONS.
        strength: in the distortion's unit; `distortion.unchanged` gives the films as they were.
        seed: of the noise; film k is given the same pattern of noise at every strength.

    Returns:
        Shape (n, side, side), uint8, memory of its own.
    """
    if strength == distortion.unchanged:
        return films.copy()
    return np.stack(
        [
            distortion.apply(film, strength, np.random.default_rng([seed, place]))
            for place, film in enumerate(films)
        ]
    )


def show_distorted(radiograph: Radiograph, distortion: Distortion, strength: float) -> Radiograph:
    """Return a film as the networks are given it: squashed to a square, and then distorted."""
    film = np.rint(squash(radiograph) * 255).astype(np.uint8)
    changed = distort(film[np.newaxis], distortion, strength)[0]
    return replace(radiograph, pixels=changed.astype(np.float32) / 255.0, spacing_mm=None)


def _inner(side: int, share: float) -> slice:
    """Return the rows, or columns, of a centred square that takes up this share of the side."""
    margin = round(side * (1 - share) / 2)
    return slice(margin, side - margin)


def _hide_centre(film: Film, percent: float, _: np.random.Generator) -> Film:
    changed, inner = film.copy(), _inner(len(film), percent / 100)
    changed[inner, inner] = 0
    return changed


def _hide_border(film: Film, percent: float, _: np.random.Generator) -> Film:
    changed, inner = np.zeros_like(film), _inner(len(film), 1 - 2 * percent / 100)
    changed[inner, inner] = film[inner, inner]
    return changed


def _blur(film: Film, sigma: float, _: np.random.Generator) -> Film:
    return np.array(Image.fromarray(film).filter(ImageFilter.GaussianBlur(sigma)))


def _recompress(film: Film, quality: float, _: np.random.Generator) -> Film:
    stored = io.BytesIO()
    Image.fromarray(film).save(stored, "JPEG", quality=int(quality))
    return np.array(Image.open(stored))


def _invert(film: Film, _strength: float, _: np.random.Generator) -> Film:
    return 255 - film


def _rotate(film: Film, degrees: float, _: np.random.Generator) -> Film:
    # Pillow turns by multiples of 90 degrees without interpolating; corners are filled with black.
    return np.array(Image.fromarray(film).rotate(degrees, Image.Resampling.BILINEAR))


def _add_noise(film: Film, sigma: float, rng: np.random.Generator) -> Film:
    return np.rint(np.clip(film + rng.normal(0.0, sigma, film.shape), 0, 255)).astype(np.uint8)


DISTORTIONS: dict[str, Distortion] = {
    distortion.name: distortion
    for distortion in (
        Distortion(
            "centre",
            "Centre blacked out",
            "% of width and height",
            0,
            (20, 40, 60, 70, 80, 90),
            "The middle of the film, with most of both lungs, is painted black. What is left to "
            "read?",
            "At 80% the heart and nearly all of both lungs are gone, so a network that reads the "
            "lungs must come near guessing, an AUC of 0.5. If its AUC stays well above, it reads "
            "something else: the edge of the film, the shoulders, the arms, a marker.",
            _hide_centre,
        ),
        Distortion(
            "border",
            "Border blacked out",
            "% of width and height, each side",
            0,
            (5, 10, 15, 20, 30, 40),
            "A black frame grows from the edge inwards. Does a network need what lies around the "
            "lungs?",
            "Up to about 10% the frame hides edges, markers, arms and neck, but hardly any lung. "
            "A network that reads the lungs should not care; one that falls at once lived on the "
            "edge of the film.",
            _hide_border,
        ),
        Distortion(
            "blur",
            "Blur",
            "pixels of 224, standard deviation",
            0,
            (1, 2, 4, 8, 16),
            "Fine detail goes first, shapes and large shadows last. How coarse is what a network "
            "reads?",
            "At 16 pixels no vessel, rib or patch is left, only broad light and dark. If AUC "
            "stays high there, the classes differ in overall brightness or in how the child was "
            "framed, and the network knows it.",
            _blur,
        ),
        Distortion(
            "jpeg",
            "Compressed again",
            "JPEG quality",
            100,
            (90, 50, 30, 10, 5),
            "The film is stored once more as JPEG. Does a network live on traces of how the "
            "files were stored?",
            "In this data set the size of a file alone nearly gives the diagnosis away. Quality "
            "50 hides no disease from a human eye; a network that falls there read traces of "
            "compression.",
            _recompress,
        ),
        Distortion(
            "inversion",
            "Inverted",
            "0 as it was, 1 inverted",
            0,
            (1,),
            "Black becomes white, as in a film with the other grey convention. All shapes stay.",
            "A reader recognises an inverted film and reads on. A network that was never shown "
            "one may call everything PNEUMONIA or everything NORMAL: then it reads brightness "
            "more than shape. This is a weakness rather than a cheat.",
            _invert,
        ),
        Distortion(
            "rotation",
            "Rotated",
            "degrees, anticlockwise",
            0,
            (5, 10, 20, 45, 90, 180),
            "The child lies askew, or the film lies on its side or upside down.",
            "A few degrees are everyday, and scores should hold. Upside down the lungs are all "
            "there, yet no network was taught such films. If AUC stays high even then, what it "
            "reads has no up and down, such as overall brightness or texture.",
            _rotate,
        ),
        Distortion(
            "noise",
            "Noise added",
            "grey levels of 255, standard deviation",
            0,
            (10, 20, 40, 80),
            "Grain covers the film, as with too little dose.",
            "A reader still sees a consolidation at 20. A network that falls early reads fine "
            "texture, which can come from how the film was taken and stored as well as from "
            "disease.",
            _add_noise,
        ),
    )
}
"""By name, in the order in which they are shown."""
