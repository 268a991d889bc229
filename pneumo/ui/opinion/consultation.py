"""One film and what a visitor wants asked about it → readings under way, or done."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pneumo import Analysis, PneumoError, Radiograph, Verdict
from pneumo.domain import Opinion
from pneumo.opinion.cache import AnswerCache
from pneumo.opinion.consultation import consult
from pneumo.opinion.informed import InformedRead, inform
from pneumo.opinion.prompt import INFORMED, Prompt, list_versions, read_prompt
from pneumo.opinion.reading import OpinionReader
from pneumo.opinion.repeats import Spread, read_repeatedly
from pneumo.opinion.result import OpinionResult
from pneumo.ui.opinion.errand import Errand, Tell


@dataclass(frozen=True)
class Inquiry:
    """All that a reading needs beside the film.

    Attributes:
        reader: who is asked.
        prompt: what is asked.
        context: age and question as the visitor typed them; empty where not given.
        mask_share: share of each side that is blackened at each border.
        repeats: readings of the same film, 1 to 5.
        cache: where earlier answers lie.
        before_sending: see `pneumo.opinion.consultation.consult`.
    """

    reader: OpinionReader
    prompt: Prompt
    context: Mapping[str, str]
    mask_share: float
    repeats: int
    cache: AnswerCache
    before_sending: Callable[[], None] | None = None

    def asks_as(self, other: Inquiry) -> bool:
        """Whether another inquiry asks the same model the same question."""
        return self._question == other._question

    @property
    def _question(self) -> tuple[object, ...]:
        endpoint = self.reader.endpoint
        return (
            (endpoint.provider.name, endpoint.base_url, endpoint.model),
            (self.prompt.sha256, dict(self.context), self.mask_share, self.repeats),
        )


@dataclass
class Consultation:
    """What was asked about one film, blind and then informed.

    Attributes:
        age: of the child, as typed.
        question: as typed.
        inquiry: what the blind readings were asked with; None before they are.
        blind: the blind readings.
        informed: the second, informed reading.
    """

    age: str = ""
    question: str = ""
    inquiry: Inquiry | None = None
    blind: Errand[Spread] | None = None
    informed: Errand[OpinionResult] | None = None

    @property
    def is_running(self) -> bool:
        """Whether a reading is under way."""
        return any(errand.is_running for errand in (self.blind, self.informed) if errand)

    @property
    def spread(self) -> Spread | None:
        """What the blind readings said; None before they have ended.

        Raises:
            PneumoError: they could not even be asked.
        """
        done = self.blind is not None and not self.blind.is_running
        return self.blind.outcome() if self.blind and done else None

    @property
    def first(self) -> OpinionResult | None:
        """The blind reading that stands for all: the first with the most frequent verdict."""
        spread = self.spread
        return pick_result(spread) if spread else None

    @property
    def opinion(self) -> Opinion | None:
        """The blind opinion to show; None without one."""
        try:
            first = self.first
        except PneumoError:
            return None  # The panel tells of it.
        return first.opinion if first else None

    @property
    def verdict(self) -> Verdict | None:
        """The blind verdict: the most frequent; INDETERMINATE where two are as frequent."""
        spread = self.spread
        if spread is None or not spread.opinions:
            return None
        return spread.modal or Verdict.INDETERMINATE

    @property
    def informed_read(self) -> InformedRead | None:
        """Both readings side by side; None before the informed one has ended."""
        first = self.first
        if first is None or self.informed is None or self.informed.is_running:
            return None
        return InformedRead(first, self.informed.outcome())

    def ask(self, radiograph: Radiograph, inquiry: Inquiry, *, anew: bool = False) -> None:
        """Begin the blind readings. What was said before is forgotten."""
        self.cancel()
        self.inquiry, self.informed = inquiry, None
        self.blind = Errand(
            lambda tell, cancelled: _read_blind(radiograph, inquiry, tell, cancelled, anew=anew)
        )

    def ask_informed(self, radiograph: Radiograph, analysis: Analysis, prompts_dir: Path) -> None:
        """Begin the informed reading, by the model that gave the blind one.

        Raises:
            OpinionError: there is no blind opinion, or no informed prompt.
        """
        first, blind = self.first, self.inquiry
        if first is None or blind is None:
            return
        version = (list_versions(prompts_dir, INFORMED) or ["v1"])[-1]
        inquiry = replace(
            blind,
            prompt=read_prompt(prompts_dir, INFORMED, version),
            context={**blind.context, **inform(first, analysis)},
            repeats=1,
        )
        # Asked again after it was shown: then an answer from the cache is not what is wanted.
        anew = self.informed is not None
        self.informed = Errand(
            lambda tell, cancelled: _read(radiograph, inquiry, 0, tell, cancelled, anew=anew)
        )

    def cancel(self) -> None:
        """End whatever is under way."""
        for errand in (self.blind, self.informed):
            if errand:
                errand.cancel()


def pick_result(spread: Spread) -> OpinionResult:
    """Return the reading that stands for all: of the most frequent verdict, else any opinion."""
    opinions = [result for result in spread.results if result.opinion]
    modal = [result for result in opinions if result.verdict is spread.modal]
    return (modal or opinions or list(spread.results))[0]


def _read_blind(
    radiograph: Radiograph,
    inquiry: Inquiry,
    tell: Tell,
    cancelled: threading.Event,
    *,
    anew: bool,
) -> Spread:
    def read(number: int) -> OpinionResult:
        prefix = f"Reading {number + 1} of {inquiry.repeats}. " if inquiry.repeats > 1 else ""
        tell(prefix)
        return _read(
            radiograph, inquiry, number, lambda text: tell(prefix + text), cancelled, anew=anew
        )

    return read_repeatedly(inquiry.repeats, read)


def _read(
    radiograph: Radiograph,
    inquiry: Inquiry,
    repeat: int,
    tell: Tell,
    cancelled: threading.Event,
    *,
    anew: bool,
) -> OpinionResult:
    return consult(
        radiograph,
        inquiry.prompt,
        inquiry.reader,
        context=inquiry.context,
        mask_share=inquiry.mask_share,
        cache=inquiry.cache,
        before_sending=inquiry.before_sending,
        repeat=repeat,
        anew=anew,
        on_text=tell,
        cancelled=cancelled,
    )
