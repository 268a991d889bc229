"""A survey of 1,000 films with faults, killed in the middle and resumed: `pytest -m slow -s`."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from pneumo.opinion.surveys import read_survey
from tests.conftest import REPOSITORY
from tests.opinion.survey_scene import (
    LASTING,
    PASSING,
    Scene,
    draw_collection,
    spread_faults,
)

FILMS = 1000
WORKERS = 8
FAULTY = 0.05


@pytest.mark.slow
def test_thousand_films_are_answered_or_accounted_for_through_faults_and_a_kill(
    tmp_path: Path,
) -> None:
    data = draw_collection(tmp_path / "data", FILMS)
    scene = Scene(spread_faults(FILMS, (*PASSING, *LASTING, "hangs"), FAULTY))
    folder = tmp_path / "models" / "opinions" / "custom-sees-v1"
    path = folder / "answers_test.jsonl"
    with scene.serve() as server:
        command = [sys.executable, "-m", "pneumo", "second-opinion", "--data", str(data)]
        command += ["--out", str(tmp_path / "models"), "--provider", "custom", "--model", "sees"]
        command += ["--base-url", server.url, "--workers", str(WORKERS), "--timeout-s", "5"]
        killed = subprocess.Popen(command, cwd=REPOSITORY, stderr=subprocess.DEVNULL)
        while killed.poll() is None and count_lines(path) < FILMS // 2:
            time.sleep(0.01)
        killed.kill()
        killed.wait()
        kept = count_lines(path)
        assert FILMS // 2 <= kept < FILMS
        began, before = time.monotonic(), len(scene.times)
        subprocess.run(command, cwd=REPOSITORY, check=True)
        seconds = time.monotonic() - began
    survey = read_survey(folder, "test")
    answers = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    each = Counter(answer["file"] for answer in answers)
    assert len(each) == len(survey.table) == FILMS
    assert set(each.values()) == {1}
    assert survey.facts["readings_open"] == 0
    lasting = sum(kind in LASTING for kind in scene.faults.values())
    assert (survey.table["verdict"] != "").sum() == FILMS - lasting
    assert len(scene.sound) == FILMS - lasting
    asked_twice = sum(scene.sound.values()) - len(scene.sound)
    assert asked_twice <= WORKERS, "more than what was under way when the process died"
    times = [when for when, _ in scene.times[before:]]
    print(  # noqa: T201 - the report of a benchmark
        f"\n{FILMS} films, {len(scene.faults)} with a fault ({dict(scene.sent)}); killed after "
        f"{kept} answers, {asked_twice} answered films asked again; the resumed run took "
        f"{seconds:.1f} s, {len(times) / (times[-1] - times[0]):.0f} requests a second with "
        f"{WORKERS} workers; {survey.facts['times_sent']} readings sent for "
        f"{survey.facts['readings']} answers, faults that passed {survey.facts['faults']}, "
        f"problems that stayed {survey.facts['problems']}"
    )


def count_lines(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.is_file() else 0
