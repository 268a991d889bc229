"""A new user's visit, from the empty page to a saved case and back to it."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.e2e.acts import (
    analyze,
    choose,
    choose_first_row,
    delete_case,
    drop,
    open_case,
    pick,
    press,
    save,
    settle,
)
from tests.e2e.conftest import Visit
from tests.e2e.dashboard import Dashboard
from tests.e2e.films import NAME, draw_dicom, draw_picture
from tests.e2e.looks import assert_fit_in_every_look


def keep(page: Page, label: str) -> tuple[str, bytes]:
    """Press a button that hands a file on, and return the file's name and content."""
    with page.expect_download() as download:
        press(page, label)
    settle(page)
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def kept_in(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file())


def test_film_becomes_a_case_that_is_found_again_resolved_and_deleted(
    visit: Visit, dashboard: Dashboard
) -> None:
    note = "Осмотр повторить · 再検査"
    before = kept_in(dashboard.casebook)
    page = visit()
    drop(page, (f"{NAME}.png", draw_picture()))
    analyze(page)
    expect(page.get_by_text("Probability of PNEUMONIA", exact=True).first).to_be_visible()
    assert_fit_in_every_look(page, "state-verdict")
    assert kept_in(dashboard.casebook) == before, "something was kept before it was asked for"

    case = save(page, "The first film", note)
    open_case(page)
    assert_fit_in_every_look(page, "state-case")
    assert page.get_by_text(NAME).count() == 0

    later = visit(f"casebook?case={case}")
    expect(later.get_by_test_id("stText").get_by_text("The first film")).to_be_visible()
    expect(later.get_by_role("textbox", name="Note")).to_have_value(note)
    assert note.encode() in kept_in(dashboard.casebook)
    choose(later, "Reference answer", "PNEUMONIA")
    later.get_by_role("textbox", name="By what").fill("Follow-up film")
    press(later, "Resolve")
    expect(later.get_by_text("Resolved: PNEUMONIA")).to_be_visible()
    settle(later)
    delete_case(later)
    kept = kept_in(dashboard.casebook)
    assert note.encode() not in kept
    assert b"Follow-up film" not in kept
    assert NAME.encode() not in kept
    gone = visit(f"casebook?case={case}")
    expect(gone.get_by_role("button", name="All cases")).to_be_visible()
    assert gone.get_by_role("textbox", name="Note").count() == 0


def test_case_is_chosen_in_the_list_and_opened(visit: Visit) -> None:
    page = visit()
    press(page, "Try a synthetic film")
    analyze(page)
    save(page, "Chosen in the list")
    page.get_by_role("link", name="Casebook", exact=True).click()
    search = page.get_by_role("textbox", name="Search titles and notes")
    search.fill("chosen in the")
    search.press("Enter")
    expect(page.get_by_text("1 of ").or_(page.get_by_text("1 case found"))).to_be_visible()
    settle(page)
    opening = page.get_by_role("button", name="Open", exact=True)
    choose_first_row(page, row_px=35, then=opening)
    settle(page)
    assert_fit_in_every_look(page, "state-list")
    press(page, "Open")
    expect(page.get_by_text("Versions and hashes")).to_be_visible()
    settle(page)
    delete_case(page)


def test_next_film_finds_an_empty_page(visit: Visit) -> None:
    page = visit()
    drop(page, ("one.png", draw_picture()))
    analyze(page)
    press(page, "Analyze Another Image")
    expect(page.get_by_role("button", name="Analyze Image")).to_be_disabled()
    expect(page.get_by_text("one.png")).to_have_count(0)


def test_report_and_files_are_handed_on_without_a_name(visit: Visit) -> None:
    page = visit()
    drop(page, (f"{NAME}.dcm", draw_dicom()))
    analyze(page)
    name, report = keep(page, "Report (PDF)")
    words = "".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(report)).pages)
    assert name.endswith(".pdf")
    assert "PNEUMONIA" in words
    web_name, web = keep(page, "Report (HTML)")
    assert web_name.endswith(".html")
    save(page, "To hand on")
    open_case(page)
    _, table = keep(page, "CSV")
    (row,) = csv.DictReader(io.StringIO(table.decode("utf-8-sig")))
    assert "To hand on" in row.values()
    _, bundle = keep(page, "FHIR (JSON)")
    assert json.loads(bundle)["resourceType"] == "Bundle"
    for content in (words.encode(), web, table, bundle):
        assert NAME.encode() not in content
        assert b"ERIKA" not in content
    delete_case(page)


@pytest.mark.parametrize("kind", ["normal films", "pneumonia films"])
def test_synthetic_film_is_called_so_wherever_it_stands(visit: Visit, kind: str) -> None:
    page = visit()
    choose(page, "No film at hand?", kind)
    press(page, "Try a synthetic film")
    expect(page.get_by_text("SYNTHETIC").first).to_be_visible()
    settle(page)
    analyze(page)
    expect(page.get_by_text("SYNTHETIC").first).to_be_visible()
    expect(page.get_by_text("the verdict is about nobody")).to_be_visible()


def test_one_bad_file_among_several_costs_itself_alone(visit: Visit) -> None:
    page = visit()
    drop(
        page,
        ("one.png", draw_picture()),
        ("two.dcm", draw_dicom()),
        ("three.jpeg", draw_picture("JPEG", label="NORMAL")),
        ("bad.jpeg", draw_picture("JPEG")[:9000]),
    )
    analyze(page)
    expect(page.get_by_text("its data is cut off")).to_be_visible()
    for name in ("two.dcm", "three.jpeg"):
        pick(page, "Film on show", name)
        expect(page.get_by_test_id("stText").get_by_text(name, exact=True)).to_be_visible()
        settle(page)
        expect(page.get_by_text("Probability of PNEUMONIA", exact=True).first).to_be_visible()
    assert_fit_in_every_look(page, "state-several")
