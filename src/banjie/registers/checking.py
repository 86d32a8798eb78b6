"""From a mapping as given to a row that may be written, or the list of what is wrong with it.

One row or twenty thousand go through the same check; what lies outside the rows (areas, referenced records) is looked up for
all of them at once by ``Surroundings``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from banjie.lib.clock import today
from banjie.lib.errors import Problem
from banjie.lib.text import Text
from banjie.people.models import Account
from banjie.places.models import Area
from banjie.registers.definition import Field, Register, Rule
from banjie.registers.lending import Lending
from banjie.registers.models import Record
from banjie.registers.search import text_of as searchable
from banjie.registers.values import Stored, Unreadable, from_formula, line_of, stored, text_of, typed, typed_value

CHUNK = 5_000
_WORD = re.compile(r"[a-z_][a-z0-9_]*")
FEW = 20


class Known(NamedTuple):
    """A record that a reference leads to."""

    id: int
    area: str | None


@dataclass(frozen=True)
class Surroundings:
    """Areas by code and by name, and the records that references lead to, as far as ``by`` may see them."""

    codes: frozenset[str]
    names: Mapping[str, list[str]]
    records: Mapping[str, Mapping[str, Known]]  # register → key → record
    lent: Lending

    @classmethod
    def of(cls, register: Register, rows: Iterable[Mapping[str, object]], by: Account | None) -> Surroundings:
        """What these rows can refer to: one query for the areas, one for each register referred to (and 5,000 keys)."""
        rows = list(rows)
        given = {text_of(r[f.name]) for f in register.fields if f.type == "area" for r in rows if r.get(f.name) not in (None, "")}
        codes, names = _areas(given)
        wanted: dict[str, set[str]] = {}
        for f in register.fields:
            if f.type == "reference" and f.of:
                wanted.setdefault(f.of, set()).update(_keys(f, rows))
        records = {name: _known(name, sorted(keys), by) for name, keys in wanted.items()}
        return cls(codes, names, records, Lending(register, rows))

    def area(self, typed_in: str) -> str:
        """The code of an area given by code or by a name that only one area bears. Raises Unreadable."""
        if typed_in in self.codes:
            return typed_in
        word = text_of(typed_in)
        if word in self.codes:
            return word
        found = self.names.get(word, [])
        if len(found) == 1:
            return found[0]
        if found:
            raise Unreadable(f"有 {len(found)} 个地区同名，请填代码", f"{len(found)} areas bear this name: give the code")
        raise Unreadable("没有这个地区", "there is no such area")


def _keys(f: Field, rows: Iterable[Mapping[str, object]]) -> Iterator[str]:
    """The keys that a reference names, as they are kept; one that cannot be read names nothing and is refused by itself."""
    for row in rows:
        if row.get(f.name) not in (None, ""):
            with suppress(Unreadable):
                yield line_of(row[f.name])


def _areas(given: set[str]) -> tuple[frozenset[str], dict[str, list[str]]]:
    """The areas that were given where all are codes, as forms and the API give them; all areas where some are names."""
    if not given:
        return frozenset(), {}
    if len(given) <= FEW and Area.objects.are_in_force(given, today()):
        return frozenset(given), {}
    codes: list[str] = []
    names: dict[str, list[str]] = {}
    for code, zh, en in Area.objects.on(today()).values_list("code", "name_zh", "name_en"):
        codes.append(code)
        for name in {text_of(zh), text_of(en)}:
            names.setdefault(name, []).append(code)
    return frozenset(codes), names


def _known(register: str, keys: list[str], by: Account | None) -> dict[str, Known]:
    found: dict[str, Known] = {}
    seen = Record.objects.of(register).live().visible_to(by)
    for start in range(0, len(keys), CHUNK):
        chunk = seen.filter(key__in=keys[start : start + CHUNK]).values_list("key", "id", "area_id")
        found.update({key: Known(pk, area) for key, pk, area in chunk})
    return found


@dataclass
class Checked:
    """A row after the check. It may be written when ``problems`` is empty; ``warnings`` are for people to look at."""

    data: dict[str, Stored]
    key: str = ""
    label: str = ""
    area: str | None = None
    parent: int | None = None
    search: str = ""
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Rule] = field(default_factory=list)


def check(
    register: Register, given: Mapping[str, object], around: Surroundings, *, old: Mapping[str, Stored] | None = None
) -> Checked:
    """Read, complete and check one row. With ``old`` (an update), what is not given stays as it was."""
    row = Checked(dict(old or {}))
    _read_values(register, given, around, row)
    for f in register.stated:
        if f.required and row.data.get(f.name) is None and not any(p.where == f.name for p in row.problems):
            row.problems.append(Problem(f.name, None, Text("必填", "is required")))
    if row.problems:
        return row
    _place(register, around, row)
    values = typed(row.data, register) | around.lent.values(row.data) if register.computed or register.checks else {}
    _compute(register, row, values, given)
    if not row.problems:
        _apply_rules(register, row, values, given)
        row.search = searchable(register, row.key, row.data)
    return row


def key_of(register: Register, given: Mapping[str, object], around: Surroundings) -> str:
    """The key of a row as given, or "" where it cannot be told: ``check`` says why, and whether a reference in it is known."""
    try:
        parts = [_part(register.by_name[name], given.get(name), register, around) for name in register.key]
    except Unreadable:
        return ""
    return "" if None in parts else "/".join(str(part) for part in parts)


def _part(f: Field, raw: object, register: Register, around: Surroundings) -> Stored:
    value = stored(raw, f, register)
    return around.area(str(value)) if f.type == "area" and value is not None else value


def _read(f: Field, raw: object, register: Register, around: Surroundings, held: Stored = None) -> Stored:
    """One value in its stored form. ``held`` is what the record has: an area that was closed since may stay."""
    value = stored(raw, f, register)
    if value is None or value == held:
        return value
    if f.type == "area":
        return around.area(str(value))
    if f.type == "reference" and str(value) not in around.records.get(f.of or "", {}):
        raise Unreadable("没有这条记录，或无权查看", "there is no such record, or you may not see it")
    return value


def _read_values(register: Register, given: Mapping[str, object], around: Surroundings, row: Checked) -> None:
    for name, raw in given.items():
        f = register.by_name.get(name)
        if f is None or f.formula:
            says = (
                Text("是计算得出的，不能填写", "is computed and cannot be filled in")
                if f
                else Text("没有这个字段", "is no field")
            )
            row.problems.append(Problem(name, raw, says))
            continue
        try:
            row.data[name] = _read(f, raw, register, around, row.data.get(name))
        except Unreadable as error:
            row.problems.append(Problem(name, raw, error.says))


def _place(register: Register, around: Surroundings, row: Checked) -> None:
    row.key = "/".join(str(row.data[name]) for name in register.key)
    if len(row.key) > 200:
        row.problems.append(
            Problem(register.key[0], row.key, Text("超过 200 个字，不能作为记录的编号", "the key is longer than 200 characters"))
        )
    row.label = str(row.data.get(register.label) or row.key)[:500] if register.label else row.key
    if register.area:
        row.area = str(row.data[register.area]) if row.data.get(register.area) is not None else None
    if register.parent:
        above = around.records.get(register.parent.register_name, {}).get(str(row.data.get(register.parent.field)))
        if above:
            row.parent, row.area = above.id, row.area or above.area


def keep_parent(register: Register, row: Checked, held: Record) -> None:
    """A parent that stays, and so the place, where whoever changes the record may not see that parent."""
    if register.parent and row.parent is None and row.data.get(register.parent.field) == held.data.get(register.parent.field):
        row.parent, row.area = held.parent_id, row.area or held.area_id


def _asked_by(register: Register, text: str, given: Mapping[str, object]) -> str:
    """The field to put right where a formula is not content: of those it reads, in the order in which it names them, one that
    was given now, else the first. A computed field stands for those it is made of. "" where it reads none."""
    formulas = {f.name: f.formula for f in register.fields if f.formula}
    names: dict[str, None] = {}
    for word in _WORD.findall(text):
        part = _WORD.findall(formulas[word]) if word in formulas else [word]
        names |= {n: None for n in part if n in register.by_name and n not in formulas}
    return next((n for n in names if given.get(n) not in (None, "")), next(iter(names), ""))


def _compute(register: Register, row: Checked, values: dict[str, object], given: Mapping[str, object]) -> None:
    """Work out the computed fields, into the row and into ``values``."""
    for f, formula in register.computed:
        try:
            row.data[f.name] = from_formula(formula.evaluate(values), f, register)
            values[f.name] = typed_value(row.data[f.name], f)
        except Unreadable as error:
            says = Text("算出的「{title}」{why}", "{title}, worked out from it, {why}").format(title=f.title, why=error.says)
            row.problems.append(Problem(_asked_by(register, f.formula, given) or f.name, None, says))


def _apply_rules(register: Register, row: Checked, values: dict[str, object], given: Mapping[str, object]) -> None:
    for rule, formula in register.checks:
        if not _in_force(rule) or formula.evaluate(values) is not False:
            continue
        if rule.severity == "warning":
            row.warnings.append(rule)
        else:
            where = _asked_by(register, rule.check, given) or rule.name
            row.problems.append(Problem(where, row.data.get(where), rule.says))


def _in_force(rule: Rule) -> bool:
    day: date | None = rule.effective_from
    return day is None or day <= today()


def warnings(register: Register, data: Mapping[str, Stored]) -> list[Rule]:
    """The warnings that a record as it stands deserves."""
    values = typed(data, register) | Lending(register).values(data)
    return [r for r, f in register.checks if r.severity == "warning" and _in_force(r) and f.evaluate(values) is False]
