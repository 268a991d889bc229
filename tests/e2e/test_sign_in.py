"""Signing in at a hospital's provider: each reader sees their own part, and nobody else's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.acts import analyze, press, save, settle, write
from tests.e2e.conftest import Visit
from tests.e2e.dashboard import Dashboard, free_port, running
from tests.e2e.films import NOTE
from tests.e2e.identity_provider import CLIENT, IdentityProvider, providing
from tests.e2e.looks import assert_fit_in_every_look

PEOPLE = {
    "Ada": "ada@example.org",
    "Barbara": "barbara@example.org",
    "Grace": "grace@example.org",
}
NEEDS = "This is for the role"


@pytest.fixture(scope="module")
def provider() -> Iterator[IdentityProvider]:
    with providing(PEOPLE) as server:
        yield server


@pytest.fixture(scope="module")
def closed_dashboard(
    provider: IdentityProvider, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Dashboard]:
    folder, port = tmp_path_factory.mktemp("closed"), free_port()
    secrets = folder / "secrets.toml"
    secrets.write_text(
        f"""
        [auth]
        redirect_uri = "http://localhost:{port}/oauth2callback"
        cookie_secret = "for a test only, for a test only"
        [auth.hospital]
        client_id = "{CLIENT}"
        client_secret = "for a test only"
        server_metadata_url = "{provider.address}/.well-known/openid-configuration"
        """
    )
    environment = {
        "PNEUMO_ADMINS": PEOPLE["Grace"],
        "PNEUMO_INSTRUCTORS": PEOPLE["Barbara"],
        "STREAMLIT_SECRETS_FILES": str(secrets),
    }
    with running(folder, environment, port=port) as server:
        yield server


def sign_in(page: Page, name: str) -> Page:
    press(page, "Sign in with hospital")
    page.get_by_role("link", name=name).click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    settle(page)
    return page


@pytest.mark.parametrize("path", ["", "casebook", "batch", "log", "performance"])
def test_stranger_finds_the_door_and_nothing_else(
    visit: Visit, closed_dashboard: Dashboard, path: str
) -> None:
    page = visit(path, server=closed_dashboard)
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert page.get_by_test_id("stFileUploader").count() == 0
    if not path:
        assert_fit_in_every_look(page, "state-door", anew=True)


def test_reader_is_let_in_and_out_again(visit: Visit, closed_dashboard: Dashboard) -> None:
    page = sign_in(visit(server=closed_dashboard), "Ada")
    expect(page.get_by_role("heading", name="Analyze a chest film")).to_be_visible()
    expect(page.get_by_text(PEOPLE["Ada"])).to_be_visible()
    press(page, "Sign out")
    expect(page.get_by_role("button", name="Sign in with hospital")).to_be_visible()


def test_case_is_its_readers_own_and_the_log_is_the_admins(
    visit: Visit, closed_dashboard: Dashboard
) -> None:
    ada = sign_in(visit(server=closed_dashboard), "Ada")
    press(ada, "Try a synthetic film")
    analyze(ada)
    case = save(ada, "A case of Ada's", NOTE)

    grace = sign_in(visit(server=closed_dashboard), "Grace")
    grace.get_by_role("link", name="Casebook", exact=True).click()
    expect(grace.get_by_text("Your casebook is empty")).to_be_visible()
    grace.goto(f"{closed_dashboard.address}/casebook?case={case}")
    expect(grace.get_by_role("button", name="All cases")).to_be_visible()
    settle(grace)
    assert grace.get_by_text("A case of Ada's").count() == 0
    assert grace.get_by_role("textbox", name="Note").count() == 0

    grace.get_by_role("link", name="Who did what").click()
    expect(grace.get_by_role("heading", name="Who did what")).to_be_visible()
    expect(grace.get_by_text("the newest first")).to_be_visible()
    settle(grace)
    with grace.expect_download() as download:
        press(grace, "CSV")
    acts = Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert any(
        PEOPLE["Ada"] in line and "saved" in line and case in line for line in acts.splitlines()
    )
    assert any(PEOPLE["Grace"] in line and "another reader's" in line for line in acts.splitlines())
    assert NOTE not in acts
    assert_fit_in_every_look(grace, "state-log")

    assert ada.get_by_role("link", name="Who did what").count() == 0
    ada.goto(f"{closed_dashboard.address}/log")
    expect(ada.get_by_text(NEEDS)).to_be_visible()
    assert ada.get_by_test_id("stDataFrame").count() == 0


def test_signing_out_in_one_tab_closes_the_others(
    visit: Visit, closed_dashboard: Dashboard
) -> None:
    ada = sign_in(visit(server=closed_dashboard), "Ada")
    other = ada.context.new_page()
    other.goto(f"{closed_dashboard.address}/performance")
    expect(other.get_by_role("button", name="Sign out")).to_be_visible()
    settle(other)
    press(ada, "Sign out")
    expect(ada.get_by_role("button", name="Sign in with hospital")).to_be_visible()
    other.get_by_role("link", name="Casebook", exact=True).click()
    expect(other.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(other.get_by_role("button", name="Sign out")).to_have_count(0)


def test_class_is_begun_by_instructors_and_joined_without_signing_in(
    visit: Visit, closed_dashboard: Dashboard
) -> None:
    student = visit("classroom", server=closed_dashboard)
    expect(student.get_by_role("button", name="Join")).to_be_visible()
    assert student.get_by_role("button", name="Open the classroom").count() == 0
    barbara = sign_in(visit(server=closed_dashboard), "Barbara")
    barbara.get_by_role("link", name="Classroom").click()
    press(barbara, "Open the classroom")
    expect(barbara.get_by_text("Students join with this code")).to_be_visible()
    settle(barbara)
    code = barbara.get_by_role("heading", level=1).inner_text().removeprefix("Classroom ")
    student.goto(f"{closed_dashboard.address}/classroom?join={code}")
    expect(student.get_by_text("You are invited")).to_be_visible()
    write(student, "Nickname (not needed)", "Blue heron")
    press(student, "Join")
    expect(barbara.get_by_text("1 joined")).to_be_visible()
    press(barbara, "Start")
    expect(barbara.get_by_role("button", name="End it now")).to_be_visible()
    grace = sign_in(visit(server=closed_dashboard), "Grace")
    grace.get_by_role("link", name="Who did what").click()
    settle(grace)
    with grace.expect_download() as download:
        press(grace, "CSV")
    acts = Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()
    for act in ("began a class", "let a class read"):
        assert any("Barbara" in line and act in line and code in line for line in acts)
    ada = sign_in(visit(server=closed_dashboard), "Ada")
    ada.get_by_role("link", name="Classroom").click()
    expect(ada.get_by_role("button", name="Join")).to_be_visible()
    settle(ada)
    assert ada.get_by_role("button", name="Open the classroom").count() == 0
