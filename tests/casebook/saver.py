"""A process of its own that saves cases, and says the id of each once it is saved."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from uuid import uuid4

from pneumo.casebook.storage.database import open_database
from pneumo.casebook.store import Casebook
from tests.casebook.drawn_cases import draw_case
from tests.conftest import REPOSITORY


def start_saver(url: str, count: int) -> subprocess.Popen[str]:
    """Start a process that saves so many new cases."""
    command = [sys.executable, "-m", "tests.casebook.saver", url, str(count)]
    return subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)


def save_side_by_side(url: str, *, processes: int, count: int) -> list[str]:
    """Have processes save so many cases each at once, and return every id they said is saved."""
    savers = [start_saver(url, count) for _ in range(processes)]
    said = [saver.communicate()[0].split() for saver in savers]
    assert [saver.returncode for saver in savers] == [0] * processes
    return [case_id for ids in said for case_id in ids]


def save_until_killed(url: str, *, at_least: int) -> list[str]:
    """Kill a process in the midst of its saves, and return every id it said is saved."""
    saver = start_saver(url, 1_000_000)
    assert saver.stdout is not None
    with saver.stdout as lines:
        said = [lines.readline().strip() for _ in range(at_least)]
        saver.kill()
        # Whole lines only: the last one may be cut off.
        said += [line.strip() for line in lines if line.endswith("\n")]
    saver.wait()
    return said


def main(url: str, count: str) -> None:
    casebook = Casebook(open_database(url))
    case = draw_case()
    for number in range(int(count)):
        saved = casebook.save(replace(case, id=uuid4().hex, title=f"Case {number}"))
        sys.stdout.write(f"{saved.id}\n")
        sys.stdout.flush()
    casebook.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
