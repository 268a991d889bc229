"""A survey through the real SDK over real HTTP: nobody forgotten, nobody asked twice."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pneumo.errors import DataSetError, OpinionError
from pneumo.evidence.ledger import read_ledger
from pneumo.intake.collection import collect_films
from pneumo.opinion import survey as survey_room
from pneumo.opinion.pace import LONGEST_BACKOFF_S, back_off
from pneumo.opinion.prices import Price
from pneumo.opinion.problems import ProblemKind
from pneumo.opinion.survey import SurveyRun, run_survey
from pneumo.opinion.survey_crew import Manner
from pneumo.opinion.survey_metrics import measure_survey
from pneumo.opinion.surveys import list_surveys, name_survey, read_survey
from tests.opinion.language_model_server import (
    BEHAVIOURS,
    NORMAL_ANSWER,
    LanguageModelServer,
    Recorded,
    sound_answer,
)
from tests.opinion.survey_scene import (
    LASTING,
    PASSING,
    SWIFT,
    Scene,
    draw_collection,
    order_films,
    picture_of,
    spread_faults,
)

FILMS = 60


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_collection(tmp_path_factory.mktemp("surveyed"), FILMS)


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve films."""
    return draw_collection(tmp_path_factory.mktemp("few"), 12)


def lines_of(run: SurveyRun) -> list[dict]:
    path = run.folder / "answers_test.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_every_film_is_answered_or_accounted_for_despite_faults(data: Path, tmp_path: Path) -> None:
    scene = Scene(spread_faults(FILMS, (*PASSING, *LASTING, "hangs"), 0.4))
    with scene.serve() as server:
        run = run_survey(order_films(data, server, timeout_s=3), tmp_path, manner=SWIFT)
    assert (run.stopped_by, run.interrupted) == (None, False)
    films = collect_films(data, ("test",))
    assert list(run.table["file"]) == [film.name for film in films]
    assert list(run.table["group"]) == [film.group for film in films]
    lasting = sum(kind in LASTING for kind in scene.faults.values())
    assert (run.table["verdict"] != "").sum() == FILMS - lasting
    right = run.table["verdict"] == run.table["label"].map({0: "NORMAL", 1: "PNEUMONIA"})
    assert right.sum() == FILMS - lasting
    assert set(run.table["problem"]) == {
        "", "refused", "malformed", "truncated", "content filter",
    }  # fmt: skip
    assert max(scene.sound.values()) == 1
    assert len(scene.sound) == FILMS - lasting
    files = Counter(line["file"] for line in lines_of(run))
    assert set(files.values()) == {1}
    assert len(files) == FILMS
    passed = Counter(kind for kind in scene.faults.values() if kind not in LASTING)
    assert run.facts["faults"] == {
        "cut off": passed["cut-off"],
        "rate limited": passed["busy"],
        "server error": passed["fails"] + passed["fails-inside"],
        "timed out": passed["hangs"],
    }
    assert run.facts["times_sent"] == FILMS + passed.total()


def test_the_same_command_again_asks_nobody(few: Path, tmp_path: Path) -> None:
    scene = Scene()
    with scene.serve() as server:
        order = order_films(few, server)
        first = run_survey(order, tmp_path, manner=SWIFT)
        again = run_survey(order, tmp_path, manner=SWIFT)
        assert len(server.asked) == 12
    assert (first.asked, again.asked) == (12, 0)
    assert again.table.equals(first.table)
    assert again.facts["started_at"] == first.facts["started_at"]


def test_anew_asks_everybody_again_and_forgets_what_was(few: Path, tmp_path: Path) -> None:
    with Scene().serve() as server:
        run_survey(order_films(few, server), tmp_path, manner=SWIFT)
        other = order_films(few, server, mask_share=0.1)
        with pytest.raises(OpinionError, match=r"mask_share 0\.0 instead of 0\.1.*--anew"):
            run_survey(other, tmp_path, manner=SWIFT)
        assert len(server.asked) == 12
        run = run_survey(other, tmp_path, manner=SWIFT, anew=True)
    assert run.asked == 12
    assert len(lines_of(run)) == 12
    assert run.facts["parameters"]["mask_share"] == 0.1


def test_an_edited_prompt_is_not_mixed_with_earlier_answers(few: Path, tmp_path: Path) -> None:
    with Scene().serve() as server:
        order = order_films(few, server, limit=2)
        run_survey(order, tmp_path, manner=SWIFT)
        edited = replace(order, prompt=replace(order.prompt, sha256="0" * 64))
        with pytest.raises(OpinionError, match="sha256"):
            run_survey(edited, tmp_path, manner=SWIFT)


