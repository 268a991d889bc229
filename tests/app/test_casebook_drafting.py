"""A visit's film → the case that saving would keep, and the same case shown again."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np

from pneumo import Analysis, EnsemblePlan, Prediction, Radiograph, Settings, Verdict
from pneumo.casebook.records import Case, Reference
from pneumo.decision.calibration import Calibration
from pneumo.intake.mending import mend_all
from pneumo.opinion.repeats import measure_spread
from pneumo.opinion.result import OpinionResult
from pneumo.ui.casebook.drafting import draft_case, is_as_saved
from pneumo.ui.casebook.places import say_where
from pneumo.ui.casebook.reopening import reopen, spread_of
from pneumo.ui.opinion.consultation import Consultation
from pneumo.ui.opinion.errand import Errand
from pneumo.ui.pictures import show_film
from pneumo.ui.session import Film, Reading
from tests.app.conftest import draw_points
from tests.casebook.drawn_cases import (
    NOON,
    draw_case,
    draw_opinion,
    draw_prediction,
    draw_reads,
)

NAME = "Roe Jane.png"


def read_film(*, synthetic: bool = False) -> Reading:
    pixels = np.random.default_rng(1).random((40, 30)).astype(np.float32)
    radiograph = Radiograph(pixels, "picture", "PNG", 8, fingerprint="f" * 64)
    said = draw_prediction()
    plan = EnsemblePlan((), Calibration(1.0, 0.0), draw_points(), {}, "0123456789ab")
    film = Film(NAME, radiograph, show_film(radiograph), synthetic)
    return Reading(film, Analysis(said.prediction, said.explanations), plan, NOON)


def at_rule_in(reading: Reading) -> Prediction:
    prediction = reading.analysis.prediction
    return replace(prediction, operating_point=draw_points()[2], verdict=Verdict.NORMAL)


def consult(*results: OpinionResult) -> Consultation:
    consultation = Consultation(blind=Errand(lambda _tell, _cancelled: measure_spread(results)))
    assert consultation.blind is not None
    assert consultation.blind.wait(10)
    return consultation


def draft(reading: Reading, **changes: object) -> Case:
    given = {"consultation": Consultation(), "prediction": reading.analysis.prediction} | changes
    return draft_case(reading, given.pop("prediction"), given.pop("consultation"), **given)  # type: ignore[arg-type]


def test_title_is_the_date_and_never_the_files_name() -> None:
    assert draft(read_film()).title == "Film of 23 November 2026, 12:00 UTC"
    assert draft(read_film(synthetic=True)).title == (
        "Synthetic film of 23 November 2026, 12:00 UTC"
    )
    assert draft(read_film(), title="  mine ").title == "mine"
    assert NAME not in repr(draft(read_film()))


def test_draft_holds_all_that_was_said() -> None:
    opinion = draw_opinion().result
    case = draft(read_film(), consultation=consult(opinion), reads=draw_reads(), tags=["b ", "a"])
    assert case.latest.prediction.probability == 0.731
    assert [said.result for said in case.opinions] == [opinion]
    assert case.opinion == opinion
    assert len(case.reads) == 2
    assert case.tags == ("a", "b")
    assert not case.has_film


def test_draft_of_a_mended_film_knows_the_film_as_it_was_chosen() -> None:
    reading = read_film()
    chosen = reading.film
    mended = replace(
        chosen,
        radiograph=mend_all(chosen.radiograph, ("mirror",)),
        before=chosen,
        mends=("mirror",),
    )
    case = draft(replace(reading, film=mended))
    assert case.film.mends == ("mirror",)
    assert case.film.chosen_fingerprint == chosen.radiograph.fingerprint
    assert case.film.fingerprint == mended.radiograph.fingerprint
    assert draft(reading).film.mends == ()


def test_drafting_again_changes_nothing() -> None:
    reading, consultation = read_film(), consult(draw_opinion().result)
    first = draft(reading, consultation=consultation, reads=draw_reads())
    again = draft(reading, consultation=consultation, reads=draw_reads(), earlier=first)
    assert is_as_saved(again, first)
    assert again.id == first.id
    assert (len(again.opinions), len(again.reads), len(again.predictions)) == (1, 2, 1)


def test_later_opinion_read_or_operating_point_is_a_change_of_the_same_case() -> None:
    reading = read_film()
    saved = draft(reading)
    changes: list[dict[str, object]] = [
        {"prediction": at_rule_in(reading)},
        {"consultation": consult(draw_opinion().result)},
        {"reads": draw_reads()},
        {"note": "a note"},
    ]
    for change in changes:
        later = draft(reading, earlier=saved, **change)
        assert not is_as_saved(later, saved)
        assert later.id == saved.id
        assert len(later.predictions) == 1


def test_what_others_added_meanwhile_stays() -> None:
    reading = read_film()
    seen = draft(reading, title="mine", note="old")
    answer = Reference(Verdict.NORMAL, "clinical course", NOON)
    newer = replace(draw_prediction(0.1), read_at=NOON + timedelta(days=9))
    stored = replace(
        seen,
        title="theirs",
        reference=answer,
        predictions=(*seen.predictions, newer),
        reads=draw_reads(),
    )
    later = draft(reading, title="mine", note="new", earlier=stored, seen=seen)
    assert (later.title, later.note, later.reference) == ("theirs", "new", answer)
    assert [said.read_at for said in later.predictions] == [NOON, newer.read_at]
    assert len(later.reads) == 2


def test_tied_repeats_are_shown_as_a_tie_again() -> None:
    one, other = draw_opinion().result, draw_opinion(Verdict.PNEUMONIA).result
    other = replace(other, latency_s=3.0)
    case = draft(read_film(), consultation=consult(one, other))
    spread = spread_of(case)
    assert spread is not None
    assert spread.modal is None
    assert len(spread.results) == 2


def test_answers_to_another_question_are_not_counted_together() -> None:
    old = draw_opinion(Verdict.PNEUMONIA)
    old = replace(old, result=replace(old.result, prompt_hash="b" * 64))
    spread = spread_of(draw_case(opinions=(old, draw_opinion())))
    assert spread is not None
    assert [result.verdict for result in spread.results] == [Verdict.NORMAL]
    assert spread_of(draw_case(opinions=(draw_opinion(informed=True),))) is None


def test_case_without_pixels_is_shown_on_even_grey() -> None:
    reading = reopen(draw_case(), draw_prediction(), None)
    assert reading.film.picture.shape == (60, 90)
    assert len(np.unique(reading.film.picture)) == 1
    assert reading.analysis.prediction == draw_prediction().prediction


def test_saving_panel_loads_no_database_before_it_is_used() -> None:
    code = (
        "import sys, pneumo.ui.widgets.keeping; "
        "print({'sqlalchemy', 'alembic', 'fhir'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_place_is_told_without_the_password() -> None:
    said = say_where(Settings(database_url="postgresql://me:secret@db.test:5432/films"))
    assert said == "the database films on db.test"
    assert say_where(Settings(casebook_dir=Path("/tmp/book"))).startswith("the folder /tmp/book")
    file = say_where(Settings(database_url="sqlite:////srv/book.sqlite3"))
    assert file == "the file /srv/book.sqlite3 on the machine that runs this page"
