"""A dashboard and a real browser for tests that see what a user sees."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    expect,
    sync_playwright,
)

from tests.e2e.acts import settle
from tests.e2e.dashboard import Dashboard, running
from tests.e2e.looks import WIDE, picture_of

Visit = Callable[..., Page]

# On a page below the first one Streamlit's own script first asks whether the server lies there.
_PROBES = re.compile(r"/\w+/_stcore/(health|host-config)$")
_OURS = re.compile(r"(https?://localhost:\d+/|data:|blob:)")
_PATIENCE_MS = 60_000
_PAGES = pytest.StashKey[list[Page]]()


@pytest.fixture(scope="session")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    with running(tmp_path_factory.mktemp("dashboard")) as server:
        yield server


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chrome")
    if not path:
        pytest.fail("These tests need Chromium: install Debian's package chromium, or set CHROMIUM")
    expect.set_options(timeout=_PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            # Root cannot use Chromium's sandbox; nothing but our own server is opened.
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@pytest.fixture
def visit(
    browser: Browser, dashboard: Dashboard, request: pytest.FixtureRequest
) -> Iterator[Visit]:
    """Open pages as new visitors.

    In the end none of them may have complained in its console, where the browser also tells what
    the server's security policy kept it from, nor asked any other machine for anything.
    """
    complaints: list[str] = []
    contexts: list[BrowserContext] = []
    pages = request.node.stash.setdefault(_PAGES, [])

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error" and not _PROBES.search(message.location.get("url", "")):
            complaints.append(f"{message.text} ({message.location.get('url')})")

    def watch(address: str) -> None:
        if not _OURS.match(address):
            complaints.append(f"asked elsewhere: {address}")

    def open_page(path: str = "", *, server: Dashboard = dashboard, dark: bool = False) -> Page:
        context = browser.new_context(
            viewport=WIDE, color_scheme="dark" if dark else "light", accept_downloads=True
        )
        contexts.append(context)
        context.set_default_timeout(_PATIENCE_MS)
        context.on("request", lambda asked: watch(asked.url))
        page = context.new_page()
        pages.append(page)
        page.on("console", listen)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{server.address}/{path}")
        expect(page.get_by_text("Not a medical device").first).to_be_visible()
        settle(page)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Iterator[pytest.TestReport]:
    """Keep a picture of each page that a failed test had open."""
    report: pytest.TestReport = yield
    if report.when == "call" and report.failed:
        name = re.sub(r"[^\w-]+", "-", item.name)
        for number, page in enumerate(item.stash.get(_PAGES, []), start=1):
            try:
                picture_of(page, f"failed-{name}-{number}")
            except Error:  # The page is gone; what the test says of it is enough.
                continue
    return report
