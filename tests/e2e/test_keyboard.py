"""A visit without a mouse: every control is reached by the keyboard, and shows that it was."""

from __future__ import annotations

import io

from PIL import Image, ImageChops
from playwright.sync_api import FloatRect, Locator, Page, expect

from tests.e2e.acts import SETTLED, settle
from tests.e2e.conftest import Visit
from tests.e2e.films import draw_picture
from tests.e2e.looks import PHONE

MOST_STOPS = 80
_HAS_FOCUS = "e => e === document.activeElement"
_RIM_PX = 4


def tab_to(page: Page, control: Locator) -> None:
    """Press Tab until a control has the focus, and make sure that this can be seen."""
    without = picture(page, control)
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        if control.evaluate(_HAS_FOCUS):
            break
    else:
        raise AssertionError(f"{control} is not reached by {MOST_STOPS} presses of Tab")
    with_focus = picture(page, control)
    assert ImageChops.difference(without, with_focus).getbbox(), f"{control}: focus unseen"


def picture(page: Page, control: Locator) -> Image.Image:
    """Take a picture of a control with a rim of what is around it."""
    control.scroll_into_view_if_needed()
    box = control.bounding_box()
    assert box is not None
    clip = FloatRect(
        x=round(box["x"]) - _RIM_PX,
        y=round(box["y"]) - _RIM_PX,
        width=round(box["width"]) + 2 * _RIM_PX,
        height=round(box["height"]) + 2 * _RIM_PX,
    )
    return Image.open(io.BytesIO(page.screenshot(clip=clip, caret="hide"))).convert("RGB")


def test_whole_visit_by_keyboard(visit: Visit) -> None:
    page = visit()
    page.on("filechooser", lambda chooser: None)  # From now on the browser hands choosers to us.
    tab_to(page, page.get_by_role("button", name="Upload", exact=True))
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    film = {"name": "one.png", "mimeType": "image/png", "buffer": draw_picture()}
    chooser.value.set_files([film])
    analyze = page.get_by_role("button", name="Analyze Image")
    expect(analyze).to_be_enabled()
    settle(page)
    tab_to(page, analyze)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=SETTLED)).to_be_visible()
    settle(page)
    tab_to(page, page.get_by_role("radio", name="Rule-out"))
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect(page.get_by_role("radio", name="Rule-in")).to_be_checked()
    expect(page.get_by_text("(operating point rule-in)")).to_be_visible()
    settle(page)
    tab_to(page, page.get_by_role("textbox", name="Title"))
    page.keyboard.type("By keyboard")
    tab_to(page, page.get_by_role("button", name="Save case"))
    page.keyboard.press("Enter")
    link = page.get_by_role("link", name="Open the casebook")
    expect(link).to_be_visible()
    settle(page)
    tab_to(page, link)
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("stText").get_by_text("By keyboard")).to_be_visible()
    expect(page.get_by_text("Versions and hashes")).to_be_visible()
    settle(page)
    tab_to(page, page.get_by_role("button", name="Delete this case …"))
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    tab_to(page, dialog.get_by_role("button", name="Delete 1 case"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 case deleted.")).to_be_visible()


def test_broad_table_on_a_phone_is_scrolled_by_keyboard(visit: Visit) -> None:
    page = visit("about")
    page.set_viewport_size(PHONE)
    tables = page.locator("[data-testid=stTable] *:has(> table)")
    expect(tables.first).to_be_visible()
    settle(page)
    broad = tables.evaluate_all("all => all.findIndex(e => e.scrollWidth > e.clientWidth)")
    table = tables.nth(broad)
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        if table.evaluate("e => e.contains(document.activeElement)"):
            break
    page.keyboard.press("ArrowRight")
    expect(table).not_to_have_js_property("scrollLeft", 0)
