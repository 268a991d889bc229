"""The numbers in the README are those in the files that the commands wrote."""

from __future__ import annotations

import json
from pathlib import Path

from pneumo.evidence.audit.records import read_audit
from pneumo.evidence.metrics import Estimate
from tests.conftest import REPOSITORY

README = " ".join((REPOSITORY / "README.md").read_text(encoding="utf-8").split())


def read(models: Path, name: str) -> dict:
    return json.loads((models / name).read_text(encoding="utf-8"))


def test_the_experts_read_is_quoted_right(shipped_models: Path) -> None:
    found = read(shipped_models, "expert_read.json")
    auc = {
        network["reference"]: Estimate(**network["found"]["auc"])
        for network in found["networks"]
        if network["name"] == "ensemble"
    }
    assert f"agreed with {Estimate(**found['agreement']):.1%} of the test labels" in README
    assert f"the ensemble's AUC is {auc['expert']:.3f};" in README
    assert (
        f"on the {auc['agreed'].n} films where both readings agree it is {auc['agreed']:.3f}."
        in (README)
    )


def test_what_sizes_alone_reach_is_quoted_right(shipped_models: Path) -> None:
    best = max(read_audit(shipped_models).baselines, key=lambda found: len(found.features))
    assert f"reaches AUC {best.auc:.3f} (n = {best.n:,})" in README


def test_what_is_left_without_the_middle_is_quoted_right(shipped_models: Path) -> None:
    found = read(shipped_models, "stress.json")
    rows = {tuple(row[:4]): row[4:] for row in found["rows"]}
    auc = Estimate(*rows["ensemble", "centre", 80.0, "auc"], n=found["n"])
    assert f"the ensemble still has AUC {auc:.3f} on {auc.n} held-out films" in README


def test_what_the_gate_says_of_test_films_is_quoted_right(shipped_models: Path) -> None:
    rates = {
        name: Estimate(**rate)
        for name, rate in read(shipped_models, "gate_exam.json")["rates"].items()
    }
    assert f"refuses {rates['test films refused']:.1%} of the test films" in README
    assert f"warns about or refuses {rates['test films warned about or refused']:.1%};" in README
    changed = [rate for name, rate in rates.items() if "noticed" in name]
    assert len(changed) == 4
    assert {f"{rate:.1%}" for rate in changed} == {"100.0% (99.4% to 100.0%)"}
    assert "100.0% (99.4% to 100.0%) of them are noticed (n = 624 each" in README


def test_measured_coverage_is_quoted_right(shipped_models: Path) -> None:
    found = read(shipped_models, "conformal.json")["measured"]["0.95"]
    held_out, test = (Estimate(**found[split]["covered"]) for split in ("validation", "test"))
    normal = Estimate(**found["test"]["covered_by_class"]["NORMAL"])
    assert f"{held_out:.1%} of the held-out films but for {test:.1%} of the test films" in README
    assert f"and for {normal:.1%} of the normal ones among them" in README


def test_every_command_is_listed() -> None:
    from pneumo.cli import COMMANDS

    assert [name for name in COMMANDS if f"python -m pneumo {name}" not in README] == []
