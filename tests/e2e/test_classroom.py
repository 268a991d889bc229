"""A class of two in three browsers, from the instructor's door to the results."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from pneumo.classroom.desk import SLIP
from pneumo.classroom.records import RATINGS
from tests.e2e.acts import press, settle
from tests.e2e.conftest import Visit
from tests.e2e.looks import assert_fit_in_every_look

FILMS = 2


def open_classroom(page: Page) -> str:
    """Begin a session of two films without a clock, and return its code."""
    for slider, key in (("Films", "Home"), ("Clock", "End")):
        page.get_by_role("slider", name=slider).press(key)
        settle(page)
    expect(page.get_by_text("no clock", exact=True).first).to_be_visible()
    press(page, "Open the classroom")
    expect(page.get_by_text("Students join with this code")).to_be_visible()
    settle(page)
    return page.get_by_role("heading", level=1).inner_text().removeprefix("Classroom ")


def join(page: Page) -> None:
    press(page, "Join")
    expect(page.get_by_text("Waiting for your instructor")).to_be_visible()
    settle(page)


def rate(page: Page, film: int, rating: int) -> None:
    expect(page.get_by_role("heading", name=f"Film {film} of {FILMS}")).to_be_visible()
    shown = page.get_by_role("img", name=f"Film {film} of {FILMS}")
    expect(shown).to_have_js_property("complete", value=True)
    # Nobody reads sooner, and what is pressed sooner is taken for a slip.
    page.wait_for_timeout(2 * SLIP.total_seconds() * 1000)
    page.get_by_role("button", name=RATINGS[rating]).click()
    expect(shown).to_have_count(0)


def test_class_of_two_reads_to_the_results(visit: Visit) -> None:
    instructor = visit("classroom")
    code = open_classroom(instructor)
    assert_fit_in_every_look(instructor, "state-class-gathers")
    students = [visit(f"classroom?join={code}") for _ in range(2)]
    for student in students:
        join(student)
    expect(instructor.get_by_text("2 joined")).to_be_visible()
    press(instructor, "Start")
    first, second = students
    expect(first.get_by_role("heading", name=f"Film 1 of {FILMS}")).to_be_visible()
    settle(first)
    assert_fit_in_every_look(first, "state-class-reads")
    assert_fit_in_every_look(instructor, "state-class-runs")
    for film in range(1, FILMS + 1):
        rate(first, film, 5)
    expect(first.get_by_role("heading", name="You are through")).to_be_visible()
    for film in range(1, FILMS + 1):
        rate(second, film, film)
    expect(instructor.get_by_text("4 answers", exact=True)).to_be_visible()
    expect(instructor.get_by_role("heading", name="Everybody's operating point")).to_be_visible()
    expect(instructor.get_by_role("button", name="Another session")).to_be_visible()
    settle(instructor)
    assert_fit_in_every_look(instructor, "state-class-results")
    instructor.get_by_role("switch", name="Show each student their own result").check(force=True)
    for student in students:
        expect(student.get_by_role("heading", name="The session has ended")).to_be_visible()
        expect(student.get_by_text("Your own result appears here")).to_have_count(0)
        settle(student)
    assert_fit_in_every_look(second, "state-class-own-result")
