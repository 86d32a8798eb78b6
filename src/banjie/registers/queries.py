"""Reading records. Row secrecy is ``visible_to`` and nothing else: every read path passes it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from django.db import models
from django.db.models import DecimalField, Q, TextField, Value

from banjie.lib.characters import seen
from banjie.lib.errors import Invalid, Problem
from banjie.lib.text import Text
from banjie.people.scopes import scope_of
from banjie.people.verbs import Verb
from banjie.registers.columns import NUMERIC, SQLITE_NUMBER, FieldValue, RegisterIs
from banjie.registers.definition import Field, Register
from banjie.registers.search import words
from banjie.registers.values import Unreadable, stored

if TYPE_CHECKING:
    from banjie.people.models import Account
    from banjie.registers.models import Record  # noqa: F401 - named in RecordQuerySet's base

Comparison = Literal["is", "is_not", "any_of", "at_least", "at_most", "contains", "empty", "filled"]
COMPARISONS: dict[str, Text] = {
    "is": Text("等于", "is"),
    "is_not": Text("不等于", "is not"),
    "any_of": Text("属于", "is any of"),
    "at_least": Text("不小于", "at least"),
    "at_most": Text("不大于", "at most"),
    "contains": Text("包含", "contains"),
    "empty": Text("为空", "is empty"),
    "filled": Text("不为空", "is filled in"),
}


@dataclass(frozen=True)
class Filter:
    """One condition on a declared field; ``value`` as typed (a list for ``any_of``)."""

    field: str
    comparison: Comparison
    value: object = None


def condition(register: Register, wanted: Filter) -> Q:
    """The condition in SQL. Raises Invalid for an unknown or personal field, or a value that cannot be read."""
    field = register.by_name.get(wanted.field)
    if field is None or field.personal:  # a personal field must not be guessed at by filtering
        raise Invalid([Problem(wanted.field, wanted.value, Text("不能按此字段筛选", "cannot be filtered on"))], register.titles)
    if wanted.comparison not in COMPARISONS:
        raise Invalid([Problem(wanted.field, wanted.comparison, Text("没有这种比较", "is not a comparison"))], register.titles)
    expression = FieldValue(field)
    empty = Q(_Compare(expression, "=", _empty(field)))
    match wanted.comparison:
        case "empty":
            return empty
        case "filled":
            return ~empty
        case "any_of":
            values = wanted.value if isinstance(wanted.value, (list, tuple)) else [wanted.value]
            found = Q()
            for value in values:
                found |= Q(_Compare(expression, "=", _bound(register, field, value)))
            return found
        case "is":
            return Q(_Compare(expression, "=", _bound(register, field, wanted.value)))
        case "is_not":
            return ~Q(_Compare(expression, "=", _bound(register, field, wanted.value)))
        case "at_least":
            return Q(_Compare(expression, ">=", _bound(register, field, wanted.value))) & ~empty
        case "at_most":
            return Q(_Compare(expression, "<=", _bound(register, field, wanted.value))) & ~empty
        case "contains":
            return Q(_Contains(expression, str(wanted.value or "")))


def _bound(register: Register, field: Field, raw: object) -> Value:
    try:
        value = stored(raw, field, register)
    except Unreadable as error:
        raise Invalid([Problem(field.name, raw, error.says)], register.titles) from None
    if value is None:
        return _empty(field)
    if field.type in NUMERIC:
        return Value(Decimal(str(value)), output_field=DecimalField(max_digits=30, decimal_places=6))
    return Value(str(value).lower() if isinstance(value, bool) else str(value), output_field=TextField())


def _empty(field: Field) -> Value:
    if field.type in NUMERIC:
        return Value(Decimal("-1e24"), output_field=DecimalField(max_digits=30, decimal_places=6))
    return Value("", output_field=TextField())


class _Compare(models.Func):
    """``expression operator value``, kept in the very form that the index has."""

    output_field = models.BooleanField()
    conditional = True

    def __init__(self, expression: FieldValue, operator: str, value: Value) -> None:
        super().__init__(expression, value)
        self.operator = operator

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        left, left_params = compiler.compile(self.source_expressions[0])
        value = self.source_expressions[1].value  # type: ignore[attr-defined]
        if isinstance(value, Decimal) and connection.vendor == "sqlite":
            return f"{left} {self.operator} {SQLITE_NUMBER}", [*left_params, f"{value:f}"]
        return f"{left} {self.operator} %s", [*left_params, value]


class _Contains(models.Func):
    """A plain, case-blind substring test on one field."""

    output_field = models.BooleanField()
    conditional = True

    def __init__(self, expression: FieldValue, text: str) -> None:
        super().__init__(expression)
        self.text = seen(text).lower()

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        left, params = compiler.compile(self.source_expressions[0])
        position = "instr" if connection.vendor == "sqlite" else "strpos"
        return f"{position}(LOWER(CAST({left} AS TEXT)), %s) > 0", [*params, self.text]


class RecordQuerySet(models.QuerySet["Record"]):
    """Verbs for reading records; they chain."""

    def visible_to(self, account: Account | None, verb: Verb = Verb.VIEW) -> RecordQuerySet:
        """The records on which the account may do ``verb``. ``None`` is the system, which sees all."""
        return self if account is None else self.filter(scope_of(account).visible_q(verb))

    def of(self, register: str) -> RecordQuerySet:
        return self.filter(RegisterIs(register))

    def live(self) -> RecordQuerySet:
        """Those that were not removed."""
        return self.filter(removed_at__isnull=True)

    def matching(self, register: Register, filters: Iterable[Filter]) -> RecordQuerySet:
        """Those that satisfy every filter. Raises Invalid."""
        rows, problems = self, list[Problem]()
        for wanted in filters:
            try:
                rows = rows.filter(condition(register, wanted))
            except Invalid as wrong:
                problems += wrong.problems
        if problems:
            raise Invalid(problems, register.titles)
        return rows

    def searching(self, text: str) -> RecordQuerySet:
        """Those whose text holds every word of ``text``."""
        rows = self
        for word in words(text):
            rows = rows.filter(word)
        return rows