def test_another_version_of_the_prompt_is_another_survey(few: Path, tmp_path: Path) -> None:
    with Scene().serve() as server:
        for version in ("v1", "v2"):
            run_survey(order_films(few, server, prompt=version), tmp_path, manner=SWIFT)
    surveys = list_surveys(tmp_path, "test")
    assert [survey.slug for survey in surveys] == ["custom-sees-v1", "custom-sees-v2"]
    assert [survey.title for survey in surveys] == [
        "sees (Another server, prompt v1)",
        "sees (Another server, prompt v2)",
    ]
    assert all(survey.n == survey.planned == 12 for survey in surveys)
    assert list_surveys(tmp_path, "train") == []


def test_a_line_that_was_cut_off_is_asked_again_and_the_rest_is_not(
    few: Path, tmp_path: Path
) -> None:
    with Scene().serve() as server:
        order = order_films(few, server)
        run = run_survey(order, tmp_path, manner=SWIFT)
        path = run.folder / "answers_test.jsonl"
        path.write_bytes(path.read_bytes()[:-40])
        again = run_survey(order, tmp_path, manner=SWIFT)
    assert again.asked == 1
    assert len(lines_of(again)) == 12
    assert list(again.table["verdict"]) == list(run.table["verdict"])


def test_a_damaged_line_in_the_middle_is_named(few: Path, tmp_path: Path) -> None:
    with Scene().serve() as server:
        order = order_films(few, server)
        path = run_survey(order, tmp_path, manner=SWIFT).folder / "answers_test.jsonl"
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        path.write_text("".join([*lines[:3], "no answer\n", *lines[4:]]), encoding="utf-8")
        with pytest.raises(DataSetError, match="Line 4"):
            run_survey(order, tmp_path, manner=SWIFT)


def test_a_film_whose_server_failed_is_accounted_for_and_asked_again_next_time(
    few: Path, tmp_path: Path
) -> None:
    left = iter(["fails"] * 3)
    manner = Manner(workers=1, tries=3, backoff_s=0.01)
    with LanguageModelServer(lambda request: next(left, "sees")) as server:
        order = order_films(few, server, limit=2)
        first = run_survey(order, tmp_path, manner=manner)
        assert first.facts["readings_open"] == 1
        assert Counter(first.table["problem"])["server error"] == 1
        again = run_survey(order, tmp_path, manner=manner)
    assert again.asked == 1
    assert again.facts["readings_open"] == 0
    assert set(again.table["problem"]) == {""}


@pytest.mark.parametrize(
    ("model", "kind"),
    [
        ("unknown-model", ProblemKind.UNKNOWN_MODEL),
        ("sees-nothing", ProblemKind.NO_VISION),
        ("no-credit", ProblemKind.NO_CREDIT),
    ],
)
def test_what_every_film_would_meet_stops_the_survey_at_once(
    data: Path, tmp_path: Path, model: str, kind: ProblemKind
) -> None:
    with LanguageModelServer() as server:
        run = run_survey(order_films(data, server, model=model), tmp_path, manner=SWIFT)
        # A server that rejects a request is asked again without what it might not take.
        assert len(server.asked) <= 4 * SWIFT.workers
    assert run.stopped_by is not None
    assert run.stopped_by.kind is kind
    assert run.table.empty
    assert not run.folder.exists()


def test_wrong_key_stops_at_once_and_is_found_in_no_file(data: Path, tmp_path: Path) -> None:
    with Scene().serve(key="the-right-key") as server:
        order = order_films(data, server, key="the-wrong-key")
        run = run_survey(order, tmp_path, manner=SWIFT)
        assert len(server.asked) <= SWIFT.workers
        assert run.stopped_by is not None
        assert run.stopped_by.kind is ProblemKind.WRONG_KEY
        right = order_films(data, server, key="the-right-key", limit=4)
        done = run_survey(right, tmp_path, manner=SWIFT)
    written = [path.read_text(encoding="utf-8") for path in done.folder.iterdir()]
    assert len(written) == 3
    assert not any("right-key" in text or "wrong-key" in text for text in written)


def test_dead_server_stops_the_survey_instead_of_failing_film_by_film(
    data: Path, tmp_path: Path
) -> None:
    with LanguageModelServer() as server:
        order = order_films(data, server)
    run = run_survey(order, tmp_path, manner=Manner(workers=2, tries=2, backoff_s=0.01))
    assert run.stopped_by is not None
    assert run.stopped_by.kind is ProblemKind.UNREACHABLE
    assert survey_room.STREAK <= run.asked < FILMS
    assert run.facts["readings_open"] == FILMS


