"""Visits to the page Analyze, from the empty page to the verdict and on to the next film."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

import pneumo
from tests.app.conftest import TITLES, FilmBytes

PNG = "image/png"


def button(app: AppTest, label: str) -> Any:
    return next(found for found in app.button if found.label == label)


def labels(app: AppTest) -> list[str]:
    return [found.label for found in app.button]


def words(app: AppTest) -> str:
    """Everything that the page says in words."""
    kinds = (app.markdown, app.caption, app.text, app.error, app.warning, app.info, app.header)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def upload(app: AppTest, *files: tuple[str, bytes]) -> AppTest:
    app.file_uploader[0].set_value([(name, data, PNG) for name, data in files])
    return app.run()


def analyze(app: AppTest) -> AppTest:
    button(app, "Analyze Image").click()
    return app.run()


def shares(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def test_empty_page_invites_and_says_what_the_tool_is_not(app: AppTest) -> None:
    app.run()
    assert not app.exception
    assert "Not a medical device" in app.warning[0].value
    assert "aged 1 to 5" in app.warning[0].value
    assert "try a synthetic one" in app.info[0].value
    assert button(app, "Analyze Image").disabled
    assert not app.metric


def test_film_is_previewed_before_anything_is_said_about_it(
    app: AppTest, film_bytes: FilmBytes
) -> None:
    upload(app.run(), ("child.png", film_bytes()))
    assert [text.value for text in app.text] == ["child.png"]
    assert "PNG · 90 by 60 pixels · 8 bits of grey" in words(app)
    assert not button(app, "Analyze Image").disabled
    assert not app.metric


def test_film_gets_a_verdict_with_probabilities_of_both_classes(
    app: AppTest, film_bytes: FilmBytes
) -> None:
    upload(app.run(), ("child.png", film_bytes()))
    analyze(app)
    assert not app.exception
    # The members' log odds of -3 and 3 cancel out; the ensemble's intercept adds 1.
    assert shares(app) == {"Probability of PNEUMONIA": "73.1%", "Probability of NORMAL": "26.9%"}
    assert "PNEUMONIA" in app.header[0].value
    assert "Model version" in words(app)
    assert "What this tool is not" in [found.value for found in app.subheader]


def test_disagreeing_networks_are_named(app: AppTest, film_bytes: FilmBytes) -> None:
    upload(app.run(), ("child.png", film_bytes()))
    analyze(app)
    first, second = TITLES.values()
    assert f"{second} says PNEUMONIA; {first} says NORMAL." in words(app)
    assert "90.5 percentage points apart" in words(app)


def test_operating_point_changes_the_verdict_without_asking_the_networks_again(
    app: AppTest, film_bytes: FilmBytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    analyze_film = pneumo.Ensemble.analyze

    def counted(*given: Any, **choices: Any) -> Any:
        asked.append(given)
        return analyze_film(*given, **choices)

    monkeypatch.setattr(pneumo.Ensemble, "analyze", counted)
    upload(app.run(), ("child.png", film_bytes()))
    analyze(app)
    before = shares(app)
    app.segmented_control(key="point 1").set_value("rule-in").run()
    assert "NORMAL" in app.header[0].value
    assert "NORMAL does not rule pneumonia out" in words(app)
    app.segmented_control(key="point 1").set_value("rule-out").run()
    assert "PNEUMONIA" in app.header[0].value
    assert shares(app) == before
    assert len(asked) == 1


def test_heat_map_controls_start_with_the_leaning_and_keep_the_verdict(
    app: AppTest, film_bytes: FilmBytes
) -> None:
    upload(app.run(), ("child.png", film_bytes()))
    analyze(app)
    evidence = next(found for found in app.segmented_control if found.label == "Evidence for")
    assert evidence.value == "PNEUMONIA"
    assert app.selectbox[0].options == ["All together", *TITLES.values()]
    app.slider[0].set_value(0).run()
    evidence.set_value(pneumo.Verdict.NORMAL).run()
    app.selectbox[0].set_value("second").run()
    assert not app.exception
    assert "does not outline a lesion" in words(app)
    assert "PNEUMONIA" in app.header[0].value


def test_broken_file_does_not_hide_the_good_ones(app: AppTest, film_bytes: FilmBytes) -> None:
    upload(
        app.run(),
        ("one.png", film_bytes(1)),
        ("torn.png", film_bytes(2)[:90]),
        ("two", film_bytes(3)),
    )
    assert len(app.error) == 1
    assert "Expected" in app.error[0].value
    analyze(app)
    table = app.dataframe[0].value
    assert list(table["Film"]) == ["one.png", "two", "torn.png"]
    assert list(table["Verdict"]) == ["PNEUMONIA", "PNEUMONIA", "none: not read"]
    assert list(table["Networks"]) == ["split vote", "split vote", ""]
    app.selectbox(key="film 1").set_value(1).run()
    assert "two" in [text.value for text in app.text]
    assert not app.exception


def test_only_a_broken_file_leaves_nothing_to_analyze(app: AppTest) -> None:
    upload(app.run(), ("notes.png", b"no film at all"))
    assert len(app.error) == 1
    assert button(app, "Analyze Image").disabled


def test_file_name_is_shown_as_it_is_and_never_as_markup(
    app: AppTest, film_bytes: FilmBytes
) -> None:
    name = "![x](http://foreign.test/a.png) **bold**.png"
    upload(app.run(), (name, film_bytes()))
    assert name in [text.value for text in app.text]
    analyze(app)
    assert name in [text.value for text in app.text]
    marked_up = [*app.markdown, *app.caption, *app.error, *app.header]
    assert [element.value for element in marked_up if "foreign" in str(element.value)] == []


def test_more_films_than_a_visit_holds_are_refused_with_the_number(
    app: AppTest, film_bytes: FilmBytes
) -> None:
    data = film_bytes(rows=40, columns=40)
    upload(app.run(), *[(f"{number}.png", data) for number in range(21)])
    assert [error.value for error in app.error] == [
        "Left out: at most 20 films are read at a time."
    ]


def test_analyze_another_image_clears_the_page(app: AppTest, film_bytes: FilmBytes) -> None:
    upload(app.run(), ("child.png", film_bytes()))
    analyze(app)
    button(app, "Analyze Another Image").click()
    app.run()
    assert not app.metric
    assert not app.header
    assert not app.file_uploader[0].value
    assert "child.png" not in words(app)
    assert button(app, "Analyze Image").disabled


def test_second_visit_does_not_load_the_networks_again(
    app: AppTest, models: Path, film_bytes: FilmBytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = []
    load = pneumo.Ensemble.load

    def counted(models_dir: Path) -> pneumo.Ensemble:
        loaded.append(models_dir)
        return load(models_dir)

    monkeypatch.setattr(pneumo.Ensemble, "load", counted)
    for number in (1, 2):
        upload(app.run(), ("child.png", film_bytes(number)))
        analyze(app)
        assert len(app.metric) == 2
        button(app, "Analyze Another Image").click()
        app.run()
    # An earlier test's visitors may still wait for networks of their own folder.
    assert loaded.count(models) == 1


def test_synthetic_film_is_labelled_wherever_it_is_shown(app: AppTest) -> None:
    app.run()
    button(app, "Try a synthetic film").click()
    app.run()
    assert "Synthetic film 1" in [text.value for text in app.text]
    assert "SYNTHETIC" in words(app)
    assert "shows no child" in words(app)
    analyze(app)
    assert "Synthetic film 1" in [text.value for text in app.text]
    assert "SYNTHETIC" in words(app)
    assert "the verdict is about nobody" in words(app)


def test_synthetic_film_is_labelled_in_the_table_and_can_be_removed(
    app: AppTest, film_bytes: FilmBytes
) -> None:
    upload(app.run(), ("child.png", film_bytes()))
    for _ in range(2):
        button(app, "Try a synthetic film").click()
        app.run()
    analyze(app)
    assert list(app.dataframe[0].value["Film"]) == ["child.png", "Synthetic film 2 (SYNTHETIC)"]
    button(app, "Analyze Another Image").click()
    app.run()
    button(app, "Try a synthetic film").click()
    app.run()
    assert "Synthetic film 3" in [text.value for text in app.text]
    button(app, "Remove it").click()
    app.run()
    assert not app.text
    assert button(app, "Analyze Image").disabled


def test_missing_statistics_are_told_and_films_still_read(
    app: AppTest, models: Path, film_bytes: FilmBytes
) -> None:
    (models / "synthetic_films.npz").unlink()
    app.run()
    button(app, "Try a synthetic film").click()
    app.run()
    assert "synthetic_films.npz is missing" in app.error[0].value
    upload(app, ("child.png", film_bytes()))
    analyze(app)
    assert len(app.metric) == 2


def remove_weights(models: Path) -> None:
    (models / "first" / "weights.safetensors").unlink()


def truncate_weights(models: Path) -> None:
    path = models / "second" / "weights.safetensors"
    path.write_bytes(path.read_bytes()[:-100])


def swap_weights(models: Path) -> None:
    first, second = (models / name / "weights.safetensors" for name in TITLES)
    kept = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(kept)


def remove_plan(models: Path) -> None:
    (models / "ensemble.json").unlink()


def cut_plan(models: Path) -> None:
    path = models / "ensemble.json"
    path.write_text(path.read_text()[:200])


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (remove_weights, "weights.safetensors of the network first is missing"),
        (truncate_weights, "weights of second are not those"),
        (swap_weights, "weights of first are not those"),
        (remove_plan, "ensemble.json is missing"),
        (cut_plan, "ensemble.json is cut off or corrupt"),
    ],
)
def test_damaged_models_give_a_message_and_no_verdict(
    app: AppTest, models: Path, film_bytes: FilmBytes, damage: Any, message: str
) -> None:
    damage(models)
    upload(app.run(), ("child.png", film_bytes()))
    analyze(app)
    assert not app.exception
    assert any(message in error.value for error in app.error)
    assert "there is no verdict" in words(app)
    assert not app.metric
    assert not app.header
    assert "Analyze Another Image" not in labels(app)


def test_restored_weights_are_read_without_a_restart(
    app: AppTest, models: Path, film_bytes: FilmBytes
) -> None:
    weights = models / "first" / "weights.safetensors"
    kept = weights.read_bytes()
    weights.write_bytes(kept[:50])
    upload(app.run(), ("child.png", film_bytes()))
    analyze(app)
    assert not app.metric
    weights.write_bytes(kept)
    analyze(app)
    assert len(app.metric) == 2
    assert not app.error
