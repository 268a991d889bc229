"""Uploaded files and the wish for a synthetic film → the films of a visit."""

from __future__ import annotations

from collections.abc import Sequence

from streamlit.runtime.uploaded_file_manager import UploadedFile

from pneumo import FilmError, Settings, draw_synthetic_film, read_radiograph
from pneumo.ui.pictures import show_film
from pneumo.ui.session import MOST_FILMS, Film, Refusal, Visit


def take_uploads(visit: Visit, files: Sequence[UploadedFile], settings: Settings) -> None:
    """Make a visit's uploads those of the uploader; each file is decoded once.

    Files beyond MOST_FILMS are refused unread.
    """
    visit.uploads = {
        file.file_id: visit.uploads.get(file.file_id) or _take(file, settings)
        if place < MOST_FILMS
        else Refusal(file.name, f"Left out: at most {MOST_FILMS} films are read at a time.")
        for place, file in enumerate(files)
    }


def _take(file: UploadedFile, settings: Settings) -> Film | Refusal:
    try:
        radiograph = read_radiograph(
            file.getvalue(), max_pixels=settings.max_pixels, max_bytes=settings.max_bytes
        )
    except FilmError as error:
        return Refusal(file.name, str(error))
    return Film(file.name, radiograph, show_film(radiograph))


def draw_film(visit: Visit, class_name: str, settings: Settings) -> None:
    """Draw the visit's next synthetic film.

    Raises:
        ModelError: the statistics are missing or damaged.
    """
    radiograph = draw_synthetic_film(settings.models_dir, class_name, seed=visit.draws)
    visit.draws += 1
    visit.drawn = Film(
        f"Synthetic film {visit.draws}",
        radiograph,
        show_film(radiograph, synthetic=True),
        synthetic=True,
    )
