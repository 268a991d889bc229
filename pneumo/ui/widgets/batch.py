"""A visitor's wish to have many films read → the batch, and how far it is."""

from __future__ import annotations

import streamlit as st

from pneumo import AccessError, EnsemblePlan, Settings
from pneumo.decision.progress import Progress
from pneumo.ui.access.held_files import forget_files
from pneumo.ui.access.limits import count_batch
from pneumo.ui.access.upload_notice import tell_of_refused_uploads
from pneumo.ui.batch.collecting import (
    MOST_BYTES,
    MOST_FILMS,
    Collection,
    collect_folder,
    collect_uploads,
    list_folders,
)
from pneumo.ui.batch.running import Batch, begin_batch
from pneumo.ui.fragments import fragment
from pneumo.ui.resources import networks_in
from pneumo.ui.widgets.reading import choose_operating_point

_FILES, _FOLDER, _SERVER = "Files or zip archives", "A folder", "A folder on the server"
_POLL_S = 0.7
_MEBIBYTE = 1024 * 1024


def choose_batch(plan: EnsemblePlan, settings: Settings) -> None:
    """Let the visitor choose films and an operating point, and have them read."""
    collection = _choose_films(settings)
    point = choose_operating_point(plan, key="batch point")
    if collection.excess:
        st.error(collection.excess, icon=":material/block:")
    elif collection.sources:
        count = len(collection.sources)
        st.write("One file is ready to be read." if count == 1 else f"{count:,} files are ready.")
    else:
        st.info(
            "Films are read on the machine that runs this page, written to no disk, and forgotten "
            f"when you leave. At most {MOST_FILMS:,} films and {MOST_BYTES // _MEBIBYTE} MiB at a "
            "time.",
            icon=":material/lock:",
        )
    pressed = st.button(
        "Read the films",
        type="primary",
        icon=":material/stacks:",
        disabled=not collection.sources or bool(collection.excess),
    )
    if pressed:
        try:
            count_batch(len(collection.sources))
        except AccessError as error:
            st.warning(str(error), icon=":material/hourglass_top:")
            return
        loader = networks_in(settings.models_dir)
        begin_batch(Batch(collection.sources, loader, settings, operating_point=point))
        forget_files(collection.file_ids)  # The batch has what it needs of them.
        st.rerun()


def _choose_films(settings: Settings) -> Collection:
    kinds = [_FILES, _FOLDER, *([_SERVER] if settings.data_dir else [])]
    kind = st.segmented_control("Take the films from", kinds, default=_FILES, required=True)
    if kind == _SERVER and settings.data_dir is not None:
        folders = list_folders(settings.data_dir)
        folder = st.selectbox(
            "Folder below PNEUMO_DATA",
            folders,
            index=None,
            placeholder="Choose a folder" if folders else "There is no folder with files in it",
        )
        return collect_folder(settings.data_dir, folder, settings) if folder else Collection()
    if kind == _FOLDER:
        files = st.file_uploader(
            "Choose a folder: all the films in it and below are taken",
            accept_multiple_files="directory",
            key="batch folder",
            help="What a file holds decides, not its name. Files that are no films become rows "
            "with the reason.",
        )
    else:
        files = st.file_uploader(
            "Drop films and zip archives of films here: DICOM, JPEG, PNG, TIFF, BMP or WebP",
            accept_multiple_files=True,
            key="batch files",
            help="Archives are opened in memory. What a file holds decides, not its name.",
        )
    tell_of_refused_uploads()
    return collect_uploads(files, settings)


def show_progress(batch: Batch) -> None:
    """Show how far a batch is until it ends, with a button that ends it now."""
    fragment(run_every=_POLL_S)(_show_progress)(batch)


def _show_progress(batch: Batch) -> None:
    if not batch.is_running:
        st.rerun()
    progress = batch.progress
    with st.container(border=True):
        if progress is None:
            st.progress(0.0, text="Loading the trained networks, once after the server's start …")
        else:
            st.progress(progress.done / max(1, progress.total), text=say_progress(progress))
        st.caption(
            "Visitors with a single film are served in between. You may look at other pages "
            "meanwhile; closing the browser ends the reading."
        )
        if st.button("Cancel, and keep what is done", icon=":material/close:"):
            batch.cancel()
            # The film in work is finished first; the next look sees the end if this does not.
            batch.wait(1.0)
            st.rerun()


def say_progress(progress: Progress) -> str:
    """Say how many films are done, how fast, and how long the rest takes."""
    said = [f"{progress.done:,} of {progress.total:,} files"]
    if progress.seconds_left is not None:
        said.append(f"{progress.rate:.1f} a second")
        said.append(f"about {say_duration(progress.seconds_left)} left")
    return " · ".join(said)


def say_duration(seconds: float) -> str:
    """Say how long something takes, in seconds up to two minutes.

    >>> say_duration(59.6), say_duration(150), say_duration(7_500)
    ('60 s', '3 min', '2 h 5 min')
    """
    if seconds < 120:
        return f"{seconds:.0f} s"
    minutes = -(-int(seconds) // 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
