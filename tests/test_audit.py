"""The audit of what is installed: it passes only what was asked about and is not known weak."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

SOUND = {"name": "sound", "version": "1", "vulns": []}
WEAK = {"name": "weak", "version": "2", "vulns": [{"id": "CVE-1", "fix_versions": ["3"]}]}
UNKNOWN = {"name": "sound", "skip_reason": "not found"}


def audit(folder: Path, *arguments: str, **answers: list[dict] | None) -> tuple[int, str]:
    """Run the audit with databases that answer so, None for one that cannot be reached."""
    (folder / "pip_audit.py").write_text(
        "import json, sys\n"
        f"answer = json.loads({json.dumps(json.dumps(answers))}).get(sys.argv[-1])\n"
        "sys.exit('unreachable') if answer is None else print(json.dumps({'dependencies': answer}))"
    )
    done = subprocess.run(
        [sys.executable, str(REPOSITORY / ".ci" / "audit"), *arguments],
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout


def test_sound_packages_pass_and_weak_ones_do_not(tmp_path: Path) -> None:
    assert audit(tmp_path, pypi=[SOUND]) == (
        0,
        "The database pypi knows 1 of 1 packages.\nAll 1 packages were audited.\n",
    )
    code, words = audit(tmp_path, "--offline-ok", pypi=[SOUND, WEAK])
    assert code == 1
    assert "weak 2: CVE-1, NOT ACCEPTED; fixed in 3" in words


def test_second_database_is_asked_where_the_first_does_not_answer(tmp_path: Path) -> None:
    code, words = audit(tmp_path, pypi=None, osv=[WEAK])
    assert code == 1
    assert "NOT ACCEPTED" in words
    assert audit(tmp_path, pypi=[UNKNOWN], osv=[SOUND])[0] == 0


@pytest.mark.parametrize("pypi", [None, [UNKNOWN], []])
def test_nothing_passes_unasked_unless_that_is_allowed_and_then_it_says_so(
    tmp_path: Path, pypi: list[dict] | None
) -> None:
    code, words = audit(tmp_path, pypi=pypi)
    assert code == 1
    assert "NOT AUDITED" in words
    code, words = audit(tmp_path, "--offline-ok", pypi=pypi)
    assert code == 0
    assert "NOT AUDITED" in words


def test_everything_that_is_installed_is_pinned() -> None:
    def names(file: str) -> set[str]:
        lines = (REPOSITORY / file).read_text(encoding="utf-8").splitlines()
        pins = [line for line in lines if line and not line.startswith(("#", "-"))]
        assert all("==" in pin for pin in pins)
        return {pin.replace("[data]", "").replace("[binary]", "").lower() for pin in pins}

    pinned = names("constraints.txt")
    direct = names("requirements.txt") | names("requirements-dev.txt")
    assert {name.replace("_", "-") for name in direct} <= {
        name.replace("_", "-") for name in pinned
    }
