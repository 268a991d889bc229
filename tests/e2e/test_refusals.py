"""What is no chest film, or none that may be read: refused in words, before any verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from tests.e2e.acts import analyze, drop, press, settle
from tests.e2e.conftest import Visit
from tests.e2e.dashboard import Dashboard, running
from tests.e2e.films import (
    draw_cine,
    draw_dicom,
    draw_photograph,
    draw_picture,
    draw_screenshot,
)
from tests.e2e.looks import assert_fit_in_every_look

MOST_BYTES = 20_000
FILMS_PER_MINUTE = 2

UNREADABLE: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "empty": ("film.png", lambda: b"", "the file is empty"),
    "text": ("film.dcm", lambda: b"no film", "no known picture format"),
    "GIF": ("film.gif", lambda: draw_picture("GIF"), "this is a GIF"),
    "PDF": ("film.pdf", lambda: b"%PDF-1.4\n", "this is a PDF document"),
    "damaged": ("film.jpeg", lambda: draw_picture("JPEG")[:9_000], "its data is cut off"),
    "cine": ("film.dcm", draw_cine, "holds 2 frames"),
}
"""Files that the intake refuses, and what it says."""

DOUBTFUL: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "colour": ("photo.png", draw_photograph, "The picture holds colour"),
    "CT": ("ct.dcm", lambda: draw_dicom(Modality="CT"), "computed tomography"),
    "lateral": ("side.dcm", lambda: draw_dicom(ViewPosition="LL"), "frontal films only"),
}
"""Files that can be read, and what is said of them before and beside any verdict."""

NO_CHEST = {
    "photograph": ("photo.png", draw_photograph),
    "screenshot": ("letter.png", draw_screenshot),
    "CT": ("ct.dcm", lambda: draw_dicom(Modality="CT")),
    "lateral": ("side.dcm", lambda: draw_dicom(ViewPosition="LL")),
}
"""Files that the gate refuses."""


@pytest.fixture(scope="module")
def narrow_dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    settings = {
        "PNEUMO_MAX_BYTES": str(MOST_BYTES),
        "PNEUMO_FILMS_PER_MINUTE": str(FILMS_PER_MINUTE),
    }
    with running(tmp_path_factory.mktemp("narrow"), settings) as server:
        yield server


def test_without_a_film_there_is_nothing_to_press(visit: Visit) -> None:
    page = visit()
    expect(page.get_by_role("button", name="Analyze Image")).to_be_disabled()
    expect(page.get_by_text("Drop a film above")).to_be_visible()


@pytest.mark.parametrize("kind", UNREADABLE)
def test_unreadable_file_is_refused_with_its_reason(visit: Visit, kind: str) -> None:
    name, make, reason = UNREADABLE[kind]
    page = visit()
    drop(page, (name, make()))
    expect(page.get_by_role("alert").get_by_text(reason)).to_be_visible()
    expect(page.get_by_role("button", name="Analyze Image")).to_be_disabled()
    if kind == "empty":
        assert_fit_in_every_look(page, "state-refusal")


@pytest.mark.parametrize("kind", DOUBTFUL)
def test_file_that_speaks_against_itself_is_doubted_before_it_is_analyzed(
    visit: Visit, kind: str
) -> None:
    name, make, doubt = DOUBTFUL[kind]
    page = visit()
    drop(page, (name, make()))
    expect(page.get_by_role("alert").get_by_text(doubt)).to_be_visible()


def test_file_beyond_the_limit_is_refused_with_the_limit(
    visit: Visit, narrow_dashboard: Dashboard
) -> None:
    page = visit(server=narrow_dashboard)
    drop(page, ("large.png", draw_picture()))
    expect(page.get_by_role("alert").get_by_text(f"at most {MOST_BYTES:,} bytes")).to_be_visible()
    expect(page.get_by_role("button", name="Analyze Image")).to_be_disabled()


def test_film_too_many_within_a_minute_waits_and_is_not_lost(
    visit: Visit, narrow_dashboard: Dashboard
) -> None:
    page = visit(server=narrow_dashboard)
    for _ in range(FILMS_PER_MINUTE):
        press(page, "Try a synthetic film")
        analyze(page)
        press(page, "Analyze Another Image")
        expect(page.get_by_role("button", name="Analyze Image")).to_be_disabled()
    press(page, "Try a synthetic film")
    press(page, "Analyze Image")
    expect(page.get_by_text(f"At most {FILMS_PER_MINUTE} films a minute")).to_be_visible()
    expect(page.get_by_role("button", name="Analyze Image")).to_be_enabled()


@pytest.mark.parametrize("kind", NO_CHEST)
def test_what_is_no_chest_film_has_no_verdict_unless_asked_for_and_then_says_so(
    visit: Visit, kind: str
) -> None:
    name, make = NO_CHEST[kind]
    page = visit()
    drop(page, (name, make()))
    analyze(page)
    expect(page.get_by_text("Refused by the gate", exact=True)).to_be_visible()
    assert page.get_by_text("Probability of PNEUMONIA", exact=True).count() == 0
    assert page.get_by_role("button", name="Save case").count() == 0
    if kind == "screenshot":
        assert_fit_in_every_look(page, "state-gate")
    press(page, "Show the networks' answer all the same")
    expect(page.get_by_text("Probability of PNEUMONIA", exact=True).first).to_be_visible()
    expect(page.get_by_text("REFUSED BY THE GATE").first).to_be_visible()
    settle(page)
    if kind == "screenshot":
        assert_fit_in_every_look(page, "state-overridden")


def test_turned_film_is_noticed_and_mended_with_one_press(visit: Visit) -> None:
    page = visit()
    drop(page, ("turned.png", draw_picture(quarters=1)))
    analyze(page)
    expect(page.get_by_text("looks turned to the left")).to_be_visible()
    press(page, "Rotate to the right")
    expect(page.get_by_role("button", name="Back to the film as chosen")).to_be_visible()
    settle(page)
    assert page.get_by_text("looks turned to the left").count() == 0
    expect(page.get_by_text("Probability of PNEUMONIA", exact=True).first).to_be_visible()
