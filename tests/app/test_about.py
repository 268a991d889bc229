"""Visits to the page About the networks."""

from __future__ import annotations

import json
from pathlib import Path

from streamlit.testing.v1 import AppTest

from pneumo.ui.cards import describe_card
from tests.app.conftest import TITLES

PAGE = "pages/evidence/about.py"


def test_every_network_is_listed_with_what_its_card_says(app: AppTest) -> None:
    app.run().switch_page(PAGE).run()
    assert not app.exception
    named = [found.value.strip("*") for found in app.markdown]
    assert [title for title in named if title in TITLES.values()] == list(TITLES.values())
    facts = str(app.table[0].value)
    assert "1,234, of which 1,200 were trained" in facts
    assert "AUC 0.512 on 321 films" in facts
    assert "Not a medical device" in app.warning[0].value


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


def test_card_of_other_weights_is_pointed_out(app: AppTest, models: Path) -> None:
    card = models / "first" / "card.json"
    card.write_text(card.read_text().replace('"weights_sha256": "', '"weights_sha256": "0'))
    app.run().switch_page(PAGE).run()
    assert any("other weights" in warning.value for warning in app.warning)


def test_missing_card_is_told_in_words(app: AppTest, models: Path) -> None:
    (models / "second" / "card.json").unlink()
    app.run().switch_page(PAGE).run()
    assert not app.exception
    assert "card of the network second is missing" in app.error[0].value


def test_empty_card_invents_nothing() -> None:
    facts = describe_card({})
    assert set(facts.values()) == {"not recorded"}
