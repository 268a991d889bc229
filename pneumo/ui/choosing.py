"""Uploaded files and the wish for a synthetic film → the films of a visit."""

from __future__ import annotations

from collections.abc import Sequence

from streamlit.runtime.uploaded_file_manager import UploadedFile

from pneumo import AccessError, FilmError, Settings, draw_synthetic_film, read_radiograph
from pneumo.ui.access.limits import count_opened
from pneumo.ui.pictures import show_film
from pneumo.ui.session import MOST_FILMS, Film, Refusal, Visit

MOST_PIXELS = 200_000_000
"""Most pixels of one visit's films together, 800 MB as they lie in memory; some 50 large films."""


def take_uploads(visit: Visit, files: Sequence[UploadedFile], settings: Settings) -> None:
    """Make a visit's uploads those of the uploader; each file is decoded once.

    Files beyond MOST_FILMS are refused unread, and so are those beyond MOST_PIXELS. Those beyond
    what a visitor may have opened in a minute are too, and tried again the next time.
    """
    before, visit.uploads = visit.uploads, {}
    for place, file in enumerate(files):
        if place >= MOST_FILMS:
            taken: Film | Refusal = Refusal(
                file.name, f"Left out: at most {MOST_FILMS} films are read at a time."
            )
        else:
            known = before.get(file.file_id)
            is_settled = known and not (isinstance(known, Refusal) and known.passing)
            taken = known if known and is_settled else _take(file, visit, settings)
        visit.uploads[file.file_id] = taken


def _take(file: UploadedFile, visit: Visit, settings: Settings) -> Film | Refusal:
    taken = sum(film.radiograph.pixels.size for film in visit.films)
    if taken >= MOST_PIXELS:
        return Refusal(
            file.name,
            f"Left out: the films before it have {taken:,} pixels, and a visit holds no more than "
            f"{MOST_PIXELS:,}. Remove some of them, or analyze this one afterwards.",
        )
    try:
        count_opened(1)
        radiograph = read_radiograph(
            file.getvalue(),
            max_pixels=min(settings.max_pixels, MOST_PIXELS - taken),
            max_bytes=settings.max_bytes,
        )
    except AccessError as error:
        return Refusal(file.name, str(error), passing=True)
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
