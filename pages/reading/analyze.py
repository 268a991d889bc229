"""The page Analyze: chest films in, the networks' verdicts and a second opinion out."""

from dataclasses import replace

import streamlit as st

from pneumo import CLASSES, AccessError, ModelError, Prediction, Settings, read_settings
from pneumo.domain import Opinion
from pneumo.ui import wording
from pneumo.ui.access.limits import count_films
from pneumo.ui.access.upload_notice import tell_of_refused_uploads
from pneumo.ui.asking import ask_networks
from pneumo.ui.casebook.noting import note_report
from pneumo.ui.choosing import draw_film, take_uploads
from pneumo.ui.fragments import fragment
from pneumo.ui.opinion.desk import current_desk
from pneumo.ui.opinion.subject import Subject
from pneumo.ui.reader_first.desk import current_reader, is_answered, reads_of
from pneumo.ui.resources import EnsembleLoader, networks_in
from pneumo.ui.session import Film, Reading, Unread, Visit, begin_next_visit, current_visit
from pneumo.ui.widgets import reader_first as reader
from pneumo.ui.widgets import reader_first_change as change
from pneumo.ui.widgets import reading as widgets
from pneumo.ui.widgets.concord import show_concord
from pneumo.ui.widgets.connection import set_up
from pneumo.ui.widgets.keeping import keep_case
from pneumo.ui.widgets.opinion import show_second_opinion
from pneumo.ui.widgets.quality import show_quality
from pneumo.ui.widgets.reader_summary import show_session_summary
from pneumo.ui.widgets.reporting import offer_report
from pneumo.ui.widgets.uncertainty import show_sets
from pneumo.ui.widgets.unread import show_parts

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
        tell_of_refused_uploads()
        take_uploads(visit, files, settings)
        networks = st.container()
    with synthetic:
        _offer_synthetic(visit, settings)
    widgets.list_refusals(visit.refusals)
    _show_parts(visit)
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
    reader.offer_reader_first()
    pressed = st.button(
        "Analyze Image",
        type="primary",
        icon=":material/search:",
        disabled=not visit.films,
        key=f"analyze {visit.number}",
    )
    if pressed:
        _ask_about(visit, visit.films, loader)
    if loader.failure:
        widgets.tell_of_failure(loader.failure)


def _ask_about(visit: Visit, films: list[Film], loader: EnsembleLoader) -> None:
    """Have films read; those that the networks fail on stay chosen, with the reason."""
    unread: list[Unread] = []
    try:
        count_films(len(films))
        readings = ask_networks(films, loader, unread=unread)
    except AccessError as error:
        st.warning(str(error), icon=":material/hourglass_top:")
        return
    except ModelError:
        return  # The loader keeps the reason, which is shown next.
    visit.readings, visit.unread = (*visit.readings, *readings), tuple(unread)
    st.rerun()


def _show_both(
    visit: Visit, chosen: int, prediction: Prediction, settings: Settings
) -> Opinion | None:
    """Show the networks' verdict and the second opinion side by side, and return the latter."""
    reading, consultation = visit.readings[chosen], visit.consultation(chosen)
    key, desk = f"{visit.number} {chosen}", current_desk(settings)
    networks, model = st.columns(2)
    concord = st.container()
    with networks:
        widgets.show_verdict(reading.film, prediction)
        widgets.show_distribution(prediction)
        show_sets(reading.analysis.sets, settings.models_dir)
    if _reads_first() and not is_answered(visit, chosen):
        with model:
            change.ask_after_networks(visit, chosen, prediction)
        return None
    set_up(desk, consultation, settings, key=key)
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
        if _reads_first():
            opinion = consultation.opinion
            change.ask_further(visit, chosen, opinion=opinion.verdict if opinion else None)
    return consultation.opinion


def _reads_first() -> bool:
    return current_reader().reads_first


def _judge(visit: Visit) -> list[Prediction]:
    """Let the visitor choose the operating point, and return what it makes of every film."""
    plan = visit.readings[0].plan
    point = widgets.choose_operating_point(plan, key=f"point {visit.number}")
    return [
        plan.rejudge(reading.analysis.prediction, operating_point=point)
        for reading in visit.readings
    ]


def _list_films(visit: Visit, predictions: list[Prediction]) -> None:
    if len(predictions) + len(visit.refusals) > 1:
        widgets.list_refusals(visit.refusals)
        widgets.list_readings(visit.readings, predictions, visit.refusals)


