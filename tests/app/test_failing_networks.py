"""Networks that fail on a film or on their way into memory: what is known is shown, no more."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import pneumo
from pneumo.errors import ModelError
from pneumo.ui.resources import EnsembleLoader
from tests.app.conftest import TITLES, FilmBytes
from tests.app.test_analyze import analyze, shares, upload, words
from tests.app.test_casebook import open_case, press, told
from tests.app.test_faults import fail_after, is_read, loaded

FIRST, SECOND = TITLES.values()


def test_network_that_fails_leaves_the_others_own_words_and_no_verdict(
    app: AppTest, film_bytes: FilmBytes, models: Path
) -> None:
    app.run()
    network = loaded(models)._networks["second"]
    sound = network._forward
    upload(app, ("child.png", film_bytes()))
    network._forward = fail_after(0, MemoryError())(sound)
    analyze(app)
    assert not app.exception
    # The member's log odds are -3, whatever the film.
    assert shares(app) == {FIRST: "4.7%"}
    assert not app.header
    assert "There is no joint verdict. The network second could not read the film" in words(app)
    assert "could not be checked either" in words(app)
    assert app.selectbox[0].options == [FIRST]
    assert "Where the networks looked" in [found.value for found in app.subheader]
    network._forward = sound
    analyze(app)
    assert is_read(app)
    assert "no joint verdict" not in words(app)


def test_verdicts_of_other_films_stand_beside_what_is_known_of_one(
    app: AppTest, film_bytes: FilmBytes, models: Path
) -> None:
    app.run()
    network = loaded(models)._networks["first"]
    sound = network._forward
    upload(app, ("a.png", film_bytes(1)), ("b.png", film_bytes(2)))
    network._forward = fail_after(1, RuntimeError("Can't allocate memory"))(sound)
    analyze(app)
    assert is_read(app)
    assert shares(app)[SECOND] == "95.3%"
    assert "There is no joint verdict. The network first" in words(app)
    network._forward = sound
    app = press(app, "Ask about them again")
    assert "no joint verdict" not in words(app)
    assert SECOND not in shares(app)


def test_who_reads_first_is_shown_no_part_before(
    app: AppTest, film_bytes: FilmBytes, models: Path
) -> None:
    app.run()
    network = loaded(models)._networks["second"]
    network._forward = fail_after(0, MemoryError())(network._forward)
    next(toggle for toggle in app.toggle if "first" in toggle.label.lower()).set_value(True).run()
    upload(app, ("child.png", film_bytes()))
    analyze(app)
    assert not app.exception
    assert "out of memory" in words(app)
    assert FIRST not in shares(app)


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("load", MemoryError()),
        ("load", OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))),
        ("load", OSError(errno.EIO, os.strerror(errno.EIO))),
        ("load", ImportError("no", name="openvino")),
        ("warm_up", MemoryError()),
    ],
)
def test_networks_that_cannot_be_loaded_are_told_and_a_retry_works(
    app: AppTest,
    film_bytes: FilmBytes,
    name: str,
    error: Exception,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(*given: object, **choices: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(pneumo.Ensemble, name, fails)
        upload(app.run(), ("child.png", film_bytes()))
        analyze(app)
    assert not app.exception
    assert any("The networks could not be loaded" in shown.value for shown in app.error)
    assert is_read(analyze(app))


def test_system_without_a_thread_to_spare_fails_with_words_and_recovers(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pneumo.ui import resources

    def refuse(**choices: object) -> None:
        raise RuntimeError("can't start new thread")

    loader = EnsembleLoader(models)
    with monkeypatch.context() as patch:
        patch.setattr(resources, "Thread", refuse)
        with pytest.raises(ModelError, match="could not be loaded"):
            loader.ensemble()
    assert "could not be loaded" in loader.failure
    loader.begin_anew()
    assert loader.ensemble().plan.version == loader.plan.version


def test_plan_is_that_in_memory_once_there_is_one(models: Path) -> None:
    loader = EnsembleLoader(models)
    on_disk = pneumo.read_plan(models).version
    assert loader.plan.version == on_disk
    loader.begin_anew()
    loader.ensemble()
    (models / "ensemble.json").unlink()
    assert loader.plan.version == on_disk
    with pytest.raises(ModelError, match=r"ensemble\.json is missing"):
        _ = EnsembleLoader(models).plan


def test_case_is_compared_with_the_networks_that_serve(
    app: AppTest,
    models: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PNEUMO_CASEBOOK", str(tmp_path / "casebook"))
    app = press(app.run(), "Try a synthetic film")
    analyze(app)
    next(box for box in app.checkbox if "pixels" in box.label).check().run()
    app = press(app, "Save case")
    (case,) = app.session_state["visit"].saved.values()
    plan = models / "ensemble.json"
    content = json.loads(plan.read_text(encoding="utf-8")) | {"fitted_on": {"films": 1}}
    plan.write_text(json.dumps(content), encoding="utf-8")
    open_case(app, case.id)
    assert "The networks are still the ones that read this film then." in told(app)
    app = press(app, "Read it with today's networks")
    assert "Same model: the probability of pneumonia is the same" in told(app)
