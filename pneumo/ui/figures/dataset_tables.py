"""An audit of a data set → the tables behind its figures."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pandas as pd

from pneumo import CLASSES
from pneumo.evidence.audit.mean_films import decode, standardize_difference, subtract
from pneumo.evidence.audit.records import Audit, MeanFilm, Measure

NORMAL, BACTERIAL, VIRAL = "Normal", "Bacterial pneumonia", "Viral pneumonia"
UNNAMED = "Pneumonia, cause not named"
KINDS = (NORMAL, BACTERIAL, VIRAL, UNNAMED)
_OF_SERIES = {"bacteria": BACTERIAL, "virus": VIRAL}

SIZE_STEPS = ((1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 10), (11, None))
"""Films a patient group, from and to; None for no end."""

_FEWEST_DRAWN = 50


def tabulate_kinds(audit: Audit) -> pd.DataFrame:
    """Return columns split, kind, films, share (of the split's films), split_films."""
    rows = []
    for split in audit.splits:
        parts = [part for part in audit.parts if part.split == split]
        films = dict.fromkeys(KINDS, 0)
        for part in parts:
            for series, count in part.series.items():
                films[_OF_SERIES.get(series, UNNAMED) if part.label else NORMAL] += count
        total = sum(films.values())
        rows += [
            {"split": split, "kind": kind, "films": n, "share": n / total, "split_films": total}
            for kind, n in films.items()
            if n or kind != UNNAMED
        ]
    return pd.DataFrame(rows)


def tabulate_group_sizes(audit: Audit) -> pd.DataFrame:
    """Return columns series, films_a_group, groups, films, share (of the series' films)."""
    rows = []
    for found in audit.group_sizes:
        total = sum(size * groups for size, groups in found.groups.items())
        for low, high in SIZE_STEPS:
            chosen = {
                size: groups
                for size, groups in found.groups.items()
                if size >= low and (high is None or size <= high)
            }
            films = sum(size * groups for size, groups in chosen.items())
            rows.append(
                {
                    "series": found.series,
                    "films_a_group": _name_step(low, high),
                    "groups": sum(chosen.values()),
                    "films": films,
                    "share": films / total,
                }
            )
    return pd.DataFrame(rows)


def _name_step(low: int, high: int | None) -> str:
    if high is None:
        return f"{low} or more"
    return str(low) if low == high else f"{low} to {high}"


def tabulate_stretches(audit: Audit) -> pd.DataFrame:
    """Return one row a stretch: columns series, split, first, last, numbers, films."""
    return pd.DataFrame([asdict(stretch) for stretch in audit.stretches])


def tabulate_measure(measure: Measure) -> pd.DataFrame:
    """Return columns split, class, n, bin_low, bin_high, films, share (of the n films).

    Splits with fewer than 50 films of a class are left out, unless that would leave nothing.
    """
    drawn = [part for part in measure.parts if part.n >= _FEWEST_DRAWN] or measure.parts
    return pd.DataFrame(
        [
            {
                "split": part.split,
                "class": CLASSES[part.label],
                "n": part.n,
                "bin_low": low,
                "bin_high": high,
                "films": films,
                "share": films / part.n,
            }
            for part in drawn
            for low, high, films in zip(
                measure.edges[:-1], measure.edges[1:], part.counts, strict=True
            )
        ]
    )


def tabulate_difference(first: MeanFilm, second: MeanFilm) -> pd.DataFrame:
    """Return one row a pixel: row, column, both means, both spreads, difference, Cohen's d."""
    means = decode(first.mean), decode(second.mean)
    row, column = np.indices(means[0].shape)
    return pd.DataFrame(
        {
            "row": row.ravel(),
            "column": column.ravel(),
            "first_mean": means[0].ravel(),
            "second_mean": means[1].ravel(),
            "first_spread": decode(first.spread).ravel(),
            "second_spread": decode(second.spread).ravel(),
            "difference": subtract(first, second).ravel(),
            "cohens_d": standardize_difference(first, second).ravel().round(4),
        }
    )
