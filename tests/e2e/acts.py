"""What visitors do in a browser, each act ended by what it must lead to."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

UPLOAD = "stFileUploaderDropzoneInput"
SETTLED = "What this tool is not"
"""The heading at the end of what is shown of a film that was analyzed."""

_TRIES, _HEARD_MS = 3, 15_000


def settle(page: Page) -> None:
    """Wait until the server has sent all of the page."""
    page.wait_for_function(
        "() => document.querySelector('[data-testid=stApp]')?.dataset.testScriptState"
        " === 'notRunning' && !document.querySelector('[data-testid=stSkeleton]')"
    )


def give(place: Page | Locator, *files: tuple[str, bytes]) -> None:
    """Choose files in the one uploader of a page or of a part of it."""
    place.get_by_test_id(UPLOAD).set_input_files(
        [
            {"name": name, "mimeType": "application/octet-stream", "buffer": data}
            for name, data in files
        ]
    )


def drop(page: Page, *files: tuple[str, bytes]) -> None:
    """Choose files on the page Analyze, and wait until each is shown or refused."""
    give(page, *files)
    for name, _ in files:
        expect(page.get_by_test_id("stText").get_by_text(name, exact=True)).to_be_visible()
    settle(page)


def press(place: Page | Locator, label: str) -> None:
    """Press the button of that name."""
    place.get_by_role("button", name=label, exact=True).click()


def choose(place: Page | Locator, question: str, answer: str) -> None:
    """Choose one of a row of answers."""
    choice = place.get_by_role("radiogroup", name=question).get_by_role("radio", name=answer)
    choice.click()
    expect(choice).to_be_checked()


def pick(page: Page, question: str, answer: str) -> None:
    """Pick an answer from a list that opens."""
    choice = page.get_by_role("combobox", name=question)
    choice.focus()  # Now, and to its end: the list closes when the page is scrolled.
    page.evaluate("() => new Promise(go => requestAnimationFrame(() => requestAnimationFrame(go)))")
    choice.press("ArrowDown")
    page.get_by_role("option", name=answer).click()


def choose_first_row(page: Page, *, row_px: int, then: Locator) -> None:
    """Choose the first row of the one table that rows can be chosen in.

    Rows are drawn, not written: the first one's box lies below the line of titles. A table that is
    there may not hear yet.

    Args:
        page: with the table.
        row_px: a row's height.
        then: what is there, and can be pressed if it is a button, once the row is chosen.
    """
    for _ in range(_TRIES):
        page.get_by_test_id("stDataFrame").click(position={"x": 16, "y": 36 + row_px // 2})
        try:
            expect(then).to_be_visible(timeout=_HEARD_MS)
            expect(then).to_be_enabled(timeout=_HEARD_MS)
        except AssertionError:
            continue
        return
    expect(then).to_be_enabled()


def analyze(page: Page) -> None:
    """Have the chosen films read, and wait for the last of what is shown of them."""
    press(page, "Analyze Image")
    expect(page.get_by_role("heading", name=SETTLED)).to_be_visible()
    settle(page)


def save(page: Page, title: str, note: str = "") -> str:
    """Save the film on show as a case, and return the case's number."""
    write(page, "Title", title)
    write(page, "Note", note)
    press(page, "Save case")
    link = page.get_by_role("link", name="Open the casebook")
    address = link.get_attribute("href") or ""
    (case,) = re.findall(r"case=([\w-]+)", address)
    return case


def write(page: Page, label: str, words: str) -> None:
    """Write into a field, and wait until the server has it."""
    field = page.get_by_role("textbox", name=label, exact=True)
    field.fill(words)
    field.blur()
    settle(page)


def open_case(page: Page) -> None:
    """Go from a film that was saved to its case."""
    page.get_by_role("link", name="Open the casebook").click()
    expect(page.get_by_role("button", name="All cases")).to_be_visible()
    expect(page.get_by_text("Versions and hashes")).to_be_visible()
    settle(page)


def delete_case(page: Page) -> None:
    """Delete the case that is open, for good."""
    press(page, "Delete this case …")
    press(page.get_by_role("dialog"), "Delete 1 case")
    expect(page.get_by_text("1 case deleted.")).to_be_visible()
    settle(page)
