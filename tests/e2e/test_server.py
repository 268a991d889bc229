"""What the server says and hides: headers that bind the browser, addresses, and its log."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page, expect

from pneumo.ui.access.headers import HEADERS
from tests.e2e.acts import analyze, drop, give, open_case, press, save
from tests.e2e.conftest import Visit
from tests.e2e.dashboard import Dashboard, assert_discreet, running
from tests.e2e.films import NAME, NOTE, draw_dicom

KEY = "sk-0123456789abcdef"


@pytest.mark.parametrize("path", ["", "casebook", "_stcore/health", "media/none.png"])
def test_every_answer_binds_the_browser(dashboard: Dashboard, browser: Browser, path: str) -> None:
    context = browser.new_context()
    answer = context.request.get(f"{dashboard.address}/{path}")
    for name, value in HEADERS.items():
        assert answer.headers[name.lower()] == value
    context.close()


def test_film_on_the_page_is_kept_in_no_cache(visit: Visit) -> None:
    page = visit()
    with page.expect_response(lambda answer: "/media/" in answer.url) as film:
        press(page, "Try a synthetic film")
    assert film.value.ok
    assert film.value.headers["cache-control"] == "no-store"


@pytest.fixture
def page(dashboard: Dashboard, browser: Browser) -> Iterator[Page]:
    """A page that may complain in its console: it is made to do what is barred."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(dashboard.address)
    yield page
    context.close()


def test_browser_is_kept_from_asking_another_machine(page: Page) -> None:
    barred = page.evaluate(
        """() => new Promise(tell => {
            document.addEventListener('securitypolicyviolation', e => tell(e.blockedURI));
            document.body.append(Object.assign(new Image(), {src: 'http://192.0.2.1/x.png'}));
        })"""
    )
    assert barred.startswith("http://192.0.2.1")


@pytest.mark.parametrize("address", ["ws://192.0.2.1/", "wss://example.org/"])
def test_browser_is_kept_from_telling_another_machine(page: Page, address: str) -> None:
    barred = page.evaluate(
        """address => new Promise(tell => {
            document.addEventListener('securitypolicyviolation', e =>
                tell([e.effectiveDirective, e.blockedURI]));
            new WebSocket(address).onopen = () => tell('it was let out');
        })""",
        address,
    )
    assert barred[0] == "connect-src"
    assert barred[1].startswith(address.rstrip("/"))


def test_script_that_somebody_slips_into_the_page_does_not_run(page: Page) -> None:
    barred = page.evaluate(
        """() => new Promise(tell => {
            document.addEventListener('securitypolicyviolation', e => tell(e.effectiveDirective));
            window.slip = () => tell('it ran');
            document.body.append(
                Object.assign(document.createElement('script'), {textContent: 'slip()'}));
        })"""
    )
    assert barred == "script-src-elem"


def test_upload_beyond_a_minutes_share_is_explained_on_the_page(
    browser: Browser, tmp_path: Path
) -> None:
    with running(tmp_path, {"PNEUMO_UPLOADS_PER_MINUTE": "1"}) as server:
        context = browser.new_context()
        page = context.new_page()
        page.goto(server.address)
        words = page.get_by_text("A file marked red was not taken")
        drop(page, ("1.dcm", draw_dicom()))
        expect(page.get_by_role("button", name="Analyze Image")).to_be_enabled()
        expect(words).to_be_hidden()
        with page.expect_response(lambda answer: answer.request.method == "PUT") as refused:
            give(page, ("2.dcm", draw_dicom()))
        assert refused.value.status == 429
        assert refused.value.headers["content-type"].startswith("text/plain")
        assert "PNEUMO_UPLOADS_PER_MINUTE" in refused.value.text()
        expect(words).to_be_visible()
        expect(page.get_by_role("button", name="Analyze Image")).to_be_enabled()
        context.close()


def test_address_below_the_first_page_is_known_to_a_server_that_has_just_started(
    visit: Visit, tmp_path: Path
) -> None:
    with running(tmp_path) as server:
        for name in ("casebook", "log", "performance"):
            page = visit(name, server=server)
            expect(page.get_by_role("heading", level=1).first).to_be_visible()
            assert page.get_by_text("Page not found").count() == 0
            page.close()


def test_no_name_note_or_key_reaches_the_log(visit: Visit, dashboard: Dashboard) -> None:
    page = visit()
    drop(page, (f"{NAME}.dcm", draw_dicom()), (f"{NAME}.txt", b"no film"))
    analyze(page)
    page.get_by_text("Set up the second opinion").last.click()
    model = page.get_by_role("combobox", name="Model")
    model.fill("any")
    model.press("Enter")
    key = page.get_by_role("textbox", name="Key")
    expect(key).to_be_enabled()
    key.fill(KEY)
    key.press("Enter")
    expect(key).to_have_value("")
    save(page, "With a name", NOTE)
    open_case(page)
    urlopen(f"{dashboard.address}/casebook?case={NAME}").close()
    assert_discreet(dashboard.log)
    kept = b"".join(file.read_bytes() for file in dashboard.casebook.rglob("*") if file.is_file())
    assert NOTE.encode() in kept
    for secret in (NAME, KEY):
        assert secret.encode() not in kept
