"""What opening the page loads, and what it does not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pneumo import Verdict, read_plan
from tests.conftest import REPOSITORY

OPEN = """
import sys
from threading import Event
from streamlit.testing.v1 import AppTest
import pneumo

held = Event()
load = pneumo.Ensemble.load.__func__
pneumo.Ensemble.load = lambda folder: held.wait(60) and load(pneumo.Ensemble, folder)
app = AppTest.from_file("streamlit_app.py", default_timeout=60).run()
assert not app.exception
loaded = {"tensorflow", "keras", "openvino", "jax", "torch"} & sys.modules.keys()
assert not loaded, loaded
"""

READ = """
held.set()
next(found for found in app.button if "synthetic" in found.label).click().run()
next(found for found in app.button if found.label == "Analyze Image").click().run()
assert len(app.metric) == 2, app
assert "openvino" in sys.modules
assert "tensorflow" not in sys.modules
"""


OPEN_EVIDENCE = """
import sys
from streamlit.testing.v1 import AppTest
from pneumo.ui.shell import NAVIGATION

for script in NAVIGATION["Evidence"]:
    app = AppTest.from_file("streamlit_app.py", default_timeout=60)
    app.switch_page(f"pages/{script}").run()
    assert not app.exception and not app.error, (script, app.exception, app.error)
    loaded = {"tensorflow", "keras", "openvino", "jax", "torch", "openai"} & sys.modules.keys()
    assert not loaded, (script, loaded)
"""


def run(code: str, models: Path) -> None:
    environment = os.environ | {"PNEUMO_MODELS": str(models), "KERAS_BACKEND": "openvino"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_opening_the_page_loads_no_runtime_and_a_verdict_no_tensorflow(models: Path) -> None:
    run(OPEN + READ, models)


def test_opening_the_evidence_pages_loads_no_runtime(shipped_models: Path) -> None:
    run(OPEN_EVIDENCE, shipped_models)


def test_shipped_networks_read_a_film_by_the_one_button(
    monkeypatch: pytest.MonkeyPatch, shipped_models: Path
) -> None:
    monkeypatch.delenv("PNEUMO_MODELS", raising=False)
    app = AppTest.from_file(REPOSITORY / "streamlit_app.py", default_timeout=120).run()
    next(found for found in app.button if found.label == "Try a synthetic film").click().run()
    next(found for found in app.button if found.label == "Analyze Image").click().run()
    assert not app.exception
    assert not app.error
    version = read_plan(shipped_models).version
    assert any(f"Model version {version}" in caption.value for caption in app.caption)
    verdicts = [verdict for verdict in Verdict if verdict in app.header[0].value]
    assert len(verdicts) == 1


def test_pages_are_not_found_without_the_shell() -> None:
    """Streamlit runs scripts that lie directly in `pages` without the shell's caveat."""
    assert not list((REPOSITORY / "pages").glob("*.py"))


def test_wrong_setting_is_told_in_words(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PNEUMO_MAX_PIXELS", "many")
    app.run()
    assert not app.exception
    assert "PNEUMO_MAX_PIXELS" in app.error[0].value
    assert "Not a medical device" in app.warning[0].value
