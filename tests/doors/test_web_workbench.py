"""The workbench: what I owe month by month, what is past its day, what I follow; and what changed, an import as one line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.doors.web_world import as_person
from tests.rooms import county

from banjie.ledger.models import Entry
from banjie.lib import clock
from banjie.packs.models import InstalledPack
from banjie.people.models import Account, Appointment, Duty, Organisation, Post
from banjie.people.verbs import Verb
from banjie.registers.actions import create
from banjie.registers.bulk import write_many
from banjie.registers.definition import Register
from banjie.registers.files import store
from banjie.registers.installing import install_register
from banjie.registers.models import ImportRun

NOW = datetime(2021, 4, 10, 1, 0, tzinfo=UTC)  # March is due since the 5th, April is not
YANGXI, BAIXI = "431322102", "431322109"


def both(text: str) -> dict[str, str]:
    return {"zh": text, "en": text}


def field(name: str, kind: str = "text", **more: object) -> dict[str, object]:
    return {"name": name, "type": kind, "title": both(name), **more}


WORKS: dict[str, Any] = {
    "name": "works", "title": both("works"), "key": "code", "label": "name", "area": "town",
    "choices": [{"name": "leaders", "title": both("leaders"), "options": [
        {"code": "mayor", "title": both("mayor")}, {"code": "deputy", "title": both("deputy")}]}],
    "fields": [
        field("code", required=True), field("name", required=True), field("town", "area", required=True),
        field("plan_year", "year", index=True), field("sponsor", "choice", of="leaders", index=True),
        field("planned", "decimal", unit="CNY"), field("in_plan", "boolean"),
    ],
}  # fmt: skip
REPORTS: dict[str, Any] = {
    "name": "work_reports", "title": both("reports"), "key": ["work", "month"], "parent": {"register": "works", "field": "work"},
    "fields": [field("work", "reference", of="works", required=True), field("month", "month", required=True, index=True),
               field("invested", "decimal", unit="CNY")],
}  # fmt: skip
TROUBLES: dict[str, Any] = {
    "name": "troubles", "title": both("troubles"), "key": ["work", "number"], "label": "what",
    "parent": {"register": "works", "field": "work"},
    "fields": [field("work", "reference", of="works", required=True), field("number", "integer", required=True),
               field("what", required=True), field("due_on", "date", index=True), field("closed_on", "date", index=True)],
}  # fmt: skip
LISTS: list[dict[str, Any]] = [
    {"name": "missing", "title": both("缺报"), "empty": both("都已报齐"), "register": "works", "where": "in_plan",
     "year": "plan_year", "order": "code", "mine": {"duty": "reporter"},
     "missing": {"register": "work_reports", "month": "month", "by_day": 5}},
    {"name": "late", "title": both("逾期问题"), "empty": both("没有逾期"), "register": "troubles",
     "where": "closed_on is null and due_on < today", "order": "due_on", "due": "due_on",
     "mine": {"duty": "reporter", "post": "sponsor"}},
    {"name": "sponsored", "title": both("我挂点的"), "empty": both("没有挂点"), "register": "works", "year": "plan_year",
     "order": "code", "mine": {"post": "sponsor"},
     "progress": {"register": "work_reports", "sum": "invested", "of": "planned"}},
]  # fmt: skip


@pytest.fixture
def clerk(db: None) -> Iterator[Account]:
    """The reporter of 洋溪镇: W-1 and W-2 are in the plan there, W-3 lies in the next town; the mayor sponsors W-1."""
    with clock.simulated(NOW):
        county.areas()
        Organisation.objects.create(code="county", area_id="431322", name_zh="县", name_en="County")
        for mapping in (WORKS, REPORTS, TROUBLES):
            install_register(Register.load(mapping), pack="test", by=None)
        account = county.person("clerk", YANGXI, county.CLERK)
        Duty.objects.create(post=Post.objects.get(code="post-clerk"), role="reporter", area_id=YANGXI, begins_on=date(2021, 1, 1))
        for code, town, sponsor in (("W-1", YANGXI, "mayor"), ("W-2", YANGXI, "deputy"), ("W-3", BAIXI, "deputy")):
            values = {"name": f"工程{code}", "town": town, "plan_year": 2021, "planned": "1000000", "in_plan": True}
            create("works", {"code": code, "sponsor": sponsor, **values}, by=None)
        for code, month in (("W-1", 1), ("W-2", 1), ("W-1", 2), ("W-3", 1), ("W-3", 2), ("W-3", 3)):
            create("work_reports", {"work": code, "month": f"2021-0{month}", "invested": "200000"}, by=None)
        for number, (due, closed) in enumerate([("2021-04-09", ""), ("2021-04-10", ""), ("2021-03-01", "2021-03-02")], 1):
            create(
                "troubles",
                {"work": "W-1", "number": number, "what": f"问题{number}", "due_on": due, "closed_on": closed},
                by=None,
            )
        InstalledPack.objects.create(
            name="test", number=1, version="1", title_zh="测试", title_en="Test", digest="0" * 64,
            content={"screens": {"workbench": LISTS}}, installed_at=NOW,
        )  # fmt: skip
        yield account


@pytest.fixture
def mayor(clerk: Account) -> Account:
    """A leader who may view the county and holds the post that W-1 names as its sponsor."""
    account = county.person("leader", "431322", [Verb.VIEW])
    post = Post.objects.create(
        organisation=Organisation.objects.get(code="county"), code="mayor", name_zh="县长", name_en="Mayor"
    )
    Appointment.objects.create(account=account, post=post, begins_on=date(2021, 1, 1))
    return account


def see(browser: Client, address: str = "/") -> str:
    response = browser.get(address)
    assert response.status_code == 200
    return str(response.content.decode())


def section(said: str, name: str) -> str:
    return said.split(f'id="owed-{name}"')[1].split("</section>")[0]


def test_missing_reports_stand_month_by_month_the_latest_first_and_end_with_the_last_that_is_due(clerk: Account) -> None:
    missing = section(see(as_person(clerk)), "missing")
    assert re.findall(r"<b>([^<]*)</b> 缺 (\d+) 份", missing) == [("2021年3月", "2"), ("2021年2月", "1")]
    assert "工程W-1" in missing
    assert "工程W-3" not in missing
    assert 'href="/registers/work_reports/new/?work=W-1&amp;month=2021-03"' in missing


def test_the_list_of_a_month_names_who_has_not_reported_for_it(clerk: Account) -> None:
    said = see(as_person(clerk), "/workbench/missing/?month=2021-02").split("<main")[1]
    assert "工程W-2" in said
    assert "工程W-1" not in said


def test_of_a_year_gone_by_only_months_that_somebody_reported_are_owed(clerk: Account) -> None:
    with clock.simulated(datetime(2022, 6, 1, tzinfo=UTC)):
        missing = section(see(as_person(clerk)), "missing")
    assert re.findall(r"<b>([^<]*)</b> 缺", missing) == ["2021年2月"]


def test_next_years_plan_does_not_hide_what_this_year_owes(clerk: Account) -> None:
    create("works", {"code": "N-1", "name": "明年", "town": YANGXI, "plan_year": 2022, "in_plan": True}, by=None)
    assert "2021年3月" in section(see(as_person(clerk)), "missing")


def test_what_is_past_its_day_and_not_done_is_listed_with_the_days(clerk: Account) -> None:
    late = section(see(as_person(clerk)), "late")
    assert re.findall(r">(问题\d)<", late) == ["问题1"]  # the second is due today, the third is closed
    assert "逾期 1 天" in late
    assert "工程W-1" in late


def test_a_leader_sees_the_projects_of_the_post_with_their_progress(mayor: Account) -> None:
    said = see(as_person(mayor))
    sponsored = section(said, "sponsored")
    assert "工程W-1" in sponsored
    assert "工程W-2" not in sponsored
    assert "40.0%" in sponsored
    assert 'value="40"' in sponsored
    assert "问题1" in section(said, "late")
    assert 'id="owed-missing"' not in said  # nobody asked the leader to report


def test_a_list_that_does_not_concern_me_is_neither_shown_nor_opened(clerk: Account) -> None:
    stranger = as_person(county.person("stranger", YANGXI, [Verb.VIEW]))
    assert 'id="owed-' not in see(stranger)
    assert stranger.get("/workbench/missing/").status_code == 404


def test_a_list_with_nothing_on_it_says_so(clerk: Account) -> None:
    with clock.simulated(datetime(2021, 4, 9, 1, 0, tzinfo=UTC)):
        assert "没有逾期" in section(see(as_person(clerk)), "late")


def test_an_import_of_many_rows_is_one_line_among_the_last_changes(clerk: Account) -> None:
    file = store("编号\nI-1\n".encode())
    run = ImportRun.objects.create(register="works", account=clerk, file=file, name="项目.xlsx", asked_at=clock.now())
    rows = [{"code": f"I-{n}", "name": f"导入{n}", "town": YANGXI} for n in range(40)]
    write_many("works", rows, by=clerk, origin=f"import:{run.pk}", verb=Verb.IMPORT)
    assert Entry.objects.filter(origin=f"import:{run.pk}").count() == 40
    recent = see(as_person(clerk)).split('id="recent"')[1].split("</section>")[0]
    assert "导入0" not in recent
    assert recent.count("项目.xlsx") == 1
    assert f'href="/imports/{run.pk}/"' in recent


def test_the_workbench_costs_no_more_queries_for_many_records_than_for_few(clerk: Account) -> None:
    browser = as_person(clerk)
    see(browser)
    with CaptureQueriesContext(connection) as few:
        see(browser)
    rows = [{"code": f"M-{n}", "name": f"许多{n}", "town": YANGXI, "plan_year": 2021, "in_plan": True} for n in range(60)]
    write_many("works", rows, by=None, origin="test")
    with CaptureQueriesContext(connection) as many:
        see(browser)
    assert len(many) <= len(few) + 4  # the rows are one batch: where it came from, how many, what was before it
