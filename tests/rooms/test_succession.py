"""Areas that were merged, renamed and split: who reaches the records of the old ones, and how these are moved."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from banjie.ledger.models import Entry
from banjie.lib.clock import simulated
from banjie.lib.errors import NotFound, Refusal
from banjie.lib.text import reading_in
from banjie.people.actions import assign_duty
from banjie.people.duties import holders
from banjie.people.models import Account, Post, Role
from banjie.people.scopes import forget_scope, scope_of
from banjie.people.verbs import Verb
from banjie.places.actions import close_area, split_area
from banjie.places.definition import AreaDefinition
from banjie.places.models import Area
from banjie.registers.actions import create, update
from banjie.registers.bulk import BadRows
from banjie.registers.models import Record
from banjie.registers.succeeding import move_to_successor
from tests.rooms import county

pytestmark = pytest.mark.django_db

COUNTY, YANGXI, BAIXI = "431322", "431322102", "431322109"
ON = date(2021, 7, 1)
WORK = [Verb.VIEW, Verb.CREATE, Verb.UPDATE]


@pytest.fixture(autouse=True)
def _a_county_in_english() -> Iterator[None]:
    county.areas()
    county.registers()
    with reading_in("en"), simulated(datetime(2021, 6, 1, 2, tzinfo=UTC)):
        create("projects", county.project("A", town=YANGXI), by=None)
        create("projects", county.project("B", town=BAIXI), by=None)
        yield


def town(code: str, en: str, level: str = "town", parent: str = COUNTY) -> AreaDefinition:
    return AreaDefinition.load(
        {"code": code, "parent": parent, "level": level, "name": {"zh": f"{en}镇", "en": en}, "valid_from": ON}
    )


def split(old: str, *successors: AreaDefinition) -> None:
    split_area(old=old, successors=list(successors), on=ON, by=None)


def clerk_of(area: str) -> Account:
    return county.person(f"clerk-{area}", area, WORK)


def seen(account: Account) -> list[str]:
    forget_scope(account)
    return sorted(Record.objects.visible_to(account).values_list("key", flat=True))


def after(day: date = ON) -> simulated:
    return simulated(datetime(day.year, day.month, day.day, 2, tzinfo=UTC))


def test_two_towns_become_one_and_its_clerk_reaches_what_both_had() -> None:
    split(YANGXI, town("431322200", "Merged"))
    split(
        BAIXI,
        AreaDefinition.load({"code": "431322200", "parent": COUNTY, "level": "town", "name": {"zh": "并镇", "en": "Merged"}}),
    )
    clerk = clerk_of("431322200")
    assert seen(clerk) == []  # the day has not come
    with after():
        assert seen(clerk) == ["A", "B"]
        held = Record.objects.get(key="A")
        update(held, {"planned": "1"}, version=1, by=clerk)
        held.refresh_from_db()
        assert held.area_id == YANGXI  # figures of the old town keep it
        assert scope_of(clerk).may(Verb.UPDATE, "projects", BAIXI)
        assert not scope_of(clerk).may(Verb.UPDATE, "projects", COUNTY)


def test_what_lay_below_goes_with_it_and_so_does_a_second_change() -> None:
    split(YANGXI, town("431322200", "First"))
    Area.objects.filter(pk=YANGXI).update(valid_to=None)
    Area.objects.create(code="431322102001", parent_id=YANGXI, level="village", name_zh="村", name_en="Village", valid_to=ON)
    with after(date(2021, 9, 1)):
        split_area(old="431322200", successors=[town("431322201", "Second")], on=date(2021, 9, 1), by=None)
        clerk = clerk_of("431322201")
        assert seen(clerk) == ["A"]
        assert scope_of(clerk).may(Verb.VIEW, "projects", "431322102001")


def test_after_a_split_the_records_stay_with_the_county_until_they_are_moved() -> None:
    split(YANGXI, town("431322211", "East"), town("431322212", "West"))
    east, wide, old = clerk_of("431322211"), clerk_of(COUNTY), clerk_of(YANGXI)
    with after():
        assert (seen(east), seen(wide), seen(old)) == ([], ["A", "B"], ["A"])
        create("reports", {"project": "A", "month": "2021-06", "invested": "1"}, by=wide)
        planned = move_to_successor(YANGXI, "431322211", by=wide, dry_run=True)
        assert planned["projects"].updated == 1
        assert seen(east) == []
        done = move_to_successor(YANGXI, "431322211", by=wide, origin="test")
        assert {name: written.updated for name, written in done.items()} == {"projects": 1}
        assert seen(east) == ["A", "A/2021-06"]
        entry = Entry.objects.of(Record.objects.get(key="A").chain).last()
        assert entry is not None
        assert (entry.why, entry.body["before"], entry.actor_id) == ("区划调整：由洋溪镇转入East镇", {"town": YANGXI}, wide.pk)


def test_a_split_is_moved_record_by_record() -> None:
    create("projects", county.project("A2", town=YANGXI), by=None)
    split(YANGXI, town("431322211", "East"), town("431322212", "West"))
    with after():
        move_to_successor(YANGXI, "431322211", by=None, register="projects", keys=["A"])
        move_to_successor(YANGXI, "431322212", by=None, register="projects", keys=["A2"])
    assert dict(Record.objects.values_list("key", "area_id")) == {"A": "431322211", "A2": "431322212", "B": BAIXI}


def test_only_to_where_it_went_and_only_by_who_works_in_both() -> None:
    split(YANGXI, town("431322211", "East"), town("431322212", "West"))
    old = clerk_of(YANGXI)
    with after():
        with pytest.raises(Refusal, match="did not take over"):
            move_to_successor(YANGXI, BAIXI, by=None)
        with pytest.raises(Refusal, match="no area with code 9"):
            move_to_successor(YANGXI, "9", by=None)
        with pytest.raises(NotFound):
            move_to_successor(YANGXI, "431322211", by=None, register="nothing")
        with pytest.raises(BadRows) as refused:
            move_to_successor(YANGXI, "431322211", by=old)
        assert "may not write in this area" in refused.value.problems[0].says.en
        assert move_to_successor(YANGXI, "431322211", by=clerk_of("431322212")) == {}  # sees nothing to move
    with pytest.raises(Refusal, match="did not take over"):  # not yet
        move_to_successor(YANGXI, "431322211", by=None)


def test_an_area_that_was_closed_without_a_successor_is_nobodys_but_the_countys() -> None:
    close_area(code=YANGXI, on=ON, by=None)
    with after():
        assert (seen(clerk_of(BAIXI)), seen(clerk_of(COUNTY))) == (["B"], ["A", "B"])


def test_duties_for_a_merged_town_are_found_with_its_successor_before_the_county() -> None:
    Role.objects.create(name="reporter", title_zh="责任人", title_en="Reporter")
    split(YANGXI, town("431322200", "Merged"))
    for area in ("431322200", COUNTY):
        clerk_of(area)
        assign_duty(Post.objects.get(code=f"post-clerk-{area}"), role="reporter", area=Area.objects.get(pk=area), by=None)
    with after():
        assert [h.post.code for h in holders("reporter", area=YANGXI, register="projects")] == ["post-clerk-431322200"]
    assert [h.post.code for h in holders("reporter", area=YANGXI, register="projects")] == [f"post-clerk-{COUNTY}"]


def test_reach_costs_one_query_on_either_database(django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    split(YANGXI, town("431322200", "Merged"))
    clerk = clerk_of("431322200")
    with after(), django_assert_num_queries(3):
        scope_of(clerk)
