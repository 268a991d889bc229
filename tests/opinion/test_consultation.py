"""The same question is answered from the cache; repeats and informed reads say how firm it is."""

from __future__ import annotations

import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from pneumo.domain import (
    ENSEMBLE,
    Analysis,
    Explanation,
    OperatingPoint,
    Prediction,
    Radiograph,
    Verdict,
)
from pneumo.errors import CasebookError, OpinionError
from pneumo.opinion.cache import AnswerCache, open_cache
from pneumo.opinion.consultation import consult
from pneumo.opinion.informed import InformedRead, inform
from pneumo.opinion.problems import ProblemKind
from pneumo.opinion.prompt import INFORMED, Prompt, read_prompt
from pneumo.opinion.reading import OpinionReader
from pneumo.opinion.repeats import read_repeatedly
from pneumo.opinion.result import OpinionResult, from_record, to_record
from tests.opinion.conftest import PROMPTS
from tests.opinion.language_model_server import LanguageModelServer

OpenReader = Callable[..., OpinionReader]


@pytest.fixture
def cache(tmp_path: Path) -> AnswerCache:
    return open_cache(tmp_path / "cache" / "opinions")


def test_same_question_is_asked_once(
    server: LanguageModelServer,
    reader_of: OpenReader,
    film: Radiograph,
    prompt: Prompt,
    cache: AnswerCache,
) -> None:
    reader = reader_of("sees")
    first = consult(film, prompt, reader, cache=cache)
    second = consult(film, prompt, reader, cache=cache)
    assert len(server.asked) == 1
    assert second == replace(first, cached=True)
    consult(film, prompt, reader, cache=cache, anew=True)
    assert len(server.asked) == 2


def test_film_that_is_sent_is_noted_before_and_an_earlier_answer_is_not(
    server: LanguageModelServer,
    reader_of: OpenReader,
    film: Radiograph,
    prompt: Prompt,
    cache: AnswerCache,
) -> None:
    reader = reader_of("sees")
    sent_before: list[int] = []
    for anew in (False, False, True):
        consult(
            film,
            prompt,
            reader,
            cache=cache,
            anew=anew,
            before_sending=lambda: sent_before.append(len(server.asked)),
        )
    assert sent_before == [0, 1]


def test_film_whose_sending_cannot_be_noted_is_not_sent(
    server: LanguageModelServer, reader_of: OpenReader, film: Radiograph, prompt: Prompt
) -> None:
    def fail() -> None:
        raise CasebookError("No room is left.")

    with pytest.raises(CasebookError):
        consult(film, prompt, reader_of("sees"), before_sending=fail)
    assert server.asked == []


def test_any_other_question_is_asked(
    server: LanguageModelServer,
    reader_of: OpenReader,
    film: Radiograph,
    prompt: Prompt,
    cache: AnswerCache,
) -> None:
    reader, shorter = reader_of("sees"), read_prompt(PROMPTS, "radiologist", "v2")
    other_film = replace(film, fingerprint="e" * 64)
    asked: list[Callable[[], object]] = [
        lambda: consult(film, prompt, reader, cache=cache),
        lambda: consult(film, prompt, reader, cache=cache, repeat=1),
        lambda: consult(film, prompt, reader, cache=cache, mask_share=0.1),
        lambda: consult(film, prompt, reader, cache=cache, context={"age": "3"}),
        lambda: consult(film, shorter, reader, cache=cache),
        lambda: consult(other_film, prompt, reader, cache=cache),
        lambda: consult(film, prompt, reader_of("normal"), cache=cache),
    ]
    for _ in range(2):
        for ask in asked:
            ask()
    assert len(server.asked) == len(asked)


def test_problem_is_not_kept(
    server: LanguageModelServer,
    reader_of: OpenReader,
    film: Radiograph,
    prompt: Prompt,
    cache: AnswerCache,
) -> None:
    behaviours = iter(["fails", "sees"])
    server.behave = lambda asked: next(behaviours)
    reader = reader_of("any")
    assert consult(film, prompt, reader, cache=cache).problem is not None
    assert consult(film, prompt, reader, cache=cache).opinion is not None


def test_cache_is_the_users_own_and_holds_neither_words_nor_pixels(
    reader_of: OpenReader, film: Radiograph, prompt: Prompt, cache: AnswerCache
) -> None:
    consult(film, prompt, reader_of("sees"), cache=cache, context={"question": "cough of Ann"})
    (path,) = cache.folder.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(cache.folder.stat().st_mode) == 0o700
    kept = path.read_text()
    for word in ("Ann", "cough", "base64", "a-key", film.fingerprint, "paediatric"):
        assert word not in kept
    assert len(kept) < 3000


@pytest.mark.parametrize("damage", ["", "{}", "[1]", "null", '{"form": 1', "\x00"])
def test_damaged_entry_is_a_miss_and_is_mended(
    server: LanguageModelServer,
    reader_of: OpenReader,
    film: Radiograph,
    prompt: Prompt,
    cache: AnswerCache,
    *,
    damage: str,
) -> None:
    reader = reader_of("sees")
    consult(film, prompt, reader, cache=cache)
    (path,) = cache.folder.iterdir()
    sound = path.read_text()
    path.write_text(damage)
    assert not consult(film, prompt, reader, cache=cache).cached
    assert consult(film, prompt, reader, cache=cache).cached
    path.write_text(sound.replace("PNEUMONIA", "MAYBE"))
    assert not consult(film, prompt, reader, cache=cache).cached


