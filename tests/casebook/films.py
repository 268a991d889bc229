"""Films drawn for tests, and the case of one."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pneumo.casebook.film_facts import FilmFacts
from pneumo.casebook.records import Case
from pneumo.domain import Radiograph
from pneumo.intake.film import develop
from tests.casebook.drawn_cases import draw_case


def draw_film(greys: NDArray[Any] | None = None, **facts: Any) -> Radiograph:
    """Draw a film of noise with 8 bits of grey, or develop other greys in [0, 1]."""
    if greys is None:
        codes = np.random.default_rng(5).integers(0, 256, (60, 90)).astype(np.float32)
        greys = codes / np.float32(255)
    given: dict[str, Any] = {"source": "picture", "encoding": "PNG", "bit_depth": 8, "notes": []}
    return develop(greys, **(given | facts))


def draw_case_of(film: Radiograph, number: int = 1, **changes: Any) -> Case:
    return draw_case(number, film=FilmFacts.of(film), **changes)
