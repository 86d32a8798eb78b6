"""The page of a matter: what can be done next and why the rest cannot, in a fixed number of queries."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from banjie.lib.errors import NotFound
from banjie.matters import actions
from banjie.matters.models import Matter, Task
from banjie.matters.page import page
from banjie.people.models import Account
from tests.rooms import matters_world as world
from tests.rooms.matters_world import at, request

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> dict[str, Account]:
    return world.build()


@pytest.fixture
def matter(people: dict[str, Account]) -> Matter:
    with at(world.MONDAY):
        return actions.open_matter("request", request(), by=people["desk"])


def test_the_owner_sees_the_ways_out_with_the_fields_they_ask_for(people: dict[str, Account], matter: Matter) -> None:
    with at("2021-09-06 11:00"):
        shown = page(matter, by=people["desk"])
    assert {m.to: m.allowed for m in shown.moves} == {"handling": True, "rejected": True, "noticed": True, "joint": True}
    assert [f.name for f in shown.moves[0].needs] == ["kind"]
    assert shown.yours
    assert shown.may == {"accept", "return_for_more", "suspend", "hand_over", "invite", "ask_extension", "withdraw", "edit"}
    assert [line.says.zh for line in shown.clocks[0].explained.lines]


def test_others_see_whose_turn_it_is(people: dict[str, Account], matter: Matter) -> None:
    with at("2021-09-06 13:00"):
        shown = page(matter, by=people["head"])
    assert not any(m.allowed for m in shown.moves)
    assert "专干办理" in shown.moves[0].reasons[0].says.zh
    assert shown.may == {"suspend", "hand_over", "urge", "withdraw"}
    assert shown.overdue


def test_a_notice_that_has_not_run_is_told_as_the_reason(people: dict[str, Account], matter: Matter) -> None:
    with at("2021-09-06 11:00"):
        actions.advance(matter, "noticed", version=1, by=people["desk"])
        shown = page(matter, by=people["desk"])
    assert [r.says.en for r in shown.moves[0].reasons] == [
        "the statutory notice has not run: the next step is allowed from 2021-09-19 00:00"
    ]


def test_whoever_may_not_see_the_record_sees_no_matter(people: dict[str, Account], matter: Matter) -> None:
    with pytest.raises(NotFound):
        page(matter, by=people["other"])


def test_my_matters_come_by_due_time_in_one_indexed_query(people: dict[str, Account], matter: Matter) -> None:
    with at("2021-09-06 09:00"):
        earlier = actions.open_matter("request", request("Q-2"), by=people["desk"])
        list(Matter.objects.mine(people["desk"]))  # reads the account's posts once
        with CaptureQueriesContext(connection) as seen:
            mine = list(Matter.objects.mine(people["desk"]).select_related("record")[:50])
    assert mine == [earlier, matter]
    assert len(seen) == 1
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN QUERY PLAN " + str(seen[0]["sql"]))
            plan = " ".join(str(row) for row in cursor.fetchall())
        assert "matter_of_post_by_due" in plan or "matter_by_due" in plan  # by owner, or in the order asked for


def test_my_tasks_are_those_of_my_post(people: dict[str, Account], matter: Matter) -> None:
    with at("2021-09-06 11:00"):
        actions.advance(matter, "joint", version=1, by=people["desk"])
        assert [t.name for t in Task.objects.mine(people["unit"])] == ["fire"]
        shown = page(matter, by=people["unit"])
    assert {t.task.name: t.yours for t in shown.tasks} == {"fire": True, "health": False}
