"""What the gate makes of what it sees, and what becomes of a gate that is damaged or not there."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pneumo.decision.ensemble import read_plan
from pneumo.decision.gate import GATE_ARRAYS, GATE_FILE, Gate, to_record
from pneumo.decision.guards import Guards
from pneumo.decision.sight import Lens, Sight
from pneumo.decision.thresholds import Thresholds
from pneumo.domain import FilmQuality, Usability
from pneumo.errors import DamagedWeightsError
from pneumo.intake.pixel_quality import Range
from pneumo.intake.quality import FilmFile
from pneumo.networks.poses import POSES

FILE = FilmFile(500, 600)
FILM = np.random.default_rng(1).random((224, 224), dtype=np.float32)
THRESHOLDS = Thresholds(
    distance_warns=2.0,
    distance_refuses=4.0,
    distance_doubts=3.0,
    strangeness_doubts=0.0,
    strangeness_refuses=1.0,
    pose_warns=0.5,
    mirror_warns=3.0,
    strangeness_in_colour=-2.0,
    strangeness_unsure=-3.0,
    pose_unsure=0.75,
)
CHEST = np.eye(8)[0]


def make_lens(*, pose: int = 0) -> Lens:
    """A lens of two features that sees a chest in one pose, unless the second is large."""
    poses = np.zeros((3, len(POSES) + 1), np.float32)
    poses[-1, pose], poses[-1, -1] = 9.0, -9.0
    poses[1, -1] = 9.0
    return Lens(
        mean=np.zeros(2, np.float32),
        scale=np.ones(2, np.float32),
        centres=np.array([[0.0], [5.0]], np.float32),
        whiten=np.ones((2, 1, 1), np.float32),
        project=np.eye(2, dtype=np.float16),
        poses=poses,
        mirror=np.array([0.0, 0.0, -1.0], np.float32),
    )


def make_gate(*, pose: int = 0) -> Gate:
    return Gate(
        network="first",
        weights_sha256="0" * 64,
        taps=(("block", 7),),
        ranges={"white": Range(high=0.5)},
        thresholds=THRESHOLDS,
        lens=make_lens(pose=pose),
        fitted_on={"films": 3},
        measured={},
        version="v1",
    )


def check(*features: float, gate: Gate | None = None, file: FilmFile = FILE) -> FilmQuality:
    return (gate or make_gate()).check(file, FILM, np.array(features, np.float32))


def names(quality: FilmQuality) -> list[str]:
    return [concern.name for concern in quality.concerns]


def test_usual_film_is_fine_and_its_distance_is_told() -> None:
    quality = check(1.5, 0.0)
    assert quality == FilmQuality(Usability.FINE, (), 1.5, 2.0, "v1")


def test_distance_counts_from_the_nearer_of_upright_and_inverted_films() -> None:
    assert check(5.25, 0.0).distance == pytest.approx(0.25)


def test_unusual_film_is_warned_about_and_a_stranger_refused() -> None:
    warned, refused = check(2.5, 0.0), check(-4.5, 0.0)
    assert (warned.usability, names(warned)) == (Usability.WARNED, ["unlike the training films"])
    assert (refused.usability, names(refused)) == (
        Usability.REFUSED,
        ["too unlike the training films"],
    )
    assert (refused.concerns[0].value, refused.concerns[0].threshold) == (4.5, 4.0)


def test_picture_of_something_else_is_refused_however_near_its_greys_are() -> None:
    quality = check(0.0, 2.5)
    assert quality.usability is Usability.REFUSED
    assert "whole chest from the front" in quality.concerns[0].message


def test_doubtful_distance_and_doubtful_look_refuse_together_and_not_alone() -> None:
    chest = np.eye(8)[0]
    both, far, odd = (
        Sight(3.5, 0.5, chest, -1),
        Sight(3.5, -0.5, chest, -1),
        Sight(1, 0.5, chest, -1),
    )
    assert [concern.refuses for concern in THRESHOLDS.judge(both)] == [True]
    assert [concern.refuses for concern in THRESHOLDS.judge(far)] == [False]
    assert list(THRESHOLDS.judge(odd)) == []


def refuses(sight: Sight, *, in_colour: bool = False) -> bool:
    return any(concern.refuses for concern in THRESHOLDS.judge(sight, in_colour=in_colour))


def test_photographed_film_is_read_as_long_as_it_is_surely_a_chest() -> None:
    sure, unsure = Sight(2.5, -6.0, CHEST, -1), Sight(2.5, -1.0, CHEST, -1)
    assert not refuses(sure, in_colour=True)
    assert refuses(unsure, in_colour=True)
    assert not refuses(unsure)
    assert not refuses(sure._replace(distance=3.5), in_colour=True)
    assert refuses(sure._replace(distance=4.5), in_colour=True)
    coloured = replace(FILE, in_colour=True)
    assert check(2.5, 0.0, file=coloured).usability is Usability.WARNED


def test_far_picture_that_is_surely_a_chest_is_not_called_anything_else() -> None:
    (sure,) = THRESHOLDS.judge(Sight(4.5, -6.0, CHEST, -1))
    (unsure,) = THRESHOLDS.judge(Sight(4.5, 0.5, CHEST, -1))
    assert (sure.name, unsure.name) == ("too unlike the training films", "not a chest film")
    assert "may be a chest film" in sure.message
    assert "may be" not in unsure.message


def test_unsure_pose_refuses_what_is_strange_too_and_nothing_else() -> None:
    torn = np.array([0.6, 0.4, 0, 0, 0, 0, 0, 0])
    assert refuses(Sight(1.0, -2.5, torn, -1))
    assert not refuses(Sight(1.0, -2.5, CHEST, -1))
    assert not refuses(Sight(1.0, -3.5, torn, -1))


@pytest.mark.parametrize(
    ("pose", "wanted"),
    [
        (1, [("turned to the left", "rotate 270")]),
        (2, [("upside down", "rotate 180")]),
        (3, [("turned to the right", "rotate 90")]),
        (4, [("inverted", "invert")]),
        (6, [("inverted", "invert"), ("upside down", "rotate 180")]),
    ],
)
def test_pose_is_named_with_its_remedy(pose: int, wanted: list[tuple[str, str]]) -> None:
    quality = check(0.0, 0.0, gate=make_gate(pose=pose))
    assert [(concern.name, concern.remedy) for concern in quality.concerns] == wanted
    assert quality.usability is Usability.WARNED


def test_mirrored_film_is_named_only_where_nothing_else_is_turned() -> None:
    upright = Sight(1.0, -5.0, np.eye(8)[0], 3.5)
    assert [c.name for c in THRESHOLDS.judge(upright)] == ["mirrored"]
    turned = upright._replace(poses=np.eye(8)[2])
    assert [c.name for c in THRESHOLDS.judge(turned)] == ["upside down"]


def test_what_the_file_says_comes_with_what_is_seen_refusals_first() -> None:
    quality = check(2.5, 0.0, file=FilmFile(500, 600, modality="CT", age_years=18))
    assert names(quality) == [
        "not a plain film",
        "outside the population",
        "unlike the training films",
    ]
    assert quality.usability is Usability.REFUSED


def test_record_is_plain_json() -> None:
    record = json.loads(json.dumps(to_record(check(2.5, 0.0))))
    assert record["usability"] == "usable with warnings"
    assert record["distance_threshold"] == 2.0
    assert record["concerns"][0]["name"] == "unlike the training films"
    assert to_record(None) == {}


def test_what_was_saved_is_what_is_loaded(tmp_path: Path) -> None:
    assert Gate.load(tmp_path) is None
    version = make_gate().save(tmp_path)
    loaded = Gate.load(tmp_path)
    assert loaded is not None
    assert loaded.version == version
    assert replace(loaded, version="v1").check(
        FILE, FILM, np.array([2.5, 0.0], np.float32)
    ) == check(2.5, 0.0)


@pytest.mark.parametrize("harm", ["cut", "swap", "gone"])
def test_damaged_gate_is_named_with_what_to_do(tmp_path: Path, harm: str) -> None:
    make_gate().save(tmp_path)
    arrays = tmp_path / GATE_ARRAYS
    if harm == "cut":
        (tmp_path / GATE_FILE).write_text((tmp_path / GATE_FILE).read_text()[:-40])
    elif harm == "swap":
        stored = bytearray(arrays.read_bytes())
        stored[-1] ^= 1
        arrays.write_bytes(bytes(stored))
    else:
        arrays.unlink()
    with pytest.raises(DamagedWeightsError, match="python -m pneumo gate"):
        Gate.load(tmp_path)


def test_gate_of_other_networks_is_left_out_with_a_reason(
    shipped_models: Path, tmp_path: Path
) -> None:
    make_gate().save(tmp_path)
    guards = Guards.load(tmp_path, read_plan(shipped_models))
    assert guards.gate is None
    assert "fitted to other networks" in guards.faults[0]
    (tmp_path / GATE_FILE).write_text("{}")
    damaged = Guards.load(tmp_path, read_plan(shipped_models))
    assert damaged.gate is None
    assert "Restore" in damaged.faults[0]


def test_shipped_gate_belongs_to_the_shipped_networks(shipped_models: Path) -> None:
    guards = Guards.load(shipped_models, read_plan(shipped_models))
    assert guards.faults == ()
    assert guards.gate is not None
    alarms = guards.gate.measured["held-out films warned about or refused"]
    assert alarms["value"] <= 0.02
