"""Many records written at once: each statement prepared once, each record with its entry. For ``write_many``, inside its
transaction: no permission, no check."""

from __future__ import annotations

import json
from collections.abc import Sequence

from django.db import IntegrityError, connection, transaction

from banjie.ledger.actions import NewEntry, record_entries
from banjie.lib import clock
from banjie.lib.errors import Conflict
from banjie.lib.text import Text
from banjie.people.models import Account
from banjie.registers import search, trail
from banjie.registers.bulk_plan import Planned
from banjie.registers.definition import Register
from banjie.registers.models import Record
from banjie.registers.moving import move_children
from banjie.registers.rows import key_title


def insert_many(definition: Register, number: int, part: list[Planned], *, by: Account | None, origin: str, why: str) -> None:
    now = clock.now()
    records = [
        Record(
            register=definition.name, key=p.row.key, label=p.row.label, area_id=p.row.area, parent_id=p.row.parent,
            data=p.row.data, search=p.row.search, version=1, created_at=now, updated_at=now,
        )
        for p in part
    ]  # fmt: skip
    try:
        with transaction.atomic():
            _add(records)
    except IntegrityError:
        says = Text("有{title}刚被他人使用，请重试", "somebody else has just used one of the keys: try again")
        raise Conflict(says.format(title=key_title(definition)), theirs={}, yours={"rows": len(part)}) from None
    search.keep([(r.pk, r.search) for r in records], new=True)
    entries = [
        NewEntry(r.chain, trail.CREATE, trail.body(r, definition, number), trail.personal(definition, r.data), True)
        for r in records
    ]
    record_entries(entries, by=by, origin=origin, why=why)


_COLUMNS = "register, key, label, area_id, parent_id, data, search, version, created_at, updated_at, removed_at"


def _add(records: Sequence[Record]) -> None:
    """One INSERT a row, prepared once, and the ids; the ORM would take as long for it as all checks together."""
    json_mark = "%s::jsonb" if connection.vendor == "postgresql" else "%s"
    moment = connection.ops.adapt_datetimefield_value
    rows = [
        (
            r.register, r.key, r.label, r.area_id, r.parent_id, json.dumps(r.data, ensure_ascii=False), r.search, r.version,
            moment(r.created_at), moment(r.updated_at), None,
        )
        for r in records
    ]  # fmt: skip
    marks = ", ".join(json_mark if c == "data" else "%s" for c in _COLUMNS.split(", "))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence('registers_record', 'id')) FROM generate_series(1, %s)", [len(rows)]
            )
            ids = [row[0] for row in cursor.fetchall()]
            insert = f"INSERT INTO registers_record (id, {_COLUMNS}) VALUES (%s, {marks})"  # noqa: S608 - constants
            cursor.executemany(insert, [(pk, *row) for pk, row in zip(ids, rows, strict=True)])
        else:  # the only writer: its rows are numbered without a gap
            cursor.executemany(f"INSERT INTO registers_record ({_COLUMNS}) VALUES ({marks})", rows)  # noqa: S608 - constants
            cursor.execute("SELECT last_insert_rowid()")
            last = cursor.fetchone()[0]
            ids = list(range(last - len(rows) + 1, last + 1))
    for record, pk in zip(records, ids, strict=True):
        record.pk = pk


def change_many(definition: Register, number: int, part: list[Planned], *, by: Account | None, origin: str, why: str) -> None:
    now, entries, refind, moved = clock.now(), [], [], []
    for p in part:
        held = p.held
        assert held is not None
        old, before = held.data, trail.changed(held.data, p.row.data)
        if held.search != p.row.search:
            refind.append((held.pk, p.row.search))
        if held.area_id != p.row.area:
            moved.append(held)
        held.data, held.label, held.search, held.area_id, held.parent_id = (
            p.row.data,
            p.row.label,
            p.row.search,
            p.row.area,
            p.row.parent,
        )
        held.version += 1
        held.updated_at = max(now, held.created_at)
        said = trail.body(held, definition, number, before)
        entries.append(NewEntry(held.chain, trail.UPDATE, said, trail.personal(definition, p.row.data, old), False))
    _save([p.held for p in part if p.held is not None])
    search.keep(refind, new=False)
    record_entries(entries, by=by, origin=origin, why=why)
    for held in moved:
        move_children(held, by=by, origin=origin)


def _save(records: Sequence[Record]) -> None:
    """One UPDATE a row, prepared once; Django's bulk_update would build a CASE of thousands of branches."""
    json_mark = "%s::jsonb" if connection.vendor == "postgresql" else "%s"
    moment = connection.ops.adapt_datetimefield_value
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE registers_record SET data = {json_mark}, label = %s, search = %s, area_id = %s, parent_id = %s, "  # noqa: S608
            "version = %s, updated_at = %s WHERE id = %s",
            [
                (
                    json.dumps(r.data, ensure_ascii=False),
                    r.label,
                    r.search,
                    r.area_id,
                    r.parent_id,
                    r.version,
                    moment(r.updated_at),
                    r.pk,
                )
                for r in records
            ],
        )
