"""What cannot be ruled out for a film, and whether that holds as often as stated."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from pneumo.decision.conformal import Conformal, Level, fit_level, to_records
from pneumo.domain import PredictionSet
from pneumo.errors import DamagedWeightsError

LEVEL = Level(0.9, (0.7, 0.4), (20, 30))


@pytest.mark.parametrize(
    ("probability", "classes"),
    [(0.1, ("NORMAL",)), (0.9, ("PNEUMONIA",)), (0.35, ("NORMAL", "PNEUMONIA"))],
)
def test_film_that_fits_neither_class_rules_nothing_out(
    probability: float, classes: tuple[str, ...]
) -> None:
    conformal = Conformal("abc", (LEVEL,), {})
    assert conformal.list_sets(probability) == (PredictionSet(0.9, classes),)


def test_overlapping_thresholds_keep_both_classes() -> None:
    assert Level(0.9, (0.3, 0.2), (1, 1)).list_classes([0.1, 0.5, 0.9]).tolist() == [
        [True, False],
        [True, True],
        [False, True],
    ]


def test_each_class_is_covered_as_often_as_stated_on_films_of_the_same_kind() -> None:
    rng = np.random.default_rng(1)

    def draw(n: int) -> tuple[np.ndarray, np.ndarray]:
        labels = (rng.random(n) < 0.8).astype(int)
        return labels, 1 / (1 + np.exp(-rng.normal(np.where(labels, 1.0, -1.5), 1.5)))

    labels, probability = draw(20_000)
    level = fit_level(*draw(20_000), 0.9)
    stays = level.list_classes(probability)
    for label in (0, 1):
        assert stays[labels == label, label].mean() == pytest.approx(0.9, abs=0.015)


def test_the_threshold_is_the_one_of_the_text_book() -> None:
    # Of 19 films, the ceil(20 * 0.9) = 18 with the highest probability stay.
    probability = np.linspace(0.05, 0.95, 19)
    level = fit_level([1] * 19 + [0] * 3, [*probability, 0.1, 0.2, 0.3], 0.9)
    assert level.least[1] == pytest.approx(0.1)
    assert level.least[0] == 0.0  # Three films are too few to rule anything out.
    assert level.n == (3, 19)


def test_what_was_saved_is_what_is_loaded(tmp_path: Path) -> None:
    conformal = Conformal("abc", (LEVEL,), {"0.90": {}})
    assert Conformal.load(tmp_path) is None
    conformal.save(tmp_path)
    assert Conformal.load(tmp_path) == conformal
    (tmp_path / "conformal.json").write_text('{"levels": [{}]}')
    with pytest.raises(DamagedWeightsError, match="pneumo coverage"):
        Conformal.load(tmp_path)


def test_record_is_plain_json() -> None:
    record = to_records(Conformal("abc", (LEVEL,), {}).list_sets(0.35))
    assert json.loads(json.dumps(record)) == [{"coverage": 0.9, "classes": ["NORMAL", "PNEUMONIA"]}]


def test_shipped_sets_belong_to_the_shipped_networks(shipped_models: Path) -> None:
    from pneumo.decision.ensemble import read_plan

    conformal = Conformal.load(shipped_models)
    assert conformal is not None
    assert conformal.model_version == read_plan(shipped_models).version
    for level in conformal.levels:
        validation = conformal.measured[f"{level.coverage:.2f}"]["validation"]
        assert validation["covered"]["high"] >= level.coverage


def test_no_shipped_set_loses_a_class_at_a_higher_coverage(shipped_models: Path) -> None:
    from pneumo.decision.ensemble import read_plan

    conformal = Conformal.load(shipped_models)
    assert conformal is not None
    points = [point.threshold for point in read_plan(shipped_models).operating_points]
    edges = [edge for level in conformal.levels for edge in (1 - level.least[0], level.least[1])]
    beside = [edge + step for edge in (*edges, *points) for step in (-1e-9, 0, 1e-9)]
    for probability in (*np.linspace(0, 1, 10_001), *beside):
        lower, higher = conformal.list_sets(float(probability))
        assert set(lower.classes) <= set(higher.classes)
        assert lower.classes


def test_level_that_names_both_for_want_of_a_fit_leaves_both_to_the_next() -> None:
    strict, loose = Level(0.95, (0.94, 0.28), (20, 30)), Level(0.99, (0.74, 0.03), (20, 30))
    sets = Conformal("abc", (strict, loose), {}).list_sets(0.27)
    assert [one.classes for one in sets] == [("NORMAL", "PNEUMONIA")] * 2
