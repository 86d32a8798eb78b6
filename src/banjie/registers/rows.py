"""A checked row becomes a record, or the new state of one. For actions, inside their transaction: no permission, no entry."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from banjie.lib import clock
from banjie.lib.errors import Conflict
from banjie.lib.text import Text
from banjie.registers import search
from banjie.registers.checking import Checked
from banjie.registers.definition import Register
from banjie.registers.models import Record


def insert(definition: Register, row: Checked) -> Record:
    """A new record, at version 1. Raises Conflict where the key is taken."""
    now = clock.now()
    record = Record(
        register=definition.name, key=row.key, label=row.label, area_id=row.area, parent_id=row.parent,
        data=row.data, search=row.search, version=1, created_at=now, updated_at=now,
    )  # fmt: skip
    try:
        with transaction.atomic():
            record.save(force_insert=True)
    except IntegrityError:
        raise _taken(definition, row) from None
    search.keep([(record.pk, row.search)], new=True)
    return record


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


def _taken(definition: Register, row: Checked) -> Conflict:
    there = Record.objects.of(definition.name).filter(key=row.key).first()
    removed = there is not None and there.removed_at is not None
    says = (
        Text("主键「{key}」属于一条已删除的记录:可以恢复它", "the key {key} belongs to a removed record: it can be restored")
        if removed
        else Text("主键「{key}」已存在", "the key {key} exists already")
    )
    return Conflict(says.format(key=row.key), theirs={}, yours={n: v for n, v in row.data.items() if n in definition.key})
