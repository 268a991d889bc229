"""A case and today's networks → what they said then beside what they say now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pneumo import (
    CasebookError,
    FilmError,
    ModelError,
    Prediction,
    Radiograph,
    Settings,
    read_radiograph,
)
from pneumo.casebook.records import REFUSED, Case, CasePrediction
from pneumo.intake.mending import mend_all, say_mends
from pneumo.ui import wording
from pneumo.ui.asking import ask_networks
from pneumo.ui.casebook.drafting import record_prediction
from pneumo.ui.casebook.reopening import reopen_film, unmark
from pneumo.ui.resources import networks_in
from pneumo.ui.session import Reading
from pneumo.ui.widgets.casebook_case import keep_chosen
from pneumo.ui.widgets.quality import show_refusal
from pneumo.ui.widgets.reading import show_headline

if TYPE_CHECKING:
    from pneumo.casebook.store import Casebook

_NOW = "casebook now"


def compare_with_today(
    case: Case,
    said: CasePrediction,
    radiograph: Radiograph | None,
    casebook: Casebook,
    settings: Settings,
) -> None:
    """Offer to have the film read by today's networks, and show both readings side by side."""
    st.subheader("Compare with today's model", anchor=False)
    try:
        today = networks_in(settings.models_dir).plan.version
    except ModelError as error:
        st.info(str(error))
        return
    then = said.prediction.model_version
    st.write(
        "The networks are still the ones that read this film then."
        if then == today
        else "Other networks are served now than the ones that read this film then."
    )
    found = radiograph or _ask_for_film(case, settings)
    pressed = st.button(
        "Read it with today's networks",
        icon=":material/update:",
        disabled=found is None,
        key=f"read now {case.id}",
    )
    if pressed and found is not None:
        film = reopen_film(case, said, found)
        try:
            reading = ask_networks([film], networks_in(settings.models_dir))[0]
        except ModelError as error:
            st.error(str(error))
            return
        st.session_state[_NOW] = (case.id, reading)
    kept: tuple[str, Reading] | None = st.session_state.get(_NOW)
    if kept is not None and kept[0] == case.id:
        _show_both(case, said, kept[1], casebook)


def forget_today() -> None:
    """Let go of the film that was read by today's networks."""
    st.session_state.pop(_NOW, None)


def _ask_for_film(case: Case, settings: Settings) -> Radiograph | None:
    """Ask for a film whose pixels were not kept, and return it if it is the very one."""
    file = st.file_uploader(
        "The film's pixels were not kept. To have it read again, drop the same film here",
        key=f"film again {case.id}",
        help="Its fingerprint shows whether it is the same. It is not saved.",
    )
    if file is None:
        return None
    try:
        radiograph = read_radiograph(
            file.getvalue(), max_pixels=settings.max_pixels, max_bytes=settings.max_bytes
        )
    except FilmError as error:
        st.error(str(error))
        return None
    film = case.film
    if film.mends and radiograph.fingerprint == film.chosen_fingerprint:
        radiograph = mend_all(radiograph, film.mends)
        st.caption(f"As it was read then: {say_mends(film.mends)}")
    if radiograph.fingerprint != film.fingerprint:
        st.error(
            "This is another film: expected the one with the fingerprint "
            f"{film.chosen_fingerprint[:12]} …, but this one has {radiograph.fingerprint[:12]} …. "
            "Drop the very file that was read then; a copy that was saved anew has other pixels."
        )
        return None
    return radiograph


def _show_both(case: Case, said: CasePrediction, reading: Reading, casebook: Casebook) -> None:
    quality = reading.analysis.quality
    concerns = quality.concerns if quality else ()
    if any(concern.refuses for concern in concerns):
        show_refusal(reading, concerns, key=f"now {case.id}", override=_override)
    else:
        for concern in concerns:
            st.warning(concern.message, title="Today's gate", icon=":material/warning:")
    if reading.is_withheld:
        return
    then = unmark(said.prediction)
    now = reading.analysis.prediction
    if then.operating_point.name in {point.name for point in reading.plan.operating_points}:
        now = reading.plan.rejudge(now, operating_point=then.operating_point.name)
    sides = (("Then", then, said.is_refused), ("Now", now, reading.film.overridden))
    for column, side in zip(st.columns(2), sides, strict=True):
        with column, st.container(border=True, height="stretch"):
            _show_side(*side)
    is_same_model = then.model_version == now.model_version
    points = 100 * (now.probability - then.probability)
    moved = f"moved by {points:+.1f} percentage points" if abs(points) >= 0.05 else "is the same"
    st.write(
        f"{'Same model' if is_same_model else 'Another model'}: the probability of pneumonia "
        f"{moved}, and the verdict {'is the same' if then.verdict is now.verdict else 'changed'}."
    )
    if any(kept.read_at == reading.read_at for kept in case.predictions):
        st.success("This reading is part of the case.", icon=":material/check_circle:")
    elif st.button("Add this reading to the case", icon=":material/add:", key=f"add {case.id}"):
        try:
            added = record_prediction(reading, now)
            casebook.update(case.owner, case.id, add_prediction=added)
        except CasebookError as error:
            st.error(str(error))
        else:
            keep_chosen(case, said)
            st.rerun()


def _override() -> None:
    """Let the film that today's gate refused have its verdict."""
    case_id, reading = st.session_state[_NOW]
    st.session_state[_NOW] = (case_id, reading.overridden())


def _show_side(title: str, prediction: Prediction, is_refused: bool) -> None:
    point = prediction.operating_point
    st.markdown(f"**{title}**")
    if is_refused:
        st.badge(REFUSED, color="red", icon=":material/block:")
    show_headline(prediction.verdict)
    st.metric("Probability of pneumonia", wording.percent(prediction.probability))
    st.caption(
        f"Operating point {point.name}, threshold {wording.percent(point.threshold)} · model "
        f"version {prediction.model_version}"
    )
