"""A ballot from the issue to the works: raised, talked over, voted on by two residents by code and one on paper, counted when its time
is over, made public for seven days, and carried out. The county of this story has a clock that can be moved."""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.county_server import CountyServer, served
from tests.browser.desk import HEIGHTS, NARROW, WIDE, Office, scrolls_sideways
from tests.browser.test_every_page import faults_by_axe
from tests.browser.test_matters_a_request_to_its_rating import button, stage, way

pytestmark = pytest.mark.slow

STUB = b"\x89PNG\r\n\x1a\n" + b"\x00" * 32
CODE = f"MY-{time.time_ns() % 10**8:08}"
DAY = 24 * 3600
LISTS = {
    "estates": "编号,小区,社区\nZW,紫薇苑,BM\n",
    "estate_households": "户号,小区,房号\nZW1,ZW,1号\nZW2,ZW,2号\nZW3,ZW,3号\nZW4,ZW,4号\n",
    "estate_units": "房屋编号,所属户,小区,专有部分面积\nZW-1,ZW1,ZW,90\nZW-2,ZW2,ZW,90\nZW-3,ZW3,ZW,90\nZW-4,ZW4,ZW,90\n",
}


@pytest.fixture
def estate(county: CountyServer, tmp_path: Path) -> Iterator[CountyServer]:
    """A copy of the county with a clock of its own, and an estate of four households."""
    data = tmp_path / "estate"
    for folder in ("keys", "files"):
        shutil.copytree(county.data / folder, data / folder)
    with sqlite3.connect(county.data / "banjie.sqlite3") as there, sqlite3.connect(data / "banjie.sqlite3") as copy:
        there.backup(copy)
    (data / "ahead").write_text("0")
    with served(data) as server:
        for register, rows in LISTS.items():
            (data / f"{register}.csv").write_text(rows, encoding="utf-8")
            server.command("import", register, str(data / f"{register}.csv"))
        yield server


def days_later(server: CountyServer, days: int) -> None:
    ahead = server.data / "ahead"
    ahead.write_text(str(int(ahead.read_text()) + days * DAY))


def looked_at(page: Page) -> None:
    """Nothing sticks out, wide or narrow, and axe finds nothing."""
    before = page.viewport_size
    for width in (WIDE, NARROW):
        page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        assert not scrolls_sideways(page), f"{page.url} scrolls sideways at {width}"
        assert faults_by_axe(page) == ""
    assert before is not None
    page.set_viewport_size(before)


def vote(page: Page, code: str, choice: str) -> None:
    """By keys alone, as far as one can: type the code, Enter, choose, check, confirm."""
    page.goto("/public/")
    page.get_by_role("link", name="凭表决码投票").click()
    page.fill("#code", code)
    page.press("#code", "Enter")
    looked_at(page)
    page.get_by_label(choice, exact=True).focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=2)).to_have_text(choice)
    looked_at(page)
    button(page, "确认投票")
    expect(page.locator(".note-success")).to_contain_text("您的票已计入")
    assert code.replace("-", "") not in page.url + page.content()


def put_to_the_vote(worker: Page, chair: Page) -> str:
    """Raised, taken up, talked over, put to the vote. Gives the address of the matter."""
    worker.goto("/processes/residents_matter/open/")
    worker.fill("#field-code", CODE)
    worker.fill("#field-subject", "单元门口台阶破损")
    worker.select_option("#field-village", label="白马社区")
    worker.select_option("#field-estate", value="ZW")
    worker.fill("#field-raised_on", "2026-11-20")
    worker.select_option("#field-kind", value="fund_use")
    button(worker, "提交")
    home = worker.url
    way(worker, "列入议题")
    button(worker, "列入议题")
    assert stage(worker) == "协商（民议）"

    chair.goto(home)
    way(chair, "提交业主表决")
    chair.fill("#field-proposal", "使用维修资金修缮台阶六级")
    chair.fill("#field-budget", "3600")
    button(chair, "提交业主表决")
    expect(chair.locator("#problems")).to_contain_text("须有协商记录")
    chair.goto(home)
    chair.locator("section", has=chair.locator("#children-deliberations")).get_by_role("link", name="新增").click()
    chair.fill("#field-number", "1")
    chair.fill("#field-held_on", "2026-11-21")
    chair.select_option("#field-kind", value="building")
    chair.fill("#field-attended", "4")
    chair.fill("#field-minutes", "同意修缮，使用维修资金，提交表决")
    chair.locator(".record-form .button-main").click()
    expect(chair.locator(".note-success")).to_be_visible()
    chair.goto(home)
    way(chair, "提交业主表决")
    chair.fill("#field-proposal", "使用维修资金修缮台阶六级")
    chair.fill("#field-budget", "3600")
    button(chair, "提交业主表决")
    assert stage(chair) == "按户表决"
    return home


