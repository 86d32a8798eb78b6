"""The database itself refuses to alter the trail."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from banjie.ledger.actions import checkpoint, record_entry
from banjie.ledger.models import Checkpoint, Entry, PersonalValue, SealedBlock

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def trail(settings, tmp_path):
    settings.DATA = tmp_path
    with transaction.atomic():
        record_entry(chain="record:1", verb="x", body={}, by=None, personal={"phone": {"before": None, "after": "1"}})
    checkpoint()


@pytest.mark.parametrize(
    ("model", "column"),
    [(Entry, "why"), (Checkpoint, "root"), (SealedBlock, "count"), (PersonalValue, "path")],
)
def test_no_row_can_be_changed(model, column):
    with pytest.raises(DatabaseError, match="append-only"):
        model.objects.update(**{column: "1"})


@pytest.mark.parametrize("table", ["ledger_entry", "ledger_checkpoint", "ledger_sealedblock"])
def test_no_row_can_be_removed(table):
    with connection.cursor() as cursor, pytest.raises(DatabaseError, match="append-only"):
        cursor.execute(f"DELETE FROM {table}")


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="only PostgreSQL has TRUNCATE")
@pytest.mark.parametrize("table", ["ledger_entry", "ledger_checkpoint", "ledger_sealedblock"])
def test_no_table_can_be_emptied(table):
    with connection.cursor() as cursor, pytest.raises(DatabaseError, match="append-only"):
        cursor.execute(f"TRUNCATE {table} CASCADE")


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="only SQLite replaces")
@pytest.mark.parametrize("key", ["id", "chain and index"])
def test_no_entry_can_be_replaced(key):
    made = Entry.objects.get()
    number = made.pk if key == "id" else made.pk + 1
    index = 7 if key == "id" else 0
    with connection.cursor() as cursor, pytest.raises(DatabaseError, match="append-only"):
        cursor.execute(
            'INSERT OR REPLACE INTO ledger_entry (id, chain, "index", at, actor, verb, body, why, origin, previous, hash, tx)'
            " VALUES (%s, 'record:1', %s, '2021-01-01 00:00:00', 'x', 'x', '{}', '', '', '', '', 0)",
            [number, index],
        )


def test_a_personal_value_can_be_erased():
    PersonalValue.objects.all().delete()
    assert not PersonalValue.objects.exists()
