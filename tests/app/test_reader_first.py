"""Visits on which the reader commits first, and only then hears the machine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pneumo.casebook.reader import summarise_reader
from pneumo.casebook.records import Cause, Read, Stage
from pneumo.casebook.storage.database import open_database
from pneumo.casebook.store import Casebook
from pneumo.domain import MemberScore, Verdict
from pneumo.evidence.paired_tests import McNemar
from pneumo.ui.figures.reader import ALONE, FINAL, NETWORKS, draw_performance, tabulate_performance
from pneumo.ui.reader_first import words as words_of
from pneumo.ui.reader_first.desk import Draft, ReaderDesk, Stopwatch
from pneumo.ui.session import Reading, Visit
from tests.app.conftest import FilmBytes
from tests.app.test_analyze import analyze, button, labels, shares, upload, words
from tests.app.test_second_opinion import finish, read_film
from tests.casebook.drawn_cases import draw_case
from tests.casebook.test_reader import six_films
from tests.conftest import REPOSITORY
from tests.opinion.language_model_server import LanguageModelServer

COMMIT, KEEP, CHANGE = "Commit my read", "No, I keep my read", "Commit the change"
PLAN = REPOSITORY / "models"


@pytest.fixture(autouse=True)
def own_surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test reach a casebook, a cache or a key of this machine."""
    monkeypatch.setenv("PNEUMO_CASEBOOK", str(tmp_path / "casebook"))
    monkeypatch.setenv("PNEUMO_CACHE", str(tmp_path / "cache"))
    for name in ("OPENAI_API_KEY", "PNEUMO_OPINION_KEY", "PNEUMO_OPINION_MODEL"):
        monkeypatch.delenv(name, raising=False)
    st.cache_data.clear()
    st.cache_resource.clear()


def read_as(label: str, probability: float) -> Reading:
    """Return a film that the networks have read, with all that they say of this leaning."""
    reading = read_film(PLAN, label, probability)
    verdict = Verdict.PNEUMONIA if probability >= 0.5 else Verdict.NORMAL
    members = tuple(
        MemberScore(member.name, member.title, probability, verdict)
        for member in reading.plan.members
    )
    prediction = replace(
        reading.analysis.prediction, verdict=verdict, leaning=verdict, members=members
    )
    return replace(reading, analysis=replace(reading.analysis, prediction=prediction))


def open_first(*probabilities: float) -> AppTest:
    """Open the page on films that the networks have read, with the reader to speak first."""
    app = AppTest.from_file(REPOSITORY / "streamlit_app.py", default_timeout=60)
    app.session_state["reader first"] = ReaderDesk(reads_first=True)
    app.session_state["visit"] = Visit(
        readings=tuple(
            read_as(f"person{k}_bacteria_{k}.png", share) for k, share in enumerate(probabilities)
        )
    )
    return app.run()


def choose(app: AppTest, label: str, value: Any) -> AppTest:
    found = [control for control in app.segmented_control if control.label == label]
    return found[-1].set_value(value).run()


def press(app: AppTest, label: str) -> AppTest:
    button(app, label).click()
    return app.run()


def commit(app: AppTest, verdict: Verdict = Verdict.PNEUMONIA) -> AppTest:
    choose(app, "Does the film show pneumonia?", verdict)
    choose(app, "How sure are you?", "moderate")
    if verdict is not Verdict.NORMAL:
        choose(app, "On which side of the patient?", "right")
        choose(app, "In which zone?", "lower")
    return press(app, COMMIT)


def answer(app: AppTest, verdict: Verdict | None) -> AppTest:
    return choose(app, "The right answer for this film, if you know it", verdict)


def reads(app: AppTest, place: int = 0) -> tuple[Read, ...]:
    found: tuple[Read, ...] = app.session_state["visit"].reads.get(place, ())
    return found


def shown(app: AppTest) -> list[bytes]:
    """Everything that is sent to the browser for the page, element by element."""
    sent = []

    def gather(block: Any) -> None:
        for child in block.children.values():
            if hasattr(child, "children"):
                gather(child)
            if getattr(child, "proto", None) is not None:
                sent.append(child.proto.SerializeToString(deterministic=True))

    gather(app.main)
    gather(app.sidebar)
    return sent


