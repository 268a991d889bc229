"""The page Analyze: chest films in, the networks' verdicts and a second opinion out."""

from dataclasses import replace

import streamlit as st

from pneumo import CLASSES, ModelError, Prediction, Settings, read_settings
from pneumo.domain import Opinion
from pneumo.ui import wording
from pneumo.ui.asking import ask_networks
from pneumo.ui.choosing import draw_film, take_uploads
from pneumo.ui.opinion.desk import current_desk
from pneumo.ui.opinion.subject import Subject
from pneumo.ui.resources import networks_in
from pneumo.ui.session import Visit, begin_next_visit, current_visit
from pneumo.ui.widgets import reading as widgets
from pneumo.ui.widgets.concord import show_concord
from pneumo.ui.widgets.connection import set_up
from pneumo.ui.widgets.opinion import show_second_opinion

_STATISTICS = {name: f"{name.lower()} films" for name in CLASSES}


def _choose(visit: Visit, settings: Settings) -> None:
    st.write("Does a chest film look like pneumonia? Choose one or several films and find out.")
    uploads, synthetic = st.columns([3, 2])
    with uploads:
        files = st.file_uploader(
            "Drop chest films here: DICOM, JPEG, PNG, TIFF, BMP or WebP",
            accept_multiple_files=True,
            key=f"films {visit.number}",
            help="What a file holds decides, not its name. Frontal films only.",
        )
        take_uploads(visit, files, settings)
        networks = st.container()
    with synthetic:
        _offer_synthetic(visit, settings)
    widgets.list_refusals(visit.refusals)
    widgets.preview_films(visit.films)
    with networks:  # Last, since it may take a while, but above the films, within reach.
        _ask(visit, settings)


def _offer_synthetic(visit: Visit, settings: Settings) -> None:
    with st.container(border=True):
        class_name = st.segmented_control(
            "No film at hand? Have one drawn from the statistics of",
            list(_STATISTICS),
            default=CLASSES[0],
            required=True,
            format_func=_STATISTICS.__getitem__,
            key=f"statistics {visit.number}",
        )
        with st.container(horizontal=True):
            wanted = st.button("Try a synthetic film", icon=":material/science:")
            if st.button("Remove it", disabled=visit.drawn is None and not wanted):
                visit.drawn = None
        st.caption("A synthetic film shows no child and has no diagnosis; each press draws anew.")
        if wanted:
            try:
                draw_film(visit, class_name, settings)
            except ModelError as error:
                st.error(str(error))


def _ask(visit: Visit, settings: Settings) -> None:
    loader = networks_in(settings.models_dir)
    if not (visit.films or visit.refusals):
        st.info(
            "Drop a film above, or try a synthetic one. Films are read on the machine that runs "
            "this page, written to no disk, and forgotten when you leave. They are sent nowhere, "
            "unless you ask a language model for a second opinion and agree to send one.",
            icon=":material/lock:",
        )
    pressed = st.button(
        "Analyze Image",
        type="primary",
        icon=":material/search:",
        disabled=not visit.films,
        key=f"analyze {visit.number}",
    )
    if pressed:
        try:
            visit.readings = ask_networks(visit.films, loader)
        except ModelError:
            pass  # The loader keeps the reason, which is shown next.
        else:
            st.rerun()
    if loader.failure:
        widgets.tell_of_failure(loader.failure)


def _show_both(
    visit: Visit, chosen: int, prediction: Prediction, settings: Settings
) -> Opinion | None:
    """Show the networks' verdict and the second opinion side by side, and return the latter."""
    reading, consultation = visit.readings[chosen], visit.consultation(chosen)
    key, desk = f"{visit.number} {chosen}", current_desk(settings)
    networks, model = st.columns(2)
    concord = st.container()
    set_up(desk, consultation, settings, key=key)
    with networks:
        widgets.show_verdict(reading.film, prediction)
        widgets.show_distribution(prediction)
    with model:
        show_second_opinion(
            Subject(
                reading.film.radiograph,
                replace(reading.analysis, prediction=prediction),
                consultation,
                desk,
                settings,
                key,
            )
        )
    with concord:
        show_concord(prediction, consultation, settings.models_dir)
    return consultation.opinion


def _show_results(visit: Visit, settings: Settings) -> None:
    st.button(
        "Analyze Another Image",
        type="primary",
        icon=":material/restart_alt:",
        on_click=begin_next_visit,
    )
    plan = visit.readings[0].plan
    point = widgets.choose_operating_point(plan, key=f"point {visit.number}")
    predictions = [
        plan.rejudge(reading.analysis.prediction, operating_point=point)
        for reading in visit.readings
    ]
    chosen = 0
    if len(predictions) + len(visit.refusals) > 1:
        films = [reading.film for reading in visit.readings]
        widgets.list_refusals(visit.refusals)
        widgets.list_readings(films, predictions, visit.refusals)
    if len(predictions) > 1:
        chosen = st.selectbox(
            "Film on show",
            range(len(predictions)),
            format_func=lambda place: visit.readings[place].film.label,
            key=f"film {visit.number}",
        )
    reading, prediction = visit.readings[chosen], predictions[chosen]
    widgets.label_film(reading.film)
    widgets.warn_of_doubts(reading.film)
    opinion = _show_both(visit, chosen, prediction, settings)
    key = f"{visit.number} {chosen}"
    widgets.show_heat_map(reading, prediction.leaning, key=key, opinion=opinion)
    widgets.show_members(prediction, plan)
    st.caption(wording.describe_fit(plan))
    st.subheader("What this tool is not", anchor=False)
    st.markdown(wording.LIMITS)


def _page() -> None:
    visit, settings = current_visit(), read_settings()
    st.title("Analyze a chest film", anchor=False)
    if visit.readings:
        _show_results(visit, settings)
    else:
        _choose(visit, settings)


_page()
