"""A process changes while matters are open: they keep their version, or are moved explicitly, and back."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from banjie.ledger.models import Entry
from banjie.lib.errors import Invalid, NotPermitted
from banjie.matters import actions
from banjie.matters.definition import Process
from banjie.matters.installing import install_process, retire_process
from banjie.matters.models import Matter
from banjie.people.models import Account
from tests.rooms import matters_world as world
from tests.rooms.matters_world import at, request

pytestmark = pytest.mark.django_db


def changed() -> dict[str, Any]:
    """Handling takes three workdays instead of five, and is called working; a notice is gone."""
    new = copy.deepcopy(world.PROCESS)
    stages = new["stages"]
    stages["working"] = {**stages.pop("handling"), "within": "3 workdays"}
    stages.pop("noticed")
    for stage in stages.values():
        ways = stage.get("to", {})
        ways.pop("noticed", None)
        if "handling" in ways:
            ways["working"] = ways.pop("handling")
    return new


@pytest.fixture
def people() -> dict[str, Account]:
    return world.build()


def opened(people: dict[str, Account], n: int) -> Matter:
    with at(world.MONDAY):
        made = actions.open_matter("request", request(f"Q-{n}", kind="路灯"), by=people["desk"])
    with at("2021-09-06 11:00"):
        return actions.advance(made, "handling", version=1, by=people["desk"])


def place(matter: Matter) -> tuple[object, ...]:
    row = Matter.objects.get(pk=matter.pk)
    due = row.due_at and f"{row.due_at.astimezone(world.clock.LOCAL):%m-%d %H:%M}"
    return row.definition.number, row.stage, row.state, due


def test_open_matters_finish_under_the_version_they_began_with(people: dict[str, Account]) -> None:
    matter = opened(people, 1)
    install_process(Process.load(changed()), pack="test", by=None)
    with at("2021-09-07 11:00"):
        assert actions.advance(matter, "closed", version=2, by=people["unit"], changes={"result": "好"}).state == "closed"
        later = actions.open_matter("request", request("Q-2", kind="x"), by=people["desk"])
    assert (place(matter)[0], place(later)[0]) == (1, 2)


def test_a_migration_is_listed_keeps_what_the_clocks_have_seen_and_can_be_undone(people: dict[str, Account]) -> None:
    plain, paused, suspended = (opened(people, n) for n in (1, 2, 3))
    with at("2021-09-08 10:00"):
        for m in (paused, suspended):
            actions.suspend(m, basis="听证", version=2, by=people["unit"])
    with at("2021-09-10 15:00"):
        actions.resume(paused, version=3, by=people["unit"])
    before = [place(m) for m in (plain, paused, suspended)]
    install_process(Process.load(changed()), pack="test", by=None)
    with at("2021-09-10 16:00"):
        with pytest.raises(Invalid, match="handling"):
            actions.migrate_matters("request", 2, by=None, why="新办法")
        assert [place(m) for m in (plain, paused, suspended)] == before
        run = actions.migrate_matters("request", 2, mapping={"handling": "working"}, by=None, why="新办法施行")
    assert [place(m) for m in (plain, paused, suspended)] == [
        (2, "working", "open", "09-09 17:30"),  # three workdays from the same start
        (2, "working", "open", "09-13 17:30"),  # its pause is not forgotten
        (2, "working", "suspended", None),
    ]
    assert [m["key"] for m in run.moved] == ["Q-1", "Q-2", "Q-3"]
    assert Entry.objects.filter(verb="matter.migrate").count() == 3
    with at("2021-09-10 17:00"):
        actions.undo_migration(run, by=None, why="办法暂缓")
    assert [place(m) for m in (plain, paused, suspended)] == before


def test_what_went_on_since_cannot_be_put_back(people: dict[str, Account]) -> None:
    matter = opened(people, 1)
    install_process(Process.load(changed()), pack="test", by=None)
    with at("2021-09-07 11:00"):
        run = actions.migrate_matters("request", 2, mapping={"handling": "working"}, by=None, why="新办法")
        actions.accept(matter, version=3, by=people["unit"])
        with pytest.raises(Invalid, match="Q-1"):
            actions.undo_migration(run, by=None, why="暂缓")


def test_only_who_may_configure_migrates(people: dict[str, Account]) -> None:
    with pytest.raises(NotPermitted):
        actions.migrate_matters("request", 1, by=people["head"], why="x")


def test_a_process_with_open_matters_is_not_retired(people: dict[str, Account]) -> None:
    opened(people, 1)
    with pytest.raises(Invalid, match="1 件在办"):
        retire_process("request", by=None)
