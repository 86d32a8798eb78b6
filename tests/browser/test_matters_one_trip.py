"""Opening a restaurant as one matter: the shop hands in once and follows it by a code, the window passes it on, three departments
decide side by side under one joint clock, one of them asks for more, the head urges, and the licences come in one go."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.desk import NARROW, Office
from tests.browser.test_matters_a_request_to_its_rating import (
    button,
    due_time,
    open_matter,
    other_step,
    shanghai_now,
    stage,
    way,
)

pytestmark = pytest.mark.slow

NUMBER = f"{time.time_ns() % 10**6:06}"
SHOP = f"资江渔家{NUMBER}"  # another one each time it is run on the same data
FOOD, FIRE, SIGN = f"{SHOP}·食品经营许可", f"{SHOP}·消防告知承诺", f"{SHOP}·户外招牌"


def today(page: Page) -> str:
    return shanghai_now(page)[:10]


def branches(page: Page) -> Locator:
    """The departments on the page of the main matter."""
    return page.locator(".matter h3", has_text="并联事项").locator("+ .lines")


def in_department(page: Page, department: str) -> Locator:
    """The line of a department on the applicant's page."""
    return page.locator(".decisions li", has_text=department)


def file_of(folder: Path, name: str) -> Path:
    made = folder / name
    made.write_text(f"{name}\n", encoding="utf-8")
    return made


