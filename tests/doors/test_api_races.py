"""Two programs, or one that lost patience, at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection
from tests.doors import api_world
from tests.doors.api_world import Program, program, request

from banjie.ledger.models import Entry
from banjie.matters.models import Matter


@pytest.fixture
def desk(transactional_db: None) -> Program:
    return program(api_world.build()["desk"])


def at_once(ask: Callable[[], Any], times: int = 4) -> list[Any]:
    barrier, answers = Barrier(times), []

    def run() -> None:
        try:
            barrier.wait()
            answers.append(ask())
        finally:
            connection.close()

    threads = [Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_four_retries_at_once_open_one_matter(desk: Program) -> None:
    answers = at_once(lambda: Program(desk.secret).post("/matters", request("Q-1", kind="路灯"), key="a1"))
    assert [a.status_code for a in answers] == [201] * 4
    assert len({a.content for a in answers}) == 1
    assert sorted(a.headers.get("Idempotency-Replayed", "") for a in answers) == ["", "true", "true", "true"]
    assert Matter.objects.count() == 1


def test_of_four_who_advance_at_once_one_wins_and_three_are_told(desk: Program) -> None:
    pk = desk.post("/matters", request("Q-1", kind="路灯")).json()["id"]
    answers = at_once(lambda: Program(desk.secret).post(f"/matters/{pk}/advance", {"to": "handling"}, version=1))
    assert sorted(a.status_code for a in answers) == [200, 409, 409, 409]
    assert all(a.json()["present"]["version"] == 2 for a in answers if a.status_code == 409)
    assert Entry.objects.filter(verb="matter.advance").count() == 1
