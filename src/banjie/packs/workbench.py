"""What a pack puts on the workbench: lists of records that somebody owes, answers for, or follows.

A list is served by indexes whatever the size of the register, so its ``where`` is a chain of plain conditions joined by ``and``:
``closed_on is null and due_on < today``. ``today`` is the present day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

from pydantic import Field as Slot
from pydantic import model_validator

from banjie.formulas import FormulaError, Kind, compile_formula
from banjie.formulas.tree import Call, Column, Literal, Node
from banjie.lib.definition import BilingualError, Definition, Label, Name, Sourced
from banjie.lib.errors import DefinitionError
from banjie.lib.text import Text
from banjie.registers.definition import Register
from banjie.registers.queries import Comparison, Filter

TODAY = "today"
DAY = timedelta(days=1)
COMPARISONS: Mapping[str, tuple[Comparison, timedelta]] = {
    "eq": ("is", 0 * DAY), "ne": ("is_not", 0 * DAY),
    "le": ("at_most", 0 * DAY), "lt": ("at_most", -DAY), "ge": ("at_least", 0 * DAY), "gt": ("at_least", DAY),
}  # fmt: skip
PLAIN = Text(
    "工作台清单的条件须由 and 连接，每个条件形如 字段 is null、字段 = 值、字段 in (…)、日期 < today。",
    "a workbench list's conditions are joined by and; each is: field is null, field = value, field in (…), or date < today.",
)


class Mine(Definition):
    """Whose a record is: the holder of a ``duty`` for it or its area, or the post that its field ``post`` names
    (of the record, or of the one above it). Either is enough."""

    duty: Name | None = None
    post: Name | None = None

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if not (self.duty or self.post):
            raise BilingualError("须写明 duty 或 post", "a duty or a post must be named")
        return self


class Missing(Sourced):
    """Each record owes a child a month: one of ``register`` whose field ``month`` says which, by that day of the month after."""

    register_name: Name = Slot(alias="register")
    month: Name
    by_day: int = Slot(default=5, ge=1, le=28)


class Progress(Definition):
    """The sum of a field over the children in ``register``, held against a field of the record itself."""

    register_name: Name = Slot(alias="register")
    sum: Name
    of: Name


class WorkbenchList(Definition):
    """One section of the workbench, shown to whom it concerns. ``year``: only records of the newest year
    that has begun."""

    name: Name
    title: Label
    empty: Label
    register_name: Name = Slot(alias="register")
    where: str = ""
    mine: Mine
    order: Name
    due: Name | None = None  # a date; what lies behind it is said to be overdue
    year: Name | None = None
    missing: Missing | None = None
    progress: Progress | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if self.missing and self.progress:
            raise BilingualError("missing 和 progress 只能有一个", "either missing or progress, not both")
        if self.missing and not self.year:
            raise BilingualError("有 missing 须写明年度字段 year", "missing needs year: the field that says whose months count")
        return self

    @property
    def registers(self) -> set[str]:
        """The registers it names."""
        below = [part.register_name for part in (self.missing, self.progress) if part]
        return {self.register_name, *below}

    def filters(self, register: Register, today: date) -> list[Filter]:
        """The conditions of ``where`` on a day."""
        return [c.on(today) for c in conditions(register, self.where)]

    def check(self, registers: Mapping[str, Register]) -> None:
        """Everything named exists and is of the right kind. Raises DefinitionError with its path."""
        register = _known(registers, self.register_name, ("register",))
        conditions(register, self.where)
        _field(register, self.order, ("order",))
        if self.due:
            _field(register, self.due, ("due",), "date")
        if self.year:
            _field(register, self.year, ("year",), "year")
        if self.mine.post:
            above = registers.get(register.parent.register_name) if register.parent else None
            _field(register if self.mine.post in register.by_name or above is None else above, self.mine.post, ("mine", "post"))
        if self.missing:
            child = _child(registers, self.missing.register_name, register, ("missing", "register"))
            _field(child, self.missing.month, ("missing", "month"), "month")
        if self.progress:
            child = _child(registers, self.progress.register_name, register, ("progress", "register"))
            _field(child, self.progress.sum, ("progress", "sum"), "decimal", "integer")
            _field(register, self.progress.of, ("progress", "of"), "decimal", "integer")


@dataclass(frozen=True)
class Condition:
    """One condition of a ``where``. ``value`` TODAY is the day itself; ``shift`` is added to a day."""

    field: str
    comparison: Comparison
    value: object = None
    shift: timedelta = 0 * DAY

    def on(self, today: date) -> Filter:
        if self.value == TODAY or isinstance(self.value, date):
            day = today if self.value == TODAY else self.value
            assert isinstance(day, date)
            return Filter(self.field, self.comparison, (day + self.shift).isoformat())
        value = [str(v) for v in self.value] if isinstance(self.value, tuple) else self.value
        return Filter(self.field, self.comparison, value)


def conditions(register: Register, where: str) -> list[Condition]:
    """The parts of a ``where``. Raises DefinitionError pointing at the formula."""
    if not where.strip():
        return []
    try:
        formula = compile_formula(where, {**register.kinds, TODAY: Kind.DATE}, expects=Kind.BOOLEAN)
    except FormulaError as error:
        raise DefinitionError(("where",), error.says, error.offset) from error
    return list(_parts(formula.tree))


def _parts(node: Node) -> Iterator[Condition]:
    match node:
        case Call("and", args):
            for arg in args:
                yield from _parts(arg)
        case Column(name):
            yield Condition(name, "is", "true")
        case Call("not", (Column(name),)):
            yield Condition(name, "is", "false")
        case Call("is_null", (Column(name),)):
            yield Condition(name, "empty")
        case Call("not", (Call("is_null", (Column(name),)),)):
            yield Condition(name, "filled")
        case Call("in", (Column(name), *options)) if all(isinstance(o, Literal) for o in options):
            yield Condition(name, "any_of", tuple(o.value for o in options if isinstance(o, Literal)))
        case Call(operation, (Column(name, type), other)) if operation in COMPARISONS:
            comparison, shift = COMPARISONS[operation]
            if shift and type.kind is not Kind.DATE:
                raise DefinitionError(("where",), PLAIN)
            yield Condition(name, comparison, _constant(other), shift)
        case _:
            raise DefinitionError(("where",), PLAIN)


def _constant(node: Node) -> object:
    match node:
        case Literal(bool() as truth):
            return str(truth).lower()
        case Literal(value):
            return value
        case Column("today"):
            return TODAY
    raise DefinitionError(("where",), PLAIN)


def _known(registers: Mapping[str, Register], name: str, path: tuple[str, ...]) -> Register:
    if name not in registers:
        raise DefinitionError(path, Text(f"没有登记表「{name}」。", f"there is no register called {name}."))
    return registers[name]


def _child(registers: Mapping[str, Register], name: str, above: Register, path: tuple[str, ...]) -> Register:
    child = _known(registers, name, path)
    if child.parent is None or child.parent.register_name != above.name:
        says = Text(f"登记表「{name}」不是「{above.name}」的下级。", f"the register {name} does not lie below {above.name}.")
        raise DefinitionError(path, says)
    return child


def _field(register: Register, name: str, path: tuple[str, ...], *types: str) -> None:
    field = register.by_name.get(name)
    if field is None or field.personal:
        says = Text(
            f"登记表「{register.name}」没有可用的字段「{name}」。", f"{register.name} has no field {name} that can be used."
        )
        raise DefinitionError(path, says)
    if types and field.type not in types:
        wanted = "、".join(types), " or ".join(types)
        raise DefinitionError(
            path, Text(f"字段「{name}」应为 {wanted[0]} 类型。", f"the field {name} must be of type {wanted[1]}.")
        )
