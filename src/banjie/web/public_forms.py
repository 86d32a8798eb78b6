"""The form in which somebody without an account hands in a request: the fields that the process opens, and no list of records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.http import QueryDict

from banjie.lib.errors import Problem
from banjie.lib.text import Text
from banjie.matters.definition import Public
from banjie.places.models import Area
from banjie.registers.definition import Field, Register
from banjie.web.areas import AREAS_AT_MOST
from banjie.web.display import form_unit, to_typed
from banjie.web.forms import INPUT_TYPES, NUMBERS, Control


def public_controls(
    register: Register,
    names: Sequence[str],
    values: Mapping[str, str],
    problems: Iterable[Problem],
    areas: Sequence[Area] = (),
    labels: Mapping[str, Text] | None = None,
) -> list[Control]:
    """One control a field, in the order in which the process names them. ``areas``: from which it is taken in. ``labels``: what the
    applicant is asked, in place of the field's title."""
    said: dict[str, list[str]] = {}
    for p in problems:
        said.setdefault(p.where, []).append(str(p.says))
    fields = [called(register.field(n), labels or {}) for n in names]
    return [_control(register, f, values.get(f.name, ""), said.get(f.name, []), areas) for f in fields]


def called(field: Field, labels: Mapping[str, Text]) -> Field:
    """A field under the name by which the applicant is asked for it."""
    return field.model_copy(update={"title": labels[field.name]}) if field.name in labels else field


def _control(register: Register, f: Field, value: str, problems: list[str], taken: Sequence[Area]) -> Control:
    match f.type:
        case "choice":
            return Control(f, "choice", value, options=[(o.code, str(o.title)) for o in register.options(f)], problems=problems)
        case "boolean":
            options = [("true", str(Text("是", "Yes"))), ("false", str(Text("否", "No")))]
            return Control(f, "choice", value, options=options, problems=problems)
        case "area":
            options = _named(taken) if f.name == register.area else _areas()
            return Control(f, "choice", value, options=options, problems=problems)
        case "note":
            return Control(f, "note", value, problems=problems)
    return Control(
        f, "input", value, INPUT_TYPES.get(f.type, "text"), NUMBERS.get(f.type, ""), form_unit(f), problems=problems
    )  # fmt: skip


def _areas() -> list[tuple[str, str]]:
    return _named(Area.objects.filter(valid_to__isnull=True).order_by("code")[:AREAS_AT_MOST])


def _named(areas: Iterable[Area]) -> list[tuple[str, str]]:
    return [(area.code, str(area.name)) for area in areas]


def public_values(register: Register, public: Public, sent: QueryDict) -> dict[str, object]:
    """What was typed into the fields that are open, in base units; anything else that was sent is not read."""
    return {n: to_typed(register.field(n), sent.get(n, "")) for n in public.fields if n in sent}
