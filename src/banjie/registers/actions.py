"""The one door for writes to records: permission → schema → rules → version → row → ledger, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from banjie.ledger.actions import record_entry
from banjie.ledger.models import Entry
from banjie.lib import clock
from banjie.lib.errors import Conflict, Invalid, NotFound, Problem
from banjie.lib.text import Text
from banjie.people.models import Account
from banjie.people.scopes import scope_of_actor
from banjie.people.verbs import Verb
from banjie.registers import trail
from banjie.registers.catalogue import catalogue
from banjie.registers.checking import Surroundings, check, keep_parent
from banjie.registers.definition import Register
from banjie.registers.models import Record
from banjie.registers.moving import move_children
from banjie.registers.rows import insert, rewrite
from banjie.registers.values import Stored


def create(register: str, data: Mapping[str, object], *, by: Account | None, why: str = "", origin: str = "web") -> Record:
    """Make a record. Raises Invalid with every problem, NotPermitted, or Conflict where the key is taken."""
    with transaction.atomic():
        known = catalogue()
        definition = known.register(register)
        row = check(definition, data, Surroundings.of(definition, [data], by))
        if row.problems:
            raise Invalid(row.problems, definition.titles)
        scope_of_actor(by).require(Verb.CREATE, register, row.area)
        record = insert(definition, row, by=by)
        record_entry(
            chain=record.chain, verb=trail.CREATE, body=trail.body(record, definition, known.number(register)),
            by=by, why=why, origin=origin, personal=trail.personal(definition, row.data), first=True,
        )  # fmt: skip
    return record


def update(
    record: Record | int, changes: Mapping[str, object], *, version: int, by: Account | None, why: str = "", origin: str = "web"
) -> Record:
    """Change fields of a record that the caller saw at ``version``.

    Where somebody else changed other fields since, both changes stand; where they changed the same ones, Conflict shows both
    and nothing is written. Changing nothing writes nothing. Raises Invalid, NotPermitted, NotFound, Conflict.
    """
    with transaction.atomic():
        held = _hold(record, by)
        known = catalogue()
        definition = known.register(held.register)
        scope_of_actor(by).require(Verb.UPDATE, held.register, held.area_id)
        row = check(
            definition, changes, Surroundings.of(definition, [references(definition, held.data, changes)], by), old=held.data
        )
        if row.problems:
            raise Invalid(row.problems, definition.titles)
        keep_parent(definition, row, held)
        if row.key != held.key:
            says = Text("不能修改：请删除后新建", "cannot change: remove the record and make a new one")
            raise Invalid([Problem(definition.key[0], row.key, says)], definition.titles)
        before = trail.changed(held.data, row.data)
        _refuse_overlap(held, version, definition, before, row.data)
        if not before:
            return held
        if row.area != held.area_id:
            scope_of_actor(by).require(Verb.UPDATE, held.register, row.area)
        old = held.data
        moved = row.area != held.area_id
        rewrite(held, row)
        if moved:
            move_children(held, by=by, origin=origin)
        record_entry(
            chain=held.chain, verb=trail.UPDATE, body=trail.body(held, definition, known.number(held.register), before),
            by=by, why=why, origin=origin, personal=trail.personal(definition, row.data, old),
        )  # fmt: skip
    return held


def remove(record: Record | int, *, version: int, by: Account | None, why: str = "", origin: str = "web") -> Record:
    """Take a record out of the register; its history stays and it can be restored. Refused while live children hang on it."""
    with transaction.atomic():
        held = _hold(record, by)
        scope_of_actor(by).require(Verb.REMOVE, held.register, held.area_id)
        _refuse_stale(held, version)
        if held.children.filter(removed_at__isnull=True).exists():  # how many is not said: some may be hidden from who asks
            says = Text("其下还有记录，请先删除", "records lie under it: remove them first")
            raise Invalid([Problem(held.key, held.label, says)])
        held.removed_at = clock.now()
        return _turn(held, trail.REMOVE, by=by, why=why, origin=origin)


def restore(record: Record | int, *, version: int, by: Account | None, why: str = "", origin: str = "web") -> Record:
    """Put a removed record back as it was."""
    with transaction.atomic():
        held = _hold(record, by, removed=True)
        scope_of_actor(by).require(Verb.REMOVE, held.register, held.area_id)
        _refuse_stale(held, version)
        if held.parent is not None and held.parent.removed_at is not None:
            raise Invalid(
                [
                    Problem(
                        held.key, held.label, Text("上级记录已删除，请先恢复上级", "its parent was removed: restore that first")
                    )
                ]
            )
        held.removed_at = None
        return _turn(held, trail.RESTORE, by=by, why=why, origin=origin)


def _hold(record: Record | int, by: Account | None, *, removed: bool = False) -> Record:
    """The record, locked for this transaction, if ``by`` may see it. Raises NotFound without telling why."""
    pk = record if isinstance(record, int) else record.pk
    rows = Record.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=pk, removed_at__isnull=not removed)
    held = rows.first()
    if held is None:
        raise NotFound(Text("没有这条记录", "there is no such record"))
    return held


def references(definition: Register, old: Mapping[str, Stored], changes: Mapping[str, object]) -> dict[str, object]:
    """What must be looked up for an update: references that are given, and the parent, which places the record."""
    wanted = dict(changes)
    if definition.parent:
        wanted.setdefault(definition.parent.field, old.get(definition.parent.field))
    return wanted


def _refuse_stale(held: Record, version: int) -> None:
    if version != held.version:
        says = Text("记录已被他人修改，请重新打开", "somebody changed the record: open it again")
        raise Conflict(says, theirs={"version": held.version}, yours={"version": version})


def _refuse_overlap(
    held: Record, version: int, definition: Register, before: Mapping[str, Stored], new: Mapping[str, Stored]
) -> None:
    """Raise Conflict where fields that are changed now were changed by others since ``version``."""
    if version == held.version:
        return
    if not 0 < version < held.version:
        _refuse_stale(held, version)
    touched: set[str] = set()
    later = Entry.objects.of(held.chain).filter(body__version__gt=version)  # an update, an erasure, a step of a matter
    for said in later.values_list("body", flat=True):
        touched |= set(said.get("before", ())) | set(said.get("personal", ())) | set(said.get("erased", ()))
    stated = {f.name for f in definition.stated}
    overlap = sorted(touched & set(before) & stated)
    if overlap:
        says = Text("他人已修改了同样的字段：{fields}", "somebody else changed the same fields: {fields}").format(
            fields=Text(
                "、".join(definition.field(n).title.zh for n in overlap), ", ".join(definition.field(n).title.en for n in overlap)
            )
        )
        raise Conflict(says, theirs={n: held.data.get(n) for n in overlap}, yours={n: new.get(n) for n in overlap})


def _turn(held: Record, verb: str, *, by: Account | None, why: str, origin: str) -> Record:
    """Write a removal or a restoration."""
    known = catalogue()
    definition = known.register(held.register)
    held.version += 1
    held.updated_at = max(clock.now(), held.created_at)
    held.save(update_fields=["removed_at", "version", "updated_at"])
    said = trail.body(held, definition, known.number(held.register))
    record_entry(chain=held.chain, verb=verb, body=said, by=by, why=why, origin=origin)
    return held
