"""An order → every film read by a language model, each answer on the disk as it comes."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pneumo.errors import DataSetError, OpinionError
from pneumo.evidence.ledger import record_look
from pneumo.intake.collection import CollectedFilm
from pneumo.opinion.answer_file import Answer, AnswerFile, Question
from pneumo.opinion.problems import Problem, ProblemKind
from pneumo.opinion.reading import OpinionReader
from pneumo.opinion.result import OpinionResult
from pneumo.opinion.survey_crew import Crew, Hopeless, Manner, Task, Unreadable
from pneumo.opinion.survey_order import SEED, SurveyOrder
from pneumo.opinion.surveys import (
    COLUMNS,
    OPINIONS,
    add_up,
    read_facts,
    summarise_film,
    write_survey,
)

if TYPE_CHECKING:
    import pandas as pd

STREAK = 10
"""So many readings in a row without any answer end a survey: the server is not there."""


@dataclass(frozen=True)
class SurveyRun:
    """How a run ended.

    Attributes:
        folder: where the survey lies.
        table: a row a film that was answered, as `Survey.table`; empty if none was.
        facts: how the survey was made, with its totals.
        asked: readings that this run brought.
        stopped_by: the problem that ended it early, None if there was none.
        interrupted: whether the user ended it early.
    """

    folder: Path
    table: pd.DataFrame
    facts: dict[str, Any]
    asked: int
    stopped_by: Problem | None
    interrupted: bool


@dataclass
class _Course:
    """How far a run has come."""

    asked: int = 0
    unheard: int = 0
    stopped_by: Problem | None = None
    unreadable: set[str] = field(default_factory=set)


def run_survey(
    order: SurveyOrder,
    models_dir: Path,
    *,
    manner: Manner | None = None,
    anew: bool = False,
    command: str = "python -m pneumo second-opinion",
    stopped: threading.Event | None = None,
    on_begin: Callable[[int, int], None] | None = None,
    on_answer: Callable[[Answer], None] | None = None,
) -> SurveyRun:
    """Have every film read that has no answer yet, and write the survey's files.

    Every answer is on the disk before its thread asks on, so a killed run loses only what was
    under way. A film whose problem may pass is asked again by the next run; any other answer is
    kept. The first answer about an official test film is written to the ledger of looks.

    Args:
        order: what to ask.
        models_dir: folder of the networks; the survey goes into `opinions` there.
        manner: how hard to ask.
        anew: forget the answers that are there, and ask about all films.
        command: what was called, for the ledger.
        stopped: set by somebody else to end the run in an orderly way.
        on_begin: called with the numbers of readings that are settled already, and of all.
        on_answer: called with each answer as it comes.

    Raises:
        OpinionError: answers to another prompt or with other parameters are there, or another
            process is making this survey.
        DataSetError: the files of the survey are damaged, or about other films.
    """
    manner, stopped = manner or Manner(), stopped or threading.Event()
    folder, split = models_dir / OPINIONS / order.slug, order.split
    earlier = None if anew else read_facts(folder, split)
    _check_identity(order, earlier)
    course, drawn = _Course(), order.draw()
    with AnswerFile(folder / f"answers_{split}.jsonl", anew=anew) as book:
        _check_films(order.films, book.answers)
        facts = _describe(order, manner, begun=earlier["started_at"] if earlier else _now())
        tasks = _list_open(order, drawn, book.answers)
        if on_begin is not None:
            on_begin(len(drawn) * order.repeats - len(tasks), len(drawn) * order.repeats)

        def keep(answer: Answer) -> None:
            if not book.answers:
                # Said before the first answer: a killed run leaves word of what was asked.
                book.forget()
                total = _total(order, drawn, {}, course)
                write_survey(folder, tabulate_answers((), {}), facts | total)
                if split == "test":
                    version = f"{order.slug} {order.prompt.sha256[:12]}"
                    record_look(models_dir, version, command)
            book.keep(answer)

        try:
            with OpinionReader(order.endpoint) as reader:
                crew = Crew(
                    tasks,
                    order.prompt,
                    reader,
                    manner=manner,
                    mask_share=order.mask_share,
                    keep=keep,
                    stopped=stopped,
                )
                most_unheard = max(STREAK, 2 * manner.workers)
                _follow(crew, course, on_answer, most_unheard=most_unheard)
            interrupted = stopped.is_set() and course.stopped_by is None
        finally:
            stopped.set()
            table = tabulate_answers(order.films, book.answers)
            facts |= _total(order, drawn, book.answers, course)
            if book.answers:
                write_survey(folder, table, facts)
    return SurveyRun(folder, table, facts, course.asked, course.stopped_by, interrupted)


def _follow(
    crew: Crew,
    course: _Course,
    on_answer: Callable[[Answer], None] | None,
    *,
    most_unheard: int,
) -> None:
    """Count what comes, and stop the crew where going on is pointless."""
    for outcome in crew.work():
        if isinstance(outcome, Unreadable):
            course.unreadable.add(outcome.file)
        elif isinstance(outcome, Hopeless):
            course.stopped_by = course.stopped_by or outcome.problem
        else:
            course.asked += 1
            if on_answer is not None:
                on_answer(outcome)
            problem = outcome.result.problem
            unheard = problem is not None and (
                problem.passing or problem.kind is ProblemKind.REJECTED
            )
            course.unheard = course.unheard + 1 if unheard else 0
            if course.unheard >= most_unheard:
                course.stopped_by = course.stopped_by or problem
                crew.stopped.set()


def tabulate_answers(
    films: Iterable[CollectedFilm], answers: Mapping[Question, Answer]
) -> pd.DataFrame:
    """Return a row a film that has an answer, in the films' order, with the columns COLUMNS."""
    import pandas as pd

    results: dict[str, list[OpinionResult]] = {}
    for _, answer in sorted(answers.items()):
        results.setdefault(answer.file, []).append(answer.result)
    rows = [
        {"file": film.name, "label": film.label, "group": film.group}
        | summarise_film(results[film.name])
        for film in films
        if film.name in results
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _list_open(
    order: SurveyOrder, drawn: Sequence[CollectedFilm], answers: Mapping[Question, Answer]
) -> list[Task]:
    """Return what still has to be asked: each film once, then each a second time."""
    return [
        (film, repeat)
        for repeat in range(order.repeats)
        for film in drawn
        if (film.name, repeat) not in answers or not answers[film.name, repeat].is_settled
    ]


def _check_identity(order: SurveyOrder, facts: Mapping[str, Any] | None) -> None:
    if facts is None:
        return
    wanted = order.identity
    other = [
        f"{name} {facts.get(key, {}).get(name)!r} instead of {value!r}"
        for key in ("prompt", "parameters")
        for name, value in wanted[key].items()
        if facts.get(key, {}).get(name) != value
    ]
    other += [
        f"{key} {facts.get(key)!r} instead of {wanted[key]!r}"
        for key in ("model", "provider", "host")
        if facts.get(key) != wanted[key]
    ]
    if other:
        raise OpinionError(
            f"The survey {order.slug} was begun in another way: {'; '.join(other)}. Answers to "
            "different questions are not mixed: ask as before, or begin anew with --anew, which "
            "forgets the answers that are there."
        )


def _check_films(films: Iterable[CollectedFilm], answers: Iterable[Question]) -> None:
    strangers = {file for file, _ in answers} - {film.name for film in films}
    if strangers:
        raise DataSetError(
            f"{len(strangers)} films that were surveyed earlier, such as {min(strangers)}, are not "
            "in this folder: point --data at the same data set, or begin anew with --anew."
        )


def _describe(order: SurveyOrder, manner: Manner, *, begun: str) -> dict[str, Any]:
    """Return how a survey is made. There is no key and no address in it."""
    endpoint = order.endpoint
    return {
        "title": f"{endpoint.model} ({endpoint.provider.title}, prompt {order.prompt.version})",
        "split": order.split,
        **order.identity,
        "price": asdict(endpoint.price) if endpoint.price else None,
        "limit": order.limit,
        "seed": SEED,
        "manner": asdict(manner) | {"timeout_s": endpoint.timeout_s},
        "started_at": begun,
    }


def _total(
    order: SurveyOrder,
    drawn: Sequence[CollectedFilm],
    answers: Mapping[Question, Answer],
    course: _Course,
) -> dict[str, Any]:
    """Return what all runs of a survey together brought."""
    results = [answer.result for answer in answers.values()]
    problems = Counter(str(result.problem.kind) for result in results if result.problem)
    faults = Counter(fault for answer in answers.values() for fault in answer.faults)
    planned = {film.name for film in drawn} | {file for file, _ in answers}
    return {
        "updated_at": _now(),
        "films_planned": len(planned),
        "films_read": len({file for file, _ in answers}),
        "unreadable": sorted(course.unreadable),
        "readings": len(results),
        "readings_open": len(_list_open(order, drawn, answers)),
        "times_sent": sum(answer.tries for answer in answers.values()),
        "faults": dict(sorted(faults.items())),
        "problems": dict(sorted(problems.items())),
        "models_reported": sorted({result.model_reported for result in results} - {""}),
        "tokens_in": _count(result.tokens_in for result in results),
        "tokens_out": _count(result.tokens_out for result in results),
        "cost_usd": _count(result.cost_usd for result in results),
    }


def _count(numbers: Iterable[float | None]) -> float | None:
    total = add_up(list(numbers))
    return None if isnan(total) else round(total, 8)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
