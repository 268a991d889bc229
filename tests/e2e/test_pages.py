"""Each page in both themes and on a phone: whole, without complaint, and fit for everybody."""

from __future__ import annotations

import pytest

from pneumo.ui.shell import NAVIGATION
from tests.e2e.conftest import Visit
from tests.e2e.looks import assert_fit_in_every_look

PAGES = [
    script.split("/")[-1].removesuffix(".py") for pages in NAVIGATION.values() for script in pages
]


@pytest.mark.parametrize("name", PAGES)
def test_page_is_whole_and_fit_for_everybody(visit: Visit, name: str) -> None:
    page = visit("" if name == "analyze" else name)
    assert_fit_in_every_look(page, name, anew=True)
