"""What was measured → one flat object, a table to read, or a table in Markdown."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version

from pneumo.bench.timing import Measure

_PACKAGES = ("openvino", "tensorflow", "keras", "streamlit", "numpy", "pillow")


def describe_run(machine: str) -> dict[str, str]:
    """Return machine, date and versions, by the names they have in the flat object."""
    return {
        "machine": machine,
        "date": datetime.now(UTC).date().isoformat(),
        "python": platform.python_version(),
        **{package: _version(package) for package in _PACKAGES},
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def flatten(measures: Sequence[Measure], run: Mapping[str, str]) -> dict[str, float | int | str]:
    """Return one flat object: each median by its name, then quartiles and count, then the run.

    A name with `_low` and `_high` behind it is a quartile, one with `_n` the number of repeats.
    """
    flat: dict[str, float | int | str] = {one.name: round(one.median, 4) for one in measures}
    for one in measures:
        low, high = one.spread
        flat |= {
            f"{one.name}_low": round(low, 4),
            f"{one.name}_high": round(high, 4),
            f"{one.name}_n": len(one.values),
        }
    return {**flat, **run}


def draw_table(measures: Sequence[Measure], run: Mapping[str, str]) -> str:
    """Return a table for a terminal."""
    rows = [
        (one.name, *_say_numbers(one), str(len(one.values)), one.goal, one.meaning)
        for one in measures
    ]
    heads = ("name", "median", "middle half", "n", "goal", "what")
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    lines = [
        "  ".join(
            cell.rjust(width) if place in {1, 2, 3} else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in (heads, *rows)
    ]
    return "\n".join([*lines, "", _say_run(run)])


def draw_markdown(measures: Sequence[Measure], run: Mapping[str, str]) -> str:
    """Return the table that BENCHMARKS.md keeps."""
    lines = [
        _say_run(run),
        "",
        "| name | what | median | middle half | n | goal |",
        "| --- | --- | ---: | ---: | ---: | --- |",
    ]
    lines += [
        f"| `{one.name}` | {one.meaning} | {' | '.join(_say_numbers(one))} "
        f"| {len(one.values)} | {one.goal} |"
        for one in measures
    ]
    return "\n".join(lines)


def _say_run(run: Mapping[str, str]) -> str:
    versions = ", ".join(
        f"{name.capitalize() if name == 'python' else name} {found}"
        for name, found in run.items()
        if name not in {"machine", "date"}
    )
    return f"Measured on {run['date']} on {run['machine']}. {versions}."


def _say_numbers(measure: Measure) -> tuple[str, str]:
    low, high = measure.spread
    spread = f"{_digits(low)} to {_digits(high)}" if len(measure.values) > 1 else ""
    return _digits(measure.median), spread


def _digits(value: float) -> str:
    """Give three digits to small numbers, and no false ones to large."""
    if abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
