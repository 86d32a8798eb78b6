"""Two people saved one record: what each wrote, as people read it, and what a form must send back so that nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.http import QueryDict

from banjie.people.models import Account
from banjie.registers.definition import Field, Register
from banjie.registers.values import Stored, Unreadable, stored
from banjie.web.display import NOTHING, Reader, to_form, to_typed


@dataclass(frozen=True)
class Difference:
    """One field that this side changed. ``both``: the other side changed it too, so one of the two must be chosen.

    ``before``: what it held when the form was opened; for a field of both, what the other side saved. ``*_form`` are the texts
    for the form's inputs.
    """

    field: Field
    both: bool
    before: str
    yours: str
    before_form: str
    yours_form: str


def differences(
    account: Account,
    register: Register,
    area: str | None,
    theirs: Mapping[str, object],
    changes: Mapping[str, str],
    sent: QueryDict,
) -> list[Difference]:
    """What this side changed, in the register's order. ``changes`` are as typed, in base units; ``sent`` is the form itself."""
    fields = [f for f in register.stated if f.name in changes]
    opened = {f.name: to_typed(f, sent.get(f"was.{f.name}", "")) for f in fields}
    yours = {f.name: _stored(register, f, changes[f.name]) for f in fields}
    before = {f.name: theirs[f.name] if f.name in theirs else _stored(register, f, opened[f.name]) for f in fields}
    reader = Reader.for_rows(account, register, [yours, before])  # type: ignore[list-item]
    return list(_each(reader, register, area, fields, theirs, before, yours, changes, sent))  # type: ignore[arg-type]


def _each(
    reader: Reader,
    register: Register,
    area: str | None,
    fields: list[Field],
    theirs: Mapping[str, object],
    before: Mapping[str, Stored],
    yours: Mapping[str, Stored],
    typed: Mapping[str, str],
    sent: QueryDict,
) -> Iterator[Difference]:
    hides = not reader.may_reveal(register, area)
    for f in fields:
        both = f.name in theirs
        held = sent.get(f"was.{f.name}", "")
        if both:  # what the other side wrote and one may not see goes nowhere, not even into a hidden input
            held = "" if f.personal and hides else to_form(f, before[f.name])
        mine = typed[f.name] if f.personal else _read(reader, register, f, yours[f.name], area)
        yield Difference(f, both, _read(reader, register, f, before[f.name], area), mine or NOTHING, held, sent.get(f.name, ""))


def _stored(register: Register, f: Field, typed: str) -> Stored:
    """What was typed in its stored form; as it is where it cannot be read."""
    try:
        return stored(typed, f, register)
    except Unreadable:
        return typed


def _read(reader: Reader, register: Register, f: Field, value: Stored, area: str | None) -> str:
    try:
        return reader.text(register, f, value, area=area, unit=True)
    except (ValueError, ArithmeticError):  # typed, and not to be read as what the field holds
        return str(value)
