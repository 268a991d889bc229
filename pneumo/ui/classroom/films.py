"""A film's reference → its picture for a class; a wish for films → the plan of a session.

Pictures are kept in a cache that visitors share, unlike any film that a visitor brings: these are
films of the public data set, or drawn from statistics.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import streamlit as st
from PIL import Image, ImageOps

from pneumo import CLASSES, ENSEMBLE, Settings, draw_synthetic_film
from pneumo.classroom.choice import Wish, choose_films, draw_labels, list_networks
from pneumo.classroom.records import SYNTHETIC, ClassFilm, ClassPlan, NetworkFacts
from pneumo.decision.operating import BALANCED
from pneumo.evidence.scores import Scored
from pneumo.ui.asking import ask_networks
from pneumo.ui.evidence.data_copy import read_film
from pneumo.ui.pictures import show_film
from pneumo.ui.resources import networks_in
from pneumo.ui.session import Film

SPLIT = "test"
"""The scored set that films come from: its folder holds nothing else."""

FRAME = (800, 640)
"""Pixels of every picture. In this collection a film's size tells its class, so that all are shown
in one frame; it also keeps the answers in one place from film to film."""

_QUALITY = 90


def list_present(settings: Settings) -> frozenset[str]:
    """Return the names of the test films in the visitor's own copy of the data set."""
    folder = (settings.data_dir or Path()) / SPLIT
    if settings.data_dir is None or not folder.is_dir():
        return frozenset()
    return frozenset(
        path.name
        for name in CLASSES
        if (folder / name).is_dir()
        for path in (folder / name).iterdir()
    )


def plan_scored(
    scored: Sequence[Scored], wish: Wish, *, seconds: int | None, settings: Settings, version: str
) -> ClassPlan:
    """Return the plan of a session on films of the data set.

    Args:
        scored: what the members and, last, the ensemble said of the test films.
        wish: which of them are wanted.
        seconds: to read a film in.
        settings: with the visitor's copy of the data set.
        version: of the networks.

    Raises:
        ClassroomError: too few such films are there.
    """
    films = choose_films(scored, wish, present=list_present(settings))
    return ClassPlan(films, list_networks(scored), seconds, SPLIT, _say(wish), version)


def plan_synthetic(wish: Wish, *, seconds: int | None, settings: Settings) -> ClassPlan:
    """Draw synthetic films, have the networks read them, and return the plan of a session.

    Raises:
        ModelError: the statistics or the networks are missing or damaged.
    """
    labels = draw_labels(wish)
    seeds = [1000 * wish.seed + place for place in range(len(labels))]
    drawn = [
        _draw(settings.models_dir, seed, label) for seed, label in zip(seeds, labels, strict=True)
    ]
    readings = ask_networks(drawn, networks_in(settings.models_dir))
    plan = readings[0].plan
    films = tuple(
        ClassFilm(
            place=place,
            file="",
            seed=seed,
            label=label,
            group=f"{SYNTHETIC}-{seed}",
            probability={
                member.name: member.probability for member in reading.analysis.prediction.members
            }
            | {ENSEMBLE: reading.analysis.prediction.probability},
        )
        for place, (seed, label, reading) in enumerate(
            zip(seeds, labels, readings, strict=True), start=1
        )
    )
    networks = [
        NetworkFacts(member.name, member.title, member.find_point(BALANCED).threshold)
        for member in plan.members
    ]
    networks.append(NetworkFacts(ENSEMBLE, "Ensemble", plan.find_point(BALANCED).threshold))
    return ClassPlan(films, tuple(networks), seconds, SYNTHETIC, _say(wish), plan.version)


def picture_of(film: ClassFilm, settings: Settings) -> bytes:
    """Return a film as a JPEG of FRAME's size, without its name or anything else about it.

    Raises:
        DataSetError: the visitor's copy of the data set no longer holds it.
        FilmError: it cannot be read.
        ModelError: the statistics of synthetic films are missing or damaged.
    """
    folder = settings.models_dir if film.seed is not None else settings.data_dir
    return _encode((str(folder), film.file, film.seed, film.label), film, settings)


def prepare_pictures(plan: ClassPlan, settings: Settings) -> None:
    """Make all pictures of a session before anybody waits for one.

    Raises:
        DataSetError: a film is missing from the visitor's copy of the data set.
        FilmError: one cannot be read.
        ModelError: the statistics of synthetic films are missing or damaged.
    """
    for film in plan.films:
        picture_of(film, settings)


@st.cache_data(show_spinner=False, max_entries=512)
def _encode(key: tuple[str, str, int | None, int], _film: ClassFilm, _settings: Settings) -> bytes:
    if _film.seed is None:
        shown = read_film(_settings, _film.file, split=SPLIT, label=_film.label).picture
    else:
        shown = _draw(_settings.models_dir, _film.seed, _film.label).picture
    stored = io.BytesIO()
    # No metadata, and black around a film that is not as broad as the frame.
    picture = ImageOps.pad(Image.fromarray(shown), FRAME, Image.Resampling.LANCZOS)
    picture.save(stored, "JPEG", quality=_QUALITY)
    return stored.getvalue()


def _draw(models_dir: Path, seed: int, label: int) -> Film:
    radiograph = draw_synthetic_film(models_dir, CLASSES[label], seed=seed)
    return Film(
        f"Synthetic film {seed}",
        radiograph,
        show_film(radiograph, synthetic=True),
        synthetic=True,
    )


def _say(wish: Wish) -> str:
    return (
        f"{wish.films} films, {wish.ill_share:.0%} pneumonia wished for, {wish.hardness}, "
        f"seed {wish.seed}"
    )
