"""Lists: one row for each project, household, merchant. Which register such a table is about, and which column is which field."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from banjie.bulletins.forms.layout import Head, Table
from banjie.bulletins.forms.meanings import Candidate, Match, Meaning, Standing, key_of
from banjie.bulletins.forms.phrases import phrase
from banjie.bulletins.forms.vocabulary import Vocabulary
from banjie.lib.periods import Period
from banjie.lib.text import Text
from banjie.registers.definition import Field, Register
from banjie.registers.headings import Matcher, narrow, scales
from banjie.registers.paging import Order
from banjie.registers.queries import Filter

_WHERE = re.compile(r"^(?:所在|所属)(?:的)?")  # 所在乡镇 is 乡镇
BY_KEY = Order("key")
NEEDED = 2  # columns that must be known before a table is taken for a list of a register

SAME_FIELD = Text("与「{register}」的字段「{title}」一致", "it is the field {title} of {register}")
NO_FIELD = Text("「{register}」没有这个字段", "{register} has no such field")
NO_UNIT = Text("没有注明单位，请选择", "no unit is stated: choose one")
OF_REGISTER = Text("{n} 列与登记表「{register}」的字段一致", "{n} columns are fields of {register}")
NO_REGISTER = Text("没有一张登记表含有这些列", "no register has these columns")
SEVERAL_REGISTERS = Text("有 {n} 张登记表都符合，请选择", "{n} registers fit equally well: choose one")
TWICE = Text("与{column}列是同一字段", "is the same field as column {column}")
ASIDE = Text("序号、备注、签字等", "counters, remarks and signatures")


@dataclass(frozen=True)
class Choice:
    """From which register a list is filled, which records, in which order. ``yearly``: those of the form's year, so the filter is
    made anew for each period and not kept."""

    register: str = ""
    filters: tuple[Filter, ...] = ()
    order: Order = BY_KEY
    yearly: bool = False

    def kept(self) -> dict[str, object]:
        filters = [{"field": f.field, "comparison": f.comparison, "value": f.value} for f in self.filters if not self.yearly]
        said = {"register": self.register, "filters": filters, "order": self.order.field, "descending": self.order.descending}
        return said | {"yearly": self.yearly}

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Choice:
        filters = tuple(Filter(f["field"], f["comparison"], f.get("value")) for f in kept.get("filters") or ())
        order = Order(kept.get("order") or "key", bool(kept.get("descending")))
        return cls(kept.get("register", ""), filters, order, bool(kept.get("yearly")))


@dataclass(frozen=True)
class ListMatch:
    """A list with its register, and the match of each column."""

    key: str  # sheet/table
    page: int
    table: Table
    choice: Choice
    standing: Standing
    because: Text
    others: tuple[Candidate, ...]
    columns: tuple[Match, ...]


def match_list(page: int, table: Table, title: str, sheet_unit: str, words: Vocabulary, kept: Choice | None) -> ListMatch:
    """The register of a list; ``kept`` where a person has settled it."""
    key = f"{page}/{table.number}"
    asked = [h for h in table.columns if not phrase(h.words[-1]).not_asked]
    scored = sorted(((_score(asked, r, title), r) for r in words.registers.values()), key=lambda found: found[0], reverse=True)
    others = tuple(
        Candidate(r.name, r.title, min(100, 100 * n[0] // max(1, len(asked))), OF_REGISTER.format(n=n[0], register=r.title))
        for n, r in scored[:5]
        if n[0]
    )
    if kept is not None and kept.register in words.registers:
        register = words.registers[kept.register]
        because = OF_REGISTER.format(n=_score(asked, register, title)[0], register=register.title)
        columns = _columns(page, table, register, sheet_unit)
        return ListMatch(key, page, table, kept, Standing.SETTLED, because, others, columns)
    best = [r for n, r in scored if n == scored[0][0] and n[0] >= NEEDED]
    if not best or scored[0][0][0] * 2 < len(asked):
        unknown = tuple(Match(key_of(page, table.number, h), h, Meaning(), Standing.UNKNOWN, NO_REGISTER) for h in table.columns)
        return ListMatch(key, page, table, Choice(), Standing.UNKNOWN, NO_REGISTER, others, unknown)
    columns = _columns(page, table, best[0], sheet_unit)
    if len(best) > 1:
        because = SEVERAL_REGISTERS.format(n=len(best))
        return ListMatch(key, page, table, Choice(best[0].name), Standing.CLOSE, because, others, columns)
    return ListMatch(key, page, table, Choice(best[0].name), Standing.SURE, others[0].because, others[1:], columns)


def of_the_year(register: Register, period: Period | None) -> tuple[Filter, ...]:
    """The records of the form's year, where the register has one field that holds a year."""
    years = [f for f in register.fields if f.type == "year" and not f.personal]
    if period is None or len(years) != 1 or not period.in_one_year:
        return ()
    return (Filter(years[0].name, "is", period.last.year),)


