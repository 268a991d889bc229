"""An archive of films on the page Batch, from the upload to the table and its files."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from playwright.sync_api import expect

from tests.e2e.acts import choose_first_row, give, press, settle
from tests.e2e.conftest import Visit
from tests.e2e.films import draw_photograph, draw_picture, pack
from tests.e2e.looks import assert_fit_in_every_look


def test_archive_with_what_is_no_film_becomes_a_worklist(visit: Visit) -> None:
    page = visit("batch")
    archive = pack(
        one_png=draw_picture(),
        two_jpeg=draw_picture("JPEG", label="NORMAL"),
        photo_png=draw_photograph(),
        broken_jpeg=draw_picture("JPEG")[:9_000],
    )
    give(page, ("films.zip", archive))
    expect(page.get_by_text("4 files are ready")).to_be_visible()
    press(page, "Read the films")
    expect(page.get_by_role("heading", name="Worklist")).to_be_visible()
    expect(page.get_by_text("4 of 4 rows")).to_be_visible()
    settle(page)
    with page.expect_download() as download:
        press(page, "CSV")
    table = Path(download.value.path()).read_text(encoding="utf-8-sig")
    rows = {row["file"].split("/")[-1]: row for row in csv.DictReader(io.StringIO(table))}
    assert set(rows) == {"one.png", "two.jpeg", "photo.png", "broken.jpeg"}
    assert rows["broken.jpeg"]["probability"] == rows["photo.png"]["probability"] == ""
    assert all(float(rows[name]["probability"]) >= 0 for name in ("one.png", "two.jpeg"))
    verdict = page.get_by_text("Probability of PNEUMONIA", exact=True)
    choose_first_row(page, row_px=52, then=verdict)
    press(page, "Show the heat map")
    expect(page.get_by_role("heading", name="Where the networks looked")).to_be_visible()
    settle(page)
    assert_fit_in_every_look(page, "state-batch")
    press(page, "Read other films")
    expect(page.get_by_role("button", name="Read the films")).to_be_disabled()
