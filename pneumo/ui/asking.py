"""The chosen films → the networks' readings of them, with the wait made visible."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

import streamlit as st
from streamlit.elements.lib.mutable_status_container import StatusContainer

from pneumo import Analysis, Ensemble, ModelError
from pneumo.decision.partial import NoJointVerdictError, PartAnalysis
from pneumo.networks.faults import told_as_model_error
from pneumo.ui.resources import EnsembleLoader
from pneumo.ui.session import Film, Reading, Unread

Said = TypeVar("Said", Analysis, PartAnalysis)


def ask_networks(
    films: Sequence[Film], loader: EnsembleLoader, *, unread: list[Unread] | None = None
) -> tuple[Reading, ...]:
    """Have films read, waiting first for networks that are still on their way.

    Args:
        films: the films.
        loader: the networks.
        unread: takes the films that could not be read; None if one is enough to give up.

    Raises:
        ModelError: the networks cannot be served, or without `unread`, could not read a film.
    """
    loader.begin_anew()
    place = st.empty()
    readings = []
    try:
        with place.status("Asking the networks …") as status:
            ensemble = _await(loader, status)
            for number, film in enumerate(films, start=1):
                status.update(label=f"Reading film {number} of {len(films)} …")
                try:
                    readings.append(_read(ensemble, film))
                except ModelError as error:
                    if unread is None:
                        raise
                    unread.append(Unread(film, str(error), _keep_part(error, film)))
    finally:
        place.empty()
    return tuple(readings)


def _await(loader: EnsembleLoader, status: StatusContainer) -> Ensemble:
    began = time.monotonic()
    while not loader.is_done(timeout_s=0.3):
        seconds = time.monotonic() - began
        status.update(
            label="Loading the trained networks, which happens once after the server's start … "
            f"{seconds:.0f} s"
        )
    return loader.ensemble()


def _keep_part(error: ModelError, film: Film) -> PartAnalysis | None:
    """Return what the networks that did not fail say of a film, None if none was heard."""
    return _unguarded(error.part, film) if isinstance(error, NoJointVerdictError) else None


def _unguarded(said: Said, film: Film) -> Said:
    """Return what is said of a film, of a synthetic one without what the gate says.

    That is a blurred mixture of many, and nobody's: there is nothing to guard.
    """
    return replace(said, quality=None) if film.synthetic else said


def _read(ensemble: Ensemble, film: Film) -> Reading:
    with told_as_model_error("The film could not be read"):
        analysis = _unguarded(ensemble.analyze(film.radiograph), film)
    return Reading(film, analysis, ensemble.plan, faults=ensemble.guards.faults)
