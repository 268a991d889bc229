"""A page in light, in dark and on a phone: whole, within its width, and fit for everybody."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from pneumo.settings import REPOSITORY
from tests.e2e.acts import settle

WIDE = {"width": 1200, "height": 900}
PHONE = {"width": 390, "height": 844}
# Colours and the sidebar glide from one look to the next.
_IS_STILL = """() => document.getAnimations().every(
    a => !(a instanceof CSSTransition) || a.playState !== 'running')"""

# Chromium and Firefox let the keyboard into what can be scrolled (a test proves it), of which
# axe-core knows nothing.
_RULES = {"rules": {"scrollable-region-focusable": {"enabled": False}}}
_PICTURES = REPOSITORY / "runs" / "e2e"

# A page whose content is wider than the window can be pushed sideways; its main part, too.
_OVERHANG = """() => Math.max(...[document.documentElement,
    document.querySelector('[data-testid=stMain]')].map(e => e.scrollWidth - e.clientWidth))"""


def assert_fit_in_every_look(page: Page, name: str, *, anew: bool = False) -> None:
    """Make sure that what a page shows now is fit in each look, and leave it wide and light.

    Args:
        page: in any look.
        name: of its pictures.
        anew: whether the page is to be loaded in each look; else it changes its look as it stands.
    """
    for look, size, scheme in (
        ("light", WIDE, "light"),
        ("dark", WIDE, "dark"),
        ("phone", PHONE, "light"),
    ):
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme)
        if anew and look != "light":
            page.reload()
            expect(page.get_by_text("Not a medical device").first).to_be_visible()
            settle(page)
        assert_fit(page, f"{name}-{look}")
    page.set_viewport_size(WIDE)


def assert_fit(page: Page, name: str) -> None:
    """Make sure that a page is whole, warns, has no overhang, and bars nobody."""
    page.wait_for_function(_IS_STILL)
    picture_of(page, name)
    assert page.get_by_test_id("stException").count() == 0
    expect(page.get_by_text("Not a medical device").first).to_be_visible()
    assert page.evaluate(_OVERHANG) <= 0, name
    violations = serious_violations(page)
    assert not violations, "\n".join([name, *violations])


def picture_of(page: Page, name: str) -> None:
    """Keep a picture of the page for people, below runs/e2e, where nothing is committed."""
    _PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=_PICTURES / f"{name}.png")


def serious_violations(page: Page) -> list[str]:
    """Return what axe-core finds serious or critical on the page, one line each."""
    from axe_playwright_python.sync_playwright import Axe

    found: list[dict[str, Any]] = Axe().run(page, options=_RULES).response["violations"]
    return [
        f"{violation['id']}: {node['html'][:160]}: {_reason(node)}"
        for violation in found
        if violation["impact"] in {"serious", "critical"}
        for node in violation["nodes"]
    ]


def _reason(node: dict[str, Any]) -> str:
    checks = [check for kind in ("any", "all", "none") for check in node[kind]]
    return "; ".join(str(check["message"]) for check in checks)[:200]
