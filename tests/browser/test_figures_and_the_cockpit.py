"""The statistician's morning: every number opens to where it came from; a figure is signed; a leader may look, not sign."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from tests.browser.desk import Office


def test_every_headline_number_opens_its_trace(office: Office) -> None:
    page = office.desk("statistician")
    page.goto("/cockpit/")
    links = {a.get_attribute("href"): a.inner_text() for a in page.locator("#headline li a.figure-value").all()}
    assert len(links) == page.locator("#headline li").count() >= 8
    for address, shown in links.items():
        page.goto(str(address))
        expect(page.locator("#figure-value")).to_have_text(shown)
        expect(page.locator("code.formula").first).not_to_be_empty()
        expect(page.get_by_role("heading", name="定义", exact=True)).to_be_visible()
        expect(page.get_by_role("heading", name="来自这些记录")).to_be_visible()
        expect(page.get_by_role("heading", name="历次版次")).to_be_visible()
        entries = page.locator(".rows-table td[data-label=台账条目]")
        assert entries.count() > 0, address
        assert all(text.isdigit() for text in entries.all_inner_texts())


def test_a_row_of_the_trace_opens_the_record_at_the_entry(office: Office) -> None:
    page = office.desk("statistician")
    page.goto("/figures/projects.invested/?period=2021-01..2021-10")
    row = page.locator(".rows-table tbody tr").first
    cell = row.locator("td[data-label=台账条目]")
    entry = cell.inner_text()
    cell.get_by_role("link").click()
    expect(page.locator(f"#entry-{entry}")).to_be_visible()
    assert page.url.endswith(f"#entry-{entry}")


def test_every_number_on_the_cockpit_is_a_link(office: Office) -> None:
    page = office.desk("statistician")
    page.goto("/cockpit/")
    for cell in page.locator("main td.num").all():
        text = cell.inner_text()
        if any(character.isdigit() for character in text) and cell.get_attribute("data-label") != "名次":
            assert cell.locator("a").count(), text


def test_the_statistician_publishes_a_figure_and_its_signature_is_shown(office: Office) -> None:
    page = office.desk("statistician")
    page.goto("/figures/projects.count/?area=431322&period=2021")
    shown = page.inner_text("#figure-value")
    page.get_by_role("link", name="签名发布").click()
    expect(page.locator("main")).to_contain_text(shown)
    page.get_by_label("发布的依据或原因").fill("2021 年年报")
    page.get_by_role("button", name="确认签名发布").click()
    published = page.locator("section", has=page.locator("#published"))
    expect(published).to_contain_text(shown)
    expect(published).to_contain_text("Ed25519")
    expect(published).to_contain_text("陆算清")
    verified = json.loads(office.county.command("verify", "--json"))
    assert verified["counts"]["figures"] >= 1


def test_a_county_leader_sees_the_figure_and_may_not_publish_it(office: Office) -> None:
    page = office.desk("county_leader")
    page.goto("/figures/projects.count/?area=431322&period=2021")
    expect(page.locator("#figure-value")).to_be_visible()
    expect(page.get_by_role("link", name="签名发布")).to_have_count(0)
    token = next(c["value"] for c in page.context.cookies() if c["name"] == "csrftoken")
    answer = page.request.post(
        "/figures/projects.count/publish/",
        form={"area": "431322", "period": "2021", "csrfmiddlewaretoken": token},
        headers={"Referer": f"{office.county.address}/"},
    )
    assert answer.status == 403
    page.goto("/figures/projects.count/?area=431322&period=2021")
    expect(page.locator("section", has=page.locator("#published"))).not_to_contain_text("方致远")


@pytest.mark.parametrize(("asked", "value"), [("projects.count --period 2021", "232")])
def test_the_screen_says_what_the_command_line_says(office: Office, asked: str, value: str) -> None:
    name, *options = asked.split()
    told = json.loads(office.county.command("figure", name, *options, "--area", "431322", "--json"))
    page = office.desk("county_leader")
    page.goto(f"/figures/{name}/?area=431322&period=2021")
    assert told["value"] == value
    expect(page.locator("#figure-value")).to_have_text(told["display"])
