"""The benchmark: ratios of what was timed in turn, and one flat object of all that was measured."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from pneumo.bench import report
from pneumo.bench.films import draw_jpegs, shift_film
from pneumo.bench.sections import SECTIONS
from pneumo.bench.timing import Measure, divide, time_pairs
from pneumo.cli import main
from pneumo.errors import PneumoError
from pneumo.intake import read_radiograph
from pneumo.networks.yardsticks import PeerNetwork
from tests.app.conftest import tiny_models  # noqa: F401
from tests.conftest import REPOSITORY

RUN = {"machine": "a machine", "date": "2026-01-02", "python": "3.11.7"}
SEEN_FROM_OUTSIDE = {
    "first_page_s", "first_verdict_s", "second_start_verdict_s", "dashboard_memory_mb", "slider_ms",
}  # fmt: skip
SERVED = {
    "film_over_limit", "batch_over_limit", "batch_over_limit_large", "visitors_over_film",
    "serving_memory_mb",
}  # fmt: skip


def test_pairs_are_timed_in_turn_and_change_who_goes_first() -> None:
    called = []

    def first(run: int) -> float:
        called.append(f"first {run}")
        return 2.0 * (run + 1)

    def second(run: int) -> float:
        called.append(f"second {run}")
        return 1.0

    slow, fast = time_pairs(first, second, runs=2, warm_up=1)
    assert called == ["second 0", "first 0", "first 1", "second 1", "second 2", "first 2"]
    assert divide(slow, fast) == (4.0, 6.0)  # the warm-up's 2.0 is not kept


def test_median_of_ratios_is_not_the_ratio_of_medians() -> None:
    ratios = Measure("ratio", "", divide([10.0, 2.0, 9.0], [10.0, 1.0, 3.0]))
    assert ratios.values == (1.0, 2.0, 3.0)
    assert ratios.median == 2.0
    assert ratios.spread == (1.5, 2.5)


def test_flat_object_and_tables_say_the_same() -> None:
    measures = [
        Measure("film_over_limit", "one film / the limit", (1.0, 1.2, 1.4), "at most 1.25"),
        Measure("training_s", "training", (123.4,)),
    ]
    flat = report.flatten(measures, RUN)
    assert flat["film_over_limit"] == 1.2
    assert (flat["film_over_limit_low"], flat["film_over_limit_high"]) == (1.1, 1.3)
    assert flat["film_over_limit_n"] == 3
    assert flat["machine"] == "a machine"
    assert not any(isinstance(value, dict | list) for value in flat.values())
    table = report.draw_table(measures, RUN)
    assert "1.10 to 1.30" in table
    assert "Measured on 2026-01-02 on a machine. Python 3.11.7." in table
    rows = [row for row in report.draw_markdown(measures, RUN).splitlines() if row.startswith("|")]
    assert len(rows) == 4
    assert len({row.count("|") for row in rows}) == 1
    # One repeat has no spread.
    assert "| 123 |  | 1 |" in rows[-1]


def test_drawn_films_are_jpegs_of_the_size_that_is_asked_for(shipped_models: Path) -> None:
    first, second = draw_jpegs(shipped_models, 2, side=224)
    assert first[:2] == b"\xff\xd8"
    assert first != second
    assert read_radiograph(first).pixels.shape == (224, 224)


def test_shifted_film_is_another_film_of_the_same_size(shipped_models: Path) -> None:
    (film,) = draw_jpegs(shipped_models, 1, side=224)
    shifted = read_radiograph(shift_film(film, rows=1))
    assert shifted.pixels.shape == (224, 224)
    assert shifted.fingerprint != read_radiograph(film).fingerprint
    assert shift_film(film, rows=0) == film


@pytest.fixture
def tiny(tiny_models: Path) -> Path:  # noqa: F811
    """A models folder of two tiny untrained networks."""
    return tiny_models


def bench(models: Path, capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, float]:
    command = ["bench", "--json", "--runs", "1", "--films", "9", "--models", str(models), *words]
    assert main(command) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["machine"]
    numbers = {name: value for name, value in printed.items() if isinstance(value, int | float)}
    assert all(np.isfinite(value) and value > 0 for value in numbers.values())
    return numbers


def test_serving_is_compared_with_its_limit(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    numbers = bench(tiny, capsys, "--only", "film", "batch")
    assert numbers.keys() >= {"film_over_limit", "batch_over_limit", "batch_over_limit_large"}
    assert numbers.keys() >= {"films_per_s_1", "films_per_s_8", "films_per_s_9"}
    assert numbers.keys() >= {"batch_over_arrays", "arrays_films_per_s"}
    assert "first_page_s" not in numbers
    assert numbers["film_over_limit"] == pytest.approx(
        numbers["film_ms"] / numbers["limit_ms"], rel=1
    )


@pytest.mark.slow
def test_memory_and_visitors_and_pages_are_measured(
    tiny: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    numbers = bench(tiny, capsys, "--only", "visitors", "memory", "pages")
    assert 50 < numbers["serving_memory_mb"] < 5_000
    assert numbers["visitors_over_film"] < 100
    assert numbers.keys() >= {"page_performance_s", "page_compare_s", "page_about_s"}


def test_dashboard_is_timed_from_its_start_to_a_verdict(
    tiny: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    numbers = bench(tiny, capsys, "--only", "start", "slider")
    assert numbers.keys() >= SEEN_FROM_OUTSIDE
    assert 0.1 < numbers["first_page_s"] < numbers["first_verdict_s"] < 120
    assert numbers["later_verdict_s"] < numbers["first_verdict_s"]


def test_report_is_timed(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("weasyprint", exc_type=OSError, reason="needs the library Pango")
    numbers = bench(tiny, capsys, "--only", "report")
    assert 10 < numbers["report_ms"] < 60_000


def test_section_that_cannot_be_measured_costs_only_itself(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(order: object) -> list[Measure]:
        raise PneumoError("No wind today.")

    monkeypatch.setitem(SECTIONS, "film", fail)
    monkeypatch.setitem(SECTIONS, "peers", lambda order: [Measure("peer_over_film", "", (7.0,))])
    command = ["bench", "--json", "--models", str(tmp_path), "--only", "film", "peers"]
    assert main(command) == 1
    printed = capsys.readouterr()
    assert "film is left out. No wind today." in printed.err
    assert json.loads(printed.out)["peer_over_film"] == 7.0


def test_missing_networks_are_told_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", "--json", "--models", str(tmp_path), "--only", "memory"]) == 1
    assert "missing from the models folder" in capsys.readouterr().err


def test_kept_table_names_what_the_command_prints() -> None:
    kept = (REPOSITORY / "BENCHMARKS.md").read_text(encoding="utf-8")
    wanted = SEEN_FROM_OUTSIDE | SERVED | {"peer_over_film", "training_speedup"}
    assert not [name for name in sorted(wanted) if f"| `{name}` |" not in kept]


@pytest.mark.training
def test_peers_way_says_what_ours_says(shipped_models: Path) -> None:
    """Otherwise the two would not be doing the same work."""
    from pneumo.networks.artifacts import load_network
    from pneumo.networks.build import with_heat_map

    film = np.random.default_rng(1).random((1, 224, 224, 1), dtype=np.float32)
    folder = shipped_models / "custom_cnn"
    probability, heat_map = PeerNetwork(folder).read(film)
    ours = with_heat_map(load_network(folder))(film)
    logit, evidence = np.asarray(ours["logit"])[0, 0], np.asarray(ours["evidence"])[0]
    assert probability == pytest.approx(1 / (1 + np.exp(-logit)), abs=1e-4)
    speaking_for = np.maximum(evidence, 0)
    np.testing.assert_allclose(heat_map, speaking_for / (speaking_for.max() + 1e-8), atol=1e-3)


@pytest.mark.training
def test_peers_and_training_are_compared_with_ours(
    tiny: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    numbers = bench(tiny, capsys, "--only", "peers", "training")
    assert numbers["peer_over_film"] > 1
    assert numbers["training_speedup"] == pytest.approx(
        numbers["peer_training_s"] / numbers["training_s"], rel=1e-2
    )
