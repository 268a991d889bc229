"""Visits on which a language model is asked, over real HTTP, beside the networks' verdict."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st
from PIL import Image
from streamlit.testing.v1 import AppTest

from pneumo.decision.calibration import Calibration
from pneumo.decision.ensemble import EnsemblePlan, Member, read_plan, write_plan
from pneumo.domain import (
    ENSEMBLE,
    Analysis,
    Explanation,
    Finding,
    MemberScore,
    Prediction,
    Verdict,
)
from pneumo.intake import read_radiograph
from pneumo.opinion.locations import Region
from pneumo.opinion.overlap import peak_in_regions
from pneumo.ui.opinion import errand
from pneumo.ui.opinion import words as words_of
from pneumo.ui.opinion.zones import outline_findings
from pneumo.ui.pictures import Outline, draw_zones, show_film
from pneumo.ui.session import Film, Reading, Visit
from tests.app.conftest import TITLES, draw_points
from tests.app.test_analyze import analyze, button, labels, shares, upload, words
from tests.conftest import REPOSITORY
from tests.intake.synthetic_films import dicom, ramp
from tests.opinion.language_model_server import (
    RETRY_AFTER_S,
    LanguageModelServer,
    sound_answer,
)

KEY = "sk-test-0123456789"
ASK = "Ask the language model"

Open = Callable[..., AppTest]


@pytest.fixture
def server() -> Iterator[LanguageModelServer]:
    with LanguageModelServer() as running:
        yield running


@pytest.fixture
def plan_dir(tmp_path: Path) -> Path:
    """A models folder with a plan and no weights: these tests need no network."""
    members = tuple(
        Member(name, title, "0" * 64, 0.5, Calibration(1.0, 0.0), draw_points())
        for name, title in TITLES.items()
    )
    folder = tmp_path / "plan"
    folder.mkdir()
    write_plan(EnsemblePlan(members, Calibration(1.0, 0.0), draw_points(), {}, ""), folder)
    return folder


def read_film(plan_dir: Path, label: str, probability: float) -> Reading:
    plan = read_plan(plan_dir)
    pixels = np.random.default_rng(len(label)).integers(0, 256, (60, 50)).astype(np.uint8)
    stored = io.BytesIO()
    Image.fromarray(pixels).save(stored, "PNG")
    radiograph = read_radiograph(stored.getvalue(), max_pixels=10**6, max_bytes=10**6)
    members = tuple(
        MemberScore(name, title, probability, Verdict.PNEUMONIA) for name, title in TITLES.items()
    )
    prediction = Prediction(
        Verdict.PNEUMONIA, Verdict.PNEUMONIA, probability, members, 0.0, False,
        plan.find_point("balanced"), plan.version,
    )  # fmt: skip
    evidence = np.full((5, 5), -0.5, dtype=np.float32)
    evidence[3, 1] = 1.0  # the right lower zone
    maps = tuple(Explanation(name, name, evidence) for name in (ENSEMBLE, *TITLES))
    return Reading(Film(label, radiograph, show_film(radiograph)), Analysis(prediction, maps), plan)


@pytest.fixture
def open_page(
    server: LanguageModelServer, plan_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Open:
    """Open the page on films that the networks have read, with a model at the server."""

    def opened(
        model: str = "sees", *, probability: float = 0.9, films: int = 1, timeout_s: int = 20,
        **environment: str,
    ) -> AppTest:  # fmt: skip
        settings = {
            "PNEUMO_MODELS": str(plan_dir),
            "PNEUMO_CACHE": str(tmp_path / "cache"),
            "PNEUMO_OPINION_PROVIDER": "custom",
            "PNEUMO_OPINION_MODEL": model,
            "PNEUMO_OPINION_BASE_URL": server.url,
            "PNEUMO_OPINION_TIMEOUT_S": str(timeout_s),
        }
        for name, value in (settings | environment).items():
            monkeypatch.setenv(name, value)
        st.cache_data.clear()
        st.cache_resource.clear()
        app = AppTest.from_file(REPOSITORY / "streamlit_app.py", default_timeout=60)
        labelled = [f"Roe Jane {number}.png" for number in range(films)]
        app.session_state["visit"] = Visit(
            readings=tuple(read_film(plan_dir, label, probability) for label in labelled)
        )
        return app.run()

    return opened


@pytest.fixture(autouse=True)
def no_keys_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "PNEUMO_OPINION_KEY"):
        monkeypatch.delenv(name, raising=False)


def consent(app: AppTest) -> AppTest:
    return next(box for box in app.checkbox if "I agree" in box.label).check().run()


def press(app: AppTest, label: str) -> AppTest:
    button(app, label).click()
    return app.run()


def finish(app: AppTest, place: int = 0, *, timeout_s: float = 20) -> AppTest:
    """Wait for the readings of a film and draw the page anew, as its fragment does."""
    consultation = app.session_state["visit"].consultations[place]
    for reading in (consultation.blind, consultation.informed):
        assert reading is None or reading.wait(timeout_s)
    return app.run()


def ask(app: AppTest) -> AppTest:
    return finish(press(consent(app), ASK))


def set_up(app: AppTest) -> AppTest:
    app.session_state["opinion set-up"] = True
    return app.run()


def told(app: AppTest) -> str:
    """Everything that the page says, the titles of its boxes too."""
    boxes = [*app.info, *app.warning, *app.error, *app.success]
    titles = [str(getattr(box.proto, "title", "")) for box in boxes]
    parts = [words(app), *titles, *[str(box.value) for box in app.success]]
    parts += [str(value) for value in shares(app).items()]
    parts += [str(found.value) for found in (*app.code, *app.subheader, *app.text_input)]
    return "\n".join(parts)


def is_verdict_there(app: AppTest) -> bool:
    return "PNEUMONIA" in app.header[0].value and "Probability of PNEUMONIA" in shares(app)


def test_without_a_model_one_sentence_says_what_to_set(open_page: Open) -> None:
    app = open_page("", PNEUMO_OPINION_PROVIDER="openai", PNEUMO_OPINION_BASE_URL="")
    said = told(app)
    assert "No language model is set up" in said
    for needed in ("PNEUMO_OPINION_MODEL", "OPENAI_API_KEY", "ollama", ".streamlit/secrets.toml"):
        assert needed in said
    assert ASK not in labels(app)
    assert is_verdict_there(app)


def test_without_a_key_nothing_can_be_sent(open_page: Open) -> None:
    app = open_page("gpt-4.1", PNEUMO_OPINION_PROVIDER="openai", PNEUMO_OPINION_BASE_URL="")
    assert "No key is set" in told(app)
    assert ASK not in labels(app)


def test_a_host_elsewhere_is_named_and_asked_for_once(
    open_page: Open, server: LanguageModelServer
) -> None:
    app = open_page(
        "gpt-4.1",
        films=2,
        PNEUMO_OPINION_PROVIDER="openai",
        PNEUMO_OPINION_BASE_URL="",
        OPENAI_API_KEY=KEY,
    )
    assert "api.openai.com will receive the film's grey pixels" in words(app)
    assert "not the networks' score" in words(app)
    assert "stays on this machine" not in words(app)
    assert button(app, ASK).disabled
    consent(app)
    assert not button(app, ASK).disabled
    app.selectbox(key="film 1").set_value(1).run()
    assert not button(app, ASK).disabled
    assert KEY not in told(app)


def test_key_of_the_secrets_file_is_used_and_not_shown(open_page: Open) -> None:
    app = open_page("gpt-4.1", PNEUMO_OPINION_PROVIDER="openai", PNEUMO_OPINION_BASE_URL="")
    app.secrets["OPENAI_API_KEY"] = KEY
    set_up(app)
    assert ASK in labels(app)
    assert "A key was found" in words(app)
    assert KEY not in told(app)


def test_local_server_is_labelled_and_needs_consent_too(
    open_page: Open, server: LanguageModelServer
) -> None:
    app = open_page()
    assert "stays on this machine" in words(app)
    assert button(app, ASK).disabled
    assert server.requests == []


def test_answer_stands_beside_the_verdict_and_both_agree(open_page: Open) -> None:
    app = ask(open_page())
    assert not app.exception
    assert [header.value.split()[-1] for header in app.header] == ["PNEUMONIA]", "PNEUMONIA]"]
    assert shares(app)["Certainty, in its words"] == "Moderate"
    said = told(app)
    assert "Both say PNEUMONIA" in said
    assert "1  consolidation: right lower zone, probable" in said
    assert "air bronchogram" in said
    assert "1,000 tokens in, 200 out · no cost" in said
    assert "finding 1 of the language model lies there too" in said
    assert "has not been measured for this language model" in said
    assert "--provider custom --model sees" in said


@pytest.mark.parametrize(
    ("model", "probability", "title"),
    [
        ("normal", 0.9, "Only the networks say PNEUMONIA"),
        ("sees", 0.1, "Only the language model says PNEUMONIA"),
        ("normal", 0.1, "Both say NORMAL"),
    ],
)
def test_conflict_card_names_the_state(
    open_page: Open, model: str, probability: float, title: str
) -> None:
    app = open_page(model, probability=probability)
    networks = app.header[0].value
    ask(app)
    assert title in told(app)
    assert app.header[0].value == networks


def test_indeterminate_answer_takes_no_side(open_page: Open, server: LanguageModelServer) -> None:
    server.answer = lambda request: sound_answer(verdict="INDETERMINATE", image_adequate="no")
    app = ask(open_page())
    assert "The language model takes no side" in told(app)
    assert "Well exposed and not rotated." in told(app)


def test_state_on_scored_films_is_told_where_a_survey_exists(
    open_page: Open, plan_dir: Path
) -> None:
    films = [(f"f{k}", k % 2, f"g{k}") for k in range(8)]
    (plan_dir / ENSEMBLE).mkdir()
    scores = "".join(f"{file},{label},{group},0.9\n" for file, label, group in films)
    (plan_dir / ENSEMBLE / "scores_test.csv").write_text(f"file,label,group,probability\n{scores}")
    folder = plan_dir / "opinions" / "custom-sees-v1"
    folder.mkdir(parents=True)
    columns = "file,label,group,verdict,problem,consistency,tokens_in,tokens_out,cost_usd,latency_s"
    rows = "".join(f"{file},{label},{group},PNEUMONIA,,,,,,1\n" for file, label, group in films)
    (folder / "scores_test.csv").write_text(f"{columns}\n{rows}")
    prompt = {"name": "radiologist", "version": "v1", "sha256": "0" * 64}
    facts = {"title": "Sees", "model": "sees", "provider": "custom", "prompt": prompt}
    account = json.dumps(facts | {"films_planned": 8, "split": "test"})
    (folder / "survey_test.json").write_text(account)
    said = told(ask(open_page()))
    assert "this state occurred 8 times, and the networks were right in 50.0% of them" in said
    assert "has not been measured" not in said


def test_what_is_sent_is_shown_with_the_context_that_was_typed(
    open_page: Open, server: LanguageModelServer
) -> None:
    app = set_up(open_page())
    next(box for box in app.text_input if "Age" in box.label).set_value("3 years").run()
    app.slider(key="opinion mask").set_value(20).run()
    assert "age and question as typed" in words(app)
    app.session_state["sent 1 0"] = True
    app.run()
    shown = app.code[0].value
    assert "Age of the child, as told: 3 years" in shown
    ask(app)
    (request,) = server.asked
    assert request.words == shown
    border = np.asarray(Image.open(io.BytesIO(request.picture)))[:12]
    assert border.max() == 0


@pytest.mark.parametrize(
    ("model", "title", "advice"),
    [
        ("refuses", "The model declined to read the film", "no verdict on the film"),
        ("rate-limited", "The server asks to wait", f"Ask again in {RETRY_AFTER_S} seconds"),
        ("fails", "The server failed", "HTTP 500"),
        ("hangs", "The answer took too long", "allow more time"),
        ("chats", "The answer is unstructured: no verdict", "Choose another model"),
    ],
)
def test_each_failure_has_its_state_and_the_verdict_stands(
    open_page: Open, model: str, title: str, advice: str
) -> None:
    began = time.monotonic()
    app = ask(open_page(model, timeout_s=1))
    assert time.monotonic() - began < 30
    assert title in told(app)
    assert advice in told(app)
    assert "Try again" in labels(app)
    assert is_verdict_there(app)
    assert len(app.header) == 1
    assert not app.exception


def test_wrong_key_that_the_server_echoes_is_never_shown(
    open_page: Open, server: LanguageModelServer
) -> None:
    server.key = "another key"
    app = set_up(open_page())
    app.text_input(key="opinion key custom").set_value(KEY).run()
    assert "held in memory for this session" in words(app)
    ask(app)
    assert "The server did not accept the key" in told(app)
    assert server.asked[0].headers["authorization"] == f"Bearer {KEY}"
    assert KEY not in told(app)
    assert KEY not in str(app.session_state["second opinion"])
    press(app, "Forget the key")
    press(app, "Try again")
    finish(app)
    assert "authorization" not in server.asked[-1].headers


def test_typed_key_goes_to_the_host_that_it_was_typed_for_only(
    open_page: Open, server: LanguageModelServer
) -> None:
    app = set_up(open_page())
    app.text_input(key="opinion key custom").set_value(KEY).run()
    with LanguageModelServer() as other:
        app.text_input(key="opinion address custom").set_value(other.url).run()
        assert button(app, ASK).disabled
        ask(app)
        assert "authorization" not in other.asked[0].headers
    assert server.asked == []


def test_running_reading_shows_its_text_and_can_be_cancelled(open_page: Open) -> None:
    app = press(consent(open_page("hangs", timeout_s=60)), ASK)
    assert "Reading the film" in words(app)
    assert is_verdict_there(app)
    assert ASK not in labels(app)
    began = time.monotonic()
    press(app, "Cancel")
    finish(app, timeout_s=3)
    assert time.monotonic() - began < 10
    assert "The reading was cancelled" in told(app)
    assert "Try again" in labels(app)


def test_text_is_shown_while_it_is_written(open_page: Open) -> None:
    app = press(consent(open_page("drips", timeout_s=60)), ASK)
    deadline = time.monotonic() + 10
    while "la la" not in words(app) and time.monotonic() < deadline:
        app.run()
    assert "la la" in words(app)
    press(app, "Cancel")


def test_starting_over_ends_what_is_being_asked(open_page: Open) -> None:
    app = press(consent(open_page("hangs", timeout_s=60)), ASK)
    reading = app.session_state["visit"].consultations[0].blind
    press(app, "Analyze Another Image")
    assert reading.wait(3)
    assert not app.header


def test_reading_ends_once_nobody_looks_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errand, "PATIENCE_S", 0.1)

    def work(tell: errand.Tell, cancelled: Any) -> str:
        while not cancelled.is_set():
            time.sleep(0.01)
        return "ended"

    left = errand.Errand(work)
    assert left.wait(3)
    assert left.outcome() == "ended"


def test_panel_belongs_to_the_film_on_show(open_page: Open) -> None:
    app = ask(open_page(films=2))
    assert len(app.header) == 2
    app.selectbox(key="film 1").set_value(1).run()
    assert len(app.header) == 1
    assert ASK in labels(app)
    app.selectbox(key="film 1").set_value(0).run()
    assert "Both say PNEUMONIA" in told(app)


def test_informed_reading_shows_the_flip_and_leaves_the_blind_verdict(
    open_page: Open, server: LanguageModelServer
) -> None:
    app = ask(open_page())
    finish(press(app, "Ask again, informed"))
    said = told(app)
    assert "The verdict flipped" in said
    assert "From PNEUMONIA to NORMAL" in said
    assert "I take back the consolidation" in said
    assert "Both say PNEUMONIA" in said
    blind, informed = server.asked
    assert "90%" in informed.words
    assert "the right lower zone" in informed.words
    assert "90%" not in blind.words


def test_repeats_show_how_far_the_model_agrees_with_itself(
    open_page: Open, server: LanguageModelServer
) -> None:
    server.answer = lambda request: sound_answer(
        verdict="NORMAL" if len(server.asked) == 2 else "PNEUMONIA"
    )
    app = set_up(open_page())
    app.segmented_control(key="opinion repeats").set_value(3).run()
    ask(app)
    assert "3 readings of this film: 2 PNEUMONIA, 1 NORMAL." in told(app)
    assert "Consistency 67% (2 of 3 opinions agree)" in told(app)
    assert len(server.asked) == 3


def test_same_question_is_answered_from_the_cache_unless_asked_anew(
    open_page: Open, server: LanguageModelServer
) -> None:
    ask(open_page())
    app = ask(open_page())
    assert len(server.asked) == 1
    assert "From the cache" in words(app)
    finish(press(app, "Ask anew"))
    assert len(server.asked) == 2
    assert "From the cache" not in words(app)
    set_up(app)
    press(app, "Forget stored answers")
    assert "Removed 1 stored answer." in told(app)


def test_changed_set_up_is_asked_with_at_once(open_page: Open, server: LanguageModelServer) -> None:
    app = set_up(ask(open_page()))
    app.segmented_control(key="opinion prompt").set_value("v2").run()
    finish(press(app, "Ask with the new set-up"))
    assert server.asked[0].words != server.asked[1].words
    assert "Prompt: radiologist v2" in words(app)


def test_connection_is_tested_without_a_film(open_page: Open, server: LanguageModelServer) -> None:
    app = press(set_up(open_page()), "Test the connection")
    assert app.session_state["second opinion"].test.wait(10)
    app.run()
    assert "The server knows the model" in told(app)
    assert server.asked == []
    assert "pneumonia" in app.selectbox(key="opinion model custom").options


def test_what_a_model_writes_is_shown_letter_by_letter(
    open_page: Open, server: LanguageModelServer
) -> None:
    evil = "![x](http://evil.test/a.png) <script>alert(1)</script> :red[**b**] $x$"
    finding = {"name": evil, "side": "left", "zone": "upper", "certainty": "possible"}
    server.answer = lambda request: sound_answer(
        impression=evil, limitations=evil, findings=[finding]
    )
    app = ask(open_page())
    assert evil in [text.value for text in app.text]
    assert f"1  {evil}: left upper zone, possible" in [text.value for text in app.text]
    marked_up = [
        *app.markdown, *app.caption, *app.header, *app.subheader, *app.info, *app.warning,
        *app.error, *app.success,
    ]  # fmt: skip
    assert [element.value for element in marked_up if "evil" in str(element.value)] == []


def test_unsound_set_up_is_told_in_the_panel_only(open_page: Open) -> None:
    app = open_page(PNEUMO_OPINION_BASE_URL="ftp://somewhere")
    assert "Expected the server's address" in told(app)
    assert is_verdict_there(app)


LOWER, UPPER = Region(0.57, 0.12, 0.83, 0.48), Region(0.12, 0.12, 0.37, 0.48)
WHOLE = Region(0.12, 0.12, 0.83, 0.48)


def test_zones_are_outlined_and_nothing_else_is_touched() -> None:
    film = np.full((500, 400), 90, dtype=np.uint8)
    drawn = draw_zones(film, [Outline(LOWER, "1", "solid")], peak=(0.2, 0.8))
    changed = (drawn != 90).any(axis=2)
    assert changed[round(0.57 * 500), 60:180].all()
    assert changed[300:400, round(0.48 * 400)].all()
    assert changed[90:110, 310:330].any()
    assert not changed[370:400, 100:180].any()
    assert not changed[:50].any()
    # Amber on black is seen on any grey, without colour too.
    shades = drawn[changed].mean(axis=1)
    assert shades.min() < 5
    assert shades.max() > 140


def test_strokes_and_labels_tell_zones_apart_without_colour() -> None:
    film = np.full((500, 400), 90, dtype=np.uint8)
    inked = [
        int((draw_zones(film, [Outline(LOWER, "1", stroke)]) != 90).any(axis=2)[285, :].sum())
        for stroke in ("solid", "dashed", "dotted")
    ]
    assert inked[0] > inked[1]
    both = draw_zones(film, [Outline(UPPER, "1", "solid"), Outline(WHOLE, "2", "solid")])
    grey = both.astype(int).sum(axis=2)
    left, right = grey[62:80, 52:75], grey[62:80, 170:190]
    assert left.max() > 400
    assert right.max() > 400


def test_findings_of_the_same_zone_share_an_outline_of_the_surest() -> None:
    findings = [
        Finding("haze", "right", "lower", "possible"),
        Finding("tube", "midline", "not in the lungs", "definite"),
        Finding("consolidation", "both", "lower", "definite"),
    ]
    outlines = outline_findings(findings)
    assert [(outline.label, outline.stroke) for outline in outlines] == [
        ("1, 3", "solid"),
        ("3", "solid"),
    ]
    assert words_of.say_undrawn(findings) == (
        "Finding 2 names no zone of the lungs and cannot be drawn."
    )


@pytest.mark.parametrize(
    ("side", "zone", "said"),
    [
        ("right", "lower", "finding 1 of the language model lies there too."),
        ("left", "upper", "none of the zones that the language model names holds that point."),
        ("cannot tell", "cannot tell", "names no zone of the lungs to compare with."),
    ],
)
def test_overlap_with_the_heat_map_is_said(side: Any, zone: Any, said: str) -> None:
    evidence = np.full((5, 5), -0.5, dtype=np.float32)
    evidence[3, 1] = 1.0
    findings = [Finding("haze", side, zone, "probable")]
    sentence = words_of.say_overlap(peak_in_regions(evidence, findings), findings)
    assert "peaks in the right lower zone" in sentence
    assert sentence.endswith(said)


# Last, since it alone loads networks, after which each run of a page takes longer.
def test_blind_request_holds_no_name_no_file_name_and_no_score(
    app: AppTest, server: LanguageModelServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "CACHE": str(tmp_path / "cache"),
        "OPINION_PROVIDER": "custom",
        "OPINION_MODEL": "sees",
        "OPINION_BASE_URL": server.url,
    }.items():
        monkeypatch.setenv(f"PNEUMO_{name}", value)
    upload(app.run(), ("Roe_Jane_19700101.dcm", dicom(ramp())))
    ask(analyze(app))
    assert "Both say PNEUMONIA" in told(app)
    (request,) = server.asked
    sent = request.raw + request.picture + json.dumps(request.headers).encode()
    for private in (b"Roe", b"Jane", b"SECRET-42", b"19700101", b".dcm", b"heat map"):
        assert private not in sent
    assert shares(app)["Probability of PNEUMONIA"].removesuffix("%").encode() not in request.raw
