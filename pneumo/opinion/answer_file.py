"""Answers of a survey ⇄ a file of JSON Lines that only grows and survives a killed process."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pneumo.errors import DataSetError, OpinionError
from pneumo.opinion.problems import ProblemKind
from pneumo.opinion.result import OpinionResult, from_record, to_record

_FORM = 1

Question = tuple[str, int]
"""A film's file name and the number of the reading, from 0."""


@dataclass(frozen=True)
class Answer:
    """What came of one reading of one film.

    Attributes:
        file: the film's file name.
        repeat: the number of the reading, from 0.
        fingerprint: of the radiograph.
        tries: how often the film was sent for this reading, passing problems included.
        faults: the passing problems that it took, in their order.
        result: the opinion, or the problem that remained.
    """

    file: str
    repeat: int
    fingerprint: str
    tries: int
    faults: tuple[str, ...]
    result: OpinionResult

    @property
    def question(self) -> Question:
        """What this is the answer to."""
        return self.file, self.repeat

    @property
    def is_settled(self) -> bool:
        """Whether asking again is pointless: an opinion, or a problem that does not pass."""
        problem = self.result.problem
        return problem is None or not (problem.passing or problem.kind is ProblemKind.CANCELLED)


class AnswerFile:
    """The answers in one file, open for more; only one process may have it open.

    Attributes:
        answers: the last answer to each question.
    """

    def __init__(self, path: Path, *, anew: bool = False) -> None:
        """Open a file, or begin one. A line that was cut off by a killed process is removed.

        Args:
            path: of the file.
            anew: take no notice of what is in it; `forget` it before the first answer.

        Raises:
            DataSetError: a whole line is no answer.
            OpinionError: another process is writing to it.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path, self._file = path, path.open("a+b")
        try:
            _claim(self._file.fileno())
            self._file.seek(0)
            data = b"" if anew else self._file.read()
            whole = data[: data.rfind(b"\n") + 1]
            if len(whole) < len(data):
                self._file.truncate(len(whole))
            self.answers = _read(whole.splitlines(), path.name)
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()
        # A survey that was refused at the door leaves no trace.
        if not self._path.stat().st_size:
            self._path.unlink()
            with suppress(OSError):  # there are other files
                self._path.parent.rmdir()

    def forget(self) -> None:
        """Empty the file."""
        self._file.truncate(0)
        self.answers.clear()

    def keep(self, answer: Answer) -> None:
        """Write an answer; it is on the disk when this returns."""
        self._file.write((json.dumps(_to_line(answer)) + "\n").encode())
        self._file.flush()
        os.fsync(self._file.fileno())
        self.answers[answer.question] = answer


def _claim(handle: int) -> None:
    """Lock a file for this process, where the system can; the lock ends with the process."""
    try:
        import fcntl
    except ImportError:
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise OpinionError(
            "Another process is making this survey: wait for it, or stop it first."
        ) from error


def _to_line(answer: Answer) -> dict[str, Any]:
    return {
        "form": _FORM,
        "file": answer.file,
        "repeat": answer.repeat,
        "fingerprint": answer.fingerprint,
        "tries": answer.tries,
        "faults": list(answer.faults),
        "result": to_record(answer.result),
    }


def _read(lines: Iterable[bytes], name: str) -> dict[Question, Answer]:
    answers: dict[Question, Answer] = {}
    for number, line in enumerate(lines, start=1):
        try:
            record = json.loads(line)
            if record["form"] != _FORM:
                raise ValueError(record["form"])
            answer = Answer(
                file=str(record["file"]),
                repeat=int(record["repeat"]),
                fingerprint=str(record["fingerprint"]),
                tries=int(record["tries"]),
                faults=tuple(str(fault) for fault in record["faults"]),
                result=from_record(record["result"]),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise DataSetError(
                f"Line {number} of {name} is no answer: remove that line, and its film is asked "
                "again; or begin anew with `--anew`."
            ) from error
        answers[answer.question] = answer
    return answers