def test_before_the_commit_the_page_is_the_same_whatever_the_networks_say() -> None:
    ill, well = shown(open_first(0.987, 0.987)), shown(open_first(0.013, 0.013))
    assert len(ill) > 20
    assert ill == well


def test_after_the_commit_the_page_tells_the_networks_apart() -> None:
    assert shown(commit(open_first(0.987))) != shown(commit(open_first(0.013)))


def test_nothing_of_the_machine_is_on_the_page_before_the_commit() -> None:
    app = open_first(0.987, 0.987)
    said = words(app)
    assert "%" not in said
    assert "Split vote" not in said
    for kind in ("metric", "header", "dataframe", "plotly_chart", "slider", "expander"):
        assert not app.get(kind)
    assert "language model" not in said
    assert len(app.get("image")) == 1
    (verdicts,) = [c for c in app.segmented_control if "pneumonia" in c.label]
    assert verdicts.options == ["PNEUMONIA", "NORMAL", "Cannot tell"]
    assert verdicts.value is None


def test_name_of_a_file_that_may_hold_the_answer_waits_too() -> None:
    app = open_first(0.9, 0.1)
    assert "person0" not in words(app)
    assert app.selectbox(key="film 1").options == ["Film 1", "Film 2"]
    assert "person0" not in words(commit(app))
    assert "person0_bacteria_0.png" in words(press(app, KEEP))


def test_read_cannot_be_committed_with_a_choice_missing() -> None:
    app = open_first(0.9)
    assert button(app, COMMIT).disabled
    assert "Still to choose: verdict, certainty, side and zone." in words(app)
    choose(app, "Does the film show pneumonia?", Verdict.INDETERMINATE)
    choose(app, "How sure are you?", "low")
    choose(app, "On which side of the patient?", "cannot tell")
    assert "Still to choose: zone." in words(app)
    assert button(app, COMMIT).disabled
    choose(app, "In which zone?", "cannot tell")
    assert not button(app, COMMIT).disabled


def test_normal_film_has_no_zone_to_name() -> None:
    app = commit(open_first(0.9), Verdict.NORMAL)
    (read,) = reads(app)
    assert (read.side, read.zone) == ("cannot tell", "cannot tell")
    assert "Before the machine spoke:** NORMAL, certainty moderate (film on show for" in words(app)


def test_chosen_zone_is_drawn_on_the_film() -> None:
    app = open_first(0.9)
    plain = shown(app)
    choose(app, "On which side of the patient?", "right")
    choose(app, "In which zone?", "lower")
    assert shown(app) != plain
    assert "with the zone that you chose" in app.get("image")[0].proto.imgs[0].caption


def test_read_is_committed_with_stage_and_time_and_the_networks_speak() -> None:
    app = commit(open_first(0.9))
    (read,) = reads(app)
    assert (read.verdict, read.certainty) == (Verdict.PNEUMONIA, "moderate")
    assert (read.side, read.zone) == ("right", "lower")
    assert (read.stage, read.cause) == (Stage.ALONE, None)
    assert read.seconds is not None
    assert 0 <= read.seconds < 120
    assert shares(app)["Probability of PNEUMONIA"] == "90.0%"
    # The heat map of these films peaks in the right lower zone.
    assert "in the zone that you named" in words(app)
    assert COMMIT not in labels(app)


def test_language_model_waits_for_what_the_networks_did_to_the_mind() -> None:
    app = commit(open_first(0.9))
    assert "Do you change your mind?" in words(app)
    assert "Second opinion: a language model" not in words(app)
    press(app, KEEP)
    assert "Second opinion: a language model" in words(app)
    first, second = reads(app)
    assert second.stage is Stage.AFTER_NETWORKS
    assert second.cause is None
    assert (second.verdict, second.zone) == (first.verdict, first.zone)
    assert "After the networks:** kept." in words(app)


