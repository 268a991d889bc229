"""The models folder → what its surveys of language models say, read and measured once a change."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from pneumo.evidence.scores import Scored
from pneumo.opinion.agreement import Agreement, measure_agreement
from pneumo.opinion.survey_metrics import SurveyMetrics, measure_survey
from pneumo.opinion.surveys import OPINIONS, Survey, list_surveyed_splits, list_surveys
from pneumo.ui.evidence.compared import fingerprint

Stamp = tuple[tuple[str, int, int], ...]
"""Path, time of the last change in nanoseconds and size in bytes of each file."""

HOW_TO_SURVEY = """
Have a language model read films that have a label, with a model of your own choice. On this
machine, for example with Ollama, nothing leaves it:

```text
ollama pull gemma3:4b
python -m pneumo second-opinion --data DIR --split test \\
    --provider ollama --model gemma3:4b
```

With a hosted model, the grey pixels of 50 films go to its provider, who charges for them:

```text
export OPENAI_API_KEY=…
python -m pneumo second-opinion --data DIR --split test \\
    --provider openai --model gpt-4.1 --limit 50 --yes
```

`DIR` is your copy of the data set. Each answer is kept as it comes, so the same command goes on
where it was cut off; without `--limit` it reads all films of the split.
"""


def surveyed_splits(models_dir: Path) -> list[str]:
    """Return the splits that any model was surveyed on, the official test films first."""
    return list_surveyed_splits(models_dir)


def surveys_of(models_dir: Path, split: str) -> list[Survey]:
    """Return all surveys of a split, none where nothing was surveyed.

    Raises:
        DataSetError: a file of a survey is damaged.
    """
    paths = sorted((models_dir / OPINIONS).glob(f"*/*_{split}.*"))
    found = [(path, path.stat()) for path in paths if path.suffix in (".csv", ".json")]
    stamp = tuple((str(path), status.st_mtime_ns, status.st_size) for path, status in found)
    return _read(models_dir, split, stamp)


@st.cache_data(show_spinner=False, max_entries=8)
def _read(models_dir: Path, split: str, stamp: Stamp) -> list[Survey]:
    return list_surveys(models_dir, split)


def name_answers(survey: Survey) -> str:
    """Name what a survey says, by its bytes."""
    told = f"{survey.slug} {survey.title} {survey.split}\n{survey.table.to_csv(index=False)}"
    return hashlib.sha256(told.encode()).hexdigest()


_BY_BYTES: dict[str | type[Any], Callable[[Any], Any]] = {
    Survey: name_answers,
    Scored: fingerprint,
}


@st.cache_data(show_spinner=False, max_entries=32, hash_funcs=_BY_BYTES)
def metrics_of(survey: Survey) -> SurveyMetrics:
    """Return what a survey measured of its model."""
    return measure_survey(survey)


@st.cache_data(
    show_spinner="Measuring with 2,000 drawings of the patient groups …",
    max_entries=32,
    hash_funcs=_BY_BYTES,
)
def agreement_of(scored: Scored, survey: Survey, point: str) -> Agreement:
    """Return how far a network and a surveyed model agree at an operating point.

    Raises:
        DataSetError: they read no film in common, or films that mean something else.
    """
    return measure_agreement(scored, survey, operating_point=point)
