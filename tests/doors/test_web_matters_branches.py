"""A composite approval on the screen: the branches below the main matter, and the joint term above each branch."""

from __future__ import annotations

from copy import deepcopy

import pytest
from django.urls import reverse
from tests.doors.web_world import as_person
from tests.rooms import matters_world as world
from tests.rooms.matters_world import at, request
from tests.rooms.test_matters_branches import ITEM, ITEMS, JOINT

from banjie.matters import actions
from banjie.matters.models import Matter
from banjie.people.models import Account
from banjie.registers.attachments import attach
from banjie.registers.definition import Register
from banjie.registers.installing import install_register

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> dict[str, Account]:
    people = world.build()
    install_register(Register.load(ITEMS), pack="test", by=None)
    from_packs = (deepcopy(ITEM) | {"applicant_sees": ["opinion"]}, deepcopy(JOINT) | {"public_code": True})
    for mapping in from_packs:
        world.install_process(world.Process.load(mapping), pack="test", by=None)
    return people


def page_of(account: Account, matter: Matter) -> str:
    answer = as_person(account).get(reverse("record", args=[matter.record_id]))
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_the_main_matter_lists_its_branches_and_each_branch_shows_the_joint_term(people: dict[str, Account]) -> None:
    with at(world.MONDAY):
        main = actions.open_matter("trip", request("T-1"), by=people["desk"])
        fire, health = main.branches.order_by("pk")
        page = page_of(people["desk"], main)
        assert "并联事项" in page
        assert page.count("审查 · 单位") == 2  # whose turn it is
        below = page_of(people["unit"], fire)
    assert "主事项" in below
    assert "共同期限" in below
    assert f"/records/{main.record_id}/#matter" in below
    assert health.record_id != fire.record_id


def test_a_branch_shows_what_was_handed_in_with_the_main_matter_to_who_may_see_that(people: dict[str, Account]) -> None:
    with at(world.MONDAY):
        main = actions.open_matter("trip", request("T-1"), by=people["desk"])
        fire = main.branches.order_by("pk")[0]
        handed_in = attach(main.record, b"%PDF-1.4\n", "平面图.pdf", by=None)
        page = page_of(people["unit"], fire)
    assert "共用材料" in page
    address = reverse("file", args=[handed_in.pk])
    assert address in page
    answer = as_person(people["unit"]).get(address)
    assert b"".join(answer.streaming_content) == b"%PDF-1.4\n"  # type: ignore[attr-defined]
    answer.close()


def test_the_main_matter_says_which_branches_it_waits_for(people: dict[str, Account]) -> None:
    with at(world.MONDAY):
        main = actions.open_matter("trip", request("T-1"), by=people["desk"])
        desk = as_person(people["desk"])
        address = reverse("matter-step-of", args=[main.pk, "advance", "issued"])
        assert "未办结" in desk.get(address).content.decode()
        answer = desk.post(address, {"version": main.version})
    assert answer.status_code == 422
    assert "未办结" in answer.content.decode()


def test_the_applicant_sees_each_department_and_the_promised_day(people: dict[str, Account]) -> None:
    with at(world.MONDAY):
        main = actions.open_matter("trip", request("T-1"), by=people["desk"])
        page = as_person(people["reader"]).get(reverse("portal-matter", args=[main.code])).content.decode()
        fire = main.branches.order_by("pk")[0]
        attach(main.record, b"%PDF-1.4\n", "平面图.pdf", by=None)
        actions.advance(fire, "agreed", version=1, by=people["unit"], changes={"opinion": "同意，编号7"})
        decided = as_person(people["reader"]).get(reverse("portal-matter", args=[main.code])).content.decode()
    assert page.count("单项审批") == 2
    assert "承诺办结" in page
    assert "2021-09-14 17:30" in page  # six workdays
    assert "同意，编号7" not in page
    assert "同意，编号7" in decided
    assert "平面图.pdf" not in decided  # a code shows what is opened, and nothing else


def test_the_main_matter_says_what_the_applicant_is_asked_for(people: dict[str, Account]) -> None:
    with at(world.MONDAY):
        main = actions.open_matter("trip", request("T-1"), by=people["desk"])
        fire = main.branches.order_by("pk")[0]
        assert "等申请人补正" not in page_of(people["desk"], main)
        actions.return_for_more(fire, wanted="平面图须盖章", version=1, by=people["unit"])
        assert "单位：平面图须盖章" in page_of(people["desk"], main)
        assert "等申请人补正：平面图须盖章" in page_of(people["unit"], fire)


def test_the_form_of_a_department_shows_what_its_step_does_to_its_own_term_and_to_the_joint_one(
    people: dict[str, Account],
) -> None:
    holding = deepcopy(JOINT)
    for said in holding["stages"]["joint"]["branches"]:
        said["holds_main"] = True
    world.install_process(world.Process.load(holding), pack="test", by=None)
    with at(world.MONDAY):
        main = actions.open_matter("trip", request("T-1"), by=people["desk"])
        fire = main.branches.order_by("pk")[0]
        unit = as_person(people["unit"])
        asking = unit.get(reverse("matter-step", args=[fire.pk, "return_for_more"])).content.decode()
        actions.return_for_more(fire, wanted="平面图", version=1, by=people["unit"])
    with at("2021-09-08 09:00"):
        resuming = unit.get(reverse("matter-step", args=[fire.pk, "resume"])).content.decode()
    for form in (asking, resuming):
        assert "审查 · 期限 3个工作日" in form
        assert "一件事一次办 · 全程 · 承诺期限 6个工作日" in form
    assert "2021-09-16 17:30" in resuming  # the promise of six days, two workdays later


def test_the_page_of_a_process_names_what_runs_beside_each_stage(people: dict[str, Account]) -> None:
    page = as_person(people["desk"]).get(reverse("process", args=["trip"])).content.decode()
    assert "并联：" in page
    assert reverse("process", args=["item"]) in page
