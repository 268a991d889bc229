"""The chosen films → the networks' readings of them, with the wait made visible."""

from __future__ import annotations

import time
from collections.abc import Sequence

import streamlit as st
from streamlit.elements.lib.mutable_status_container import StatusContainer

from pneumo import Ensemble
from pneumo.ui.resources import EnsembleLoader
from pneumo.ui.session import Film, Reading


def ask_networks(films: Sequence[Film], loader: EnsembleLoader) -> tuple[Reading, ...]:
    """Have films read, waiting first for networks that are still on their way.

    Raises:
        ModelError: the networks cannot be served.
    """
    loader.begin_anew()
    place = st.empty()
    readings = []
    try:
        with place.status("Asking the networks …") as status:
            ensemble = _await(loader, status)
            for number, film in enumerate(films, start=1):
                status.update(label=f"Reading film {number} of {len(films)} …")
                readings.append(_read(ensemble, film))
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


def _read(ensemble: Ensemble, film: Film) -> Reading:
    return Reading(film, ensemble.analyze(film.radiograph), ensemble.plan)
