"""Whatever bytes come in, a film or a refusal comes out: nothing else, soon, and nothing stays."""

from __future__ import annotations

import gc
import threading
from pathlib import Path

import pytest

from pneumo.errors import DamagedFilmError, OversizedFilmError, PneumoError
from pneumo.intake import read_radiograph, reading
from pneumo.intake.reading import read_unguarded
from tests.intake.bombs import BOMBS, LONG
from tests.intake.fuzz_run import MOST_S, Outcome, keep, memory_mb, quiet, read_case
from tests.intake.fuzz_seeds import sound_files
from tests.intake.fuzzing import Case, draw_case

CASES, PARTS = 2000, 8


def read_or_keep(case: Case, folder: Path) -> Outcome:
    """Read a case, and say where its bytes are should that end any other way than it may."""
    try:
        outcome = read_case(case)
    except Exception as error:
        path = keep(case, folder)
        raise AssertionError(f"case {case.number} ({case.name}), kept as {path}") from error
    assert outcome.seconds < MOST_S, f"{case.name} took long, kept as {keep(case, folder)}"
    return outcome


@pytest.mark.parametrize("part", range(PARTS))
def test_a_mutated_file_ends_as_film_or_refusal(part: int, tmp_path: Path) -> None:
    numbers = range(part * CASES // PARTS, (part + 1) * CASES // PARTS)
    with quiet():
        kinds = {read_or_keep(draw_case(number), tmp_path).kind for number in numbers}
    # Fuzzing that only ever meets the first check would prove nothing.
    assert {"film", "DamagedFilmError", "UnsupportedFilmError", "NotAnImageError"} <= kinds


def test_cases_are_the_same_in_every_run() -> None:
    drawn = [draw_case(number) for number in range(40)]
    assert drawn == [draw_case(number) for number in range(40)]
    assert len({case.data for case in drawn}) == len(drawn)


@pytest.mark.parametrize("name", [name for name in BOMBS if name not in LONG])
def test_a_file_made_to_take_hours_is_done_with_at_once(name: str, tmp_path: Path) -> None:
    case = Case(0, name, BOMBS[name]())
    with quiet():
        read_or_keep(case, tmp_path)


@pytest.mark.parametrize(
    "name",
    [
        "JPEG of 65,500 x 65,500 without data",
        "PNG of 65,535 x 65,535",
        "WebP of the largest canvas",
    ],
)
def test_a_size_that_no_film_has_is_refused_before_any_pixel(name: str) -> None:
    with pytest.raises(OversizedFilmError, match="Expected at most"):
        read_radiograph(BOMBS[name]())


def test_refused_files_leave_nothing_behind() -> None:
    refused = [Case(0, name, data[: len(data) // 2]) for name, data in sound_files().items()]
    refused += [draw_case(number) for number in range(80)]

    def read_all() -> int:
        count = 0
        for case in refused:
            count += read_case(case).kind != "film"
        return count

    with quiet():
        for _ in range(4):
            read_all()
        gc.collect()
        before = memory_mb("VmRSS"), len(list(Path("/proc/self/fd").iterdir()))
        threads, count = threading.active_count(), 0
        while count < 600:
            count += read_all()
        gc.collect()
        after = memory_mb("VmRSS"), len(list(Path("/proc/self/fd").iterdir()))
    assert after[0] - before[0] < 15, f"{count} refused files left {after[0] - before[0]:.0f} MB"
    assert after[1] <= before[1]
    assert threading.active_count() <= threads


def test_an_error_that_nobody_foresaw_costs_one_film(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def trip(*_: object, **__: object) -> None:
        raise KeyError("Roe^Jane")

    monkeypatch.setattr(reading, "read_picture", trip)
    sound = sound_files()
    with pytest.raises(DamagedFilmError, match=r"Expected a film .* export or send") as refusal:
        read_radiograph(sound["png"])
    assert refusal.value.__cause__ is None
    assert "KeyError in trip" in caplog.text
    assert "Roe" not in caplog.text
    assert read_radiograph(sound["without preamble"]).source == "dicom"
    with pytest.raises(KeyError):
        read_unguarded(sound["png"], max_pixels=10_000, max_bytes=100_000)


@pytest.mark.parametrize("error", [MemoryError, KeyboardInterrupt])
def test_what_is_no_fault_of_the_file_is_not_blamed_on_it(
    error: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    def trip(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(reading, "read_picture", trip)
    with pytest.raises(error):
        read_radiograph(sound_files()["png"])


def test_a_refusal_of_a_hostile_file_says_what_to_do() -> None:
    for name in ("DICOM of names of character sets", "TIFF of a huge tile", "BMP of empty lines"):
        with pytest.raises(PneumoError, match=r"Expected .*: export"):
            read_radiograph(BOMBS[name]())
