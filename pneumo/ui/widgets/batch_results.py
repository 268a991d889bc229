"""A batch that has been read → its worklist, and the film of the row that is chosen."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from pneumo import (
    AccessError,
    EnsemblePlan,
    FilmError,
    ModelError,
    Settings,
    Verdict,
    read_radiograph,
)
from pneumo.decision.worklist import WorklistRow
from pneumo.ui import wording
from pneumo.ui.access.limits import count_batch
from pneumo.ui.asking import ask_networks
from pneumo.ui.batch import worklist
from pneumo.ui.batch.running import Batch, forget_batch
from pneumo.ui.batch.worklist import Choice
from pneumo.ui.fragments import fragment
from pneumo.ui.pictures import show_film
from pneumo.ui.resources import networks_in
from pneumo.ui.session import Film
from pneumo.ui.widgets.making_files import FileOffer, offer_files
from pneumo.ui.widgets.reading import label_film, show_headline, show_heat_map
from pneumo.ui.widgets.reporting import offer_batch_report

_ROW_PX = 52
_TALLEST_PX = 560
_COLUMNS = {
    "Film": st.column_config.ImageColumn(width=64, pinned=True),
    "File": st.column_config.TextColumn(width="medium"),
    "Remarks": st.column_config.TextColumn(width="large"),
}


def show_results(batch: Batch, settings: Settings) -> None:
    """Show what became of a batch: counts, files to keep, the worklist, and a film of it."""
    rows, plan = batch.rows, batch.plan
    st.button(
        "Read other films",
        type="primary",
        icon=":material/restart_alt:",
        on_click=forget_batch,
    )
    _tell_of_end(batch, rows)
    _offer_unread(batch, rows)
    if not rows or plan is None:
        return
    with st.container(horizontal=True):
        for kind, count in worklist.count_rows(rows).items():
            st.metric(kind, f"{count:,}", width="content")
    st.caption(wording.explain_point(plan.find_point(batch.operating_point)))
    _offer_files(rows, plan)
    offer_batch_report(rows, models_dir=settings.models_dir, key="batch")
    _show_worklist(batch, rows, plan, settings)


def _tell_of_end(batch: Batch, rows: Sequence[WorklistRow]) -> None:
    done = f"{len(rows):,} of {len(batch.sources):,} files were read and are kept below."
    if batch.failure:
        st.error(f"{batch.failure} {done}", title="The batch ended early", icon=":material/error:")
    elif batch.was_cut_short:
        st.info(f"Cancelled: {done}", icon=":material/close:")


def _offer_unread(batch: Batch, rows: Sequence[WorklistRow]) -> None:
    """Offer to have those read that a network failed on, or that were never begun."""
    failed = sum(row.is_passing for row in rows)
    if failed:
        st.warning(
            f"The networks could not read {failed:,} of {len(rows):,} files; their rows say why. "
            "Nothing is lost: have them read when the machine has room.",
            icon=":material/error:",
        )
    if not batch.unread:
        return
    if st.button("Read the unread ones again", icon=":material/refresh:", key="read again"):
        try:
            count_batch(len(batch.unread))
        except AccessError as error:
            st.warning(str(error), icon=":material/hourglass_top:")
            return
        batch.read_again()
        st.rerun()


def _offer_files(rows: Sequence[WorklistRow], plan: EnsemblePlan) -> None:
    kinds: tuple[tuple[str, str, Callable[[], bytes]], ...] = (
        ("CSV", "text/csv", lambda: worklist.write_csv(rows, plan)),
        ("Parquet", "application/vnd.apache.parquet", lambda: worklist.write_parquet(rows, plan)),
        ("JSON", "application/json", lambda: worklist.write_json(rows)),
    )
    offer_files(
        [
            FileOffer(label, f"worklist.{label.lower()}", mime, ":material/download:", write)
            for label, mime, write in kinds
        ],
        key="worklist",
        caption=f"Each holds all {len(rows):,} rows, with scores, model version and hashes of the "
        "pixels. They hold the files' names too, which may name a patient.",
    )


@fragment()
def _show_worklist(
    batch: Batch, rows: Sequence[WorklistRow], plan: EnsemblePlan, settings: Settings
) -> None:
    st.subheader("Worklist", anchor=False)
    choice = _choose_rows(rows)
    places = worklist.order_rows(rows, choice)
    if not places:
        st.info("No row is of the kind that you chose.")
        return
    order = "Those that call for a second look first, then by" if choice.conflicts_first else "By"
    st.caption(
        f"{len(places):,} of {len(rows):,} rows. {order} probability of pneumonia; what could not "
        "be read comes last. Choose a row to see its film."
    )
    place = _choose_row(batch, rows, places, plan)
    if place is not None:
        _show_row(batch, rows[place], place, plan, settings)


def _choose_rows(rows: Sequence[WorklistRow]) -> Choice:
    conflicts_first = st.toggle(
        "Conflicts first",
        key="batch conflicts",
        help="Split votes, duplicates and films with a warning come before all others.",
    )
    with st.expander("Filter", icon=":material/filter_alt:"):
        left, right = st.columns(2)
        verdicts = left.pills(
            "Verdict", [str(verdict) for verdict in Verdict], selection_mode="multi"
        )
        kinds = {worklist.find_kind(row) for row in rows}
        present = [kind for kind in worklist.STATUSES if kind in kinds]
        statuses = right.pills(
            "Status", present, format_func=worklist.STATUSES.__getitem__, selection_mode="multi"
        )
        split_only = left.toggle("Only split votes")
        duplicates_only = right.toggle("Only duplicates")
        text = st.text_input("File name or reason holds")
    return Choice(
        tuple(verdicts), tuple(statuses), split_only, duplicates_only, text, conflicts_first
    )


def _choose_row(
    batch: Batch, rows: Sequence[WorklistRow], places: Sequence[int], plan: EnsemblePlan
) -> int | None:
    """Show the table, and return the place of the row that is chosen, if any."""
    # A row's number means another film in another list: the choice must not outlive the list.
    listed = hashlib.sha256(repr(places).encode()).hexdigest()[:12]
    table = worklist.draw_table(rows, places, batch.thumbnails, plan)
    shares = {
        str(name): st.column_config.NumberColumn(format="%.1f")
        for name in table
        if "(%)" in str(name)
    }
    event: Any = st.dataframe(
        table,
        hide_index=True,
        row_height=_ROW_PX,
        height=min(_TALLEST_PX, _ROW_PX * len(places) + 40),
        column_config=_COLUMNS | shares,
        on_select="rerun",
        selection_mode="single-row",
        key=f"worklist {listed}",
        alt="One row a film with its thumbnail, probability, verdict and remarks",
    )
    chosen = [row for row in event.selection.rows if row < len(places)]
    return places[chosen[0]] if chosen else None


def _show_row(
    batch: Batch, row: WorklistRow, place: int, plan: EnsemblePlan, settings: Settings
) -> None:
    with st.container(border=True):
        film = _open_film(batch, place, settings)
        if film is None:
            st.text(row.file)
        else:
            label_film(film)
        if row.probability is not None:
            _show_scores(row, row.probability, plan)
        if remarks := worklist.describe_row(row):
            st.text(remarks)
        if film is None:
            return
        if row.is_passing:
            st.image(film.picture, caption="Film", width="stretch", alt="Chest film, unread")
        elif row.probability is None:
            st.image(film.picture, caption="Refused", width="stretch", alt="What was refused")
            st.caption("Drop it on the page Analyze to see the networks' answer all the same.")
        else:
            _show_film(batch, film, place, settings)


def _open_film(batch: Batch, place: int, settings: Settings) -> Film | None:
    """Return the film of a row in its own size, decoded once as long as it is on show."""
    if batch.film is None or batch.film[0] != place:
        source = batch.sources[place]
        try:
            radiograph = read_radiograph(
                source.read(), max_pixels=settings.max_pixels, max_bytes=settings.max_bytes
            )
        except FilmError:  # The row says why.
            return None
        batch.film = (place, Film(source.label, radiograph, show_film(radiograph)))
        batch.reading = None
    return batch.film[1]


def _show_scores(row: WorklistRow, probability: float, plan: EnsemblePlan) -> None:
    show_headline(Verdict(row.verdict))
    with st.container(horizontal=True):
        st.metric("Probability of PNEUMONIA", wording.percent(probability), width="content")
        for member in plan.members:
            share = row.members[member.name]
            st.metric(member.title, wording.percent(share), width="content")
    if row.split_vote:
        st.warning(
            "The networks disagree at this operating point. Look at this film with particular "
            "care.",
            title="Split vote",
            icon=":material/call_split:",
        )


def _show_film(batch: Batch, film: Film, place: int, settings: Settings) -> None:
    reading = batch.reading
    if reading is None:
        offer = st.empty()
        if offer.button("Show the heat map", icon=":material/radiology:", key=f"map of {place}"):
            offer.empty()
            try:
                (reading,) = ask_networks([film], networks_in(settings.models_dir))
            except ModelError as error:
                st.error(str(error))
            batch.reading = reading
    if reading is None:
        st.image(film.picture, caption="Film", width="stretch", alt="Chest film")
    else:
        show_heat_map(reading, reading.analysis.prediction.leaning, key=f"batch {place}")