def test_change_of_mind_needs_a_cause_and_leaves_the_first_read_alone() -> None:
    app = commit(open_first(0.02))
    (first,) = reads(app)
    app.session_state["change 1 0 1"] = True
    app.run()
    assert "Nothing is changed yet." in words(app)
    choose(app, "Does the film show pneumonia?", Verdict.NORMAL)
    assert button(app, CHANGE).disabled
    assert "Still to choose: what changed your mind." in words(app)
    (cause,) = [c for c in app.segmented_control if c.label == "What changed your mind?"]
    assert str(Cause.OPINION) not in cause.options
    cause.set_value(Cause.HEAT_MAP).run()
    press(app, CHANGE)
    assert reads(app)[0] == first
    assert [read.verdict for read in reads(app)] == [Verdict.PNEUMONIA, Verdict.NORMAL]
    assert reads(app)[1].cause is Cause.HEAT_MAP
    assert "NORMAL, certainty moderate, because of the heat map" in words(app)


def test_opinion_brings_the_question_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with LanguageModelServer() as server:
        monkeypatch.setenv("PNEUMO_OPINION_PROVIDER", "custom")
        monkeypatch.setenv("PNEUMO_OPINION_MODEL", "normal")
        monkeypatch.setenv("PNEUMO_OPINION_BASE_URL", server.url)
        app = press(commit(open_first(0.9)), KEEP)
        next(box for box in app.checkbox if "I agree" in box.label).check().run()
        finish(press(app, "Ask the language model"))
    assert "now that you know the language model's?" in words(app)
    app.session_state["change 1 0 2"] = True
    app.run()
    choose(app, "Does the film show pneumonia?", Verdict.NORMAL)
    choose(app, "What changed your mind?", Cause.OPINION)
    press(app, CHANGE)
    assert [read.stage for read in reads(app)] == list(Stage)
    assert reads(app)[-1].cause is Cause.OPINION
    assert KEEP not in labels(app)
    (film,) = app.session_state["reader first"].films.values()
    assert film.opinion is Verdict.NORMAL


def test_films_come_one_after_another_with_progress() -> None:
    app = open_first(0.9, 0.1)
    assert app.get("progress")[0].proto.text == "0 of 2 read"
    assert button(app, "Next film").disabled
    commit(app)
    assert button(app, "Next film").disabled
    assert not app.dataframe  # A table of all films would tell what the networks say of the other.
    press(app, KEEP)
    press(app, "Next film")
    assert app.selectbox(key="film 1").value == 1
    assert not app.metric
    commit(app, Verdict.NORMAL)
    assert app.get("progress")[0].proto.text == "2 of 2 read"
    assert "Next film" not in labels(app)
    assert list(app.dataframe[0].value["Verdict"]) == ["PNEUMONIA", "NORMAL"]
    assert [len(reads(app, place)) for place in (0, 1)] == [2, 1]


def test_answer_measures_the_reader_and_ends_the_questions() -> None:
    app = press(commit(open_first(0.9)), KEEP)
    assert "1 film waits for an answer" in words(app)
    assert "Nothing can be measured without an answer" in words(app)
    answer(app, Verdict.PNEUMONIA)
    said = words(app)
    assert "1 film with a known answer is measured here" in said
    assert "no further read of it would count" in said
    assert "at least 6 such films are needed" in said
    table = app.table[0].value
    assert table.loc[0, "You, alone"] == "100% (21% to 100%), n = 1"
    assert table.loc[1, "You, alone"] == "no such film"
    answer(app, None)
    assert "1 film waits for an answer" in words(app)
    assert not app.session_state["visit"].references


def test_reads_of_earlier_visits_stay_in_the_summary() -> None:
    app = answer(press(commit(open_first(0.9)), KEEP), Verdict.NORMAL)
    press(app, "Analyze Another Image")
    app.session_state["visit"].readings = (read_as("another one.png", 0.2),)
    app.run()
    assert reads(app) == ()
    press(commit(app, Verdict.NORMAL), KEEP)
    assert "You committed to a read of 2 films" in words(app)
    assert "1 film with a known answer is measured here" in words(app)


def test_operating_point_chosen_afterwards_does_not_change_what_was_shown() -> None:
    app = press(commit(open_first(0.6)), KEEP)
    app.segmented_control(key="point 1").set_value("rule-in").run()
    (film,) = app.session_state["reader first"].films.values()
    assert film.operating_point == "balanced"


