"""Putting a register's definition in force, and refusing a change that would lose data."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Max

from banjie.ledger.actions import record_entry
from banjie.lib import canonical, clock
from banjie.lib.errors import Invalid, Problem
from banjie.lib.text import Text
from banjie.people.actions.confidential import keep_confidential
from banjie.people.models import Account
from banjie.people.scopes import scope_of_actor
from banjie.people.verbs import Verb
from banjie.registers import indexes
from banjie.registers.bulk import write_many
from banjie.registers.columns import FieldValue, safe
from banjie.registers.definition import Field, Register
from banjie.registers.models import Record, RegisterVersion
from banjie.registers.queries import Filter


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a definition cannot replace the one in force: ``count`` records hold what it would lose."""

    where: str
    count: int
    says: Text


def current(name: str) -> Register | None:
    """The definition in force, if any."""
    newest = RegisterVersion.objects.filter(name=name).order_by("-number").first()
    return Register.load(newest.body) if newest and not newest.retired else None


def obstacles(new: Register) -> list[Obstacle]:
    """What stands against replacing the register in force by ``new``."""
    old = current(new.name)
    if old is None:
        return []
    records = Record.objects.of(new.name).count()
    if not records:
        return []
    found = []
    for what, was, now in (("key", old.key, new.key), ("area", old.area, new.area), ("parent", old.parent, new.parent)):
        if was != now:
            found.append(Obstacle(what, records, _says(f"「{what}」不能改变", f"{what} cannot change", records)))
    for f in old.stated:
        found += _obstacles_of_field(old, f, new)
    return found


def _obstacles_of_field(old: Register, f: Field, new: Register) -> list[Obstacle]:
    after = new.by_name.get(f.name)
    held = _holding(old, f)
    if not held:
        return []
    if after is None or after.formula:
        return [Obstacle(f.name, held, _says(f"字段「{f.title.zh}」不能删除", f"the field {f.name} cannot be removed", held))]
    if (after.type, after.of if f.type == "reference" else None) != (f.type, f.of if f.type == "reference" else None):
        return [
            Obstacle(f.name, held, _says(f"字段「{f.title.zh}」不能改变类型", f"the field {f.name} cannot change its type", held))
        ]
    if after.personal != f.personal:
        return [
            Obstacle(
                f.name, held, _says(f"字段「{f.title.zh}」的个人信息标记不能改变", f"{f.name}: personal cannot change", held)
            )
        ]
    if f.type != "choice":
        return []
    kept = {o.code for o in new.options(after)}
    found = []
    for option in old.options(f):
        if option.code not in kept and (count := _matching(old, Filter(f.name, "is", option.code))):
            says = _says(f"选项「{option.title.zh}」不能删除", f"the option {option.code} cannot be removed", count)
            found.append(Obstacle(f.name, count, says))
    return found


def _says(zh: str, en: str, count: int) -> Text:
    return Text(f"{zh}：{count} 条记录含有它", f"{en}: {count} records hold it")


def _matching(register: Register, wanted: Filter) -> int:
    return Record.objects.of(register.name).matching(register, [wanted]).count()


def _holding(register: Register, f: Field) -> int:
    """How many records, removed ones too, have a value in a field (personal ones included, so not through a filter)."""
    empty = "-1e24" if FieldValue(f).numeric else ""
    count: int = Record.objects.of(register.name).annotate(held=FieldValue(f)).exclude(held=empty).count()
    return count


def install_register(register: Register, *, pack: str, by: Account | None) -> RegisterVersion:
    """Put a definition in force; the same one again changes nothing. Raises DefinitionError, NotPermitted, or Invalid with the
    count of records that hold what would be lost."""
    register.compile()
    with transaction.atomic():
        scope_of_actor(by).require(Verb.CONFIGURE, "*", None)
        body = register.as_json()
        digest = hashlib.sha256(canonical.encode(body)).hexdigest()
        newest = RegisterVersion.objects.filter(name=register.name).order_by("-number").first()
        if newest and newest.digest == digest and not newest.retired:
            return newest
        if against := obstacles(register):
            raise Invalid([Problem(f"{register.name}.{o.where}", o.count, o.says) for o in against])
        before = current(register.name)
        number = (RegisterVersion.objects.filter(name=register.name).aggregate(n=Max("number"))["n"] or 0) + 1
        version = RegisterVersion.objects.create(
            name=register.name, number=number, body=body, digest=digest, pack=pack, installed_at=clock.now()
        )
        record_entry(
            chain=f"register:{register.name}", verb="register.install", by=by,
            body={"register": register.name, "number": number, "digest": digest, "pack": pack},
        )  # fmt: skip
        indexes.renew(register)
        keep_confidential(register.name, register.confidential)
        if before is not None and _formulas(before) != _formulas(register):
            recompute(register)
    return version


def retire_register(name: str, *, by: Account | None) -> None:
    """Take a register out of use. Raises Invalid while it holds records."""
    with transaction.atomic():
        scope_of_actor(by).require(Verb.CONFIGURE, "*", None)
        count = Record.objects.of(name).count()
        if count:
            raise Invalid([Problem(name, count, _says("登记表不能停用", "the register cannot be retired", count))])
        changed = RegisterVersion.objects.filter(name=name, retired=False).update(retired=True)
        if changed:
            record_entry(chain=f"register:{name}", verb="register.retire", by=by, body={"register": name})
            with connection.cursor() as cursor:
                there = connection.introspection.get_constraints(cursor, "registers_record")
                for index in [n for n in there if n.startswith(f"rf_{name[:20]}_")]:
                    cursor.execute(f'DROP INDEX "{safe(index)}"')


def recompute(register: Register) -> int:
    """Work out the computed fields of every record anew, each change with its entry. Returns how many changed."""
    rows = [
        {f.name: r.data.get(f.name) for f in register.stated}
        for r in Record.objects.of(register.name).live().order_by("id").iterator(2_000)
    ]
    return write_many(register.name, rows, by=None, origin="install", why="计算字段的公式已更改", mode="update").updated


def _formulas(register: Register) -> dict[str, str]:
    return {f.name: f.formula for f in register.fields if f.formula}
