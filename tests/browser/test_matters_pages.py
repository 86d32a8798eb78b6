"""The pages of matters, wide and narrow, in both languages: nothing sticks out and axe finds nothing. And two at once; and by keys."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk import HEIGHTS, NARROW, WIDE, Office, scrolls_sideways
from tests.browser.test_every_page import Shown, faults_by_axe

pytestmark = pytest.mark.slow


def first_of_mine(page: Page) -> str:
    """The number of the first matter that is up to whoever sits here; its record's page is open."""
    page.goto("/matters/?process=desk_request&stage=handling")
    page.locator("#table tbody th a").first.click()
    page.wait_for_selector(".matter")
    link = page.locator(".ways a").first.get_attribute("href")
    assert link is not None
    return link.split("/")[2]


def _record(page: Page) -> None:
    first_of_mine(page)
    page.locator(".clocks summary").first.click()


def _refused(page: Page) -> None:
    page.goto(f"/matters/{first_of_mine(page)}/withdraw/")
    page.locator("#step .button-main").click()
    page.wait_for_selector("#problems")


def _suspension(page: Page) -> None:
    page.goto(f"/matters/{first_of_mine(page)}/suspend/")


def _handing_over(page: Page) -> None:
    page.goto(f"/matters/{first_of_mine(page)}/hand_over/")


def _running_ballot(page: Page) -> None:
    page.locator(".lines li", has=page.locator(".tag-warn")).first.get_by_role("link").click()
    page.wait_for_selector("#paper")


PAGES = [
    Shown("my-matters", "/matters/", "desk_shangmei"),
    Shown("all-matters", "/matters/?whose=all&state=closed", "desk_head"),
    Shown("matter", "/matters/", "desk_shangmei", _record),
    Shown("step-refused", "/matters/", "desk_shangmei", _refused),
    Shown("suspension", "/matters/", "desk_shangmei", _suspension),
    Shown("handing-over", "/matters/", "desk_shangmei", _handing_over),
    Shown("processes", "/processes/", "desk_shangmei"),
    Shown("process", "/processes/desk_request/", "it_officer"),
    Shown("migration", "/processes/desk_request/migrate/", "it_officer"),
    Shown("open", "/processes/desk_request/open/", "desk_shangmei"),
    Shown("notices", "/notices/?all=1", "desk_shangmei"),
    Shown("workbench", "/", "desk_shangmei"),
    Shown("ballots", "/ballots/", "huijing_chair"),
    Shown("ballot", "/ballots/", "huijing_chair", _running_ballot),
    Shown("portal-vote", "/public/vote/", None),
    Shown("portal", "/public/", None),
    Shown("portal-ask", "/public/ask/desk_request/", None),
    Shown("portal-follow", "/public/follow/", None),
]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("shown", PAGES, ids=lambda shown: shown.name)
def test_a_page_of_matters_fits_both_widths_and_axe_finds_nothing(office: Office, shown: Shown, language: str) -> None:
    page = office.desk(shown.account, language=language)
    page.goto(shown.address)
    if shown.go:
        shown.go(page)
    wrong = []
    for width in (WIDE, NARROW):
        page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        if scrolls_sideways(page):
            wrong.append(f"{width}: the page scrolls sideways")
        if found := faults_by_axe(page):
            wrong.append(f"{width}: {found}")
    assert wrong == []


def test_who_comes_second_sees_who_moved_it_and_loses_nothing(office: Office) -> None:
    first, second = office.desk("desk_shangmei"), office.desk("desk_head")
    number = first_of_mine(first)
    second.goto(f"/matters/{number}/urge/")
    second.fill("#ask-says", "请本周内答复")
    first.goto(f"/matters/{number}/suspend/")
    first.fill("#ask-basis", "等待检测报告")
    first.locator("#step .button-main").click()
    expect(first.locator(".note-success")).to_be_visible()

    second.locator("#step .button-main").click()
    notice = second.get_by_role("alert")
    expect(notice).to_contain_text("他人已先一步办理")
    expect(notice).to_contain_text("谢店门")
    expect(notice).to_contain_text("等待检测报告")
    expect(second.locator("#ask-says")).to_have_value("请本周内答复")
    second.locator("#step .button-main").click()  # it is still to be urged
    expect(second.locator(".note-success")).to_contain_text("已督办")

    first.goto(f"/matters/{number}/resume/")
    first.locator("#step .button-main").click()
    expect(first.locator(".note-success")).to_be_visible()


def test_a_step_is_taken_by_keys_alone(office: Office) -> None:
    page = office.desk("desk_shangmei")
    number = first_of_mine(page)
    page.locator(".offers a", has_text="退回补正").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/matters/{number}/return_for_more/")
    page.locator("#ask-wanted").focus()
    page.keyboard.type("营业执照复印件")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".note-success")).to_contain_text("已退回补正")
    page.goto(f"/matters/{number}/resume/")
    page.locator("#step .button-main").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".note-success")).to_be_visible()