def _choose_film(visit: Visit) -> int:
    if len(visit.readings) == 1:
        return 0
    chosen: int = st.selectbox(
        "Film on show",
        range(len(visit.readings)),
        format_func=lambda place: visit.readings[place].film.label,
        key=f"film {visit.number}",
    )
    return chosen


def _head_film(reading: Reading, *, label: str | None = None) -> None:
    widgets.label_film(reading.film if label is None else replace(reading.film, label=label))


def _show_film(visit: Visit, chosen: int, prediction: Prediction, settings: Settings) -> None:
    reading, key = visit.readings[chosen], f"{visit.number} {chosen}"
    opinion = _show_both(visit, chosen, prediction, settings)
    widgets.show_heat_map(reading, prediction.leaning, key=key, opinion=opinion)
    widgets.show_members(prediction, reading.plan)
    st.caption(wording.describe_fit(reading.plan))
    if _reads_first() and is_answered(visit, chosen):
        change.ask_answer(visit, chosen)
    _keep_or_hand_on(visit, chosen, prediction, settings)


@fragment()
def _keep_or_hand_on(visit: Visit, chosen: int, prediction: Prediction, settings: Settings) -> None:
    with st.container(border=True):
        st.subheader("Keep or hand on", anchor=False)
        case = keep_case(visit, chosen, prediction, settings)
        film = visit.readings[chosen].film.radiograph
        saved = visit.saved.get(chosen)
        offer_report(
            lambda: case,
            film,
            models_dir=settings.models_dir,
            key=f"{visit.number} {chosen}",
            note=note_report(settings, case.id if saved and saved.id == case.id else ""),
        )


def _show_results(visit: Visit, settings: Settings) -> None:
    st.button(
        "Analyze Another Image",
        type="primary",
        icon=":material/restart_alt:",
        on_click=begin_next_visit,
    )
    _offer_unread(visit, settings)
    if _reads_first():
        _show_after_read(visit, settings)
        return
    predictions = _judge(visit)
    _list_films(visit, predictions)
    chosen = _choose_film(visit)
    _head_film(visit.readings[chosen])
    if show_quality(visit, chosen, settings):
        _show_film(visit, chosen, predictions[chosen], settings)
    _show_limits()


def _offer_unread(visit: Visit, settings: Settings) -> None:
    """Offer to ask once more about films that the networks could not read."""
    if not visit.unread:
        return
    count, loader = len(visit.unread), networks_in(settings.models_dir)
    st.warning(
        f"The networks could not read {count} of {count + len(visit.readings)} films; the others "
        "are below. Nothing is lost: ask again when the machine has room.",
        icon=":material/error:",
    )
    if st.button("Ask about them again", icon=":material/refresh:", key=f"again {visit.number}"):
        _ask_about(visit, [unread.film for unread in visit.unread], loader)
        if loader.failure:
            widgets.tell_of_failure(loader.failure)
    _show_parts(visit)


def _show_parts(visit: Visit) -> None:
    """Show what networks say of films that others failed on, unless the visitor reads first."""
    if not _reads_first():
        films = visit.films
        unread = [one for one in visit.unread if one.film in films]
        show_parts(unread, key=f"{visit.number}")


def _show_after_read(visit: Visit, settings: Settings) -> None:
    """Show what the machine says of a film once the visitor has read it, and nothing before."""
    chosen = reader.follow_films(visit)
    _head_film(visit.readings[chosen], label=reader.label_film(visit, chosen))
    if not show_quality(visit, chosen, settings):
        reader.offer_next(visit, chosen, key="refused")
        _show_limits()
        return
    if not reader.take_own_read(visit, chosen):
        return
    change.list_own_reads(visit, chosen)
    predictions = _judge(visit)
    if all(reads_of(visit, place) for place in range(len(visit.readings))):
        _list_films(visit, predictions)
    _show_film(visit, chosen, predictions[chosen], settings)
    if is_answered(visit, chosen):
        reader.offer_next(visit, chosen, key="below")
        show_session_summary(visit, predictions)
    _show_limits()


def _show_limits() -> None:
    st.subheader("What this tool is not", anchor=False)
    st.markdown(wording.LIMITS)


def _page() -> None:
    visit, settings = current_visit(), read_settings()
    st.title("Analyze a chest film", anchor=False)
    widgets.tell_of_replaced(networks_in(settings.models_dir).replaced)
    if visit.readings:
        _show_results(visit, settings)
    else:
        _choose(visit, settings)


_page()
