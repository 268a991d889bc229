"""A read that begins → the choices it is made of, and the film with the zone that is chosen."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import streamlit as st

from pneumo import Verdict
from pneumo.domain import Certainty, Side, Zone
from pneumo.ui.opinion.zones import outline_findings
from pneumo.ui.pictures import Picture, draw_zones
from pneumo.ui.reader_first import words
from pneumo.ui.reader_first.desk import Draft

MIRRORED = "The patient's right side is on the left of the picture."
"""Which side is which on a film."""

_VERDICTS = list(Verdict)
_CERTAINTIES = list(get_args(Certainty))
_SIDES = list(get_args(Side))
_ZONES = list(get_args(Zone))


def choose_read(start: Draft, *, key: str) -> Draft:
    """Show the choices of a read, and return what is chosen so far; a normal film has no place.

    Args:
        start: what is chosen at first.
        key: tells these controls from others.
    """
    verdict = st.segmented_control(
        "Does the film show pneumonia?",
        _VERDICTS,
        default=start.verdict,
        format_func=words.say_verdict,
        key=f"{key} verdict",
    )
    certainty = st.segmented_control(
        "How sure are you?",
        _CERTAINTIES,
        default=start.certainty,
        format_func=str.capitalize,
        key=f"{key} certainty",
    )
    draft = Draft(verdict, certainty)
    if verdict is Verdict.NORMAL:
        return draft
    side = st.segmented_control(
        "On which side of the patient?",
        _SIDES,
        default=start.side,
        format_func=str.capitalize,
        key=f"{key} side",
        help=MIRRORED,
    )
    zone = st.segmented_control(
        "In which zone?",
        _ZONES,
        default=start.zone,
        format_func=str.capitalize,
        key=f"{key} zone",
    )
    return replace(draft, side=side, zone=zone)


def outline_place(
    picture: Picture,
    side: Side | None,
    zone: Zone | None,
    peak: tuple[float, float] | None = None,
) -> Picture | None:
    """Return a shown film with a reader's zone and a heat map's peak; None without either.

    Args:
        picture: shape (rows, columns), uint8.
        side: that was chosen; None if none is yet.
        zone: likewise.
        peak: shares of the film's height and width; None for no ring.

    Returns:
        Shape (rows, columns, 3), uint8.
    """
    outlines = outline_findings(words.place_of(side, zone))
    if not outlines and peak is None:
        return None
    return draw_zones(picture, [each._replace(label="you") for each in outlines], peak=peak)
