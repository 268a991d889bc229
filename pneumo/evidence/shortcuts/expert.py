"""An independent expert's second read of the test films → how it and the networks agree.

The networks' scores of the test films are those that were written when they were evaluated:
nothing is scored here, so this is no further look at test.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pneumo.decision.ensemble import read_plan
from pneumo.decision.operating import BALANCED
from pneumo.errors import DataSetError
from pneumo.evidence.kappa import kappa
from pneumo.evidence.metrics import Estimate
from pneumo.evidence.resampling import Resampling, measure_at, measure_ranking
from pneumo.evidence.scores import Scored, read_all_scored
from pneumo.evidence.shortcuts.expert_reads import FLAGS, read_reads

if TYPE_CHECKING:
    import pandas as pd

EXPERT_FILE = "expert_read.json"
SOURCE = (
    "Second read published with Kaissis et al., End-to-end privacy preserving deep learning on "
    "multi-institutional medical imaging, Nature Machine Intelligence 3, 473-484 (2021), "
    "project PriMIA, CC BY 4.0"
)
OFFICIAL, EXPERT, AGREED, DISPUTED = "official", "expert", "agreed", "disputed"
REFERENCES = (OFFICIAL, EXPERT, AGREED, DISPUTED)
"""What the networks are measured against: the official label, the expert's, either on the films
where both are the same, and the official label on the films where they are not. One that no film
fits is left out."""

METRICS = ("auc", "accuracy", "recall", "specificity")
_REMEDY = "make it with `python -m pneumo expert-read --reads CSV`."
Labels = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class FlaggedFilms:
    """The share of agreement with the official label on the films that the expert flagged so."""

    flag: str
    agreement: Estimate


@dataclass(frozen=True)
class AgainstReference:
    """What one network, or the ensemble, reaches against one reference.

    Attributes:
        name: the network.
        title: its name for people.
        reference: one of REFERENCES.
        found: Estimates of METRICS by name, at the network's balanced operating point.
    """

    name: str
    title: str
    reference: str
    found: dict[str, Estimate]


@dataclass(frozen=True)
class ExpertRead:
    """What is kept of the second read: counts and statistics, no film's read.

    Attributes:
        n: films read twice.
        n_groups: patient groups that they come from.
        model_version: version of the ensemble that was compared.
        agreement: share of films on which expert and official label say the same.
        kappa: Cohen's kappa of the two, in [-1, 1]; 0 is what chance alone would give.
        sensitivity: the expert's, taking the official label for the truth.
        specificity: likewise.
        two_classes: films by official label (rows) and expert (columns): NORMAL, PNEUMONIA.
        three_classes: likewise: normal, bacterial, viral.
        flags: agreement among the films with a flag and, under "none", without any.
        networks: the ensemble last.
        source: where the read comes from.
    """

    n: int
    n_groups: int
    model_version: str
    agreement: Estimate
    kappa: Estimate
    sensitivity: Estimate
    specificity: Estimate
    two_classes: list[list[int]]
    three_classes: list[list[int]]
    flags: list[FlaggedFilms]
    networks: list[AgainstReference]
    source: str = SOURCE


def write_expert_read(reads: Path, models_dir: Path, *, replicates: int = 2000) -> ExpertRead:
    """Compare a second read with the official labels and the networks, and keep the statistics.

    Args:
        reads: CSV with the columns of `expert_reads.COLUMNS`, a row a test film.
        models_dir: where the scores of the split test lie, and where EXPERT_FILE is written.
        replicates: how many times the patient groups are drawn for an interval.

    Raises:
        DataSetError: the reads or the scores are missing, damaged or of different films.
        ModelError: there is no ensemble.
    """
    scored = read_all_scored(models_dir, "test")
    read = measure_expert_read(
        read_reads(reads, scored[0]),
        scored,
        model_version=read_plan(models_dir).version,
        replicates=replicates,
    )
    text = json.dumps(asdict(read), indent=1)
    (models_dir / EXPERT_FILE).write_text(text + "\n", encoding="utf-8")
    return read


def measure_expert_read(
    reads: pd.DataFrame, scored: Sequence[Scored], *, model_version: str, replicates: int
) -> ExpertRead:
    """Measure agreement, and every network against either reading.

    Args:
        reads: the columns of a file of reads, in the order of the scored films.
        scored: the networks' scores of the same films.
        model_version: of the ensemble.
        replicates: of the bootstrap over patient groups.
    """
    official, expert = (
        reads[column].to_numpy(dtype=np.int64) for column in ("official_binary", "expert_binary")
    )
    resampling = Resampling(scored[0].groups, replicates=replicates)
    # The expert's yes or no stands where a network's probability would.
    found = measure_at(official, expert, 0.5, resampling)
    same = official == expert
    every = np.ones(len(official), dtype=bool)
    chosen = {
        OFFICIAL: (official, every),
        EXPERT: (expert, every),
        AGREED: (official, same),
        DISPUTED: (official, ~same),
    }
    return ExpertRead(
        n=len(reads),
        n_groups=resampling.n_groups,
        model_version=model_version,
        agreement=found["accuracy"],
        kappa=kappa(official, expert, resampling),
        sensitivity=found["recall"],
        specificity=found["specificity"],
        two_classes=_count(official, expert, 2),
        three_classes=_count(
            reads["official_3class"].to_numpy(), reads["expert_3class"].to_numpy(), 3
        ),
        flags=_measure_flags(reads, scored[0].groups, replicates),
        networks=[
            AgainstReference(
                network.name,
                network.title,
                reference,
                _compare(network, y_true, films, replicates),
            )
            for reference, (y_true, films) in chosen.items()
            if films.any()
            for network in scored
        ],
    )


def _compare(
    network: Scored, y_true: Labels, films: NDArray[np.bool_], replicates: int
) -> dict[str, Estimate]:
    resampling = _resample(network.groups, films, replicates)
    threshold = network.find_point(BALANCED).threshold
    labels, probability = y_true[films], network.probability[films]
    found = {
        **measure_ranking(labels, probability, resampling),
        **measure_at(labels, probability, threshold, resampling),
    }
    return {metric: found[metric] for metric in METRICS}


def _resample(groups: Sequence[str], films: NDArray[np.bool_], replicates: int) -> Resampling:
    chosen = [group for group, is_chosen in zip(groups, films, strict=True) if is_chosen]
    return Resampling(chosen, replicates=replicates)


def _count(official: Labels, expert: Labels, classes: int) -> list[list[int]]:
    counts = np.zeros((classes, classes), dtype=int)
    np.add.at(counts, (official, expert), 1)
    return [[int(count) for count in row] for row in counts]


def _measure_flags(
    reads: pd.DataFrame, groups: Sequence[str], replicates: int
) -> list[FlaggedFilms]:
    """Return the films with each flag and, last, those without any; not flags that no film has."""
    flagged = {flag: reads[f"expert_{flag}"].to_numpy() == 1 for flag in FLAGS}
    flagged["none"] = ~np.any(list(flagged.values()), axis=0)
    found = []
    for flag, films in flagged.items():
        if films.any():
            official, expert = (
                reads.loc[films, column].to_numpy()
                for column in ("official_binary", "expert_binary")
            )
            resampling = _resample(groups, films, replicates)
            agreement = measure_at(official, expert, 0.5, resampling)["accuracy"]
            found.append(FlaggedFilms(flag, agreement))
    return found


def read_expert_read(models_dir: Path) -> ExpertRead:
    """Read what is kept of the second read.

    Raises:
        DataSetError: it was not measured, or the file is damaged.
    """
    path = models_dir / EXPERT_FILE
    if not path.is_file():
        raise DataSetError(f"The file {EXPERT_FILE} is missing: {_REMEDY}")
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        for name in ("agreement", "kappa", "sensitivity", "specificity"):
            content[name] = Estimate(**content[name])
        content["flags"] = [
            FlaggedFilms(row["flag"], Estimate(**row["agreement"])) for row in content["flags"]
        ]
        content["networks"] = [
            AgainstReference(**row | {"found": {m: Estimate(**row["found"][m]) for m in METRICS}})
            for row in content["networks"]
        ]
        return ExpertRead(**content)
    except (ValueError, KeyError, TypeError) as error:
        raise DataSetError(f"The file {EXPERT_FILE} is cut off or corrupt: {_REMEDY}") from error
