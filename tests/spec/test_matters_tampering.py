"""Somebody with the database's password moves a matter on. It no longer stands where the trail says, and is named."""

from __future__ import annotations

import pytest
from django.db import connection
from tests.rooms import matters_world as world
from tests.rooms.matters_world import at, request

from banjie.ledger.findings import Kind
from banjie.matters.actions import advance, open_matter
from banjie.matters.models import Clock, ClockEvent, Matter
from banjie.matters.verifying import verify_matters
from banjie.people.models import Account
from banjie.registers.verifying import verify_records

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def matter() -> Matter:
    """A matter that was received and dispatched."""
    people: dict[str, Account] = world.build()
    with at(world.MONDAY):
        opened = open_matter("request", request(), by=people["desk"])
        advance(opened, to="handling", version=opened.version, changes={"kind": "路灯"}, by=people["desk"])
    return Matter.objects.get(pk=opened.pk)


def test_matters_as_the_system_moved_them_agree(matter: Matter) -> None:
    report = verify_matters()
    assert report.clean, report.as_dict()
    assert report.counts == {"matters": 1}
    assert verify_records().clean


@pytest.mark.parametrize(("values", "what"), [({"stage": "received"}, "the stage"), ({"version": 9}, "the version")])
def test_a_matter_moved_from_outside_is_named(matter: Matter, values: dict[str, object], what: str) -> None:
    Matter.objects.filter(pk=matter.pk).update(**values)
    report = verify_matters()
    assert [(f.kind, f.subject) for f in report.findings] == [(Kind.ROW, f"matter:{matter.pk}")]
    assert what in report.findings[0].says.en


def test_a_matter_closed_from_outside_is_named(matter: Matter) -> None:
    Matter.objects.filter(pk=matter.pk).update(state="closed", ending="done", closed_at=matter.opened_at, due_at=None)
    (finding,) = verify_matters().findings
    assert "the state, the ending" in finding.says.en


def test_a_matter_deleted_from_the_table_is_named(matter: Matter) -> None:
    with connection.cursor() as cursor:
        names = [t for t in connection.introspection.table_names(cursor) if t.startswith("matters_")]
        assert {"matters_matter", Clock._meta.db_table, ClockEvent._meta.db_table} <= set(names)
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = replica")  # no triggers, no references
        else:
            cursor.execute("PRAGMA foreign_keys = OFF")
        cursor.execute("DELETE FROM matters_matter")
        findings = verify_matters().findings
        for table in names:
            if table in ("matters_clock", "matters_task"):
                cursor.execute(f"DELETE FROM {table}")
        cursor.execute(
            "SET session_replication_role = DEFAULT" if connection.vendor == "postgresql" else "PRAGMA foreign_keys = ON"
        )
    assert [(f.kind, f.subject) for f in findings] == [(Kind.ROW, f"matter of record:{matter.record_id}")]
