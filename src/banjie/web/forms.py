"""The form of a record, made from its register: one control per field, with who asks for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as slot

from django.http import QueryDict

from banjie.lib.errors import Problem
from banjie.lib.text import Text
from banjie.people.models import Account
from banjie.people.verbs import Verb
from banjie.places.models import Area
from banjie.registers.definition import Field, Register
from banjie.registers.exporting import masked
from banjie.registers.models import Record
from banjie.registers.values import Stored
from banjie.web.areas import areas_for
from banjie.web.display import form_unit, to_form, to_typed

CHOSEN_AT_MOST = 300  # records offered in a list for a reference; beyond it the key is typed
INPUT_TYPES = {"date": "date", "month": "month", "datetime": "datetime-local", "phone": "tel"}
NUMBERS = {"decimal": "decimal", "integer": "numeric", "year": "numeric"}


@dataclass(frozen=True)
class Control:
    """One field as a control. ``kind``: input, note, choice, list. ``hidden_value``: personal and not to be shown."""

    field: Field
    kind: str
    value: str
    input_type: str = "text"
    input_mode: str = ""
    unit: str = ""
    options: list[tuple[str, str]] = slot(default_factory=list)
    problems: list[str] = slot(default_factory=list)
    fixed: bool = False
    hidden_value: str = ""

    @property
    def describedby(self) -> str:
        """The ids of what explains the control to a screen reader."""
        f = self.field
        parts = [("help", f.help), ("source", f.source), ("problem", self.problems), ("mask", self.hidden_value)]
        return " ".join(f"{part}-{f.name}" for part, there in parts if there)


def typed_values(register: Register, sent: QueryDict) -> dict[str, str]:
    """What was typed, by field, in base units. A field that was not in the form is not in the answer."""
    return {f.name: to_typed(f, sent.get(f.name, "")) for f in register.stated if f.name in sent}


def unmasked(register: Register, values: Mapping[str, str]) -> dict[str, str]:
    """Without the personal fields that were left blank because their value was not shown."""
    return {n: v for n, v in values.items() if not (register.field(n).personal and not v.strip())}


def shown_values(register: Register, data: Mapping[str, Stored]) -> dict[str, str]:
    """Stored values as the form shows them."""
    return {f.name: to_form(f, data.get(f.name)) for f in register.stated}


def controls(
    account: Account,
    register: Register,
    values: Mapping[str, str],
    *,
    verb: Verb,
    problems: Iterable[Problem] = (),
    record: Record | None = None,
    reveal: bool = True,
    only: Collection[str] | None = None,
) -> list[Control]:
    """The controls in the register's order (``only`` these); the key of an existing record is fixed."""
    said: dict[str, list[str]] = {}
    for p in problems:
        said.setdefault(p.where, []).append(str(p.says))
    return [
        _control(account, register, f, values.get(f.name, ""), verb, said.get(f.name, []), record, reveal)
        for f in register.stated
        if only is None or f.name in only
    ]


def _control(
    account: Account,
    register: Register,
    f: Field,
    value: str,
    verb: Verb,
    problems: list[str],
    record: Record | None,
    reveal: bool,
) -> Control:
    fixed = record is not None and f.name in register.key
    unit = form_unit(f)
    if f.personal and not reveal:
        kept = record.data.get(f.name) if record else None
        hidden = masked(kept) if kept else ""
        typed = "" if record and value == to_form(f, kept) else value
        return Control(f, "input", typed, INPUT_TYPES.get(f.type, "text"), "", unit, [], problems, fixed, hidden)
    match f.type:
        case "choice":
            return Control(
                f, "choice", value, options=[(o.code, str(o.title)) for o in register.options(f)], problems=problems, fixed=fixed
            )
        case "boolean":
            options = [("true", str(Text("是", "Yes"))), ("false", str(Text("否", "No")))]
            return Control(f, "choice", value, options=options, problems=problems, fixed=fixed)
        case "area":
            options = [(a.code, str(a.name)) for a in areas_for(account, register, verb)]
            return Control(f, "choice", value, options=_with(options, value), problems=problems, fixed=fixed)
        case "reference":
            options = _records(account, f)
            kind = "list" if len(options) < CHOSEN_AT_MOST else "input"
            return Control(f, kind, value, options=options if kind == "list" else [], problems=problems, fixed=fixed)
        case "note":
            return Control(f, "note", value, problems=problems, fixed=fixed)
    return Control(f, "input", value, INPUT_TYPES.get(f.type, "text"), NUMBERS.get(f.type, ""), unit, [], problems, fixed)


def _with(options: list[tuple[str, str]], value: str) -> list[tuple[str, str]]:
    """The options and the present value, which may be an area out of reach or out of force."""
    if not value or any(code == value for code, _ in options):
        return options
    area = Area.objects.filter(code=value).first()
    return [*options, (value, str(area.name) if area else value)]


def _records(account: Account, f: Field) -> list[tuple[str, str]]:
    seen = Record.objects.of(f.of or "").visible_to(account).live().order_by("key")
    return list(seen.values_list("key", "label")[:CHOSEN_AT_MOST])
