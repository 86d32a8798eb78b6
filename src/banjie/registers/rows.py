"""A checked row becomes a record, or the new state of one. For actions, inside their transaction: no permission, no entry."""

from __future__ import annotations

from django.db import connection

from banjie.lib import clock
from banjie.lib.errors import Conflict
from banjie.lib.text import Text
from banjie.people.models import Account
from banjie.registers import search
from banjie.registers.checking import Checked
from banjie.registers.definition import Register
from banjie.registers.models import Record

TAKEN = Text("{title}「{key}」已被使用", "{title} {key} is taken")
REMOVED = Text(
    "{title}「{key}」属于一条已删除的记录，可以恢复它", "{title} {key} belongs to a removed record, which can be restored"
)


def insert(definition: Register, row: Checked, *, by: Account | None) -> Record:
    """A new record, at version 1. Raises Conflict where the key is taken; what ``by`` may not see is not told of."""
    now = clock.now()
    record = Record(
        register=definition.name, key=row.key, label=row.label, area_id=row.area, parent_id=row.parent,
        data=row.data, search=row.search, version=1, created_at=now, updated_at=now,
    )  # fmt: skip
    if not _written(record):
        raise _taken(definition, row, by)
    search.keep([(record.pk, row.search)], new=True)
    return record


def _written(record: Record) -> bool:
    """Insert a new record and give it its id; False where its key is taken, and the transaction goes on."""
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [f.get_db_prep_save(getattr(record, f.attname), connection) for f in _FIELDS])
        rows = cursor.fetchall()
    for (pk,) in rows:
        record.pk = pk
        record._state.adding, record._state.db = False, connection.alias
    return bool(rows)


_FIELDS = [f for f in Record._meta.concrete_fields if not f.primary_key]
_INSERT = (
    f"INSERT INTO registers_record ({', '.join(str(f.column) for f in _FIELDS)}) VALUES ({', '.join(['%s'] * len(_FIELDS))}) "  # noqa: S608
    "ON CONFLICT (register, key) DO NOTHING RETURNING id"
)


def rewrite(held: Record, row: Checked) -> None:
    """The new state of a record that the caller holds, one version further."""
    refind = row.search != held.search
    held.data, held.label, held.search = row.data, row.label, row.search
    held.area_id, held.parent_id = row.area, row.parent
    held.version += 1
    held.updated_at = max(clock.now(), held.created_at)
    held.save(update_fields=["data", "label", "search", "area", "parent", "version", "updated_at"])
    if refind:
        search.keep([(held.pk, row.search)], new=False)


def _taken(definition: Register, row: Checked, by: Account | None) -> Conflict:
    """One wording whoever has the key. Only who may see the record learns that it was removed and can come back."""
    there = Record.objects.of(definition.name).visible_to(by).filter(key=row.key).first()
    says = REMOVED if there is not None and there.removed_at is not None else TAKEN
    yours: dict[str, object] = {n: v for n, v in row.data.items() if n in definition.key}
    return Conflict(says.format(title=key_title(definition), key=row.key), theirs={}, yours=yours)


def key_title(definition: Register) -> Text:
    """What people call the key: 项目代码; 项目和月份 where it has two parts."""
    titles = [definition.field(n).title for n in definition.key]
    return Text("和".join(t.zh for t in titles), " and ".join(t.en for t in titles))