def story(estate: CountyServer, office: Office) -> None:
    worker, chair, works = office.desk("baima_worker"), office.desk("huijing_chair"), office.desk("huijing_works")
    one, two = office.desk(width=NARROW), office.desk(width=NARROW)
    home = put_to_the_vote(worker, chair)

    # Opened: from now on rule and list stand still. The codes are shown this once.
    chair.locator(".matter").get_by_role("link", name="开始表决").click()
    looked_at(chair)
    button(chair, "开始表决")
    expect(chair.locator(".note-success")).to_contain_text("规则和名册自此不变")
    ballot = chair.url
    button(chair, "生成并打印表决码")
    codes = chair.locator(".slip code").all_inner_texts()
    assert len(set(codes)) == 4
    looked_at(chair)

    # Two vote by telephone, without an account; a second vote and a code that is nobody's are refused.
    vote(one, codes[0], "同意")
    vote(two, codes[1], "不同意")
    two.goto("/public/vote/")
    two.fill("#code", codes[1])
    two.press("#code", "Enter")
    expect(two.get_by_role("alert")).to_contain_text("一户一票")
    two.fill("#code", "AAAAA-22222")
    two.press("#code", "Enter")
    expect(two.get_by_role("alert")).to_contain_text("表决码不正确")

    # One is entered from paper, with its signed stub. Who sits at the desk sees how many took part, and nothing else.
    chair.goto(ballot)
    chair.select_option("#paper-household", value="ZW3")
    chair.locator("section", has=chair.locator("#paper")).get_by_label("同意", exact=True).check()
    button(chair, "计入")
    expect(chair.locator("#problems")).to_contain_text("签名存根")
    chair.set_input_files("#evidence", {"name": "存根.png", "mimeType": "image/png", "buffer": STUB})
    button(chair, "计入")
    expect(chair.locator(".note-success")).to_contain_text("已计入")
    expect(chair.locator("main")).to_contain_text("3 户，共 4 户")
    expect(chair.locator("main")).not_to_contain_text("计票并公布")
    looked_at(chair)
    chair.goto(home)
    way(chair, "通过，公示结果")
    expect(chair.locator("main")).to_contain_text("现在还不能办理")

    # Its time is over: counted, and public, condition by condition.
    days_later(estate, 9)
    chair.goto(ballot)
    button(chair, "计票并公布")
    expect(chair.locator(".note-success")).to_contain_text("已计票")
    expect(chair.locator("#result")).to_contain_text("通过")
    looked_at(chair)
    one.goto(chair.get_by_role("link", name="公示页").get_attribute("href") or "")
    expect(one.locator("#result")).to_contain_text("通过")
    for row in ("3 / 4", "2 / 3"):
        expect(one.locator("table")).to_contain_text(row)
    looked_at(one)
    one.context.add_cookies([{"name": "banjie_language", "value": "en", "url": estate.address}])
    one.reload()
    expect(one.locator("#result")).to_contain_text("carried")
    looked_at(one)

    # Seven days in public, then the works begin, with whoever leads them.
    chair.goto(home)
    way(chair, "通过，公示结果")
    button(chair, "通过，公示结果")
    assert stage(chair) == "结果公示"
    way(chair, "公示期满，实施")
    expect(chair.locator("main")).to_contain_text("现在还不能办理")
    days_later(estate, 8)
    chair.goto(home)
    way(chair, "公示期满，实施")
    button(chair, "公示期满，实施")
    assert stage(chair) == "实施（民办）"
    works.goto(home)
    expect(works.locator(".ways")).to_contain_text("完工，提请验收")


def test_an_issue_is_voted_on_by_household_and_carried_out(estate: CountyServer, browser: Browser) -> None:
    with Office(estate, browser, {}).open() as office:
        story(estate, office)
    assert office.faults == []
