"""A request is taken in only from where somebody can see it and handle it; else it is refused, and nothing is written."""

from __future__ import annotations

from typing import Any

import pytest

from banjie.ledger.models import Entry
from banjie.lib.errors import Invalid
from banjie.matters.actions import hand_in
from banjie.matters.catalogue import compiled, in_force
from banjie.matters.definition import Process
from banjie.matters.installing import install_process
from banjie.matters.intake import areas_taken
from banjie.matters.models import Matter
from banjie.people.models import Account, Duty, Grant
from banjie.places.models import Area
from banjie.registers.models import Record
from tests.rooms import applicants_world as world
from tests.rooms.matters_world import BAIXI, COUNTY, YANGXI, at

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> dict[str, Account]:
    return world.build()


def process(owner: object = "desk", sets: dict[str, str] | None = None, **public: Any) -> None:
    """The process, with another first owner."""
    received = world.PROCESS["stages"]["received"] | {"owner": owner}
    public = world.PROCESS["public"] | {"sets": {"kind": "'online'"} | (sets or {})} | public
    declared = world.PROCESS | {"public": public, "stages": world.PROCESS["stages"] | {"received": received}}
    install_process(Process.load(declared), pack="test", by=None)


def taken() -> set[str]:
    with at("2021-09-06 10:00"):
        return {area.code for area in areas_taken(compiled(in_force("request").version.digest))}


def refused(town: str, match: str) -> None:
    before = Record.objects.count(), Matter.objects.count(), Entry.objects.count()
    with at("2021-09-06 10:00"), pytest.raises(Invalid, match=match):
        hand_in("request", {"town": town, "amount": "5"})
    assert (Record.objects.count(), Matter.objects.count(), Entry.objects.count()) == before


def test_areas_above_those_of_the_owner_are_neither_offered_nor_taken(people: dict[str, Account]) -> None:
    province = Area.objects.create(code="430000", level="province", name_zh="湖南省", name_en="Hunan", valid_from="1949-10-01")
    Area.objects.filter(code=COUNTY).update(parent=province)
    assert {COUNTY, YANGXI, BAIXI} <= taken()
    assert "430000" not in taken()
    for said in ("430000", "湖南省"):
        refused(said, "湖南省没有办理这项业务的岗位")


def test_a_process_that_asks_for_towns_takes_no_county(people: dict[str, Account]) -> None:
    process(level="town")
    assert {YANGXI, BAIXI} <= taken()
    assert COUNTY not in taken()
    refused(COUNTY, "更具体的地区")
    with at("2021-09-06 10:00"):
        assert hand_in("request", {"town": YANGXI, "amount": "5"}).record.area_id == YANGXI


def test_the_nearest_post_of_a_role_must_hold_the_grants_there(people: dict[str, Account]) -> None:
    process(owner="lead_unit")  # one in each of two towns
    assert taken() == {YANGXI, BAIXI}
    Grant.objects.filter(post__code="post-other", verb="handle").delete()
    assert taken() == {YANGXI}
    refused(BAIXI, "请另选")
    Duty.objects.all().delete()
    assert taken() == set()
    refused(YANGXI, "请另选")


def test_an_owner_that_a_formula_names_is_asked_area_by_area(people: dict[str, Account]) -> None:
    process(owner={"field": "unit"}, sets={"unit": f"case when town = '{YANGXI}' then 'post-unit' else 'post-other' end"})
    assert taken() == {YANGXI, BAIXI}
    refused(COUNTY, "请另选")
    process(owner={"organisation": "unit"}, sets={"unit": "'org-unit'"})
    assert taken() == {YANGXI}


def test_an_owner_that_depends_on_more_than_the_area_is_asked_once_it_is_known(people: dict[str, Account]) -> None:
    process(
        owner={"field": "unit"}, sets={"unit": "case when amount > 100 then 'post-other' when amount > 1 then 'post-unit' end"}
    )
    assert {YANGXI, BAIXI} <= taken()
    refused(BAIXI, "没有收下")  # the post of the other town
    with at("2021-09-06 10:00"):
        assert hand_in("request", {"town": YANGXI, "amount": "5"}).record.area_id == YANGXI
