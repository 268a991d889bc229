"""A drawn collection of films, and a server that reads them by their bright patch, with faults."""

from __future__ import annotations

import io
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import openai  # noqa: F401 - slow to load, which no reading's time-out should bear here
from PIL import Image

from pneumo.intake.collection import collect_films
from pneumo.opinion.endpoint import make_endpoint
from pneumo.opinion.prompt import read_prompt
from pneumo.opinion.survey_crew import Manner
from pneumo.opinion.survey_order import SurveyOrder
from tests.conftest import draw_film
from tests.opinion.conftest import PROMPTS
from tests.opinion.language_model_server import (
    BEHAVIOURS,
    NORMAL_ANSWER,
    LanguageModelServer,
    Recorded,
    sound_answer,
)

SWIFT = Manner(workers=4, backoff_s=0.01)

# What passes, and what stays: each costs a film something else.
PASSING = ("busy", "fails", "cut-off", "fails-inside")
LASTING = ("refuses", "declines", "malformed", "truncated", "filtered")

BEHAVIOURS["busy"] = lambda handler: handler.send_problem(
    429, "Slow down.", "rate_limit_exceeded", Retry_After="0.2"
)


def draw_collection(folder: Path, films: int, *, split: str = "test") -> Path:
    """Draw so many films in Kaggle's layout, half of them normal, two a group."""
    for label, name in enumerate(("NORMAL", "PNEUMONIA")):
        (folder / split / name).mkdir(parents=True)
        for number in range(films // 2):
            group, film = number // 2 + 1, number % 2 + 1
            file = (f"IM-{group:04}-{film:04}", f"person{group}_bacteria_{film}")[label]
            draw_film(label, number).save(folder / split / name / f"{file}.jpeg")
    return folder


def picture_of(request: Recorded) -> str:
    return sha256(request.picture).hexdigest()


@dataclass
class Scene:
    """Decides how the server behaves, and counts what it was asked.

    Attributes:
        faults: behaviours by the place in which a new picture comes, from 0; each once.
        delay_s: seconds that each answer takes.
        sound: sound answers by picture.
        times: when each request came.
        sent: requests by behaviour.
    """

    faults: Mapping[int, str] = field(default_factory=dict)
    delay_s: float = 0.0
    sound: Counter[str] = field(default_factory=Counter)
    times: list[tuple[float, str]] = field(default_factory=list)
    sent: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._faulty: dict[str, str] = {}

    def behave(self, request: Recorded) -> str:
        picture = picture_of(request)
        with self._lock:
            if picture not in self._faulty:
                self._faulty[picture] = self.faults.get(len(self._faulty), "")
            behaviour = self._faulty[picture]
            if behaviour in PASSING or (behaviour == "hangs"):
                self._faulty[picture] = ""
            if not behaviour:
                self.sound[picture] += 1
            self.times.append((time.monotonic(), behaviour))
            self.sent[behaviour or "answered"] += 1
        if self.delay_s:
            time.sleep(self.delay_s)
        return behaviour or "sees"

    def serve(self, **choices: Any) -> LanguageModelServer:
        return LanguageModelServer(self.behave, answer=read_patch, **choices)


def read_patch(request: Recorded) -> dict[str, Any]:
    pixels = np.asarray(Image.open(io.BytesIO(request.picture)))
    return sound_answer() if np.quantile(pixels, 0.96) > 140 else NORMAL_ANSWER


def order_films(
    data: Path,
    server: LanguageModelServer,
    *,
    model: str = "sees",
    split: str = "test",
    timeout_s: float = 5.0,
    key: str | None = None,
    prompt: str = "v1",
    **choices: Any,
) -> SurveyOrder:
    return SurveyOrder(
        films=collect_films(data, (split,)),
        split=split,
        endpoint=make_endpoint(
            "custom",
            model,
            base_url=server.url,
            environment={},
            typed_key=key,
            timeout_s=timeout_s,
        ),
        prompt=read_prompt(PROMPTS, "radiologist", prompt),
        **choices,
    )


def spread_faults(films: int, kinds: Sequence[str], share: float) -> dict[int, str]:
    """Deal faults of each kind in turn to a share of the films, drawn at random."""
    places = np.random.default_rng(5).permutation(films)[: round(share * films)]
    return {int(place): kinds[k % len(kinds)] for k, place in enumerate(sorted(places))}
