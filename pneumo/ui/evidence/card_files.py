"""A model card → the files that visitors keep: JSON with every number, Markdown to read.

The sections follow Mitchell et al., Model Cards for Model Reporting, FAT* 2019,
doi:10.1145/3287560.3287596.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from pneumo.ui.evidence.cards import INTENDED_USE, NOT_TESTED
from pneumo.ui.evidence.model_card import (
    ModelCard,
    Rows,
    explain_calibration,
    tabulate_metrics,
    tabulate_points,
    tabulate_subgroups,
)
from pneumo.ui.wording import name_split

SOURCE = "Mitchell et al., Model Cards for Model Reporting (2019), doi:10.1145/3287560.3287596"


def to_json(card: ModelCard) -> str:
    """Return a model card as JSON with every number in full; what is not defined is null."""
    content = {
        "sections_after": SOURCE,
        "name": card.name,
        "title": card.title,
        "model_version": card.model_version,
        "intended_use": list(INTENDED_USE),
        "not_tested_on": list(NOT_TESTED),
        "card": dict(card.card),
        "history": [dict(epoch) for epoch in card.history],
        "calibration": asdict(card.calibration),
        "operating_points": [asdict(point) for point in card.operating_points],
        "measured": [asdict(measured) for measured in card.measured],
    }
    return json.dumps(_without_nan(content), indent=2, ensure_ascii=False) + "\n"


def to_markdown(card: ModelCard) -> str:
    """Return a model card as a Markdown document."""
    parts = [
        f"# Model card: {card.title}",
        f"Model version {card.model_version}. Sections after {SOURCE}.",
        "## Intended use",
        _list_lines(INTENDED_USE),
        "## What it was not tested on",
        _list_lines(NOT_TESTED),
        "## What it is",
        _draw_table([{"": name, "what": said} for name, said in card.facts.items()]),
    ]
    if card.recipe:
        rows = [{"": name, "what": said} for name, said in card.recipe.items()]
        parts += ["## How it was trained", _draw_table(rows)]
    parts += [
        "## Calibration and thresholds",
        explain_calibration(card.calibration),
        _draw_table(tabulate_points(card.operating_points)),
    ]
    for measured in card.measured:
        parts += [
            f"## Measured: {name_split(measured.split)}, operating point "
            f"{measured.operating_point}",
            _draw_table(tabulate_metrics(measured)),
            _draw_table(tabulate_subgroups(measured)),
        ]
    return "\n\n".join(parts) + "\n"


def _list_lines(lines: Sequence[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _draw_table(rows: Rows) -> str:
    if not rows:
        return "Nothing to show."
    names = list(rows[0])
    lines = [names, ["---"] * len(names), *(list(row.values()) for row in rows)]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "/") for cell in line) + " |" for line in lines
    )


def _without_nan(content: Any) -> Any:
    """Replace what JSON has no word for."""
    if isinstance(content, float) and not math.isfinite(content):
        return None
    if isinstance(content, Mapping):
        return {key: _without_nan(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [_without_nan(value) for value in content]
    return content
