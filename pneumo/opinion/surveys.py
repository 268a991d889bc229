"""`models/opinions/<slug>/` → what a language model said about each film of a split, checked.

A survey lies in three files: every answer (`answers_<split>.jsonl`), a row a film
(`scores_<split>.csv`), and how it was made (`survey_<split>.json`).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pneumo.domain import Verdict
from pneumo.errors import DataSetError
from pneumo.opinion.repeats import measure_spread
from pneumo.opinion.result import OpinionResult

if TYPE_CHECKING:
    import pandas as pd

OPINIONS = "opinions"
"""The folder of all surveys beside the networks."""

COMMAND = "python -m pneumo second-opinion --data DIR --split {split} --model NAME"
COLUMNS = (
    "file", "label", "group", "verdict", "problem", "consistency", "tokens_in", "tokens_out",
    "cost_usd", "latency_s",
)  # fmt: skip
_TEXTS = ("file", "group", "verdict", "problem")
_NUMBERS = ("consistency", "tokens_in", "tokens_out", "cost_usd", "latency_s")


@dataclass(frozen=True, eq=False)
class Survey:
    """What one language model, asked with one prompt, said about the films of a split.

    Attributes:
        slug: the name of its folder.
        title: the name for people.
        model: the model that was asked for.
        provider: name of the provider's entry.
        prompt_name: the prompt's name.
        prompt_version: its version.
        prompt_hash: SHA-256 of its file.
        split: "test", "train" or "val".
        table: a row a film. file, label (0 or 1), group; verdict: "PNEUMONIA", "NORMAL",
            "INDETERMINATE" or "" where there is no opinion; problem: then the `ProblemKind`, else
            ""; consistency: share of the most frequent verdict among several readings, missing
            where one was made; tokens_in, tokens_out, cost_usd: of all readings of the film,
            missing where not counted; latency_s: mean seconds of a reading.
        planned: films that the survey set out to read.
        facts: all else that is on file about it.
    """

    slug: str
    title: str
    model: str
    provider: str
    prompt_name: str
    prompt_version: str
    prompt_hash: str
    split: str
    table: pd.DataFrame
    planned: int = 0
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def n(self) -> int:
        """Number of films."""
        return len(self.table)


def name_survey(provider: str, model: str, prompt_version: str) -> str:
    """Return the name of a survey's folder.

    >>> name_survey("openrouter", "openai/GPT-4.1", "v1")
    'openrouter-openai-gpt-4.1-v1'
    """
    text = f"{provider}-{model}-{prompt_version}".lower()
    # A dot stays where it stands alone between letters or digits.
    return re.sub(r"[^a-z0-9]*[^a-z0-9.][^a-z0-9]*|\.{2,}", "-", text).strip("-.")


def list_surveyed_splits(models_dir: Path) -> list[str]:
    """Return the splits that any model was surveyed on, the official test films first."""
    paths = (models_dir / OPINIONS).glob("*/scores_?*.csv")
    found = {path.stem.removeprefix("scores_") for path in paths}
    return sorted(found, key=lambda split: (split != "test", split))


def list_surveys(models_dir: Path, split: str) -> list[Survey]:
    """Read all surveys of a split, by name; none where nothing was surveyed.

    A survey that was cut off before it wrote its scores is left out.

    Raises:
        DataSetError: a file is damaged; the message names the command that makes it anew.
    """
    paths = sorted((models_dir / OPINIONS).glob(f"*/scores_{split}.csv"))
    return [read_survey(path.parent, split) for path in paths]


def read_survey(folder: Path, split: str) -> Survey:
    """Read one survey.

    Raises:
        DataSetError: a file is missing or damaged.
    """
    facts = read_facts(folder, split)
    if facts is None:
        raise _damaged(folder, f"survey_{split}.json", "is missing", split)
    prompt = facts["prompt"]
    return Survey(
        slug=folder.name,
        title=facts["title"],
        model=facts["model"],
        provider=facts["provider"],
        prompt_name=prompt["name"],
        prompt_version=prompt["version"],
        prompt_hash=prompt["sha256"],
        split=split,
        table=_read_table(folder, split),
        planned=facts["films_planned"],
        facts=facts,
    )


def read_facts(folder: Path, split: str) -> dict[str, Any] | None:
    """Read how a survey was made; None if it was never begun.

    Raises:
        DataSetError: the file is damaged.
    """
    path = folder / f"survey_{split}.json"
    if not path.is_file():
        return None
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
        texts = [facts[key] for key in ("title", "model", "provider")]
        texts += [facts["prompt"][key] for key in ("name", "version", "sha256")]
        sound = all(isinstance(text, str) and text for text in texts)
        sound = sound and type(facts["films_planned"]) is int and facts["split"] == split
    except (OSError, ValueError, KeyError, TypeError):
        sound = False
    if not sound:
        raise _damaged(folder, path.name, "is no account of a survey", split)
    return dict(facts)


def _read_table(folder: Path, split: str) -> pd.DataFrame:
    import pandas as pd

    path = folder / f"scores_{split}.csv"
    try:
        table = pd.read_csv(path, dtype=dict.fromkeys(_TEXTS, str))
        fault = _find_fault(table)
    except (ValueError, OSError):  # what pandas raises are ValueErrors
        fault = "is no table"
    if fault:
        raise _damaged(folder, path.name, fault, split)
    texts, numbers = list(_TEXTS), list(_NUMBERS)
    table[texts] = table[texts].fillna("")
    table[numbers] = table[numbers].astype("float64")
    return table[list(COLUMNS)].astype({"label": "int64"})


def _find_fault(table: pd.DataFrame) -> str:
    """Say why a table's rows are no answers about films; nothing where they are."""
    import pandas as pd

    if missing := [column for column in COLUMNS if column not in table]:
        return f"has no column {', '.join(missing)}"
    numbers = table[list(_NUMBERS)].apply(pd.to_numeric, errors="coerce")
    no_number = numbers.isna() & table[list(_NUMBERS)].notna()
    label = pd.to_numeric(table["label"], errors="coerce")
    verdict, problem = table["verdict"].fillna(""), table["problem"].fillna("")
    faults = {
        "has no film in it": table.empty,
        "has a film without a name or a patient group": table[["file", "group"]]
        .isna()
        .any(axis=None),
        "has labels other than 0 and 1": not label.isin([0, 1]).all(),
        "has verdicts that are none": not verdict.isin(["", *Verdict]).all(),
        "has films with both or neither of verdict and problem": (
            (verdict == "") == (problem == "")
        ).any(),
        "has words or negative numbers for numbers": no_number.any(axis=None)
        or bool((numbers < 0).any(axis=None)),
        "has a film twice": table["file"].duplicated().any(),
    }
    return next((fault for fault, is_there in faults.items() if is_there), "")


