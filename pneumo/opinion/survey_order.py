"""The films of a split, a prompt and an endpoint → which films are asked about, in which order."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pneumo.errors import DataSetError, OpinionError
from pneumo.intake.collection import CollectedFilm
from pneumo.opinion.endpoint import Endpoint
from pneumo.opinion.picture import MOST_MASKED
from pneumo.opinion.prompt import Prompt
from pneumo.opinion.repeats import MOST_REPEATS
from pneumo.opinion.surveys import name_survey

SEED = 1

_PICTURE_TOKENS = 26_000
"""A square film of four tiles at gpt-4o-mini, 2,833 + 4 x 5,667, the most of all models on file."""
_ANSWER_TOKENS = 4_000
_CHARACTERS_PER_TOKEN = 3


@dataclass(frozen=True)
class SurveyOrder:
    """What is to be asked, of whom, about which films.

    Attributes:
        films: all films of the split.
        split: its name.
        endpoint: who is asked.
        prompt: the question.
        limit: about how many films, whole patient groups in the classes' own proportion; None
            for all. A larger limit later reads the same films and further ones.
        repeats: readings of each film, from 1 to 5.
        mask_share: share of each side that is blackened at each border, in [0, 0.25].
    """

    films: Sequence[CollectedFilm]
    split: str
    endpoint: Endpoint
    prompt: Prompt
    limit: int | None = None
    repeats: int = 1
    mask_share: float = 0.0

    def __post_init__(self) -> None:
        """Check the choices.

        Raises:
            OpinionError: the limit, the repeats or the masked share are out of range.
            DataSetError: two films have the same name.
        """
        if self.limit is not None and self.limit < 1:
            raise OpinionError(f"Expected a limit of at least 1 film, but got {self.limit}.")
        if not 1 <= self.repeats <= MOST_REPEATS:
            raise OpinionError(f"Expected 1 to {MOST_REPEATS} repeats, but got {self.repeats}.")
        if not 0 <= self.mask_share <= MOST_MASKED:
            raise OpinionError(
                f"Expected a share from 0 to {MOST_MASKED} to mask, but got {self.mask_share}."
            )
        if len({film.name for film in self.films}) < len(self.films):
            raise DataSetError("Two films of the split have the same file name: rename one.")

    @property
    def slug(self) -> str:
        """The name of the survey's folder."""
        return name_survey(self.endpoint.provider.name, self.endpoint.model, self.prompt.version)

    @property
    def identity(self) -> dict[str, Any]:
        """All that makes answers comparable; a survey never mixes two of these."""
        endpoint, prompt = self.endpoint, self.prompt
        return {
            "model": endpoint.model,
            "provider": endpoint.provider.name,
            "host": "this machine" if endpoint.stays_here else endpoint.host,
            "prompt": {"name": prompt.name, "version": prompt.version, "sha256": prompt.sha256},
            "parameters": {
                "temperature": prompt.temperature,
                "image_side_px": prompt.image_side_px,
                "detail": prompt.detail,
                "schema_version": prompt.schema_version,
                "mask_share": self.mask_share,
                "repeats": self.repeats,
            },
        }

    def draw(self) -> list[CollectedFilm]:
        """Return the films to be read, in the order of asking.

        Groups are drawn at random, always the same ones, and the classes take turns in their own
        proportion: the films of a run that is cut off are a sample too.
        """
        import numpy as np

        share = 1.0 if self.limit is None else min(1.0, self.limit / len(self.films))
        rng = np.random.default_rng(SEED)
        ranked: list[tuple[float, int, CollectedFilm]] = []
        for label in sorted({film.label for film in self.films}):
            of_class = [film for film in self.films if film.label == label]
            groups = sorted({film.group for film in of_class})
            place = dict(zip(groups, rng.permutation(len(groups)).tolist(), strict=True))
            of_class.sort(key=lambda film: (place[film.group], film.name))
            last = place[of_class[math.ceil(share * len(of_class)) - 1].group]
            ranked += [
                ((at + 0.5) / len(of_class), label, film)
                for at, film in enumerate(of_class)
                if place[film.group] <= last
            ]
        return [film for *_, film in sorted(ranked, key=lambda entry: entry[:2])]

    def worst_cost_usd(self, *, words: str, readings: int) -> float | None:
        """Return what so many readings cost at most, None if no price is on file.

        Each is taken to be mended once, with the dearest picture of any model on file and a
        long answer; the usual cost is a small part of it.

        Args:
            words: what is sent with each film.
            readings: how many.
        """
        price = self.endpoint.price
        if price is None:
            return None
        asked = _PICTURE_TOKENS + len(words) // _CHARACTERS_PER_TOKEN
        one = price.cost(2 * asked + _ANSWER_TOKENS, 2 * _ANSWER_TOKENS)
        return None if one is None else readings * one
