"""Training on a tiny data set, end to end: real films, real gradients, real files."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pneumo.errors import TrainingError

pytestmark = pytest.mark.training


@pytest.fixture(scope="module")
def collection(tiny_data: Path):
    from pneumo.networks.workshop import read_collection

    return read_collection(tiny_data, folds=5, fold=0)


@pytest.fixture
def order(tmp_path: Path):
    from pneumo.networks.training import Recipe
    from pneumo.networks.workshop import Order
    from pneumo.networks.zoo import ZOO

    return Order(
        spec=ZOO["custom_cnn"],
        protocol="finetune",
        recipe=Recipe(schedule=((64, 2),), batch_size=8, learning_rate=1e-3, averaging=0.5),
        folder=tmp_path / "custom_cnn",
        cache=tmp_path / "cache",
    )


def test_the_held_out_fold_is_never_learned_from(collection) -> None:
    learned = {collection.films[i].group for i in collection.data.learn}
    judged = {collection.films[i].group for i in collection.data.judge}
    assert judged
    assert not learned & judged
    assert not any(film.split == "test" for film in collection.films)


def test_a_run_leaves_weights_curve_scores_and_card(order, collection) -> None:
    from pneumo.networks.artifacts import load_network
    from pneumo.networks.cards import hash_network
    from pneumo.networks.workshop import train

    card = train(order, collection)
    stored = json.loads((order.folder / "card.json").read_text(encoding="utf-8"))
    assert stored == json.loads(json.dumps(card))
    assert card["weights_sha256"] == hash_network(order.folder)
    assert card["parameters"]["total"] == load_network(order.folder).count_params()
    assert 0 < card["parameters"]["trained"] <= card["parameters"]["total"]
    assert card["initialisation"] == {"from": "random weights"}
    history = pd.read_csv(order.folder / "history.csv")
    assert history["epoch"].tolist() == [1, 2]
    assert history["kept"].any()
    scores = pd.read_csv(order.folder / "scores_validation.csv")
    assert list(scores.columns) == ["file", "label", "group", "probability"]
    assert len(scores) == len(collection.data.judge)
    assert scores["probability"].between(0, 1).all()
    assert not (order.folder / "state").exists()


def test_a_run_that_was_cut_off_goes_on_where_it_stopped(order, collection, monkeypatch) -> None:
    from pneumo.networks import training, workshop

    # Without dropout nothing but the films, their order and the optimiser's state is left.
    still = partial(workshop.build_network, dropout=0.0)
    monkeypatch.setattr(workshop, "build_network", still)
    judge, calls = training._judge, []

    def judge_once_then_die(trainee, data, side):
        if calls:
            raise KeyboardInterrupt
        calls.append(1)
        return judge(trainee, data, side)

    monkeypatch.setattr(training, "_judge", judge_once_then_die)
    with pytest.raises(KeyboardInterrupt):
        workshop.train(order, collection)
    monkeypatch.setattr(training, "_judge", judge)
    workshop.train(replace(order, resume=True), collection)
    resumed = pd.read_csv(order.folder / "history.csv")
    whole = replace(order, folder=order.folder.parent / "whole")
    workshop.train(whole, collection)
    uninterrupted = pd.read_csv(whole.folder / "history.csv")
    assert resumed["epoch"].tolist() == [1, 2]
    np.testing.assert_allclose(resumed["loss"], uninterrupted["loss"], rtol=0.05)


def test_frozen_training_changes_the_head_alone(order, collection, tmp_path: Path) -> None:
    from pneumo.networks.artifacts import load_network
    from pneumo.networks.build import build_network
    from pneumo.networks.training import Recipe
    from pneumo.networks.workshop import train
    from pneumo.networks.zoo import ZOO

    start = build_network(ZOO["custom_cnn"])
    body = type(start)(start.get_layer("scaled").output, start.get_layer("pooled").input)
    body.save(tmp_path / "body.keras")
    frozen = replace(
        order,
        protocol="frozen",
        init=tmp_path / "body.keras",
        recipe=Recipe(schedule=((224, 12),), variants=1, batch_size=8, learning_rate=3e-3),
    )
    card = train(frozen, collection)
    trained = load_network(order.folder)
    head = {"hidden", "logit"}
    for layer in trained.layers:
        if layer.name in head or not layer.get_weights():
            continue
        for kept, given in zip(
            layer.get_weights(), body.get_layer(layer.name).get_weights(), strict=True
        ):
            np.testing.assert_allclose(kept, given, atol=1e-3)
    assert card["parameters"]["trained"] == sum(
        trained.get_layer(name).count_params() for name in head
    )
    assert len(list((tmp_path / "cache").glob("features_*.npy"))) == 3
    history = pd.read_csv(order.folder / "history.csv")
    assert history["loss"].iloc[-1] < history["loss"].iloc[0]


def test_a_student_learns_its_teachers_scores(order, collection, tmp_path: Path) -> None:
    from pneumo.networks.workshop import train

    train(order, collection)
    student = replace(order, folder=tmp_path / "student", teachers=(order.folder,))
    card = train(student, collection)
    assert card["distilled_from"] == ["custom_cnn"]
    stored = [np.load(path) for path in (tmp_path / "cache").rglob("teacher_*.npy")]
    assert len(stored) == 2
    assert all(scores.shape == (len(collection.data.learn),) for scores in stored)


def test_a_frozen_body_without_a_start_is_refused(order, collection) -> None:
    from pneumo.networks.workshop import train

    with pytest.raises(TrainingError, match="--init"):
        train(replace(order, protocol="frozen"), collection)


def test_a_fold_that_does_not_exist_is_refused(tiny_data: Path) -> None:
    from pneumo.networks.workshop import read_collection

    with pytest.raises(TrainingError, match="--fold"):
        read_collection(tiny_data, folds=5, fold=5)


def test_both_classes_weigh_the_same() -> None:
    from pneumo.networks.training import class_weights

    labels = np.array([0, 1, 1, 1])
    weights = class_weights(labels)
    assert weights[labels == 0].sum() == pytest.approx(weights[labels == 1].sum())
    assert weights.mean() == pytest.approx(1)
