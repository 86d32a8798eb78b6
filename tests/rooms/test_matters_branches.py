"""Composite approvals: a main matter under one joint clock, and a sub-matter for each department."""

from __future__ import annotations

import pytest

from banjie.ledger.models import Entry
from banjie.lib.errors import Invalid
from banjie.matters import actions
from banjie.matters.models import Matter
from banjie.matters.page import page
from banjie.people.models import Account
from banjie.registers.actions import create
from banjie.registers.attachments import attach
from banjie.registers.definition import Register
from banjie.registers.installing import install_register
from tests.rooms import matters_world as world
from tests.rooms.matters_world import at, field, request, title

pytestmark = pytest.mark.django_db

ITEMS = {
    "name": "items",
    "title": title("事项", "Items"),
    "key": ["request", "item"],
    "parent": {"register": "requests", "field": "request"},
    "fields": [
        field("request", "reference", of="requests", required=True),
        field("item", "text", required=True),
        field("opinion", "text"),
    ],
}
ITEM = {
    "name": "item",
    "title": title("单项审批", "Item"),
    "of": "items",
    "starts": "review",
    "stages": {
        "review": {
            "title": title("审查", "Review"), "owner": "lead_unit", "within": "3 workdays",
            "to": {"agreed": {"needs": ["opinion"], "files": 1}},
        },
        "agreed": {"title": title("同意", "Agreed"), "ending": "done"},
    },
}  # fmt: skip
JOINT = {
    "name": "trip",
    "title": title("一件事一次办", "One trip"),
    "of": "requests",
    "starts": "joint",
    "within": "10 workdays",
    "promise": "6 workdays",
    "stages": {
        "joint": {
            "title": title("并联审批", "Joint"), "owner": "desk", "within": "8 workdays",
            "branches": [
                {"process": "item", "fields": {"request": "code", "item": "'fire'"}},
                {"process": "item", "fields": {"request": "code", "item": "'health'"}},
                {"process": "item", "fields": {"request": "code", "item": "'large'"}, "when": "amount > 1000"},
            ],
            "to": {"issued": {}},
        },
        "issued": {"title": title("发证", "Issued"), "ending": "done"},
    },
}  # fmt: skip


@pytest.fixture
def people() -> dict[str, Account]:
    people = world.build()
    install_register(Register.load(ITEMS), pack="test", by=None)
    for mapping in (ITEM, JOINT):
        world.install_process(world.Process.load(mapping), pack="test", by=None)
    return people


@pytest.fixture
def main(people: dict[str, Account]) -> Matter:
    with at(world.MONDAY):
        return actions.open_matter("trip", request(amount="5"), by=people["desk"])


def due(matter: Matter) -> str:
    row = Matter.objects.get(pk=matter.pk)
    return f"{row.due_at.astimezone(world.clock.LOCAL):%m-%d %H:%M}"


def test_coming_to_the_stage_opens_a_branch_for_each_department(people: dict[str, Account], main: Matter) -> None:
    below = list(main.branches.order_by("pk"))
    assert [b.record.key for b in below] == ["Q-1/fire", "Q-1/health"]  # "large" was not called for
    assert [b.owner_post.code for b in below] == ["post-unit", "post-unit"]
    assert {c.stage: c.term for c in main.clocks.filter(promise=False)} == {"": "10 workdays", "joint": "8 workdays"}
    assert (due(main), due(below[0])) == ("09-14 17:30", "09-09 17:30")  # the promise of six days; the branch's own three


def test_a_branch_that_waits_does_not_move_the_joint_clock(people: dict[str, Account], main: Matter) -> None:
    fire = main.branches.get(record__key="Q-1/fire")
    with at("2021-09-07 09:00"):
        actions.suspend(fire, basis="现场勘验", version=1, by=people["unit"])
    with at("2021-09-09 09:00"):
        actions.resume(fire, version=2, by=people["unit"])
    assert (due(main), due(fire)) == ("09-14 17:30", "09-13 17:30")


def test_documents_handed_in_once_serve_every_branch_and_the_end_waits_for_all(people: dict[str, Account], main: Matter) -> None:
    fire, health = main.branches.order_by("pk")
    with at("2021-09-07 09:00"):
        with pytest.raises(Invalid, match="1 个文件"):
            actions.advance(fire, "agreed", version=1, by=people["unit"], changes={"opinion": "同意"})
        attach(main.record, b"%PDF-1.4\n", "plan.pdf", by=None)
        for branch in (fire, health):
            with pytest.raises(Invalid, match="未办结"):
                actions.advance(main, "issued", version=1, by=people["desk"])
            actions.advance(branch, "agreed", version=1, by=people["unit"], changes={"opinion": "同意"})
        assert actions.advance(main, "issued", version=1, by=people["desk"]).state == "closed"


def test_the_page_shows_the_branches_with_their_terms(people: dict[str, Account], main: Matter) -> None:
    with at("2021-09-07 09:00"):
        shown = page(main, by=people["desk"])
        below = page(shown.branches[0], by=people["unit"])
    assert [b.record.key for b in shown.branches] == ["Q-1/fire", "Q-1/health"]
    assert [c.title.en for c in shown.clocks] == ["the matter as a whole", "the matter as a whole", "Joint"]
    assert below.main == main


def test_a_main_matter_is_withdrawn_with_its_branches_each_in_its_own_chain(people: dict[str, Account], main: Matter) -> None:
    fire, health = main.branches.order_by("pk")
    attach(main.record, b"%PDF-1.4\n", "plan.pdf", by=None)
    with at("2021-09-07 09:00"):
        actions.advance(fire, "agreed", version=1, by=people["unit"], changes={"opinion": "同意"})
        actions.withdraw(main, version=1, by=people["desk"], why="不办了")
    assert [b.ending for b in main.branches.order_by("pk")] == ["done", "withdrawn"]  # what was decided stands
    entry = Entry.objects.of(health.record.chain).order_by("-index")[0]
    assert (entry.verb, entry.why) == ("matter.withdraw", "随「Q-1」一并撤回：不办了")


def test_an_item_without_its_main_is_no_branch(people: dict[str, Account], main: Matter) -> None:
    create("items", {"request": "Q-1", "item": "extra"}, by=None)
    assert main.branches.count() == 2
