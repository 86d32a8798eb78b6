"""The sheet of a record: every line, exact sums, and nothing for whoever may not see the record."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from tests.doors import web_world
from tests.doors.web_world import as_person
from tests.rooms import county
from tests.rooms.land_world import HOUSEHOLD, NEW, PROJECT, SHANGDU, YANGXI, peopled, standards

from banjie.people.models import Account
from banjie.people.verbs import Verb
from banjie.registers.actions import create, remove
from banjie.registers.models import Record

pytestmark = pytest.mark.django_db
OF_HOUSEHOLDS = ("households", "household_visits", "compensation_lines")


@pytest.fixture
def people(tmp_path: Path) -> dict[str, Account]:
    return peopled(tmp_path)


@pytest.fixture
def household(people: dict[str, Account]) -> Record:
    """Ten lines, entered out of order; the tenth in numbers that make fractions of a cent."""
    standards(people["land_bureau"])
    create("acquisitions", PROJECT, by=people["acquisition"])
    found = create("households", HOUSEHOLD, by=people["household_team"])
    for number in (10, *range(1, 10)):
        quantity = "33.333" if number == 10 else str(number)
        line = {"household": "H1", "number": number, "standard": NEW, "quantity": quantity}
        create("compensation_lines", line, by=people["household_team"])
    return found


def sheet(client: Client, record: Record) -> str:
    response = client.get(reverse("record-sheet", args=[record.pk]))
    assert response.status_code == 200
    return response.content.decode()


def cells(html: str) -> list[list[str]]:
    """The rows of the table of lines, the totals last."""
    rows = re.findall(r'<tr role="row">(.*?)</tr>', html, re.S)
    return [re.findall(r"<t[dh][^>]*>([^<]*)", row) for row in rows]


def test_every_line_is_shown_in_the_order_of_its_number_and_the_sum_is_exact_to_the_cent(
    people: dict[str, Account], household: Record
) -> None:
    rows = cells(sheet(as_person(people["household_team"]), household))
    assert [row[0] for row in rows[1:-1]] == [str(n) for n in range(1, 11)]
    assert rows[1] == ["1", "房屋（砖混）", "1", "平方米", "1,180.35", "2021-09-01", "1,180.35"]
    assert rows[10] == ["10", "房屋（砖混）", "33.333", "平方米", "1,180.35", "2021-09-01", "39,344.61"]  # 39,344.60655
    assert rows[-1] == ["", "合计", "", "", "", "", "92,460.36"]  # 45 × 1180.35 + 39344.61, and no sum of prices or of numbers


def test_the_sum_is_written_out_in_capitals_where_people_sign_in_chinese(people: dict[str, Account], household: Record) -> None:
    client = as_person(people["household_team"])
    assert "补偿金额合计（大写）：人民币玖万贰仟肆佰陆拾元叁角陆分" in sheet(client, household)
    client.cookies["banjie_language"] = "en"
    english = sheet(client, household)
    assert "Statement of compensation" in english
    assert "Total" in english
    assert "人民币" not in english


def test_the_sheet_names_who_signs_and_what_it_was_printed_from(people: dict[str, Account], household: Record) -> None:
    html = sheet(as_person(people["household_team"]), household)
    for said in (
        "补偿明细表",
        "江边公园",
        "刘满堂",
        "柳林组 9 号",
        "120.5平方米",
        "适用标准日期",
        "户主",
        "包户工作组",
        "第 1 版",
    ):
        assert said in html
    assert "13907380001" not in html  # the sheet names its fields, and the telephone is none of them


def test_who_may_not_see_what_is_personal_gets_it_masked(people: dict[str, Account], household: Record) -> None:
    reader = county.person("reader", SHANGDU, [])
    for register in OF_HOUSEHOLDS:
        grant(reader, register, SHANGDU)
    html = sheet(as_person(reader), household)
    assert "刘满堂" not in html
    assert "柳林组" not in html
    assert "92,460.36" in html


def test_lines_that_one_may_not_read_stay_off_the_sheet(people: dict[str, Account], household: Record) -> None:
    reader = county.person("reader", SHANGDU, [])
    grant(reader, "households", SHANGDU)
    html = sheet(as_person(reader), household)
    assert "H1" in html
    assert "补偿明细</h2>" not in html
    assert "92,460.36" not in html


def test_to_the_clerk_of_another_town_there_is_no_such_sheet(people: dict[str, Account], household: Record) -> None:
    neighbour = county.person("neighbour", YANGXI, [])
    for register in OF_HOUSEHOLDS:
        grant(neighbour, register, YANGXI)
    assert as_person(neighbour).get(reverse("record-sheet", args=[household.pk])).status_code == 404


def test_who_may_view_all_registers_but_not_this_confidential_one_gets_no_sheet(
    people: dict[str, Account], household: Record
) -> None:
    leader = county.person("leader", "431322", [Verb.VIEW, Verb.PERSONAL, Verb.EXPORT])
    for person in (leader, people["land_bureau"]):
        response = as_person(person).get(reverse("record-sheet", args=[household.pk]))
        assert response.status_code == 404
        assert "刘满堂" not in response.content.decode()


def test_a_sheet_is_only_read(people: dict[str, Account], household: Record) -> None:
    assert as_person(people["household_team"]).post(reverse("record-sheet", args=[household.pk])).status_code == 405


def test_a_record_that_was_removed_says_so_on_its_sheet(people: dict[str, Account]) -> None:
    made = county.person("chief", "431322", [Verb.VIEW, Verb.CREATE, Verb.UPDATE, Verb.REMOVE])
    project = create("acquisitions", PROJECT, by=made)
    remove(project, version=1, by=made, why="重复")
    assert "删除" in sheet(as_person(made), project)


def test_a_register_that_says_nothing_of_sheets_prints_all_its_fields_and_children() -> None:
    world = web_world.build()
    html = sheet(as_person(world.admin), world.record)
    for said in ("电子陶瓷扩建", "12,000,000.00元", "13800001234", "月报", "2021年10月", "500,000.00"):
        assert said in html


def grant(account: Account, register: str, area: str) -> None:
    account.appointments.get().post.grants.create(verb=Verb.VIEW, register=register, area_id=area)
