"""The promises that the database itself keeps."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import DatabaseError, IntegrityError, close_old_connections, connection, transaction

from banjie.lib import clock
from banjie.lib.errors import Conflict, Refusal
from banjie.matters import actions
from banjie.matters.models import Clock, ClockEvent, Matter, Task
from tests.rooms import matters_world as world
from tests.rooms.matters_world import at, request


def matter() -> Matter:
    world.build()
    with at(world.MONDAY):
        return actions.open_matter("request", request(kind="路灯"), by=None)


def again(row: Clock) -> Clock:
    row.pk = None
    return row


BROKEN: dict[str, Callable[[Matter], object]] = {
    "two clocks of one stage": lambda m: again(m.clocks.get()).save(force_insert=True),
    "two matters of one record": lambda m: Matter.objects.create(
        record=m.record, process=m.process, definition=m.definition, stage="x", stage_since=m.opened_at, opened_at=m.opened_at
    ),
    "closed without an ending": lambda m: Matter.objects.filter(pk=m.pk).update(state="closed", closed_at=m.opened_at),
    "closed without a moment": lambda m: Matter.objects.filter(pk=m.pk).update(state="closed", ending="done"),
    "suspended since never": lambda m: Matter.objects.filter(pk=m.pk).update(state="suspended"),
    "version nought": lambda m: Matter.objects.filter(pk=m.pk).update(version=0),
    "its own main": lambda m: Matter.objects.filter(pk=m.pk).update(main=m.pk),
    "a running clock without a due time": lambda m: Clock.objects.filter(matter=m).update(due_at=None),
    "a stopped clock to sweep": lambda m: Clock.objects.filter(matter=m).update(state="stopped", stopped_at=m.opened_at),
    "started twice": lambda m: ClockEvent.objects.create(clock=m.clocks.get(), kind="start", at=m.opened_at),
    "an open task that is done": lambda m: Task.objects.create(
        matter=m, name="t", stage="s", opened_at=m.opened_at, done_at=m.opened_at
    ),
}


@pytest.mark.django_db
@pytest.mark.parametrize("broken", BROKEN)
def test_the_database_refuses(broken: str) -> None:
    made = matter()
    with pytest.raises(IntegrityError), transaction.atomic():
        BROKEN[broken](made)


@pytest.mark.django_db
def test_what_happened_to_a_clock_is_never_changed() -> None:
    made = matter()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        ClockEvent.objects.filter(clock__matter=made).update(at=clock.now())


@pytest.mark.django_db(transaction=True)
def test_of_two_who_advance_at_once_one_wins_and_the_other_is_told() -> None:
    if connection.vendor == "sqlite" and connection.is_in_memory_db():
        pytest.skip("one connection only: threads take turns through the version, which test_matters_advancing shows")
    made = matter()
    outcomes: list[str] = []
    gate = threading.Barrier(2)

    def run() -> None:
        gate.wait()
        try:
            actions.advance(made.pk, "handling", version=1, by=None)
            outcomes.append("won")
        except Conflict as told:
            outcomes.append(told.says.en)
        except Refusal as other:
            outcomes.append(f"wrong: {other}")
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    close_old_connections()
    assert sorted(outcomes) == ["somebody else was faster: open the matter again", "won"]
    assert Matter.objects.get(pk=made.pk).version == 2
