"""How a stored value reads on a screen, and how what is typed into a form becomes a value again.

Money is kept in yuan and shown in 万元 (English: CNY million), the units an office speaks in; forms take 万元.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation

from banjie.lib.clock import LOCAL
from banjie.lib.text import Text, language
from banjie.lib.units import UNITS, Scale
from banjie.people.models import Account
from banjie.people.scopes import scope_of
from banjie.people.verbs import Verb
from banjie.places.models import Area
from banjie.registers.definition import Field, Register
from banjie.registers.exporting import masked
from banjie.registers.models import Record
from banjie.registers.values import Stored, text_of

NOTHING = "—"
_UNIT_IN_TITLE = re.compile(r"\s*[(\uff08][^()\uff08\uff09]*[)\uff09]$")
NUMERIC = frozenset({"decimal", "integer"})
MONEY = frozenset({"CNY", "USD"})
TYPED_IN: dict[str, tuple[Decimal, Text]] = {  # units in which forms take a quantity, where not the base unit
    "CNY": (Decimal(10_000), Text("万元", "10,000 CNY")),
    "USD": (Decimal(10_000), Text("万美元", "10,000 USD")),
    "percent": (Decimal("0.01"), Text("%", "%")),
    "permille": (Decimal("0.001"), Text("‰", "‰")),
}


def _scale(code: str) -> Scale:
    """The one scale in which a whole column is shown, so that its numbers can be compared: 万元, CNY million, else the smallest."""
    unit = UNITS[code]
    scales = unit.zh if language() == "zh" else unit.en
    return scales[-2] if code in MONEY else scales[-1]


def unit_of(field: Field) -> str:
    """The unit in which a field is shown; empty for a pure number."""
    if field.unit not in UNITS:
        return field.unit
    scale = _scale(field.unit)
    return f"{scale.prefix}{scale.suffix.strip()}"


def title_of(field: Field) -> str:
    """The field's title without a unit in brackets at its end, which holds for sheets: the screen shows its own."""
    return _UNIT_IN_TITLE.sub("", str(field.title)) if field.unit in UNITS else str(field.title)


def form_unit(field: Field) -> str:
    """The unit in which a field is typed."""
    return str(TYPED_IN[field.unit][1]) if field.unit in TYPED_IN else unit_of(field)


def number(value: Decimal | int) -> str:
    """Grouped, exact, without idle zeros: 1,234.5."""
    text = f"{value:,f}" if isinstance(value, Decimal) else f"{value:,}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def amount(value: Decimal | int | str, unit: str) -> str:
    """A quantity in the unit in which it is shown, without the unit's name."""
    exact = Decimal(str(value))
    if unit in UNITS:
        exact /= _scale(unit).size
    return number(exact)


def quantity(value: str, field: Field) -> str:
    """A quantity with its unit as people say it: 1200万元, CNY 12 million, 15.5%."""
    if field.unit not in UNITS:
        return f"{number(Decimal(value))} {field.unit}".strip()
    unit, scale = UNITS[field.unit], _scale(field.unit)
    digits = amount(value, field.unit)
    if language() == "en" and digits == "1" and unit.one:
        return f"1{unit.one}"
    return f"{scale.prefix}{digits}{scale.suffix}"


def clear_moment(value: str) -> str:
    return datetime.fromisoformat(value).astimezone(LOCAL).strftime("%Y-%m-%d %H:%M")


def to_typed(field: Field, raw: str) -> str:
    """What a form or filter holds, in the base unit. Text that is no number goes on as it is, to be refused with its reason."""
    if field.unit not in TYPED_IN or not raw.strip():
        return raw
    try:
        return f"{Decimal(text_of(raw).replace(',', '')) * TYPED_IN[field.unit][0]:f}"
    except InvalidOperation:
        return raw


def to_screen(field: Field, raw: str) -> str:
    """A filter's value in base units as its input shows it."""
    return to_form(field, raw) if field.unit in TYPED_IN and raw else raw


def to_form(field: Field, value: Stored) -> str:
    """The stored value as a form shows it for editing."""
    if value is None:
        return ""
    if field.type == "boolean":
        return "true" if value else "false"
    if field.type == "datetime":
        return datetime.fromisoformat(str(value)).astimezone(LOCAL).strftime("%Y-%m-%dT%H:%M")
    if field.unit in TYPED_IN:
        return number(Decimal(str(value)) / TYPED_IN[field.unit][0]).replace(",", "")
    return str(value)


@dataclass(frozen=True)
class Reference:
    """A record that another one names."""

    id: int
    label: str


@dataclass(frozen=True)
class Reader:
    """Reads values of records for one person: knows the areas and referenced records of the page, and who may see personal values.
    Without an account nothing personal is read."""

    account: Account | None
    areas: Mapping[str, Text]
    references: Mapping[tuple[str, str], Reference]

    @classmethod
    def for_rows(cls, account: Account, register: Register, rows: Iterable[Mapping[str, Stored]]) -> Reader:
        """One query for the areas named in these rows and one for each register that they refer to."""
        rows = list(rows)
        codes = {str(row[f.name]) for f in register.fields if f.type == "area" for row in rows if row.get(f.name)}
        areas = {a.code: a.name for a in Area.objects.filter(code__in=codes)} if codes else {}
        wanted: dict[str, set[str]] = {}
        for f in register.fields:
            if f.type == "reference" and f.of:
                wanted.setdefault(f.of, set()).update(str(row[f.name]) for row in rows if row.get(f.name))
        found = {}
        for name, keys in wanted.items():
            if keys:
                seen = Record.objects.of(name).visible_to(account).filter(key__in=keys)
                found.update({(name, key): Reference(pk, label) for pk, key, label in seen.values_list("pk", "key", "label")})
        return cls(account, areas, found)

    def may_reveal(self, register: Register, area: str | None) -> bool:
        return self.account is not None and scope_of(self.account).may(Verb.PERSONAL, register.name, area)

    def reference(self, field: Field, value: Stored) -> Reference | None:
        return self.references.get((field.of or "", str(value))) if field.type == "reference" else None

    def text(self, register: Register, field: Field, value: Stored, *, area: str | None = None, unit: bool = False) -> str:
        """The value as people read it, in the language in use; ``unit``: with the unit behind a number."""
        if value is None or value == "":
            return NOTHING
        if field.personal and not self.may_reveal(register, area):
            return masked(value)
        match field.type:
            case "decimal" | "integer":
                return quantity(str(value), field) if unit else amount(str(value), field.unit)
            case "boolean":
                return str(Text("是", "Yes") if value else Text("否", "No"))
            case "choice":
                return str(next((o.title for o in register.options(field) if o.code == value), value))
            case "area":
                return str(self.areas.get(str(value), value))
            case "reference":
                there = self.reference(field, value)
                return there.label if there else str(value)
            case "datetime":
                return clear_moment(str(value))
            case "month":
                year, month = str(value).split("-")
                return f"{year}年{int(month)}月" if language() == "zh" else str(value)
            case "year":
                return f"{value}年" if language() == "zh" else str(value)
        return str(value)


def shown_to_all(register: Register, field: Field, value: Stored) -> str:
    """The value as anybody may read it, with its unit. Not for references: their records are not everybody's to see."""
    areas = {a.code: a.name for a in Area.objects.filter(code=str(value))} if field.type == "area" else {}
    return Reader(None, areas, {}).text(register, field, value, unit=True)