def test_requests_keep_to_the_minute_rate(few: Path, tmp_path: Path) -> None:
    scene = Scene()
    with scene.serve() as server:
        manner = Manner(workers=6, requests_per_minute=600)
        run_survey(order_films(few, server), tmp_path, manner=manner)
    times = [when for when, _ in scene.times]
    assert len(times) == 12
    assert times[-1] - times[0] > 11 * 0.1 - 0.08


def test_retry_after_holds_everybody_back(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(
        BEHAVIOURS,
        "busy",
        lambda handler: handler.send_problem(429, "Slow down.", Retry_After="0.8"),
    )
    scene = Scene({9: "busy"}, delay_s=0.01)
    with scene.serve() as server:
        run = run_survey(order_films(data, server, limit=30), tmp_path, manner=SWIFT)
    told = next(when for when, behaviour in scene.times if behaviour == "busy")
    later = [when - told for when, _ in scene.times if when > told]
    # Requests that were on their way when the server said so do not count.
    assert len([delay for delay in later if delay > 0.3]) >= 10
    assert not [delay for delay in later if 0.3 < delay < 0.75]
    assert (run.table["verdict"] != "").all()


def test_a_server_that_asks_to_wait_for_hours_ends_the_run(
    few: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(
        BEHAVIOURS,
        "busy",
        lambda handler: handler.send_problem(429, "Come back tomorrow.", Retry_After="7200"),
    )
    began = time.monotonic()
    with Scene({3: "busy"}).serve() as server:
        run = run_survey(order_films(few, server), tmp_path, manner=replace(SWIFT, workers=1))
    assert time.monotonic() - began < 5
    assert run.stopped_by is not None
    assert "7200 seconds" in run.stopped_by.message
    assert len(run.table) == 3


def test_an_interrupted_run_keeps_what_came_and_goes_on_later(data: Path, tmp_path: Path) -> None:
    stopped = threading.Event()
    scene = Scene(delay_s=0.02)

    def count(answer: object) -> None:
        if len(scene.sound) >= 15:
            stopped.set()

    with scene.serve() as server:
        order = order_films(data, server)
        run = run_survey(order, tmp_path, manner=SWIFT, stopped=stopped, on_answer=count)
        assert run.interrupted
        assert 10 <= len(run.table) < 30
        assert read_survey(run.folder, "test").planned == FILMS
        # Both classes from the start: a part is a sample.
        assert abs(run.table["label"].mean() - 0.5) < 0.15
        kept = set(run.table["file"])
        begun: list[tuple[int, int]] = []
        done = run_survey(
            order, tmp_path, manner=SWIFT, on_begin=lambda *numbers: begun.append(numbers)
        )
    assert begun == [(len(kept), FILMS)]
    assert len(done.table) == FILMS
    assert done.asked == FILMS - len(kept)


def test_limit_draws_whole_groups_of_both_classes_and_a_larger_one_adds_to_them(
    data: Path,
) -> None:
    with LanguageModelServer() as server:
        small, large = (order_films(data, server, limit=limit).draw() for limit in (9, 24))
        everything = order_films(data, server).draw()
    assert len(small) in range(9, 14)
    assert set(small) < set(large) < set(everything)
    assert Counter(film.label for film in large) == {0: 12, 1: 12}
    whole = Counter(film.group for film in everything)
    for drawn in (small, large):
        assert all(whole[group] == n for group, n in Counter(f.group for f in drawn).items())


def test_repeats_tell_how_far_the_model_agrees_with_itself(few: Path, tmp_path: Path) -> None:
    """Each round over the films is of one mind: PNEUMONIA, NORMAL, PNEUMONIA."""
    asked: Counter[str] = Counter()

    def answer(request: Recorded) -> dict[str, Any]:
        asked[picture_of(request)] += 1
        return NORMAL_ANSWER if asked[picture_of(request)] == 2 else sound_answer()

    with LanguageModelServer(answer=answer) as server:
        order = order_films(few, server, limit=2, repeats=3)
        run = run_survey(order, tmp_path, manner=replace(SWIFT, workers=1))
        assert set(asked.values()) == {3}
    found = measure_survey(read_survey(run.folder, "test"))
    assert found.consistency is not None
    assert found.consistency.value == pytest.approx(2 / 3, abs=1e-4)
    assert set(run.table["verdict"]) == {"PNEUMONIA"}
    assert set(run.table["tokens_in"]) == {3000}


def test_a_model_that_contradicts_itself_is_indeterminate(few: Path, tmp_path: Path) -> None:
    asked: Counter[str] = Counter()

    def answer(request: Recorded) -> dict[str, Any]:
        asked[picture_of(request)] += 1
        return NORMAL_ANSWER if asked[picture_of(request)] == 2 else sound_answer()

    with LanguageModelServer(answer=answer) as server:
        order = order_films(few, server, limit=2, repeats=2)
        run = run_survey(order, tmp_path, manner=replace(SWIFT, workers=1))
    assert set(run.table["verdict"]) == {"INDETERMINATE"}
    assert set(run.table["consistency"]) == {0.5}


def test_a_film_that_cannot_be_read_is_named_and_not_sent(tmp_path: Path) -> None:
    data = draw_collection(tmp_path / "data", 8)
    (data / "test" / "NORMAL" / "IM-0001-0001.jpeg").write_text("no film")
    with Scene().serve() as server:
        run = run_survey(order_films(data, server), tmp_path / "models", manner=SWIFT)
        assert len(server.asked) == 7
    assert run.facts["unreadable"] == ["IM-0001-0001.jpeg"]
    assert len(run.table) == 7


def test_the_look_at_the_test_films_is_in_the_ledger_once(few: Path, tmp_path: Path) -> None:
    with Scene().serve() as server:
        order = order_films(few, server, limit=2)
        run_survey(order, tmp_path, manner=SWIFT, command="python -m pneumo second-opinion")
        run_survey(replace(order, limit=None), tmp_path, manner=SWIFT)
    look, *others = read_ledger(tmp_path)
    assert look.model_version == f"custom-sees-v1 {order.prompt.sha256[:12]}"
    assert not others


def test_training_films_are_no_look(tmp_path: Path) -> None:
    data = draw_collection(tmp_path / "data", 4, split="train")
    with Scene().serve() as server:
        run_survey(order_films(data, server, split="train"), tmp_path, manner=SWIFT)
    assert not (tmp_path / "test_ledger.csv").exists()


def test_two_runs_of_one_survey_are_kept_apart(few: Path, tmp_path: Path) -> None:
    refused: list[str] = []
    with Scene().serve() as server:
        order = order_films(few, server)

        def run_another(answer: object) -> None:
            try:
                run_survey(order, tmp_path, manner=SWIFT)
            except OpinionError as error:
                refused.append(str(error))

        run_survey(order, tmp_path, manner=SWIFT, on_answer=run_another)
        assert len(server.asked) == 12
    assert len(refused) == 12
    assert "Another process" in refused[0]


def test_answers_about_films_of_another_data_set_are_refused(few: Path, tmp_path: Path) -> None:
    other = draw_collection(tmp_path / "other", 4)
    with Scene().serve() as server:
        run_survey(order_films(few, server), tmp_path, manner=SWIFT)
        with pytest.raises(DataSetError, match="--data"):
            run_survey(order_films(other, server), tmp_path, manner=SWIFT)


@pytest.mark.parametrize("damage", ["file,label\n", "", "verdict"])
def test_damaged_scores_name_the_command_that_makes_them(
    few: Path, tmp_path: Path, damage: str
) -> None:
    with Scene().serve() as server:
        run = run_survey(order_films(few, server), tmp_path, manner=SWIFT)
    path = run.folder / "scores_test.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("PNEUMONIA", "ILL") if damage == "verdict" else damage)
    with pytest.raises(DataSetError, match=r"scores_test\.csv.*second-opinion"):
        list_surveys(tmp_path, "test")
    path.write_text(text)
    (run.folder / "survey_test.json").unlink()
    with pytest.raises(DataSetError, match=r"survey_test\.json is missing"):
        list_surveys(tmp_path, "test")


def test_worst_cost_is_known_where_the_price_is(few: Path) -> None:
    with LanguageModelServer() as server:
        order = order_films(few, server)
    assert order.worst_cost_usd(words="look", readings=10) == 0
    dear = replace(order, endpoint=replace(order.endpoint, price=Price(2.0, 8.0)))
    worst = dear.worst_cost_usd(words="look", readings=10)
    assert worst is not None
    assert worst > 10 * Price(2.0, 8.0).cost(1000, 200)  # what the server counts for a reading
    nameless = replace(order, endpoint=replace(order.endpoint, price=None))
    assert nameless.worst_cost_usd(words="look", readings=10) is None


def test_waiting_grows_to_a_minute_and_no_further() -> None:
    waits = [back_off(tries, 1.0) for tries in (1, 2, 3, 4, 5)]
    assert all(2**k / 2 <= wait <= 2**k for k, wait in enumerate(waits))
    assert back_off(40, 1.0) <= LONGEST_BACKOFF_S


def test_folder_names_hold_nothing_that_leads_elsewhere() -> None:
    assert name_survey("custom", "../../Evil:model", "v1") == "custom-evil-model-v1"
