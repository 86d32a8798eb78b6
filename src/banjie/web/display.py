"""How a stored value reads on a screen, and how what is typed into a form becomes a value again.

Money is kept in yuan and shown in 万元 (English: CNY million), the units an office speaks in; forms take 万元.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation

from banjie.lib.clock import LOCAL
from banjie.lib.text import Text, language
from banjie.people.models import Account
from banjie.people.scopes import scope_of
from banjie.people.verbs import Verb
from banjie.places.models import Area
from banjie.registers.definition import Field, Register
from banjie.registers.models import Record
from banjie.registers.values import Stored, text_of

NOTHING = "—"
TEN_THOUSAND, MILLION = Decimal(10_000), Decimal(1_000_000)
NUMERIC = frozenset({"decimal", "integer"})

UNITS = {
    "CNY": Text("万元", "CNY million"),
    "mu": Text("亩", "mu"),
    "household": Text("户", "households"),
    "person": Text("人", "persons"),
    "project": Text("个", "projects"),
    "percent": Text("%", "%"),
    "month": Text("个月", "months"),
    "day": Text("天", "days"),
    "km": Text("公里", "km"),
    "m2": Text("平方米", "m²"),
}
FORM_UNITS = UNITS | {"CNY": Text("万元", "10,000 CNY")}


def unit_of(field: Field) -> str:
    """The unit in which a field is shown; empty for a pure number."""
    return str(UNITS.get(field.unit, Text(field.unit, field.unit)))


def number(value: Decimal | int) -> str:
    """Grouped, exact, without idle zeros: 1,234.5."""
    text = f"{value:,f}" if isinstance(value, Decimal) else f"{value:,}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def amount(value: Decimal | int | str, unit: str) -> str:
    """A quantity in the unit in which it is shown, without the unit's name."""
    exact = Decimal(str(value))
    if unit == "CNY":
        exact /= TEN_THOUSAND if language() == "zh" else MILLION
    return number(exact)


def masked(value: object) -> str:
    """A personal value with its middle hidden: 138****0000, 王**."""
    text = str(value)
    if len(text) >= 7:
        return f"{text[:3]}{'*' * (len(text) - 7)}{text[-4:]}" if len(text) > 7 else f"{text[:2]}***{text[-2:]}"
    return text[:1] + "*" * max(1, len(text) - 1)


def clear_moment(value: str) -> str:
    return datetime.fromisoformat(value).astimezone(LOCAL).strftime("%Y-%m-%d %H:%M")


def to_typed(field: Field, raw: str) -> str:
    """What a form or filter holds, in the base unit. Text that is no number goes on as it is, to be refused with its reason."""
    if field.unit != "CNY" or not raw.strip():
        return raw
    try:
        return f"{Decimal(text_of(raw).replace(',', '')) * TEN_THOUSAND:f}"
    except InvalidOperation:
        return raw


def to_form(field: Field, value: Stored) -> str:
    """The stored value as a form shows it for editing."""
    if value is None:
        return ""
    if field.type == "boolean":
        return "true" if value else "false"
    if field.type == "datetime":
        return datetime.fromisoformat(str(value)).astimezone(LOCAL).strftime("%Y-%m-%dT%H:%M")
    if field.unit == "CNY":
        return number(Decimal(str(value)) / TEN_THOUSAND).replace(",", "")
    return str(value)


@dataclass(frozen=True)
class Reference:
    """A record that another one names."""

    id: int
    label: str


@dataclass(frozen=True)
class Reader:
    """Reads values of records for one person: knows the areas and referenced records of the page, and who may see personal values."""

    account: Account
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
        return scope_of(self.account).may(Verb.PERSONAL, register.name, area)

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
                shown = amount(str(value), field.unit)
                return f"{shown} {unit_of(field)}".strip() if unit else shown
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