def test_switch_is_off_at_first_and_kept_for_the_session(
    app: AppTest, film_bytes: FilmBytes
) -> None:
    app.run()
    assert app.toggle[0].label == "Read it yourself first"
    assert app.toggle[0].value is False
    app.toggle[0].set_value(True).run()
    analyze(upload(app, ("child.png", film_bytes())))
    assert not app.exception
    assert not app.metric
    assert COMMIT in labels(app)
    press(app, "Analyze Another Image")
    assert app.toggle[0].value is True
    app.toggle[0].set_value(False).run()
    assert app.toggle[0].value is False
    analyze(upload(app, ("child.png", film_bytes())))
    assert shares(app)["Probability of PNEUMONIA"] == "73.1%"
    assert COMMIT not in labels(app)


def test_synthetic_film_is_labelled_and_has_no_answer(app: AppTest) -> None:
    app.run()
    app.toggle[0].set_value(True).run()
    analyze(press(app, "Try a synthetic film"))
    assert "SYNTHETIC" in words(app)
    press(commit(app), KEEP)
    assert not app.exception
    assert "A synthetic film has no diagnosis" in words(app)


SUMMARY_OF_A_CASEBOOK = """
import streamlit as st
from pneumo.ui.widgets.reader_summary import show_reader_summary
show_reader_summary(st.session_state["casebook"], "")
"""


def test_casebook_measures_its_reader_once_somebody_looks(tmp_path: Path) -> None:
    casebook = Casebook(open_database(f"sqlite:///{tmp_path / 'kept.sqlite3'}"))
    casebook.save(draw_case(1))
    for number in (2, 3):
        casebook.save(draw_case(number, reference=None))
    app = AppTest.from_string(SUMMARY_OF_A_CASEBOOK, default_timeout=60)
    app.session_state["casebook"] = casebook
    app.run()
    assert "You committed" not in words(app)
    app.session_state["how you read"] = True
    app.run()
    assert not app.exception
    assert "2 films wait for an answer" in words(app)
    assert "1 film with a known answer is measured here" in words(app)
    casebook.close()


def test_stopwatch_counts_only_while_a_film_is_on_show() -> None:
    watch = Stopwatch()
    first, second = (1, 0), (1, 1)
    assert watch.show(first, 100.0) == 0
    assert watch.show(first, 107.0) == 7
    assert watch.show(second, 110.0) == 0
    assert watch.show(first, 150.0) == 10
    assert watch.show(first, 151.0) == 11


def test_draft_names_what_is_missing() -> None:
    assert Draft(Verdict.NORMAL, "high").missing == []
    assert Draft(Verdict.PNEUMONIA, None, "left").missing == ["certainty", "zone"]


def test_plain_words_follow_the_paired_test() -> None:
    helped = words_of.say_test(McNemar(1, 12, 0.0034, exact=True), 40)
    assert "right only with the machine on 12, and right only alone on 1" in helped
    assert "0.3% of such series (McNemar's test, exact)" in helped
    assert helped.endswith("the machine helped you.")
    harmed = words_of.say_test(McNemar(12, 1, 0.0034, exact=True), 40)
    assert harmed.endswith("the machine harmed you.")
    unclear = words_of.say_test(McNemar(5, 7, 0.77, exact=True), 40)
    assert "do not show" in unclear
    assert "too few" in words_of.say_test(McNemar(0, 5, 0.06, exact=True), 5)


def test_figure_shows_three_readers_with_their_intervals() -> None:
    table = tabulate_performance(summarise_reader(six_films()))
    assert list(table.columns) == ["reader", "measure", "value", "low", "high", "n"]
    assert len(table) == 6
    figure = draw_performance(table)
    assert [trace.name for trace in figure.data] == [ALONE, FINAL, NETWORKS]
    alone = figure.data[0]
    np.testing.assert_allclose(alone.x, [200 / 3, 100 / 3])
    np.testing.assert_allclose(
        np.array(alone.x) + np.array(alone.error_x.array), 100 * table["high"][:2]
    )
    assert figure.layout.yaxis.ticktext == ("Sensitivity<br>n = 3", "Specificity<br>n = 3")


def test_measure_without_a_film_is_not_drawn() -> None:
    table = tabulate_performance(summarise_reader(six_films()[:3]))
    figure = draw_performance(table)
    assert [len(trace.x) for trace in figure.data] == [1, 1, 1]
