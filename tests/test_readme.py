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


def test_every_command_is_listed() -> None:
    from pneumo.cli import COMMANDS

    assert [name for name in COMMANDS if f"python -m pneumo {name}" not in README] == []
