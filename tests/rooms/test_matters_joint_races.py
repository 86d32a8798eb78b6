"""Composite approvals worked on at the same moment: two departments, or a department and the applicant."""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, Thread

import pytest
from django.db import connection

from banjie.lib.errors import Refusal
from banjie.matters import actions
from banjie.matters.actions.applying import supply
from banjie.matters.models import Matter
from banjie.people.models import Account
from tests.rooms.matters_world import MONDAY, at, request
from tests.rooms.test_matters_joint import again
from tests.rooms.test_matters_joint import people as build

people = build  # the fixture, on a database that every thread sees


@pytest.fixture(autouse=True)
def _for_all_to_see(transactional_db: None) -> None:
    """Before ``people``: what it makes is committed."""


def at_once(*steps: Callable[[], object]) -> list[str]:
    """Run the steps at the same moment; what each came to: done, or the refusal's kind. Anything else fails the test."""
    barrier, said = Barrier(len(steps)), list[str]()

    def run(step: Callable[[], object]) -> None:
        try:
            barrier.wait()
            step()
            said.append("done")
        except Refusal as refusal:
            said.append(type(refusal).__name__)
        except Exception as fault:
            said.append(repr(fault))
        finally:
            connection.close()

    threads = [Thread(target=run, args=(step,)) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(said)


def opened(people: dict[str, Account], key: str) -> Matter:
    return actions.open_matter("trip", request(key), by=people["desk"])


def below(main: Matter, item: str) -> Matter:
    return main.branches.select_related("record").get(record__key=f"{main.record.key}/{item}")


def test_the_last_two_departments_at_once_take_the_main_matter_on_exactly_once(people: dict[str, Account]) -> None:
    with at(MONDAY):
        for n in range(5):
            main = opened(people, f"R-{n}")
            fire, health = below(main, "fire"), below(main, "health")
            said = at_once(
                lambda row=fire: actions.advance(row, "licensed", version=1, by=people["unit"]),  # type: ignore[misc]
                lambda row=health: actions.advance(row, "refused", version=1, by=people["unit"]),  # type: ignore[misc]
            )
            assert said == ["done", "done"]
            assert (again(main).stage, again(main).version) == ("issued", 2)


def test_a_department_that_resumes_while_the_applicant_hands_in_blocks_nobody(people: dict[str, Account]) -> None:
    with at(MONDAY):
        for n in range(5):
            main = opened(people, f"S-{n}")
            fire = actions.return_for_more(below(main, "fire"), wanted="平面图", version=1, by=people["unit"])
            said = at_once(
                lambda row=fire: actions.resume(row, version=2, by=people["unit"]),  # type: ignore[misc]
                lambda row=main: supply(row.pk, answer="已补"),  # type: ignore[misc]
            )
            assert set(said) <= {"done", "Conflict", "Invalid"}, said
            assert "done" in said
            assert (again(main).state, below(main, "fire").state) == ("open", "open")
