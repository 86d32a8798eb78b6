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
from banjie.registers.definition import Register
from banjie.registers.installing import install_register

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> dict[str, Account]:
    people = world.build()
    install_register(Register.load(ITEMS), pack="test", by=None)
    from_packs = (deepcopy(ITEM), deepcopy(JOINT) | {"public_code": True})
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
        assert page.count("审查 · 单项审批") == 2
        below = page_of(people["unit"], fire)
    assert "主事项" in below
    assert "共同期限" in below
    assert f"/records/{main.record_id}/#matter" in below
    assert health.record_id != fire.record_id


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
    assert page.count("单项审批") == 2
    assert "承诺办结" in page
    assert "2021-09-14 17:30" in page  # six workdays