def _score(heads: Sequence[Head], register: Register, title: str) -> tuple[int, bool, bool]:
    """Columns that are its fields; whether one of them names the record; whether the form's title names the register."""
    found = {m[0].name for h in heads if isinstance(m := found_field(h, register), tuple)}
    naming = bool(found & {*register.key, register.label or ""})
    return len(found), naming, narrow(register.title.zh) in narrow(title)


def found_field(head: Head, register: Register, sheet_unit: str = "") -> tuple[Field, Decimal] | Text | None:
    """The field that a heading names, alone or with those above it."""
    match: Matcher = register.remembered.setdefault("headings", Matcher(register))
    inner = head.words[-1]
    texts = [
        inner,
        phrase(inner).core,
        _WHERE.sub("", phrase(inner).core),
        *("".join(head.words[n:]) for n in range(len(head.words) - 1)),
    ]
    said: Text | None = None
    for text in texts:
        found = match(text, sheet_unit) if text else None
        if isinstance(found, tuple):
            return found
        said = said or found
    return said


def _columns(page: int, table: Table, register: Register, sheet_unit: str) -> tuple[Match, ...]:
    made: list[Match] = []
    for head in table.columns:
        match = _column(key_of(page, table.number, head), head, register, sheet_unit)
        same = next((m for m in made if m.meaning.field and m.meaning.field == match.meaning.field), None)
        if same is not None:
            says = TWICE.format(column=same.head.text)
            match = replace(match, meaning=Meaning(), standing=Standing.CLOSE, because=says)
        made.append(match)
    return tuple(made)


def _column(key: str, head: Head, register: Register, sheet_unit: str) -> Match:
    if phrase(head.words[-1]).not_asked and not isinstance(found_field(head, register), tuple):
        return Match(key, head, Meaning(), Standing.ASIDE, ASIDE)
    found = found_field(head, register, sheet_unit)
    if found is None:
        return Match(key, head, Meaning(), Standing.UNKNOWN, NO_FIELD.format(register=register.title))
    if isinstance(found, Text):
        return Match(key, head, Meaning(), Standing.CLOSE, found)
    field, factor = found
    because = SAME_FIELD.format(register=register.title, title=field.title)
    unit = unit_word(field, factor, head, sheet_unit)
    if unit is None:
        return Match(key, head, Meaning(), Standing.CLOSE, NO_UNIT, (Candidate(field.name, field.title, 95, because),))
    return Match(key, head, Meaning(field=field.name, unit=unit), Standing.SURE, because)


def unit_word(field: Field, factor: Decimal, head: Head, sheet_unit: str) -> str | None:
    """The word of the unit in which a column is to be filled; "" where the field has none; None where a sum of money or a share
    has no unit, neither in the heading nor for the sheet nor in the field's own title."""
    if field.type not in {"decimal", "integer"} or not field.unit:
        return ""
    known = scales(field.unit)
    stated = next((p.unit for w in reversed(head.words) if (p := phrase(w)).unit), "")
    own = phrase(field.title.zh).unit
    word = next((u for u in (stated, sheet_unit, own) if u in known and known[u] == factor), None)
    return word if word is not None or field.unit in {"CNY", "USD", "percent", "permille", "percentage_point"} else ""
