"""The surveys of a split → a row a language model, to be shown beside the networks' rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import pandas as pd
import streamlit as st

from pneumo import DataSetError, Estimate
from pneumo.intake.collection import SPLITS
from pneumo.opinion.survey_metrics import Accuracy, SurveyMetrics
from pneumo.opinion.surveys import COMMAND, Survey
from pneumo.ui.evidence.estimates import UNDEFINED, say_interval, say_number
from pneumo.ui.evidence.surveyed import metrics_of, surveys_of
from pneumo.ui.fragments import fragment
from pneumo.ui.widgets.charts import keep_table
from pneumo.ui.wording import name_split

Cells = dict[str, Callable[[Survey, SurveyMetrics], str]]

_DECIDED, _ALL, _SILENT, _MAKING = (
    "With a verdict",
    "All films",
    "Without a verdict",
    "Cost and making",
)


def show_surveys_beside(models_dir: Path, split: str) -> None:
    """Show what language models reached on a split, or the command that has one surveyed."""
    st.subheader("A language model on the same films", anchor=False)
    try:
        surveys = surveys_of(models_dir, split)
    except DataSetError as error:
        st.error(str(error))
        return
    if not surveys:
        # Held-out films lie in several folders, and are no split that can be surveyed.
        askable = split if split in SPLITS else "test"
        st.info(
            f"No language model has read these films ({name_split(split).lower()}). To have one "
            f"read those of the split {askable} and measured like a network, run "
            f"`{COMMAND.format(split=askable)}`."
        )
        return
    _show([(survey, metrics_of(survey)) for survey in surveys])


@fragment()
def _show(measured: list[tuple[Survey, SurveyMetrics]]) -> None:
    group = str(
        st.segmented_control(
            "Columns",
            list(_GROUPS),
            default=_DECIDED,
            required=True,
            key="surveyed columns",
        )
    )
    columns = {
        title: [say(survey, found) for survey, found in measured]
        for title, say in _GROUPS[group].items()
    }
    st.table(
        {"Language model": [survey.title for survey, _ in measured]} | columns,
        border="horizontal",
        hide_index=True,
        alt=f"A row a language model: {group}",
    )
    split = measured[0][0].split
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"{_NOTES[group]} {_INTERVALS}", width="stretch")
        keep_table(
            tabulate_surveys(measured), name=f"language_models_{split}", label="All columns as CSV"
        )


def tabulate_surveys(measured: list[tuple[Survey, SurveyMetrics]]) -> pd.DataFrame:
    """Return a row a surveyed model with every number and both ends of its interval."""
    rows = []
    for survey, found in measured:
        row: dict[str, object] = {
            "model": survey.model,
            "provider": survey.provider,
            "prompt": f"{survey.prompt_name}/{survey.prompt_version}",
            "prompt_sha256": survey.prompt_hash,
            "split": survey.split,
            "films_planned": survey.planned,
        }
        for field in fields(found):
            value = getattr(found, field.name)
            if isinstance(value, Accuracy):
                for part in fields(value):
                    row |= _flatten(f"{field.name}_{part.name}", getattr(value, part.name))
            elif isinstance(value, Estimate):
                row |= _flatten(field.name, value)
            else:
                row[field.name] = value
        rows.append(row)
    return pd.DataFrame(rows)


def _flatten(name: str, estimate: Estimate) -> dict[str, float]:
    return {
        name: estimate.value,
        f"{name}_low": estimate.low,
        f"{name}_high": estimate.high,
        f"{name}_n": estimate.n,
    }


def say_share(estimate: Estimate | None) -> str:
    """Return a share with its interval, or that there is none."""
    if estimate is None:
        return UNDEFINED
    value = say_number(estimate.value, is_share=True)
    return f"{value} ({say_interval(estimate, is_share=True)})"


def _say_cost(found: SurveyMetrics) -> str:
    if found.cost_usd is None:
        return "no price on file"
    return "nothing" if found.cost_usd == 0 else f"{found.cost_usd:.4f} US dollars"


def _say_asked(survey: Survey) -> str:
    day = str(survey.facts.get("started_at", ""))[:10] or "not recorded"
    whole = survey.n >= survey.planned
    return day if whole else f"{day}, unfinished: {survey.n:,} of {survey.planned:,} films"


def _of_decided(part: Callable[[Accuracy], Estimate]) -> Callable[[Survey, SurveyMetrics], str]:
    return lambda _, found: say_share(part(found.decided) if found.decided else None)


_GROUPS: dict[str, Cells] = {
    _DECIDED: {
        "Films with a verdict": lambda _, found: f"{found.n_decided:,} of {found.n:,}",
        "Sensitivity": _of_decided(lambda accuracy: accuracy.sensitivity),
        "Specificity": _of_decided(lambda accuracy: accuracy.specificity),
        "Balanced accuracy": _of_decided(lambda accuracy: accuracy.balanced_accuracy),
    },
    _ALL: {
        "Films": lambda _, found: f"{found.n:,}",
        "Sensitivity": lambda _, found: say_share(found.all_films.sensitivity),
        "Specificity": lambda _, found: say_share(found.all_films.specificity),
        "Balanced accuracy": lambda _, found: say_share(found.all_films.balanced_accuracy),
        "Normal films called PNEUMONIA": lambda _, found: say_share(found.normals_called_ill),
    },
    _SILENT: {
        "Indeterminate": lambda _, found: say_share(found.indeterminate),
        "Refused": lambda _, found: say_share(found.refused),
        "Failed": lambda _, found: say_share(found.failed),
        "Agrees with itself": lambda _, found: (
            say_share(found.consistency) if found.consistency else "each film read once"
        ),
    },
    _MAKING: {
        "Cost of a film": lambda _, found: _say_cost(found),
        "Seconds a reading (median)": lambda _, found: f"{found.latency_s:.1f}",
        "Prompt": lambda survey, _: f"{survey.prompt_name}/{survey.prompt_version}",
        "Asked on": lambda survey, _: _say_asked(survey),
    },
}

_NOTES = {
    _DECIDED: "Among the films that it called PNEUMONIA or NORMAL; the others are left out.",
    _ALL: "A pneumonia without a verdict counts as not found, a normal film without one as not "
    "cleared.",
    _SILENT: "Refused: the model or its provider declined to read the film. Failed: no usable "
    "answer for another reason. Agrees with itself: share of the most frequent verdict among "
    "several readings of a film.",
    _MAKING: "Costs by the prices on file in `prompts/prices.toml`.",
}
_INTERVALS = (
    "It read the pixels alone, and knew neither label nor score. In brackets: 95% intervals by a "
    "bootstrap that draws whole patient groups."
)
