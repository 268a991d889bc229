"""A blind opinion and what the networks say → what a second, informed read must know, and changed.

The second read is no independent opinion: language models follow authority. It never counts as
the second reader's verdict; a flip is shown as a flip.
"""

from __future__ import annotations

from dataclasses import dataclass

from pneumo.domain import ENSEMBLE, Analysis, Opinion
from pneumo.errors import OpinionError
from pneumo.opinion.locations import name_place
from pneumo.opinion.overlap import find_peak
from pneumo.opinion.result import OpinionResult


@dataclass(frozen=True)
class InformedRead:
    """A blind read and the informed one that followed it."""

    first: OpinionResult
    second: OpinionResult

    @property
    def flipped(self) -> bool | None:
        """Whether the verdict is another one now; None if the second read gave none."""
        if self.first.verdict is None or self.second.verdict is None:
            return None
        return self.first.verdict is not self.second.verdict

    @property
    def changes(self) -> str:
        """What the model says that it changes; empty if the second read gave no opinion."""
        return self.second.opinion.changes if self.second.opinion else ""


def inform(first: OpinionResult, analysis: Analysis) -> dict[str, str]:
    """Return the variables of the informed prompt: the first opinion and the networks' findings.

    Ask with them as the context of `consult`, and pair both results in an `InformedRead`.

    Raises:
        OpinionError: the first read gave no opinion, so there is nothing to change.
    """
    if first.opinion is None:
        raise OpinionError("An informed read needs a first, blind opinion: ask for that first.")
    prediction = analysis.prediction
    return {
        "first_verdict": f"{first.opinion.verdict}, certainty {first.opinion.certainty}",
        "first_findings": _list_findings(first.opinion),
        "first_impression": first.opinion.impression,
        "network_verdict": str(prediction.verdict),
        "network_probability": f"{prediction.probability:.0%}",
        "heat_map_region": _name_peak(analysis),
    }


def _list_findings(opinion: Opinion) -> str:
    listed = (
        f"{finding.name[:100]} ({finding.certainty}; side: {finding.side}; zone: {finding.zone})"
        for finding in opinion.findings[:8]
    )
    return "; ".join(listed) or "none"


def _name_peak(analysis: Analysis) -> str:
    for explanation in analysis.explanations:
        if explanation.name == ENSEMBLE:
            peak = find_peak(explanation.evidence)
            return name_place(*peak) if peak else "nowhere: no part speaks for pneumonia"
    return "not known"
