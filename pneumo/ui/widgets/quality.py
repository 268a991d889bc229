"""What the gate says of a film → the top of its results: warnings, remedies, or a refusal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import streamlit as st

from pneumo import AccessError, ModelError, Settings
from pneumo.casebook.records import REFUSED
from pneumo.decision.gate import read_facts
from pneumo.domain import Concern, FilmQuality, Remedy
from pneumo.evidence.gate_exam import read_exam
from pneumo.evidence.metrics import Estimate
from pneumo.intake.mending import add_mend, mend_all, say_mends
from pneumo.ui.access.limits import count_films
from pneumo.ui.asking import ask_networks
from pneumo.ui.pictures import show_film
from pneumo.ui.resources import networks_in
from pneumo.ui.session import Film, Reading, Visit

_BUTTONS: dict[Remedy, tuple[str, str]] = {
    "rotate 90": ("Rotate to the left", ":material/rotate_90_degrees_ccw:"),
    "rotate 180": ("Rotate by half a turn", ":material/sync:"),
    "rotate 270": ("Rotate to the right", ":material/rotate_90_degrees_cw:"),
    "invert": ("Invert", ":material/invert_colors:"),
    "mirror": ("Mirror", ":material/flip:"),
}


def show_quality(visit: Visit, place: int, settings: Settings) -> bool:
    """Show what the gate says of a film, and return whether the networks' answer may follow.

    The film can be turned, mirrored or inverted in any case. A remedy's button puts the mended
    film in the film's place and asks the networks anew.

    Args:
        visit: whose film it is.
        place: the film's, among the visit's readings.
        settings: where the networks lie.
    """
    reading = visit.readings[place]
    quality = reading.analysis.quality
    _offer_way_back(visit, place, settings)
    if quality is None:
        if reading.film.synthetic:
            st.caption("The gate is not asked about synthetic films, which are blurred mixtures.")
    else:
        _show_concerns(visit, place, quality.concerns, settings)
        _explain(quality, reading, settings.models_dir)
    _offer_menu(visit, place, settings)
    return not visit.readings[place].is_withheld


def show_refusal(
    reading: Reading, concerns: Sequence[Concern], *, key: str, override: Callable[[], None]
) -> None:
    """Show why the gate refuses a film, and offer the networks' answer all the same.

    Args:
        reading: of the film.
        concerns: all that the gate has against it.
        key: tells this film's button from another's.
        override: is called once the visitor wants the answer.
    """
    refusing = [concern for concern in concerns if concern.refuses]
    reasons = "\n\n".join(f"**{_head(concern)}.** {concern.message}" for concern in refusing)
    if reading.film.overridden:
        st.error(
            f"{reasons}\n\nThe networks answer all the same because you asked for it. They give "
            "a score to any picture; here it says nothing about a patient. Its pictures, and "
            f"whatever you keep of it, carry the words {REFUSED}.",
            title="Refused by the gate: what follows is no reading of a chest film",
            icon=":material/gpp_bad:",
        )
    else:
        st.error(reasons, title="Refused by the gate", icon=":material/block:")
        st.image(reading.film.picture, width=280, alt="The refused picture")
        st.button(
            "Show the networks' answer all the same",
            icon=":material/visibility:",
            key=f"override {key}",
            help="The verdict and every picture will be marked as refused by the gate.",
            on_click=override,
        )
    if rest := [concern.name for concern in concerns if not concern.refuses]:
        st.caption(f"Besides: {', '.join(rest)}.")


def _show_concerns(
    visit: Visit, place: int, concerns: Sequence[Concern], settings: Settings
) -> None:
    if not any(concern.refuses for concern in concerns):
        for concern in concerns:
            st.warning(concern.message, title=_head(concern), icon=":material/warning:")
            _offer_remedies(visit, place, [concern.remedy], settings)
        return
    show_refusal(
        visit.readings[place],
        concerns,
        key=f"{visit.number} {place}",
        override=partial(visit.override, place),
    )
    # To turn it may be all that a refused film needs.
    _offer_remedies(visit, place, [concern.remedy for concern in concerns], settings)


def _offer_remedies(
    visit: Visit, place: int, remedies: Sequence[Remedy], settings: Settings, *, of: str = "remedy"
) -> None:
    wanted = dict.fromkeys(remedy for remedy in remedies if remedy)
    if not wanted:
        return
    with st.container(horizontal=True):
        for remedy in wanted:
            label, icon = _BUTTONS[remedy]
            if st.button(label, icon=icon, key=f"{of} {remedy} {visit.number} {place}"):
                _change(visit, place, remedy, settings)


def _offer_menu(visit: Visit, place: int, settings: Settings) -> None:
    """Offer what the gate did not think of, out of the way of whoever does not look for it."""
    with st.popover("Rotate, invert or mirror", icon=":material/crop_rotate:"):
        st.caption("The networks are asked anew; what you keep says what was done.")
        _offer_remedies(visit, place, list(_BUTTONS), settings, of="menu")


def _head(concern: Concern) -> str:
    return concern.name[0].upper() + concern.name[1:]


def _change(visit: Visit, place: int, remedy: Remedy, settings: Settings) -> None:
    film = visit.readings[place].film
    chosen = film.before or film
    mends = add_mend(film.mends, remedy)
    if not mends:
        _ask(visit, place, chosen, settings)
        return
    radiograph = mend_all(chosen.radiograph, mends)
    mended = replace(
        chosen,
        radiograph=radiograph,
        picture=show_film(radiograph, synthetic=chosen.synthetic),
        before=chosen,
        mends=mends,
        overridden=False,
    )
    _ask(visit, place, mended, settings)


def _offer_way_back(visit: Visit, place: int, settings: Settings) -> None:
    film = visit.readings[place].film
    if film.before is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.info(say_mends(film.mends), icon=":material/build:")
        label, key = "Back to the film as chosen", f"undo {visit.number} {place}"
        if st.button(label, icon=":material/undo:", key=key):
            _ask(visit, place, film.before, settings)


def _ask(visit: Visit, place: int, film: Film, settings: Settings) -> None:
    try:
        count_films(1)
        (reading,) = ask_networks([film], networks_in(settings.models_dir))
    except (AccessError, ModelError) as error:
        st.error(str(error))
        return
    visit.show_instead(place, reading)
    st.rerun()


def _explain(quality: FilmQuality, reading: Reading, models_dir: Path) -> None:
    for fault in reading.faults:
        st.caption(fault)
    if not quality.gate_version or quality.distance is None:
        st.caption(
            "The gate that looks at the film itself is not there; only what the file says of it "
            "was checked."
        )
        return
    at_all = f" · {len(quality.concerns)} named above" if quality.concerns else ""
    with st.expander(f"Checked by the gate: {quality.usability}{at_all}"):
        distance, most = st.columns(2)
        distance.metric("Distance from the training films", f"{quality.distance:.2f}")
        most.metric("Warned about from", f"{quality.distance_threshold:.2f}")
        st.write(
            "How unlike the films that the networks learned from this one looks, by the features "
            "of one of them: about 1 for a typical training film. Beyond the threshold, nothing "
            "is known of how well the networks read. Besides, the gate looks for films that are "
            "turned, inverted, mirrored, blurred, covered, badly exposed or mostly border."
        )
        try:
            measured = read_facts(models_dir).get("measured", {})
        except ModelError:
            measured = {}
        measured = measured | read_exam(models_dir, quality.gate_version)
        for title, rate in measured.items():
            estimate = Estimate(**rate)
            st.caption(f"{title[0].upper()}{title[1:]}: {estimate:.1%}, n = {estimate.n:,}")
        st.caption(
            f"Gate {quality.gate_version}. Fine does not mean that the verdict is right, only "
            "that nothing speaks against asking for it."
        )