def test_folder_that_cannot_be_written_costs_no_answer(
    reader_of: OpenReader, film: Radiograph, prompt: Prompt, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    cache = open_cache(tmp_path / "file" / "below")
    assert consult(film, prompt, reader_of("sees"), cache=cache).opinion is not None
    assert cache.forget() == 0


def test_all_answers_are_forgotten_and_nothing_else(
    reader_of: OpenReader, film: Radiograph, prompt: Prompt, cache: AnswerCache
) -> None:
    reader = reader_of("sees")
    for number in range(3):
        consult(film, prompt, reader, cache=cache, repeat=number)
    (cache.folder / "notes.json").write_text("mine")
    assert cache.forget() == 3
    assert [path.name for path in cache.folder.iterdir()] == ["notes.json"]


def test_default_cache_is_below_the_users_cache_folder() -> None:
    folder = open_cache().folder
    assert folder.parts[-2:] == ("pneumo", "opinions")


def test_record_of_a_problem_reads_back_the_same(
    reader_of: OpenReader, film: Radiograph, prompt: Prompt
) -> None:
    result = consult(film, prompt, reader_of("rate-limited"))
    assert from_record(to_record(result)) == result


@pytest.mark.parametrize(
    ("voices", "modal", "consistency", "refused", "failed"),
    [
        (("sees", "sees", "normal", "sees"), Verdict.PNEUMONIA, 0.75, 0, 0),
        (("sees", "normal"), None, 0.5, 0, 0),
        (("sees", "declines", "fails"), Verdict.PNEUMONIA, 1.0, 1, 1),
        (("filtered", "refuses"), None, None, 2, 0),
    ],
)
def test_spread_counts_verdicts_and_refusals_apart(
    server: LanguageModelServer,
    reader_of: OpenReader,
    film: Radiograph,
    prompt: Prompt,
    *,
    voices: tuple[str, ...],
    modal: Verdict | None,
    consistency: float | None,
    refused: int,
    failed: int,
) -> None:
    order = iter(voices)
    current: list[str] = []
    server.behave = lambda asked: current[-1]
    readers = {name: reader_of(name) for name in voices}

    def read(number: int) -> OpinionResult:
        current.append(next(order))
        return consult(film, prompt, readers[current[-1]], repeat=number)

    spread = read_repeatedly(len(voices), read)
    assert spread.modal is modal
    assert spread.consistency == consistency
    assert (spread.refused, spread.failed) == (refused, failed)
    assert spread.opinions + spread.refused + spread.failed == len(voices)


@pytest.mark.parametrize("times", [0, 6])
def test_repeats_are_bounded(times: int) -> None:
    with pytest.raises(ValueError, match="Expected 1 to 5"):
        read_repeatedly(times, lambda number: pytest.fail("nothing is asked"))


def _analysis(evidence: list[list[float]]) -> Analysis:
    point = OperatingPoint("balanced", 0.5, (0.4, 0.6), 0.9, 0.9, 100)
    prediction = Prediction(Verdict.NORMAL, Verdict.NORMAL, 0.124, (), 0.0, False, point, "abc")
    heat = Explanation(ENSEMBLE, "Ensemble", np.array(evidence, np.float32))
    return Analysis(prediction, (heat,))


def test_informed_read_is_told_all_and_shows_its_flip(
    server: LanguageModelServer, reader_of: OpenReader, film: Radiograph, prompt: Prompt
) -> None:
    reader, second_prompt = reader_of("sees"), read_prompt(PROMPTS, INFORMED, "v1")
    first = consult(film, prompt, reader)
    told = inform(first, _analysis([[0.1, 0.0], [0.9, -0.5]]))
    read = InformedRead(first, consult(film, second_prompt, reader, context=told))
    assert read.flipped is True
    assert read.changes.startswith("I take back the consolidation")
    blind, informed = (asked.words for asked in server.asked)
    for words in ("12%", "NORMAL", "the right lower zone", "consolidation (probable; side: right"):
        assert words in informed
    assert "12%" not in blind


def test_second_read_without_an_answer_is_no_flip(
    reader_of: OpenReader, film: Radiograph, prompt: Prompt
) -> None:
    first = consult(film, prompt, reader_of("sees"))
    second = consult(film, prompt, reader_of("fails"))
    assert InformedRead(first, second).flipped is None
    assert InformedRead(first, first).flipped is False
    with pytest.raises(OpinionError, match="blind opinion"):
        inform(second, _analysis([[0.1]]))


def test_heat_map_without_evidence_is_told_as_such(
    reader_of: OpenReader, film: Radiograph, prompt: Prompt
) -> None:
    first = consult(film, prompt, reader_of("sees"))
    assert inform(first, _analysis([[-0.3]]))["heat_map_region"].startswith("nowhere")


def test_cancelled_repeat_ends_the_series(
    reader_of: OpenReader, film: Radiograph, prompt: Prompt
) -> None:
    cancelled = Event()
    cancelled.set()
    reader = reader_of("sees")
    spread = read_repeatedly(5, lambda number: consult(film, prompt, reader, cancelled=cancelled))
    assert len(spread.results) == 1
    assert spread.results[0].problem is not None
    assert spread.results[0].problem.kind is ProblemKind.CANCELLED
