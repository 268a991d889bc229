"""A question that was asked before → its answer, from a folder of the user's own.

An answer lies in a JSON file under the hash of its question. Pixels, keys, words that were sent
and problems are never kept.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from pneumo.errors import OpinionError
from pneumo.networks.compiled import drop_left_behind
from pneumo.opinion.endpoint import Endpoint
from pneumo.opinion.picture import FilmPicture
from pneumo.opinion.prompt import Prompt
from pneumo.opinion.result import OpinionResult, from_record, to_record

_FORM = 1


class AnswerCache:
    """The answers that are kept in one folder. It is made when the first one is kept."""

    def __init__(self, folder: Path) -> None:
        """Look after a folder."""
        self.folder = folder

    def find(self, question: str) -> OpinionResult | None:
        """Return the answer to a question, None if there is none that can be read."""
        try:
            record = json.loads(self._path(question).read_text(encoding="utf-8"))
            if record["form"] != _FORM or record["question"] != question:
                return None
            return replace(from_record(record["result"]), cached=True)
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def keep(self, question: str, result: OpinionResult) -> None:
        """Keep an answer, whole or not at all; a problem is not kept.

        A folder that cannot be written to costs the cache, not the answer.
        """
        if result.opinion is None:
            return
        record = {"form": _FORM, "question": question, "result": to_record(result)}
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            # mkstemp makes a file that nobody else can read.
            handle, name = tempfile.mkstemp(dir=self.folder, prefix=".", suffix=".tmp")
        except OSError:
            return
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(record, file)
            Path(name).replace(self._path(question))
            drop_left_behind(self.folder)
        except OSError:
            Path(name).unlink(missing_ok=True)

    def forget(self) -> int:
        """Remove all answers and return how many there were.

        Raises:
            OpinionError: some cannot be removed.
        """
        answers = [path for path in self.folder.glob("*.json") if len(path.stem) == 64]
        try:
            for path in answers:
                path.unlink(missing_ok=True)
        except OSError as error:
            raise OpinionError(
                "Expected to remove the stored answers, but the system does not allow it "
                f"({error.strerror}): make the cache folder writable, or remove it by hand."
            ) from error
        return len(answers)

    def _path(self, question: str) -> Path:
        return self.folder / f"{question}.json"


def open_cache(folder: Path | None = None) -> AnswerCache:
    """Return the cache in a folder, by default in the one that the system has for caches."""
    if folder is None:
        from platformdirs import user_cache_path

        folder = user_cache_path("pneumo", appauthor=False) / "opinions"
    return AnswerCache(folder)


def name_question(
    endpoint: Endpoint,
    prompt: Prompt,
    picture: FilmPicture,
    *,
    words: str,
    repeat: int,
) -> str:
    """Return the hash of all that makes a question what it is, hexadecimal.

    Args:
        endpoint: who is asked; its key and time-out are no part of the question.
        prompt: the prompt's version.
        picture: the film with its size and its masking.
        words: the words that are sent.
        repeat: counts the readings of the same film, from 0.
    """
    parts: Mapping[str, object] = {
        "film": picture.fingerprint,
        "picture": [picture.rows, picture.columns, picture.mask_share],
        "prompt": prompt.sha256,
        "words": hashlib.sha256(words.encode("utf-8")).hexdigest(),
        "server": endpoint.base_url,
        "provider": endpoint.provider.name,
        "model": endpoint.model,
        "repeat": repeat,
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode("utf-8")).hexdigest()
