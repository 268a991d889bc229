"""Questions about films → what came of each, asked by several threads within a server's limits."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from pneumo.errors import FilmError
from pneumo.intake import read_radiograph
from pneumo.intake.collection import CollectedFilm
from pneumo.opinion.answer_file import Answer
from pneumo.opinion.consultation import consult
from pneumo.opinion.pace import Pace, back_off
from pneumo.opinion.problems import Problem, ProblemKind
from pneumo.opinion.prompt import Prompt
from pneumo.opinion.reading import OpinionReader

MOST_WAITS = 20
"""How often one reading may be put off by a server that says for how long."""
LONGEST_PAUSE_S = 600.0
GRACE_S = 10.0
_GLANCE_S = 0.5

_HOPELESS = frozenset(
    {
        ProblemKind.NO_KEY,
        ProblemKind.WRONG_KEY,
        ProblemKind.NO_CREDIT,
        ProblemKind.UNKNOWN_MODEL,
        ProblemKind.NO_VISION,
    }
)


@dataclass(frozen=True)
class Manner:
    """How hard a server is asked.

    Attributes:
        workers: readings at the same time.
        requests_per_minute: most requests a minute; None for no bound.
        tries: how often a film is sent while problems may pass. Waits that the server itself
            asks for are not counted, up to MOST_WAITS.
        backoff_s: seconds to wait after the first failed try, see `back_off`.
    """

    workers: int = 4
    requests_per_minute: float | None = None
    tries: int = 5
    backoff_s: float = 1.0


@dataclass(frozen=True)
class Unreadable:
    """A film that could not be read here, and therefore was not sent."""

    file: str


@dataclass(frozen=True)
class Hopeless:
    """A problem that every further film would meet too."""

    problem: Problem


@dataclass(frozen=True)
class _Ended:
    error: BaseException | None = None


Outcome = Answer | Unreadable | Hopeless
Task = tuple[CollectedFilm, int]
"""A film and the number of the reading, from 0."""


class Crew:
    """Threads that ask one reader the same prompt.

    Attributes:
        stopped: once set, nothing more is asked. Anybody may set it; the crew itself does at a
            hopeless problem. What is under way has GRACE_S to come, since it is paid for.
    """

    def __init__(
        self,
        tasks: Iterable[Task],
        prompt: Prompt,
        reader: OpinionReader,
        *,
        manner: Manner,
        mask_share: float,
        keep: Callable[[Answer], None],
        stopped: threading.Event,
    ) -> None:
        """Hand out the tasks; nothing is asked yet.

        Args:
            tasks: what to ask, in this order.
            prompt: the question.
            reader: who asks.
            manner: how hard.
            mask_share: see `encode_film`.
            keep: called with each answer, by one thread at a time, and before the thread that got
                it asks anything else: a killed process loses no more than was under way.
            stopped: see above.
        """
        self.stopped = stopped
        self._dropped = threading.Event()
        self._keep, self._keeping = keep, threading.Lock()
        self._prompt, self._reader = prompt, reader
        self._manner, self._mask_share = manner, mask_share
        self._pace = Pace(manner.requests_per_minute)
        self._handed_in: SimpleQueue[Outcome | _Ended] = SimpleQueue()
        self._tasks: SimpleQueue[Task] = SimpleQueue()
        for task in tasks:
            self._tasks.put(task)

    def work(self) -> Iterator[Outcome]:
        """Ask, and yield what came, once it is kept; ends when all is asked or dropped."""
        for number in range(self._manner.workers):
            threading.Thread(target=self._run, daemon=True, name=f"survey {number}").start()
        working = self._manner.workers
        patience: float | None = None
        while working:
            if self.stopped.is_set():
                patience = patience or time.monotonic() + GRACE_S
                if time.monotonic() > patience:
                    self._dropped.set()
            try:
                # A glance at a time, so that signals are heard on every system.
                item = self._handed_in.get(timeout=_GLANCE_S)
            except Empty:
                continue
            if not isinstance(item, _Ended):
                yield item
                continue
            working -= 1
            if item.error is not None:
                self.stopped.set()
                self._dropped.set()
                raise item.error

    def _run(self) -> None:
        try:
            while not self.stopped.is_set():
                film, repeat = self._tasks.get_nowait()
                outcome = self._ask(film, repeat)
                if isinstance(outcome, Answer):
                    with self._keeping:
                        self._keep(outcome)
                elif isinstance(outcome, Hopeless):
                    self.stopped.set()
                if outcome is not None:
                    self._handed_in.put(outcome)
        except Empty:
            self._handed_in.put(_Ended())
        except BaseException as error:  # a bug surfaces where the answers are collected
            self._handed_in.put(_Ended(error))
        else:
            self._handed_in.put(_Ended())

    def _ask(self, film: CollectedFilm, repeat: int) -> Outcome | None:
        """Ask until there is an answer, a problem that does not pass, or no try left."""
        try:
            radiograph = read_radiograph(film.path.read_bytes())
        except (FilmError, OSError):
            return Unreadable(film.name)
        faults: list[str] = []
        failures = waits = 0
        while self._pace.wait(self.stopped):
            result = consult(
                radiograph,
                self._prompt,
                self._reader,
                mask_share=self._mask_share,
                repeat=repeat,
                cancelled=self._dropped,
            )
            self._pace.charge(max(result.attempts - 1, 0))
            problem = result.problem
            if problem is not None and _ends_all(problem):
                return Hopeless(problem)
            if problem is not None and problem.kind is ProblemKind.CANCELLED:
                return None
            sent = len(faults) + 1
            if problem is not None and problem.passing:
                faults.append(str(problem.kind))
                asked_to_wait = problem.retry_after_s is not None
                waits, failures = waits + asked_to_wait, failures + (not asked_to_wait)
                if waits <= MOST_WAITS and failures < self._manner.tries:
                    self._rest(problem, failures)
                    continue
            return Answer(film.name, repeat, radiograph.fingerprint, sent, tuple(faults), result)
        return None

    def _rest(self, problem: Problem, failures: int) -> None:
        """Wait after a passing problem: all together where the server is asked too often."""
        seconds = back_off(max(failures, 1), self._manner.backoff_s)
        if problem.retry_after_s is not None:
            self._pace.pause(problem.retry_after_s)
        elif problem.kind is ProblemKind.RATE_LIMITED:
            self._pace.pause(seconds)
        else:
            self.stopped.wait(seconds)


def _ends_all(problem: Problem) -> bool:
    too_long = problem.retry_after_s is not None and problem.retry_after_s > LONGEST_PAUSE_S
    return problem.kind in _HOPELESS or too_long
