"""What a language model and the networks said of the same films → how far they agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from pneumo.domain import CLASSES, Verdict
from pneumo.errors import DataSetError
from pneumo.evidence.kappa import kappa
from pneumo.evidence.metrics import Estimate
from pneumo.evidence.resampling import Resampling
from pneumo.evidence.scores import Scored
from pneumo.opinion.survey_metrics import share_of
from pneumo.opinion.surveys import COMMAND, Survey

if TYPE_CHECKING:
    import pandas as pd

NO_ANSWER = "no answer"
ANSWERS: tuple[str, ...] = (
    Verdict.PNEUMONIA, Verdict.NORMAL, Verdict.INDETERMINATE, NO_ANSWER
)  # fmt: skip
"""What the model's side of a table can say, in the tables' order."""

CALLS: tuple[str, ...] = (Verdict.PNEUMONIA, Verdict.NORMAL)
"""What the other side can say: a network at a threshold, or the label."""


class Concord(StrEnum):
    """Who of the two calls a film pneumonia."""

    BOTH_POSITIVE = "both positive"
    BOTH_NEGATIVE = "both negative"
    NETWORKS_ONLY = "networks only"
    MODEL_ONLY = "model only"


_CONCORDS = {
    (Verdict.PNEUMONIA, Verdict.PNEUMONIA): Concord.BOTH_POSITIVE,
    (Verdict.NORMAL, Verdict.NORMAL): Concord.BOTH_NEGATIVE,
    (Verdict.PNEUMONIA, Verdict.NORMAL): Concord.NETWORKS_ONLY,
    (Verdict.NORMAL, Verdict.PNEUMONIA): Concord.MODEL_ONLY,
}


@dataclass(frozen=True)
class ConcordRecord:
    """How often the network was right on scored films in one of the four states.

    Attributes:
        concord: the state.
        n: scored films in it.
        network_right: share of them that the network called as the label does; None without any.
        model_title: the language model's name for people.
        split: which films these are.
    """

    concord: Concord
    n: int
    network_right: Estimate | None
    model_title: str
    split: str

    @property
    def model_right(self) -> Estimate | None:
        """Share of them that the model called as the label does; None without any."""
        right = self.network_right
        if right is None or self.concord in (Concord.BOTH_POSITIVE, Concord.BOTH_NEGATIVE):
            return right
        return Estimate(1 - right.value, 1 - right.high, 1 - right.low, right.n)


@dataclass(frozen=True, eq=False)
class Agreement:
    """How far a language model and a network agree at an operating point.

    Attributes:
        films: of `match_films`, with the column concord (a `Concord` or "").
        same: share of the films with a verdict on which both say the same; None without any.
        same_by_chance: the share on which they would by chance alone, as often as each calls
            films pneumonia.
        kappa: among the films with a verdict; None without any.
        kappa_of_all: among all films, where INDETERMINATE and no answer agree with nothing.
        records: the four states, in the order of `Concord`.
    """

    films: pd.DataFrame
    same: Estimate | None
    same_by_chance: float
    kappa: Estimate | None
    kappa_of_all: Estimate
    records: tuple[ConcordRecord, ...]

    @property
    def n_decided(self) -> int:
        """Number of films with a verdict."""
        return sum(record.n for record in self.records)


def concord_of(leaning: Verdict, verdict: Verdict | None) -> Concord | None:
    """Return the state of one film, None where the model gave neither PNEUMONIA nor NORMAL.

    >>> concord_of(Verdict.PNEUMONIA, Verdict.NORMAL)
    <Concord.NETWORKS_ONLY: 'networks only'>
    """
    return _CONCORDS.get((leaning, verdict)) if verdict else None


def match_films(scored: Scored, survey: Survey, *, operating_point: str) -> pd.DataFrame:
    """Return the films that both read, in the survey's order.

    Returns:
        Columns file, label (0 or 1), group, probability, called ("PNEUMONIA" or "NORMAL" by the
        network's threshold), answer (one of ANSWERS), problem ("" where there is an answer).

    Raises:
        DataSetError: no film was read by both, labels or groups differ, or there is no operating
            point of that name.
    """
    import pandas as pd

    threshold = scored.find_point(operating_point).threshold
    network = pd.DataFrame(
        {
            "file": scored.files,
            "label_of_network": scored.y_true,
            "group_of_network": scored.groups,
            "probability": scored.probability,
        }
    )
    table = survey.table.merge(network, on="file", how="inner", validate="one_to_one")
    command = COMMAND.format(split=survey.split)
    if table.empty:
        raise DataSetError(
            f"{survey.title} and {scored.title} read no film in common: survey films that the "
            f"networks were scored on with `{command}`."
        )
    if (table["label"] != table["label_of_network"]).any() or (
        table["group"] != table["group_of_network"]
    ).any():
        raise DataSetError(
            f"{survey.title} and {scored.title} have different labels or patient groups of the "
            f"same films: score and survey the same data set, the latter with `{command}`."
        )
    called = (table["probability"] >= threshold).astype(int)
    return pd.DataFrame(
        {
            "file": table["file"],
            "label": table["label"],
            "group": table["group"],
            "probability": table["probability"],
            "called": [CLASSES[value] for value in called],
            "answer": table["verdict"].replace("", NO_ANSWER),
            "problem": table["problem"],
        }
    )


def cross_tabulate(answers: Sequence[str], calls: Sequence[str]) -> pd.DataFrame:
    """Return numbers of films: what the model answered by row, what the other side says by column.

    Args:
        answers: of ANSWERS, a film each.
        calls: of CALLS, a film each.

    Returns:
        ANSWERS as index, CALLS as columns, whole numbers.
    """
    import pandas as pd

    found = pd.crosstab(pd.Series(list(answers)), pd.Series(list(calls)))
    return found.reindex(index=list(ANSWERS), columns=list(CALLS), fill_value=0).astype("int64")


def concord_record(
    scored: Scored, survey: Survey, *, operating_point: str, concord: Concord
) -> ConcordRecord:
    """Measure how often the network was right on the films that both read in one state.

    Raises:
        DataSetError: see `match_films`.
    """
    films = match_films(scored, survey, operating_point=operating_point)
    return record_concord(films, concord, survey)


def record_concord(films: pd.DataFrame, concord: Concord, survey: Survey) -> ConcordRecord:
    """Do what `concord_record` does, for films that are matched already."""
    inside = films[list_concords(films) == concord]
    right = None
    if len(inside):
        is_right = inside["called"] == [CLASSES[label] for label in inside["label"]]
        right = share_of(is_right, inside["group"].tolist())
    return ConcordRecord(concord, len(inside), right, survey.title, survey.split)


def list_concords(films: pd.DataFrame) -> pd.Series:
    """Return the state of each matched film, "" where the model gave neither verdict."""
    import pandas as pd

    states = {(str(called), str(said)): str(state) for (called, said), state in _CONCORDS.items()}
    pairs = zip(films["called"], films["answer"], strict=True)
    return pd.Series([states.get(pair, "") for pair in pairs], index=films.index, dtype=str)


def measure_agreement(scored: Scored, survey: Survey, *, operating_point: str) -> Agreement:
    """Measure how far a network and a surveyed model agree on the films that both read.

    Raises:
        DataSetError: see `match_films`.
    """
    films = match_films(scored, survey, operating_point=operating_point)
    films = films.assign(concord=list_concords(films))
    decided = films[films["concord"] != ""]
    same = kappa_decided = None
    by_chance = np.nan
    if len(decided):
        groups = decided["group"].tolist()
        same = share_of(decided["answer"] == decided["called"], groups)
        kappa_decided = kappa(decided["answer"], decided["called"], Resampling(groups))
        said, called = (decided[side] == Verdict.PNEUMONIA for side in ("answer", "called"))
        by_chance = said.mean() * called.mean() + (1 - said.mean()) * (1 - called.mean())
    return Agreement(
        films=films,
        same=same,
        same_by_chance=float(by_chance),
        kappa=kappa_decided,
        kappa_of_all=kappa(films["answer"], films["called"], Resampling(films["group"].tolist())),
        records=tuple(record_concord(films, concord, survey) for concord in Concord),
    )
