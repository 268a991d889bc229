"""Faults of the machine beside a film's verdict: each is seen, and costs only its own part."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

import pneumo
from pneumo.errors import ModelError, OpinionError
from pneumo.networks import serving
from pneumo.networks.compiled import CompiledCache, drop_left_behind, open_compiled_cache
from pneumo.opinion.cache import AnswerCache
from pneumo.ui.resources import EnsembleLoader, networks_in
from tests.app.conftest import FilmBytes
from tests.app.test_analyze import analyze, button, labels, shares, swap_weights, upload, words
from tests.app.test_second_opinion import (  # noqa: F401 - fixtures
    Open,
    consent,
    finish,
    is_verdict_there,
    open_page,
    plan_dir,
    press,
    server,
    told,
)
from tests.conftest import REPOSITORY

PROBABILITY = "Probability of PNEUMONIA"
SAVE = "Save case"


@pytest.fixture(autouse=True)
def own_casebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "casebook"
    monkeypatch.setenv("PNEUMO_CASEBOOK", str(folder))
    monkeypatch.delenv("PNEUMO_DATABASE_URL", raising=False)
    return folder


@pytest.fixture
def unwritable(tmp_path: Path) -> Path:
    """A folder that cannot be made, whoever asks: it would lie in a file."""
    (tmp_path / "file").write_text("in the way")
    return tmp_path / "file" / "folder"


def fail_after(count: int, error: Exception) -> Callable[..., Any]:
    """Return what takes the place of a forward pass: it fails from some call on."""
    calls = [0]

    def put(forward: serving.Forward) -> serving.Forward:
        def failing(films: Any) -> Any:
            calls[0] += 1
            if calls[0] > count:
                raise error
            return forward(films)

        return failing

    return put


def loaded(models: Path) -> Any:
    loader = networks_in(models)
    loader.begin_anew()
    return loader.ensemble()


def is_read(app: AppTest) -> bool:
    return not app.exception and PROBABILITY in shares(app)


# The disk.


def test_unwritable_cache_costs_neither_the_verdict_nor_the_start(
    app: AppTest, film_bytes: FilmBytes, unwritable: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PNEUMO_CACHE", str(unwritable))
    upload(app.run(), ("child.png", film_bytes()))
    assert is_read(analyze(app))


def test_corrupt_compiled_networks_are_made_anew(
    app: AppTest,
    film_bytes: FilmBytes,
    models: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PNEUMO_CACHE", str(tmp_path / "cache"))
    pneumo.Ensemble.load(models)
    folder = open_compiled_cache().folder
    kept = sorted(folder.glob("*.compiled"))
    assert kept
    for path in kept:
        path.write_bytes(path.read_bytes()[:-7] + b"garbage")
    upload(app.run(), ("child.png", film_bytes()))
    assert is_read(analyze(app))
    assert all(not path.read_bytes().endswith(b"garbage") for path in kept)


def test_full_disk_costs_the_caches_and_nothing_else(tmp_path: Path) -> None:
    # A limit on the size of files is what a full disk is to whoever writes; it holds for good,
    # so it is set in a process of its own.
    code = """
        import resource, sys
        from pathlib import Path
        from pneumo.networks.compiled import CompiledCache

        folder = Path(sys.argv[1])
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        CompiledCache(folder).keep("a" * 64, bytes(1_000_000))
        assert CompiledCache(folder).find("a" * 64) is None
        assert not list(folder.iterdir()), list(folder.iterdir())
        CompiledCache(folder).keep("b" * 64, b"small")
        assert CompiledCache(folder).find("b" * 64) == b"small"
    """
    command = [sys.executable, "-c", textwrap.dedent(code), str(tmp_path / "networks")]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_what_a_killed_process_left_in_a_cache_is_removed(tmp_path: Path) -> None:
    cache = CompiledCache(tmp_path)
    old, new = tmp_path / ".killed.tmp", tmp_path / ".writing.tmp"
    for path in (old, new):
        path.write_bytes(b"half")
    os.utime(old, (0, 0))
    cache.keep("a" * 64, b"whole")
    assert not old.exists()
    assert new.exists()
    assert cache.find("a" * 64) == b"whole"
    drop_left_behind(tmp_path / "not there")


def test_answers_that_cannot_be_removed_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / f"{'a' * 64}.json").write_text("{}")

    def refuse(self: Path, missing_ok: bool = False) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", refuse)
        with pytest.raises(OpinionError, match=r"Read-only file system.*writable"):
            AnswerCache(tmp_path).forget()
    assert AnswerCache(tmp_path).forget() == 1


def test_no_room_for_temporary_files_is_told_where_networks_are_loaded(
    app: AppTest, film_bytes: FilmBytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PNEUMO_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "not there"))
    upload(app.run(), ("child.png", film_bytes()))
    analyze(app)
    assert not app.exception
    assert any("no room on the disk" in error.value for error in app.error)
    assert not app.header
    monkeypatch.setattr("tempfile.tempdir", None)
    assert is_read(analyze(app))


# The casebook.


def test_unwritable_casebook_costs_only_saving(
    app: AppTest, film_bytes: FilmBytes, unwritable: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PNEUMO_CASEBOOK", str(unwritable))
    upload(app.run(), ("child.png", film_bytes()))
    assert is_read(analyze(app))
    app = press(app, SAVE)
    assert is_read(app)
    assert any("What you typed is still here" in error.value for error in app.error)
    assert "Saved." not in told(app)


def test_database_server_that_is_gone_costs_only_saving(
    app: AppTest, film_bytes: FilmBytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(app.run(), ("child.png", film_bytes()))
    analyze(app)
    # Nobody listens there, as after a server's end.
    monkeypatch.setenv("PNEUMO_DATABASE_URL", "postgresql://reader:SECRET@127.0.0.1:1/cases")
    app = press(app, SAVE)
    assert is_read(app)
    assert any("cannot be reached" in error.value for error in app.error)
    assert "SECRET" not in told(app)


def test_database_gone_in_mid_session_costs_only_saving(
    app: AppTest, film_bytes: FilmBytes, own_casebook: Path
) -> None:
    upload(app.run(), ("child.png", film_bytes()))
    app = press(analyze(app), SAVE)
    assert "Saved." in told(app)
    for path in own_casebook.iterdir():
        path.unlink()
    own_casebook.rmdir()
    own_casebook.write_text("in the way")
    next(box for box in app.text_input if box.label == "Title").set_value("changed").run()
    app = press(app, "Save changes")
    assert is_read(app)
    assert any("What you typed is still here" in error.value for error in app.error)
    assert next(box for box in app.text_input if box.label == "Title").value == "changed"


def test_database_deleted_in_mid_session_never_claims_to_have_saved(
    app: AppTest, film_bytes: FilmBytes, own_casebook: Path
) -> None:
    upload(app.run(), ("child.png", film_bytes()))
    app = press(analyze(app), SAVE)
    kept = own_casebook / "casebook.sqlite3"
    kept.rename(own_casebook / "moved")
    next(box for box in app.text_input if box.label == "Title").set_value("changed").run()
    app = press(app, "Save changes")
    assert is_read(app)
    assert any("moved, deleted or replaced" in error.value for error in app.error)
    (own_casebook / "moved").rename(kept)
    app = press(app, "Save changes")
    assert "Saved." in told(app)


def test_database_replaced_by_something_else_is_told(
    app: AppTest, film_bytes: FilmBytes, own_casebook: Path
) -> None:
    own_casebook.mkdir()
    (own_casebook / "casebook.sqlite3").write_bytes(b"no database at all" * 500)
    upload(app.run(), ("child.png", film_bytes()))
    app = press(analyze(app), SAVE)
    assert is_read(app)
    assert any("What you typed is still here" in error.value for error in app.error)


# The networks.


def replace_weights(models: Path) -> None:
    for name in ("first", "second"):
        path = models / name / "weights.safetensors"
        fresh = path.with_suffix(".new")
        fresh.write_bytes(path.read_bytes()[::-1])
        fresh.replace(path)


def test_replaced_weights_are_told_and_the_old_ones_go_on_serving(
    app: AppTest, film_bytes: FilmBytes, models: Path
) -> None:
    upload(app.run(), ("child.png", film_bytes()))
    before = shares(analyze(app))
    assert "have changed since" not in words(app)
    replace_weights(models)
    app = press(app, "Analyze Another Image")
    version = loaded(models).plan.version
    assert f"Verdicts still come from model version {version}" in words(app)
    upload(app, ("child.png", film_bytes()))
    assert shares(analyze(app)) == before
    assert "have changed since" in words(app)


def test_files_that_were_only_touched_are_the_same(models: Path) -> None:
    loader = EnsembleLoader(models)
    assert loader.replaced == ""
    loader.begin_anew()
    version = loader.ensemble().plan.version
    for path in models.rglob("*.safetensors"):
        os.utime(path, (1, 1))
    assert loader.replaced == ""
    (models / "first" / "weights.safetensors").unlink()
    assert loader.replaced == version


def test_a_new_process_refuses_swapped_weights_even_where_both_are_compiled(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PNEUMO_CACHE", str(tmp_path / "cache"))
    pneumo.Ensemble.load(models)
    assert len(list(open_compiled_cache().folder.glob("*.compiled"))) == 2
    swap_weights(models)
    code = "import sys, pneumo; pneumo.Ensemble.load(__import__('pathlib').Path(sys.argv[1]))"
    done = subprocess.run(
        [sys.executable, "-c", code, str(models)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "DamagedWeightsError" in done.stderr
    assert "are not those that the ensemble was calibrated with" in done.stderr


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("Can't allocate memory")])
def test_a_network_without_memory_says_so(error: Exception) -> None:
    import numpy as np

    network = serving.ServedNetwork("first", fail_after(0, error)(None))
    with pytest.raises(ModelError, match=r"network first .* out of memory.*ask again"):
        network.score(np.zeros((1, 224, 224), dtype=np.float32))


def test_memory_that_runs_out_costs_the_film_and_not_the_others(
    app: AppTest, film_bytes: FilmBytes, models: Path
) -> None:
    app.run()
    network = loaded(models)._networks["second"]
    sound = network._forward
    upload(app, *[(f"{number}.png", film_bytes(number)) for number in (1, 2, 3)])
    network._forward = fail_after(1, MemoryError())(sound)
    analyze(app)
    assert is_read(app)
    assert list(app.dataframe[0].value["Film"]) == ["1.png", "2.png", "3.png"]
    assert list(app.dataframe[0].value["Verdict"])[1:] == ["none: not read"] * 2
    assert "could not read 2 of 3 films" in words(app)
    assert "out of memory" in words(app)
    network._forward = sound
    app = press(app, "Ask about them again")
    assert is_read(app)
    assert "none: not read" not in list(app.dataframe[0].value["Verdict"])
    assert "Ask about them again" not in labels(app)
    assert "out of memory" not in words(app)


def test_memory_that_runs_out_for_every_film_keeps_them_chosen(
    app: AppTest, film_bytes: FilmBytes, models: Path
) -> None:
    app.run()
    network = loaded(models)._networks["first"]
    sound = network._forward
    upload(app, ("child.png", film_bytes()))
    network._forward = fail_after(0, RuntimeError("Can't allocate memory"))(sound)
    analyze(app)
    assert not app.exception
    assert not is_read(app)
    assert not app.header
    assert any("out of memory" in error.value for error in app.error)
    assert "child.png" in words(app)
    assert not button(app, "Analyze Image").disabled
    network._forward = sound
    analyze(app)
    assert is_read(app)
    assert "out of memory" not in words(app)


# The language model.


def test_a_language_model_that_hangs_costs_neither_verdict_nor_case(
    open_page: Open,  # noqa: F811 - a fixture
) -> None:
    app = press(consent(open_page("hangs", timeout_s=60)), "Ask the language model")
    assert "Reading the film" in words(app)
    app.segmented_control(key="point 1").set_value("rule-out").run()
    assert is_verdict_there(app)
    app = press(app, SAVE)
    assert "Saved." in told(app)
    assert "Reading the film" in words(app)
    finish(press(app, "Cancel"), timeout_s=5)
    assert is_verdict_there(app)


def test_an_unwritable_cache_costs_not_the_answer(
    open_page: Open,  # noqa: F811 - a fixture
    unwritable: Path,
) -> None:
    app = open_page("sees", PNEUMO_CACHE=str(unwritable))
    app = finish(press(consent(app), "Ask the language model"))
    assert "Both say PNEUMONIA" in told(app)
    assert not app.exception
