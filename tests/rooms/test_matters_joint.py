"""What a main matter and its branches do to each other: they wait, stand still and go on together as the process says."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from banjie.lib.errors import DefinitionError, Invalid
from banjie.matters import actions
from banjie.matters.actions.applying import supply, wanted
from banjie.matters.definition import Process
from banjie.matters.models import Matter
from banjie.people.models import Account
from banjie.registers.actions import create, update
from banjie.registers.definition import Register
from banjie.registers.installing import install_register
from tests.rooms import matters_world as world
from tests.rooms.matters_world import at, field, request, title
from tests.rooms.test_matters_branches import ITEMS

pytestmark = pytest.mark.django_db

PERMITS = {
    "name": "permits",
    "title": title("委托", "Permits"),
    "key": "code",
    "fields": [
        field("code", "text", required=True),
        field("kind", "text"),
        field("until", "date"),
        field("holder", "text", personal=True),
    ],
}
REQUESTS = {**world.REQUESTS, "fields": [*world.REQUESTS["fields"], field("permit", "reference", of="permits")]}
ITEM = {
    "name": "item",
    "title": title("单项审批", "Item"),
    "of": "items",
    "starts": "review",
    "stages": {
        "review": {
            "title": title("审查", "Review"), "owner": "lead_unit", "within": "3 workdays",
            "to": {"licensed": {}, "refused": {}},
        },
        "licensed": {
            "title": title("事后核查", "Check"), "owner": "lead_unit", "within": "20 workdays",
            "to": {"kept": {}, "review": {"returns": True}},
        },
        "kept": {"title": title("相符", "Kept"), "ending": "done"},
        "refused": {"title": title("不予许可", "Refused"), "ending": "rejected"},
    },
}  # fmt: skip


def trip(**more: object) -> dict[str, Any]:
    branches = [
        {"process": "item", "fields": {"request": "code", "item": f"'{name}'"}, "until": "licensed", "holds_main": True}
        for name in ("fire", "health")
    ]
    return {
        "name": "trip",
        "title": title("一件事", "One trip"),
        "of": "requests",
        "starts": "joint",
        "public_code": True,
        "within": "10 workdays",
        "corrections": "行政许可法第三十二条",
        "requires": [
            {
                "when": "permit is null or permit.until >= today and permit.kind = 'all.kinds'",
                "says": title("委托已过期", "the permit has expired"),
            }
        ],
        "stages": {
            "joint": {
                "title": title("并联审批", "Joint"), "owner": "desk", "untimed": title("以全程为准", "as the whole"),
                "branches": branches, "to": {"issued": {"by_itself": True}},
            },
            "issued": {"title": title("发证", "Issued"), "owner": "desk", "within": "1 workday", "to": {"closed": {}}},
            "closed": {"title": title("办结", "Closed"), "ending": "done"},
        },
    } | more  # fmt: skip


@pytest.fixture
def people() -> dict[str, Account]:
    people = world.build()
    install_register(Register.load(PERMITS), pack="test", by=None)
    install_register(Register.load(REQUESTS), pack="test", by=None)
    install_register(Register.load(ITEMS), pack="test", by=None)
    for mapping in (ITEM, trip()):
        world.install_process(Process.load(mapping), pack="test", by=None)
    return people


@pytest.fixture
def main(people: dict[str, Account]) -> Matter:
    with at(world.MONDAY):
        return actions.open_matter("trip", request(), by=people["desk"])


def again(matter: Matter) -> Matter:
    return Matter.objects.select_related("record").get(pk=matter.pk)


def due(matter: Matter) -> str:
    row = again(matter)
    return f"{row.due_at.astimezone(world.clock.LOCAL):%m-%d %H:%M}" if row.due_at else ""


def branch(main: Matter, item: str) -> Matter:
    return main.branches.get(record__key=f"Q-1/{item}")


def test_the_last_branch_takes_the_main_matter_on(people: dict[str, Account], main: Matter) -> None:
    with at("2021-09-07 09:00"):
        actions.advance(branch(main, "fire"), "licensed", version=1, by=people["unit"])
        assert again(main).stage == "joint"
        actions.advance(branch(main, "health"), "refused", version=1, by=people["unit"])
    assert again(main).stage == "issued"
    assert branch(main, "fire").state == "open"  # its check goes on by itself


def test_the_main_matter_ends_while_a_check_runs_and_the_check_may_come_back(people: dict[str, Account], main: Matter) -> None:
    with at("2021-09-07 09:00"):
        for item in ("fire", "health"):
            actions.advance(branch(main, item), "licensed", version=1, by=people["unit"])
        actions.advance(main, "closed", version=again(main).version, by=people["desk"])
        actions.advance(branch(main, "fire"), "review", version=2, by=people["unit"])  # sent back: nothing happens to the main
    assert (again(main).state, branch(main, "fire").stage) == ("closed", "review")


def test_a_branch_that_goes_back_is_waited_for_again(people: dict[str, Account], main: Matter) -> None:
    with at("2021-09-07 09:00"):
        actions.advance(branch(main, "fire"), "licensed", version=1, by=people["unit"])
        actions.advance(branch(main, "fire"), "review", version=2, by=people["unit"])
        actions.advance(branch(main, "health"), "licensed", version=1, by=people["unit"])
    assert again(main).stage == "joint"


def test_the_joint_clock_stands_still_while_a_branch_waits_for_the_applicant(people: dict[str, Account], main: Matter) -> None:
    assert due(main) == "09-18 17:30"  # ten workdays: 18 September 2021 was worked in place of the 20th
    with at("2021-09-07 09:00"):
        actions.return_for_more(branch(main, "fire"), wanted="平面图", version=1, by=people["unit"])
    assert again(main).state == "suspended"
    assert "平面图（行政许可法第三十二条）" in str(main.clocks.get().events.last().basis)
    assert again(branch(main, "health")).state == "open"  # the others work on
    with at("2021-09-08 09:00"):
        actions.return_for_more(branch(main, "health"), wanted="健康证", version=1, by=people["unit"])
    assert wanted(again(main)) == "单位：平面图\n单位：健康证"
    with at("2021-09-09 09:00"):
        actions.resume(branch(main, "fire"), version=2, by=people["unit"])
    assert again(main).state == "suspended"  # health still waits
    with at("2021-09-10 09:00"):
        supply(again(main), answer="已补")
    assert (again(main).state, due(main)) == ("open", "09-24 17:30")  # three workdays later
    assert branch(main, "health").state == "open"


def test_a_branch_suspended_for_another_reason_leaves_the_joint_clock(people: dict[str, Account], main: Matter) -> None:
    with at("2021-09-07 09:00"):
        actions.suspend(branch(main, "fire"), basis="现场勘验", version=1, by=people["unit"])
    assert again(main).state == "open"
    assert wanted(again(main)) is None


def test_a_branch_withdrawn_while_it_waits_lets_the_rest_go_on_where_the_process_says_so(people: dict[str, Account]) -> None:
    joint = trip()
    for declared in joint["stages"]["joint"]["branches"]:
        declared["if_withdrawn"] = "goes_on"
    world.install_process(Process.load(joint), pack="test", by=None)
    with at(world.MONDAY):
        main = actions.open_matter("trip", request(), by=people["desk"])
    with at("2021-09-07 09:00"):
        actions.return_for_more(branch(main, "fire"), wanted="平面图", version=1, by=people["unit"])
        actions.withdraw(branch(main, "fire"), version=2, by=people["unit"], why="不再需要")
        assert again(main).state == "open"
        actions.withdraw(branch(main, "health"), version=1, by=people["unit"], why="不再需要")
    assert again(main).stage == "issued"


def test_what_is_required_is_looked_up_behind_the_reference_when_it_is_opened(people: dict[str, Account]) -> None:
    permit = create("permits", {"code": "P-1", "kind": "all.kinds", "until": date(2021, 9, 6)}, by=None)
    with at(world.MONDAY):
        actions.open_matter("trip", request("Q-7", permit="P-1"), by=people["desk"])  # on its last day
    with at("2021-09-07 09:00"):
        with pytest.raises(Invalid, match="委托已过期"):
            actions.open_matter("trip", request("Q-8", permit="P-1"), by=people["desk"])
        update(permit, {"until": date(2021, 12, 31), "kind": "some"}, version=1, by=None)
        with pytest.raises(Invalid, match="委托已过期"):
            actions.open_matter("trip", request("Q-8", permit="P-1"), by=people["desk"])
    assert not Matter.objects.filter(record__key="Q-8").exists()


def test_a_guard_does_not_look_at_what_is_personal_or_not_there(people: dict[str, Account]) -> None:
    for column in ("holder", "nothing"):
        requires = [{"when": f"permit.{column} = 'x'", "says": title("不符", "no")}]
        with pytest.raises(DefinitionError):
            world.install_process(Process.load(trip(requires=requires)), pack="test", by=None)


def test_a_main_matter_cannot_wait_for_a_stage_that_is_not_there(people: dict[str, Account]) -> None:
    mapping = trip()
    for branch_said in mapping["stages"]["joint"]["branches"]:
        branch_said["until"] = "nowhere"
    with pytest.raises(DefinitionError, match="没有环节「nowhere」"):
        world.install_process(Process.load(mapping), pack="test", by=None)


def test_an_applicant_is_shown_nothing_personal_and_no_reference(people: dict[str, Account]) -> None:
    for name in ("phone", "permit", "nothing"):
        with pytest.raises(DefinitionError):
            world.install_process(Process.load(trip(applicant_sees=[name])), pack="test", by=None)


def test_a_guard_may_ask_for_files_and_for_the_day_at_once(people: dict[str, Account]) -> None:
    requires = [{"when": "permit is null or permit.until >= today and files = 0", "says": title("不符", "no")}]
    world.install_process(Process.load(trip(requires=requires)), pack="test", by=None)
    create("permits", {"code": "P-1", "kind": "some", "until": date(2021, 9, 6)}, by=None)
    with at(world.MONDAY):
        assert actions.open_matter("trip", request("Q-7", permit="P-1"), by=people["desk"]).state == "open"


def test_branches_in_one_process_are_waited_for_alike(people: dict[str, Account]) -> None:
    mapping = trip()
    mapping["stages"]["joint"]["branches"][1] |= {"holds_main": False}
    with pytest.raises(DefinitionError, match="须一致"):
        world.install_process(Process.load(mapping), pack="test", by=None)
