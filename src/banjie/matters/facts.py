"""Changes of the record's fields on the way: checked like any other write, and part of the step's one entry."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from banjie.lib.errors import Conflict, Invalid, NotPermitted, Problem
from banjie.lib.text import Text
from banjie.matters.holding import Held
from banjie.people.scopes import scope_of_actor
from banjie.people.verbs import Verb
from banjie.registers import trail
from banjie.registers.actions import references
from banjie.registers.checking import Checked, Surroundings, check, keep_parent
from banjie.registers.rows import rewrite

KEY_STAYS = Text("不能修改", "the key cannot change")
NOT_ASKED = Text(
    "这一步只填写规定的字段；修改「{title}」需要“修改”权限",
    "this step asks for other fields: changing {title} takes the right to update",
)


def checked(held: Held, changes: Mapping[str, object], asked: Collection[str]) -> Checked | None:
    """The record's new state, not written yet; None where nothing changes. The fields that the step asks for may be filled in by
    whoever may take it; others take UPDATE. Raises Invalid, NotPermitted."""
    if not changes:
        return None
    register, record = held.compiled.register, held.record
    scope = scope_of_actor(held.by)
    for name in changes:
        if name not in asked and not scope.may(Verb.UPDATE, record.register, record.area_id):
            title = register.by_name[name].title if name in register.by_name else Text(name, name)
            raise NotPermitted(NOT_ASKED.format(title=title))
    around = Surroundings.of(register, [references(register, record.data, changes)], held.by)
    row = check(register, changes, around, old=record.data)
    if row.problems:
        raise Invalid(row.problems)
    keep_parent(register, row, record)
    if row.key != record.key:
        raise Invalid([Problem(register.key[0], row.key, KEY_STAYS)])
    if row.area != record.area_id:
        scope.require(Verb.UPDATE, record.register, row.area)
    return row if trail.changed(record.data, row.data) else None


def write(held: Held, row: Checked | None) -> None:
    """Write a checked state, and remember for the entry what it changed."""
    if row is None:
        return
    held.before = trail.changed(held.record.data, row.data)
    held.past = held.record.data
    rewrite(held.record, row)


__all__ = ["Conflict", "checked", "write"]