def _damaged(folder: Path, name: str, fault: str, split: str) -> DataSetError:
    return DataSetError(
        f"The file {OPINIONS}/{folder.name}/{name} {fault}. To make it anew, run "
        f"`{COMMAND.format(split=split)}` as before, or remove the folder."
    )


def summarise_film(results: Sequence[OpinionResult]) -> dict[str, Any]:
    """Return one film's row of a survey's table, from verdict to latency.

    The verdict of several readings is the most frequent one. Where two share the first place,
    the model contradicts itself, which is INDETERMINATE.

    Args:
        results: the film's readings, at least one.
    """
    spread = measure_spread(results)
    verdict: str = spread.modal or (Verdict.INDETERMINATE if spread.opinions else "")
    problems = [result.problem.kind for result in results if result.problem]
    several = len(results) > 1 and spread.consistency is not None
    return {
        "verdict": str(verdict),
        "problem": "" if verdict else str(problems[0]),
        "consistency": spread.consistency if several else math.nan,
        "tokens_in": add_up([result.tokens_in for result in results]),
        "tokens_out": add_up([result.tokens_out for result in results]),
        "cost_usd": add_up([result.cost_usd for result in results]),
        "latency_s": sum(result.latency_s for result in results) / len(results),
    }


def add_up(numbers: Sequence[float | None]) -> float:
    """Return the sum of what was counted, nan where nothing was."""
    counted = [number for number in numbers if number is not None]
    return math.fsum(counted) if counted else math.nan


def write_survey(folder: Path, table: pd.DataFrame, facts: Mapping[str, Any]) -> None:
    """Write the scores and how they were made, each whole or not at all; no film, no scores."""
    split = facts["split"]
    path = folder / f"scores_{split}.csv"
    if len(table):
        rounded = table.round({"cost_usd": 8, "latency_s": 3, "consistency": 4})
        _replace(path, rounded[list(COLUMNS)].to_csv(index=False))
    else:
        path.unlink(missing_ok=True)
    _replace(folder / f"survey_{split}.json", json.dumps(facts, indent=2) + "\n")


def _replace(path: Path, text: str) -> None:
    new = path.with_name(f".{path.name}.new")
    new.write_text(text, encoding="utf-8")
    new.replace(path)
