"""周小溪 is the project clerk of 洋溪镇. She logs in and sees that town: in the list, in search, by address, in figures, in exports."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk import Office, find_record

COUNTY = "431322"
ELSEWHERE = "白溪镇"


@pytest.fixture
def clerk(office: Office) -> Page:
    return office.desk("clerk_yangxi")


def test_her_register_lists_her_town_and_no_other(clerk: Page) -> None:
    clerk.goto("/registers/projects/")
    towns = set(clerk.locator("#table tbody td[data-label=所在乡镇]").all_inner_texts())
    assert towns == {"洋溪镇"}
    assert clerk.locator("#table tbody tr").count() == int(clerk.inner_text("#count"))


def test_searching_for_another_town_finds_nothing(clerk: Page) -> None:
    clerk.goto("/")
    clerk.fill("#find", ELSEWHERE)
    clerk.press("#find", "Enter")
    expect(clerk.locator("main .empty")).to_contain_text("没有找到")
    clerk.goto(f"/registers/projects/?q={ELSEWHERE}")
    expect(clerk.locator("#count")).to_have_text("0")


def test_the_address_of_another_towns_record_leads_nowhere(office: Office, clerk: Page) -> None:
    address = find_record(office.desk("county_leader"), "projects", ELSEWHERE)
    for path in (address, f"{address}edit/"):
        answer = clerk.goto(path)
        assert answer is not None
        assert answer.status == 404
        assert ELSEWHERE not in clerk.inner_text("main")


def test_figures_of_the_county_are_refused_and_those_of_her_town_are_shown(clerk: Page) -> None:
    answer = clerk.goto(f"/figures/projects.count/?area={COUNTY}&period=2021")
    assert answer is not None
    assert answer.status == 403
    expect(clerk.locator(".refusal-says")).to_contain_text("洋溪镇")
    clerk.goto("/figures/projects.count/?period=2021")
    expect(clerk.locator(".lead").first).to_contain_text("洋溪镇")
    assert clerk.locator("#figure-value").inner_text() != "232"


def test_the_cockpit_of_the_county_is_refused_and_hers_is_of_her_town(clerk: Page) -> None:
    answer = clerk.goto(f"/cockpit/?area={COUNTY}")
    assert answer is not None
    assert answer.status == 403
    clerk.goto("/cockpit/")
    expect(clerk.locator(".lead").first).to_contain_text("洋溪镇")
    expect(clerk.locator("#headline a").first).not_to_have_text("232")


def test_her_export_holds_her_town_only(clerk: Page) -> None:
    clerk.goto("/registers/projects/")
    number = int(clerk.inner_text("#count"))
    clerk.locator("details.menu summary").click()
    with clerk.expect_download() as started:
        clerk.get_by_role("link", name="CSV").click()
    rows = list(csv.DictReader(io.StringIO(Path(started.value.path()).read_text(encoding="utf-8-sig"))))
    assert len(rows) == number > 0
    assert {row["所在乡镇"] for row in rows} == {"洋溪镇"}
