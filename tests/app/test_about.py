"""Visits to the page About the networks."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pneumo import ENSEMBLE, DamagedWeightsError, Estimate, read_card, read_plan
from pneumo.evidence.subgroups import Subgroup
from pneumo.ui.evidence.card_files import to_json, to_markdown
from pneumo.ui.evidence.cards import INTENDED_USE, NOT_TESTED, describe_card, describe_recipe
from pneumo.ui.evidence.model_card import Measured, describe_ensemble, describe_member
from tests.app.conftest import TITLES
from tests.app.test_compare import write_scores

PAGE = "pages/evidence/about.py"
SHARE = Estimate(0.9, 0.85, 0.93, 77)
MEASURED = Measured(
    "test",
    "balanced",
    {"recall": SHARE, "specificity": Estimate(float("nan"), float("nan"), float("nan"), 77)},
    [Subgroup("viral pneumonia", SHARE, SHARE), Subgroup("normal (IM series)", SHARE, None)],
)


def test_every_network_is_listed_with_what_its_card_says(app: AppTest) -> None:
    app.run().switch_page(PAGE).run()
    assert not app.exception
    named = [found.value.strip("*") for found in app.markdown]
    assert [title for title in named if title in TITLES.values()] == list(TITLES.values())
    facts = str(app.table[0].value)
    assert "1,234, of which 1,200 were trained" in facts
    assert "AUC 0.512 on 321 films" in facts
    assert "Not a medical device" in app.warning[0].value


def test_page_says_what_the_networks_are_for_and_what_they_were_not_tested_on(
    app: AppTest,
) -> None:
    app.run().switch_page(PAGE).run()
    said = "\n".join(found.value for found in app.markdown)
    assert all(line in said for line in (*INTENDED_USE, *NOT_TESTED))


def test_what_was_measured_is_shown_with_its_interval(app: AppTest, models: Path) -> None:
    share = {"value": 0.9, "low": 0.85, "high": 0.93, "n": 77}
    row = {"name": "first", "title": "First network"}
    row |= dict.fromkeys(("accuracy", "sensitivity", "specificity", "auc"), share)
    (models / "results.json").write_text(json.dumps({"test": [row]}))
    app.run().switch_page(PAGE).run()
    assert not app.exception
    assert "90.0% (85.0% to 93.0%)" in str(app.table[0].value.to_dict())
    assert any("n = 77" in caption.value for caption in app.caption)
    assert "validation was not measured" in app.info[0].value


def test_open_card_tells_subgroups_and_thresholds_with_their_films(
    app: AppTest, models: Path
) -> None:
    write_scores(models)
    app.run().switch_page(PAGE).run()
    assert not app.exception
    subgroups = next(found.value for found in app.table if "Called rightly" in found.value)
    assert subgroups["Films of"].tolist() == ["normal (IM series)"]
    assert subgroups["Called rightly"][0].startswith("100.0% (")
    assert subgroups["Films"].tolist() == ["5"]
    points = next(found.value for found in app.table if "PNEUMONIA from" in found.value)
    assert points["PNEUMONIA from"].tolist() == ["10.0%", "50.0%", "90.0%"]
    assert points["Chosen on"].tolist() == ["321 films"] * 3
    told = "\n".join(found.value for found in app.info)
    assert "python -m pneumo calibrate" in told  # makes the held-out scores, which are missing
    assert "history.csv of the network first is missing" in told


def test_card_of_the_ensemble_can_be_opened(app: AppTest, models: Path) -> None:
    write_scores(models)
    app.run().switch_page(PAGE).run()
    app.session_state["model card"] = "All together"
    app.run()
    assert not app.exception
    assert "First network (50.0%) and Second network (50.0%)" in str(app.table[2].value.to_dict())
    assert {"ensemble json", "ensemble md"} <= {found.key for found in app.get("download_button")}


def test_card_of_other_weights_is_pointed_out(app: AppTest, models: Path) -> None:
    card = models / "first" / "card.json"
    card.write_text(card.read_text().replace('"weights_sha256": "', '"weights_sha256": "0'))
    app.run().switch_page(PAGE).run()
    assert any("other weights" in warning.value for warning in app.warning)


def test_missing_card_is_told_in_words_and_the_others_are_shown(app: AppTest, models: Path) -> None:
    (models / "second" / "card.json").unlink()
    app.run().switch_page(PAGE).run()
    assert not app.exception
    assert "card of the network second is missing" in app.error[0].value
    assert "1,234, of which 1,200 were trained" in str(app.table[0].value)


def test_damaged_results_are_told_in_words(app: AppTest, models: Path) -> None:
    (models / "results.json").write_text('{"test": [{"name"')
    app.run().switch_page(PAGE).run()
    assert not app.exception
    assert any("results.json is cut off" in info.value for info in app.info)


def test_empty_card_invents_nothing() -> None:
    facts = describe_card({})
    assert set(facts.values()) == {"not recorded"}
    assert describe_recipe({}) == {}


def test_card_that_holds_something_else_is_refused(models: Path) -> None:
    for content in ({"parameters": 3}, {"recipe": {"schedule": [1]}}, {"trained_at": "soon"}):
        with pytest.raises(DamagedWeightsError, match="card of the network first"):
            describe_member(read_plan(models), "first", content)


def test_card_as_json_has_every_number_and_no_nan(models: Path) -> None:
    plan = read_plan(models)
    card = describe_member(plan, "first", read_card(models / "first"))
    content = json.loads(to_json(replace(card, measured=(MEASURED,))), parse_constant=pytest.fail)
    assert content["model_version"] == plan.version
    assert content["card"]["films_learned_from"] == 77
    assert content["not_tested_on"] == list(NOT_TESTED)
    assert content["operating_points"][0]["n"] == 321
    (measured,) = content["measured"]
    assert measured["estimates"]["recall"] == {"value": 0.9, "low": 0.85, "high": 0.93, "n": 77}
    assert measured["estimates"]["specificity"]["value"] is None
    assert measured["subgroups"][1]["auc"] is None


def test_card_as_markdown_reads_like_the_page(models: Path) -> None:
    plan = read_plan(models)
    card = describe_member(plan, "first", read_card(models / "first"))
    text = to_markdown(replace(card, measured=(MEASURED,)))
    assert text.startswith("# Model card: First network\n")
    assert "| viral pneumonia | 90.0% (85.0% to 93.0%) | 0.900 (0.850 to 0.930) | 77 |" in text
    assert "| Specificity | not defined | no interval | 77 |" in text
    headings = [line for line in text.splitlines() if line.startswith("## ")]
    assert headings[:2] == ["## Intended use", "## What it was not tested on"]
    joint = to_markdown(describe_ensemble(plan, name=ENSEMBLE, title="All together"))
    assert "How it was trained" not in joint


def test_shipped_cards_tell_their_recipe(shipped_models: Path) -> None:
    plan = read_plan(shipped_models)
    for member in plan.members:
        card = describe_member(plan, member.name, read_card(shipped_models / member.name))
        assert "pixels a side" in card.recipe["Epochs planned"]
        assert "not recorded" not in card.facts.values()