def test_three_departments_decide_side_by_side_on_documents_handed_in_once(office: Office, tmp_path: Path) -> None:
    shop = office.desk(width=NARROW)
    window, approvals, leader = office.desk("window"), office.desk("approvals"), office.desk("county_leader")
    food, fire, sign = office.desk("food_head"), office.desk("fire_head"), office.desk("signage_head")

    # The shop fills in one form by phone, commits to the fire conditions, and gets a code.
    shop.goto("/public/")
    expect(shop.locator("main")).to_contain_text("承诺 10个工作日")
    shop.get_by_role("link", name="一件事一次办").click()
    shop.fill("#field-name", SHOP)
    shop.select_option("#field-theme", label="开办餐饮店")
    shop.select_option("#field-town", label="上梅街道")
    shop.fill("#field-floor_area", "260")
    shop.select_option("#field-fire_way", label="告知承诺")
    shop.select_option("#field-signage", label="是")
    shop.select_option("#field-drains", label="否")
    shop.fill("#field-applicant", "邓渔")
    shop.fill("#field-phone", "13973800002")
    shop.set_input_files("#files", [file_of(tmp_path, "身份证明.txt"), file_of(tmp_path, "平面布置图.txt")])
    button(shop, "提交")
    code = shop.locator(".code-big").inner_text()
    assert re.fullmatch(r"[2-9A-Z]{5}-[2-9A-Z]{5}", code)
    assert stage(shop) == "收件受理"
    expect(shop.locator(".decisions")).to_have_count(0)

    # The window may not pass it on before it has registered what was handed in, and for whom.
    open_matter(window, SHOP)
    home = window.url
    expect(window.locator(".ways")).to_contain_text("请先登记共用材料")
    window.locator("section", has=window.locator("#children-trip_documents")).get_by_role("link", name="新增").click()
    window.fill("#field-number", "1")
    window.select_option("#field-kind", label="场所平面布置图")
    window.fill("#field-handed_in_at", shanghai_now(window))
    for serves in ("food", "fire", "signage"):
        window.select_option(f"#field-for_{serves}", label="是")
    window.locator(".record-form .button-main").click()
    expect(window.locator(".note-success")).to_be_visible()
    window.goto(home)
    way(window, "受理，分送各部门")
    button(window, "受理，分送各部门")
    assert stage(window) == "并联审批"
    for name, unit in ((FOOD, "县市场监督管理局"), (FIRE, "县消防救援大队"), (SIGN, "县城市管理和综合执法局")):
        expect(branches(window).locator("li", has_text=name)).to_contain_text(unit)
    joint = due_time(window)

    # Each department has its own term beside the law's, sees the joint one, and works on the documents handed in once.
    open_matter(food, FOOD)
    expect(food.locator(".matter")).to_contain_text("共同期限")
    expect(food.locator(".clocks", has_text="承诺期限")).to_contain_text("6个工作日")
    expect(food.locator(".clocks", has_text="期限 20个工作日")).to_be_visible()
    expect(food.locator(".matter")).to_contain_text("只交一次")
    with food.expect_download() as got:
        food.get_by_role("link", name="平面布置图.txt").click()
    assert got.value.path().read_text(encoding="utf-8") == "平面布置图.txt\n"
    assert due_time(food) < joint

    # The fire brigade licenses on the signed commitment at once, and not without it.
    open_matter(fire, FIRE)
    way(fire, "当场许可，转核查")
    fire.select_option("#field-promise_signed", label="否")
    fire.fill("#field-decided_on", today(fire))
    fire.fill("#field-licence_no", f"新消安〔2026〕{NUMBER}")
    button(fire, "当场许可，转核查")
    expect(fire.locator("#problems")).to_contain_text("没有签署承诺书")
    fire.select_option("#field-promise_signed", label="是")
    button(fire, "当场许可，转核查")
    assert stage(fire) == "已许可，待核查"

    # Street appearance asks for more, all of it at once: its clock and the joint one stand still, the others work on.
    open_matter(sign, SIGN)
    other_step(sign, "退回补正")
    expect(sign.locator("section", has=sign.locator("#effects"))).to_contain_text("一件事一次办 · 全程 · 承诺期限 10个工作日")
    sign.fill("#ask-wanted", "招牌效果图须标明尺寸和材质")
    button(sign, "退回补正")
    window.reload()
    expect(window.locator(".matter")).to_contain_text("等申请人补正：县城市管理和综合执法局：招牌效果图须标明尺寸和材质")
    shop.goto("/public/follow/")
    shop.fill("#code", code.lower())
    button(shop, "查进度")
    expect(shop.get_by_role("heading", level=1)).to_contain_text("已暂停")
    expect(shop.locator(".wanted")).to_contain_text("县城市管理和综合执法局：招牌效果图须标明尺寸和材质")
    expect(in_department(shop, "户外招牌设置")).to_contain_text("已暂停")
    expect(in_department(shop, "消防安全检查")).to_contain_text(f"新消安〔2026〕{NUMBER}")
    expect(shop.locator("main")).not_to_contain_text("孙街容")  # no official is named to anybody outside

    # The head of approvals urges the food licence, which does not have to wait.
    approvals.goto("/matters/?whose=all")
    approvals.locator("#table").get_by_role("link", name=FOOD).click()
    other_step(approvals, "督办")
    approvals.locator("form textarea, form input[type=text]").first.fill("申请人已租下门面，请抓紧现场核查")
    button(approvals, "督办")
    food.reload()
    expect(food.locator(".matter")).to_contain_text("督办 1")

    # The shop hands in by its code; both clocks run on, and say why they stood still.
    shop.fill("#answer", "效果图已标明：6 米乘 1.2 米，铝塑板")
    shop.set_input_files("#files", file_of(tmp_path, "招牌效果图.txt"))
    button(shop, "补交")
    expect(shop.locator(".note-success")).to_contain_text("已补交")
    window.reload()
    expect(window.locator(".matter")).not_to_contain_text("已暂停")
    assert due_time(window) >= joint  # never earlier
    promised = window.locator(".clocks > *", has_text="承诺期限 10个工作日")
    promised.locator("summary").click()
    expect(promised.locator(".reckoning")).to_contain_text("曾暂停计时（待补正：县城市管理和综合执法局")
    expect(promised.locator(".reckoning")).to_contain_text("招牌效果图须标明尺寸和材质（行政许可法第三十二条")

    # The last department to decide takes the matter to delivery; the check of the commitment goes on by itself.
    open_matter(sign, SIGN)
    expect(sign.locator(".matter")).to_contain_text("招牌效果图.txt")
    grant(sign, f"ZP-{NUMBER}")
    window.reload()
    assert stage(window) == "并联审批"
    expect(window.locator(".ways")).to_contain_text(f"并联事项「{FOOD}」未办结")
    grant(food, f"JY-{NUMBER}")
    window.reload()
    assert stage(window) == "统一送达"

    # Delivered in one go; the shop reads the licences by its code, and rates.
    way(window, "已送达，办结")
    window.fill("#field-delivered_at", shanghai_now(window))
    window.select_option("#field-delivery", label="邮寄")
    window.fill("#field-visits", "0")
    button(window, "已送达，办结")
    expect(window.locator(".matter")).to_contain_text("办结")
    shop.reload()
    assert stage(shop) == "办结"
    for department, licence in (("食品经营许可", "JY"), ("户外招牌设置", "ZP")):
        expect(in_department(shop, department)).to_contain_text("已许可")
        expect(in_department(shop, department)).to_contain_text(f"{licence}-{NUMBER}")
    shop.get_by_label("非常满意", exact=True).check()
    button(shop, "提交评价")
    expect(shop.locator("main")).to_contain_text("您的评价")

    # The check of the commitment comes later, and the applicant can follow that too.
    open_matter(fire, FIRE)
    way(fire, "与承诺相符")
    fire.fill("#field-checked_on", today(fire))
    fire.select_option("#field-check_result", label="与承诺相符")
    button(fire, "与承诺相符")
    shop.reload()
    expect(in_department(shop, "消防安全检查")).to_contain_text("已许可，核查相符")

    # The county leader reads how it went; there is nothing for him to press.
    leader.goto(home)
    expect(leader.locator(".matter")).to_contain_text("办结")
    assert leader.locator(".ways, .offers").count() == 0
    history = leader.locator("section", has=leader.locator("#history")).locator(".history")
    for said in (
        "登记并开始办理",
        "由「收件受理」转到「并联审批」",
        "暂停计时",
        "恢复计时",
        "由「并联审批」转到「统一送达」",
        "由「统一送达」办结",
    ):
        expect(history).to_contain_text(said)


def grant(page: Page, licence: str) -> None:
    way(page, "准予许可")
    page.fill("#field-decided_on", today(page))
    page.fill("#field-licence_no", licence)
    button(page, "准予许可")
    assert stage(page) == "已许可"


def test_days_of_waiting_for_the_applicant_are_not_the_offices(office: Office) -> None:
    """A demonstration matter that has stood still for days: the department sees what resuming does before it does so."""
    sign = office.desk("signage_head")
    sign.goto("/matters/?state=suspended")
    sign.locator("#table tbody a").first.click()
    expect(sign.locator(".matter")).to_contain_text("已暂停")
    other_step(sign, "恢复办理")
    effects = sign.locator("section", has=sign.locator("#effects"))
    expect(effects).to_contain_text("暂停前的期限")
    expect(effects).to_contain_text("现在恢复")
    before, after = re.findall(r"\d{4}-\d\d-\d\d \d\d:\d\d", effects.inner_text())[:2]
    assert after > before
    expect(effects).to_contain_text("一件事一次办 · 全程 · 承诺期限 10个工作日")  # and to the joint term
