"""How far a language model and the networks agree, against scikit-learn and by hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import cohen_kappa_score

from pneumo.domain import OperatingPoint, Verdict
from pneumo.errors import DataSetError
from pneumo.evidence.resampling import Resampling
from pneumo.evidence.scores import Scored
from pneumo.opinion.agreement import (
    ANSWERS,
    NO_ANSWER,
    Concord,
    concord_of,
    concord_record,
    cross_tabulate,
    kappa,
    list_concords,
    match_films,
)
from pneumo.opinion.survey_metrics import mean_of, measure_survey, share_of
from pneumo.opinion.surveys import COLUMNS, Survey

ILL, WELL, UNSURE = Verdict.PNEUMONIA, Verdict.NORMAL, Verdict.INDETERMINATE

# label, probability of the network, the model's answer
FILMS = (
    (1, 0.9, ILL),
    (1, 0.8, ILL),
    (1, 0.7, WELL),
    (1, 0.2, ILL),
    (1, 0.6, UNSURE),
    (0, 0.1, WELL),
    (0, 0.3, WELL),
    (0, 0.2, ILL),
    (0, 0.6, WELL),
    (0, 0.9, ILL),
    (0, 0.1, ""),
)


def survey_of(rows: Sequence[tuple[int, float, str]], **columns: object) -> Survey:
    table = pd.DataFrame(
        {
            "file": [f"film{k}.jpeg" for k in range(len(rows))],
            "label": [label for label, _, _ in rows],
            "group": [f"IM-{k // 2}" for k in range(len(rows))],
            "verdict": [str(verdict) for *_, verdict in rows],
            "problem": ["" if verdict else "refused" for *_, verdict in rows],
            "consistency": np.nan,
            "tokens_in": 1000.0,
            "tokens_out": 200.0,
            "cost_usd": 0.01,
            "latency_s": 2.0,
        }
    ).assign(**columns)
    return Survey(
        "a-b-v1", "b (A, prompt v1)", "b", "a", "radiologist", "v1", "0" * 64, "test",
        table[list(COLUMNS)], len(rows),
    )  # fmt: skip


def scored_of(rows: Sequence[tuple[int, float, str]]) -> Scored:
    probability = np.array([share for _, share, _ in rows])
    return Scored(
        name="ensemble",
        title="Ensemble",
        split="test",
        files=tuple(f"film{k}.jpeg" for k in range(len(rows))),
        groups=tuple(f"IM-{k // 2}" for k in range(len(rows))),
        y_true=np.array([label for label, _, _ in rows]),
        probability=probability,
        uncalibrated=probability,
        operating_points=(OperatingPoint("balanced", 0.5, (0.49, 0.51), 0.9, 0.9, 10),),
    )


def matched(rows: Sequence[tuple[int, float, str]] = FILMS) -> pd.DataFrame:
    return match_films(scored_of(rows), survey_of(rows), operating_point="balanced")


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("categories", [2, 3])
def test_kappa_is_scikit_learns_and_lies_in_its_interval(seed: int, categories: int) -> None:
    rng = np.random.default_rng(seed)
    first = rng.integers(0, categories, 200)
    second = np.where(rng.random(200) < 0.6, first, rng.integers(0, categories, 200))
    groups = [f"g{k}" for k in rng.integers(0, 70, 200)]
    found = kappa(first, second, Resampling(groups))
    assert found.value == pytest.approx(cohen_kappa_score(first, second), abs=1e-12)
    assert found.low < found.value < found.high
    assert found.n == 200


def test_kappa_interval_is_that_of_drawing_whole_groups_by_hand() -> None:
    rng = np.random.default_rng(9)
    first = rng.integers(0, 2, 60)
    second = np.where(rng.random(60) < 0.7, first, 1 - first)
    groups = np.repeat(np.arange(20), 3)
    found = kappa(first, second, Resampling([str(group) for group in groups], replicates=400))
    drawn = []
    for _ in range(400):
        films = np.concatenate([np.flatnonzero(groups == g) for g in rng.integers(0, 20, 20)])
        drawn.append(cohen_kappa_score(first[films], second[films]))
    assert [found.low, found.high] == pytest.approx(np.quantile(drawn, [0.025, 0.975]), abs=0.06)


def test_films_of_one_child_widen_the_interval_of_kappa() -> None:
    rng = np.random.default_rng(4)
    first, second = np.repeat(rng.integers(0, 2, (2, 40)), 5, axis=1)
    alone = kappa(first, second, Resampling([str(k) for k in range(200)]))
    together = kappa(first, second, Resampling([str(k // 5) for k in range(200)]))
    assert together.value == alone.value
    assert together.high - together.low > 1.5 * (alone.high - alone.low)


def test_kappa_is_not_defined_where_both_say_the_same_of_all_films() -> None:
    found = kappa([ILL] * 4, [ILL] * 4, Resampling(["a", "b", "c", "d"]))
    assert np.isnan([found.value, found.low, found.high]).all()


def test_names_of_verdicts_may_be_the_categories() -> None:
    first, second = [ILL, WELL, ILL, WELL], [ILL, WELL, WELL, WELL]
    assert kappa(first, second, Resampling(list("abcd"))).value == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("leaning", "verdict", "concord"),
    [
        (ILL, ILL, Concord.BOTH_POSITIVE),
        (WELL, WELL, Concord.BOTH_NEGATIVE),
        (ILL, WELL, Concord.NETWORKS_ONLY),
        (WELL, ILL, Concord.MODEL_ONLY),
        (ILL, UNSURE, None),
        (WELL, None, None),
    ],
)
def test_state_of_a_film(leaning: Verdict, verdict: Verdict | None, concord: Concord) -> None:
    assert concord_of(leaning, verdict) is concord


def test_table_of_answers_keeps_the_films_without_a_verdict_in_sight() -> None:
    films = matched()
    table = cross_tabulate(films["answer"], films["called"])
    assert list(table.index) == list(ANSWERS)
    assert table.loc[ILL].tolist() == [3, 2]
    assert table.loc[WELL].tolist() == [2, 2]
    assert table.loc[UNSURE].tolist() == [1, 0]
    assert table.loc[NO_ANSWER].tolist() == [0, 1]
    assert table.to_numpy().sum() == len(FILMS)


@pytest.mark.parametrize(
    ("concord", "n", "right"),
    [
        (Concord.BOTH_POSITIVE, 3, 2 / 3),
        (Concord.BOTH_NEGATIVE, 2, 1.0),
        (Concord.NETWORKS_ONLY, 2, 0.5),
        (Concord.MODEL_ONLY, 2, 0.5),
    ],
)
def test_record_says_how_often_the_network_was_right(
    concord: Concord, n: int, right: float
) -> None:
    record = concord_record(
        scored_of(FILMS), survey_of(FILMS), operating_point="balanced", concord=concord
    )
    assert (record.n, record.split, record.model_title) == (n, "test", "b (A, prompt v1)")
    assert record.network_right is not None
    assert record.network_right.value == pytest.approx(right)
    assert record.network_right.n == n
    assert record.network_right.low <= right <= record.network_right.high
    assert record.model_right is not None
    agree = concord in (Concord.BOTH_POSITIVE, Concord.BOTH_NEGATIVE)
    assert record.model_right.value == pytest.approx(right if agree else 1 - right)


def test_state_without_films_has_no_share() -> None:
    record = concord_record(
        scored_of(FILMS[:2]),
        survey_of(FILMS[:2]),
        operating_point="balanced",
        concord=Concord.MODEL_ONLY,
    )
    assert (record.n, record.network_right, record.model_right) == (0, None, None)


def test_states_fit_the_films() -> None:
    assert list_concords(matched()).tolist() == [
        "both positive", "both positive", "networks only", "model only", "", "both negative",
        "both negative", "model only", "networks only", "both positive", "",
    ]  # fmt: skip


def test_only_films_that_both_read_are_compared() -> None:
    survey = survey_of(FILMS)
    films = match_films(scored_of(FILMS[:6]), survey, operating_point="balanced")
    assert len(films) == 6
    elsewhere = survey_of(FILMS, file=[f"other{k}" for k in range(len(FILMS))])
    with pytest.raises(DataSetError, match=r"no film in common.*second-opinion"):
        match_films(scored_of(FILMS), elsewhere, operating_point="balanced")


@pytest.mark.parametrize("column", [{"label": 1}, {"group": "IM-7"}])
def test_films_that_mean_something_else_are_refused(column: dict[str, object]) -> None:
    with pytest.raises(DataSetError, match="different labels or patient groups"):
        match_films(scored_of(FILMS), survey_of(FILMS, **column), operating_point="balanced")


def test_survey_is_measured_in_both_ways() -> None:
    found = measure_survey(survey_of(FILMS))
    assert (found.n, found.n_groups, found.n_decided) == (11, 6, 9)
    assert found.decided is not None
    assert found.decided.sensitivity.value == pytest.approx(3 / 4)
    assert (found.decided.sensitivity.n, found.decided.specificity.n) == (4, 5)
    assert found.decided.specificity.value == pytest.approx(3 / 5)
    assert found.decided.balanced_accuracy.value == pytest.approx((3 / 4 + 3 / 5) / 2)
    assert found.all_films.sensitivity.value == pytest.approx(3 / 5)
    assert found.all_films.specificity.value == pytest.approx(3 / 6)
    assert found.normals_called_ill is not None
    assert found.normals_called_ill.value == pytest.approx(2 / 6)
    assert found.indeterminate.value == pytest.approx(1 / 11)
    assert (found.refused.value, found.failed.value) == (pytest.approx(1 / 11), 0)
    assert found.consistency is None
    assert (found.cost_usd, found.latency_s) == (pytest.approx(0.01), 2.0)


def test_survey_of_refusals_alone_has_no_accuracy_among_verdicts() -> None:
    found = measure_survey(survey_of([(1, 0.5, ""), (0, 0.5, ""), (0, 0.5, "")]))
    assert found.decided is None
    assert found.all_films.sensitivity.value == 0
    assert found.all_films.specificity.value == 0
    assert found.refused.value == 1


def test_price_and_normal_films_may_be_missing() -> None:
    found = measure_survey(survey_of([(1, 0.5, ILL), (1, 0.5, WELL)], cost_usd=np.nan))
    assert found.cost_usd is None
    assert found.normals_called_ill is None
    assert np.isnan(found.all_films.specificity.value)


def test_share_of_none_still_has_an_open_end() -> None:
    found = share_of([False] * 30, [str(k) for k in range(30)])
    assert (found.value, found.low) == (0, 0)
    assert found.high == pytest.approx(1 - 0.025 ** (1 / 30))


def test_mean_lies_in_its_interval() -> None:
    found = mean_of(pd.Series([1.0, 0.6, 0.8, 1.0]), list("abcd"))
    assert found.value == pytest.approx(0.85)
    assert found.low < 0.85 < found.high
