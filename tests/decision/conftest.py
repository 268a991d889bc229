"""The smallest of the shipped networks as an ensemble of its own."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from pneumo.decision.ensemble import read_plan, write_plan


@pytest.fixture(scope="session")
def small_models(shipped_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    plan = read_plan(shipped_models)
    (member,) = [member for member in plan.members if member.name == "custom_cnn"]
    shutil.copytree(shipped_models / member.name, folder / member.name)
    write_plan(replace(plan, members=(replace(member, weight=1.0),)), folder)
    return folder
