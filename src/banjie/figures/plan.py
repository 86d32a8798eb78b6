"""From definitions to plans: every name resolved, every formula compiled. A fault shows here, at install time.

Each DefinitionError's path leads to the text at fault, e.g. ``("figures", 3, "measure")``, with the offset inside a formula.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Literal

from banjie.figures.definition import AREA_LEVELS, TIME_STEPS, Dimension, Figure, digest
from banjie.figures.processes import ProcessRegister
from banjie.formulas import AS_OF, Formula, FormulaError, Kind, compile_formula
from banjie.formulas.tree import Aggregate, Column, walk
from banjie.lib.errors import DefinitionError
from banjie.lib.text import Text
from banjie.registers.definition import Field, Register

Path = tuple[str | int, ...]
TIME_TYPES = {"year", "month", "date", "datetime"}
STATED_TIME_TYPES = TIME_TYPES | {"text"}
ONE_BY_ONE = Text(
    "登记表「{register}」是保密的，不能按「{field}」分组：每组会是一条记录",
    "{register} is confidential and cannot be broken down by {field}: each part would be one record",
)
PARENT = "parent_"  # how a formula's column of the parent is known inside: parent.industry is parent_industry


@dataclass(frozen=True)
class Axis:
    """A breakdown, resolved. ``level``: an area level; otherwise a field of the register, or of its parent."""

    name: str
    level: str | None = None
    field: Field | None = None
    of_parent: bool = False


@dataclass(frozen=True)
class Leaf:
    """What is read from a register: common to measures and stated observations."""

    figure: Figure
    register: Register
    parent: Register | None
    where: Formula | None
    time: Field | None
    axes: Mapping[str, Axis]

    @cached_property
    def registers(self) -> frozenset[str]:
        """The registers one must be permitted to view: the parent's too where its columns are read."""
        if isinstance(self.register, ProcessRegister) and self.parent:  # who may view the records, may count their matters
            return frozenset({self.parent.name})
        names = {self.register.name}
        if self.parent and (self.reads_parent or any(a.of_parent for a in self.axes.values())):
            names.add(self.parent.name)
        return frozenset(names)

    @property
    def reads_parent(self) -> bool:
        return self.where is not None and _reads_parent(self.where)

    @property
    def moves(self) -> bool:
        """Whether it changes with the moment by itself, without anything being recorded: it asks for ``as_of()``."""
        return self.where is not None and AS_OF in self.where.columns


@dataclass(frozen=True)
class Measure(Leaf):
    """An aggregate over the rows of a register."""

    measure: Formula
    additive: bool

    @property
    def reads_parent(self) -> bool:
        return super().reads_parent or _reads_parent(self.measure)

    @property
    def moves(self) -> bool:
        return super().moves or AS_OF in self.measure.columns

    @cached_property
    def sums_up(self) -> bool:
        """Whether the whole is the sum of its parts by arithmetic: one SUM or COUNT."""
        return _sums_up(self.measure)

    @cached_property
    def reads_from_zero(self) -> bool:
        """Whether it has a value over no rows at all (COUNT does: 0)."""
        return self.measure.evaluate_rows([]) is not None


@dataclass(frozen=True)
class Observation(Leaf):
    """A stated observation."""

    value: Field
    status: Field | None
    basis: Field | None
    qualifier: Field | None
    source: Field | None
    factor: Decimal


@dataclass(frozen=True)
class Combination:
    """A figure made of figures."""

    figure: Figure
    kind: Literal["ratio", "schedule", "year_on_year", "average_annual", "sum"]
    of: tuple[Plan, ...]
    factor: Decimal = Decimal(1)

    @cached_property
    def registers(self) -> frozenset[str]:
        return frozenset().union(*(p.registers for p in self.of))

    @cached_property
    def axes(self) -> Mapping[str, Axis]:
        """The breakdowns that all its parts offer; only those it names itself, where it does."""
        common = set.intersection(*(set(p.axes) for p in self.of))
        named = {d.name for d in self.figure.by} or common
        first = self.of[0].axes
        return {name: first[name] for name in first if name in common & named}


Plan = Measure | Observation | Combination


@dataclass(frozen=True)
class Compiled:
    """All figures of an installation, ready to be asked."""

    figures: Mapping[str, Figure]
    plans: Mapping[str, Plan]

    def digest(self, name: str) -> str:
        """The hash of a figure's definition with all it is made of."""
        if name not in self._digests:
            self._digests[name] = digest(dict(self.figures), name)
        return self._digests[name]

    @cached_property
    def _digests(self) -> dict[str, str]:
        return {}


def compile_all(figures: Sequence[Figure], registers: Mapping[str, Register], path: Path = ("figures",)) -> Compiled:
    """Compile figures that stand together in a list at ``path``. Raises DefinitionError."""
    places: dict[str, Path] = {}
    for i, figure in enumerate(figures):
        if figure.name in places:
            raise DefinitionError(
                (*path, i, "name"), Text(f"指标「{figure.name}」重复", f"the figure {figure.name} stands twice")
            )
        places[figure.name] = (*path, i)
    named = {f.name: f for f in figures}
    plans: dict[str, Plan] = {}
    for figure in figures:
        _compile(figure, named, registers, places, plans, ())
    return Compiled(named, plans)


def _compile(
    figure: Figure,
    figures: Mapping[str, Figure],
    registers: Mapping[str, Register],
    places: Mapping[str, Path],
    plans: dict[str, Plan],
    above: tuple[str, ...],
) -> Plan:
    path = places[figure.name]
    if figure.name in above:
        ring = " → ".join((*above[above.index(figure.name) :], figure.name))
        raise DefinitionError(
            (*path, figure.kind), Text(f"指标互相引用成环：{ring}", f"figures are made of each other in a ring: {ring}")
        )
    if figure.name in plans:
        return plans[figure.name]
    if figure.measure:
        plan: Plan = _measure(figure, registers, path)
    elif figure.stated:
        plan = _observation(figure, registers, path)
    else:
        parts = []
        for where, name in _named_parts(figure):
            if name not in figures:
                raise DefinitionError((*path, *where), Text(f"没有名为「{name}」的指标", f"there is no figure called {name}"))
            parts.append(_compile(figures[name], figures, registers, places, plans, (*above, figure.name)))
        plan = _combination(figure, tuple(parts), path)
    plans[figure.name] = plan
    return plan


def _named_parts(figure: Figure) -> list[tuple[Path, str]]:
    if figure.ratio:
        return [(("ratio", "numerator"), figure.ratio.numerator), (("ratio", "denominator"), figure.ratio.denominator)]
    if figure.schedule:
        return [(("schedule", "completion"), figure.schedule.completion)]
    if figure.growth:
        return [(("growth", "of"), figure.growth.of)]
    return [(("sum", i), name) for i, name in enumerate(figure.sum)]


def _combination(figure: Figure, parts: tuple[Plan, ...], path: Path) -> Combination:
    if figure.sum and (strange := next((p.figure for p in parts if p.figure.unit != figure.unit), None)):
        says = Text("「{name}」的单位是 {unit}，不能相加", "{name} is in {unit} and cannot be added").format(
            name=strange.name, unit=strange.unit
        )
        raise DefinitionError((*path, "sum"), says)
    plan = Combination(
        figure,
        figure.growth.kind if figure.growth else figure.kind,  # type: ignore[arg-type]
        parts,
        figure.ratio.factor if figure.ratio else Decimal(1),
    )
    for i, dimension in enumerate(figure.by):
        if dimension.name not in plan.axes:
            says = Text("其组成指标不能都按「{name}」分组", "not all its figures can be broken down by {name}").format(
                name=dimension.name
            )
            raise DefinitionError((*path, "by", i), says)
    return plan


def _measure(figure: Figure, registers: Mapping[str, Register], path: Path) -> Measure:
    register, parent, columns = _register(figure.of or "", registers, (*path, "of"))
    measure = _formula(figure.measure, columns, (*path, "measure"), aggregates=True)
    if not measure.has_aggregates:
        says = Text("measure 须用 SUM、COUNT 等汇总", "a measure needs an aggregate: SUM, COUNT, MIN, MAX or AVG")
        raise DefinitionError((*path, "measure"), says, 0)
    if measure.kind not in {Kind.INTEGER, Kind.DECIMAL}:
        raise DefinitionError((*path, "measure"), Text("measure 的结果须是数字", "a measure must give a number"), 0)
    if figure.additive and not _sums_up(measure):
        says = Text("只有单个 SUM 或 COUNT 可以相加", "only a single SUM or COUNT may be declared additive")
        raise DefinitionError((*path, "additive"), says)
    return Measure(
        figure,
        register,
        parent,
        _formula(figure.where, columns, (*path, "where"), expects=Kind.BOOLEAN) if figure.where else None,
        _field(register, figure.time, (*path, "time"), TIME_TYPES) if figure.time else None,
        _axes(figure.by, register, parent, path),
        measure,
        _sums_up(measure) if figure.additive is None else figure.additive,
    )


def _observation(figure: Figure, registers: Mapping[str, Register], path: Path) -> Observation:
    stated = figure.stated
    assert stated is not None
    register, parent, columns = _register(stated.register_name, registers, (*path, "stated", "register"))
    here = (*path, "stated")

    def optional(name: str) -> Field | None:
        given: str | None = getattr(stated, name)
        return _field(register, given, (*here, name), {"text", "choice"}) if given else None

    return Observation(
        figure,
        register,
        parent,
        _formula(stated.where, columns, (*here, "where"), expects=Kind.BOOLEAN) if stated.where else None,
        _field(register, stated.period, (*here, "period"), STATED_TIME_TYPES),
        _axes(figure.by, register, parent, path),
        _field(register, stated.value, (*here, "value"), {"decimal", "integer"}),
        optional("status"),
        optional("basis"),
        optional("qualifier"),
        optional("source"),
        stated.factor,
    )


def _register(name: str, registers: Mapping[str, Register], path: Path) -> tuple[Register, Register | None, dict[str, Kind]]:
    """The register, the one above it, and the columns that formulas may use."""
    if name not in registers:
        raise DefinitionError(path, Text(f"没有名为「{name}」的登记表", f"there is no register called {name}"))
    register = registers[name]
    parent = registers.get(register.parent.register_name) if register.parent else None
    columns = {f"{PARENT}{c}": k for c, k in parent.kinds.items()} if parent else {}
    return register, parent, {**columns, **register.kinds, AS_OF: Kind.DATETIME}


def _formula(
    text: str, columns: Mapping[str, Kind], path: Path, *, expects: Kind | None = None, aggregates: bool = False
) -> Formula:
    try:
        return compile_formula(_parents_renamed(text), columns, expects=expects, aggregates=aggregates)
    except FormulaError as error:
        raise DefinitionError(path, error.says, error.offset) from error


def _parents_renamed(text: str) -> str:
    """``parent.industry`` as ``parent_industry``, outside quoted text; offsets stay what they are."""
    return re.sub(r"('(?:[^']|'')*')|\bparent\.(?=[a-z])", lambda m: m[1] or PARENT, text)


def _field(register: Register, name: str | None, path: Path, types: set[str]) -> Field:
    field = register.by_name.get(name or "")
    if field is None or field.personal:
        says = Text(
            "登记表「{register}」没有可用的字段「{name}」", "the register {register} has no field {name} that figures may use"
        )
        raise DefinitionError(path, says.format(register=register.name, name=name))
    if field.type not in types:
        says = Text("字段「{name}」是 {type}；此处须为 {types}", "{name} is a {type}; here it must be {types}")
        raise DefinitionError(path, says.format(name=name, type=field.type, types=" / ".join(sorted(types))))
    return field


def _axes(by: Sequence[Dimension], register: Register, parent: Register | None, path: Path) -> dict[str, Axis]:
    axes: dict[str, Axis] = {}
    for i, dimension in enumerate(by):
        here = (*path, "by", i)
        if dimension.name in TIME_STEPS:
            says = Text("按时间分组无须声明：{name}", "a breakdown by time need not be declared: {name}").format(
                name=dimension.name
            )
            raise DefinitionError(here, says)
        if dimension.field is None:
            if dimension.name not in AREA_LEVELS:
                raise DefinitionError(here, Text(f"「{dimension.name}」不是地区层级", f"{dimension.name} is not an area level"))
            axes[dimension.name] = Axis(dimension.name, level=dimension.name)
            continue
        of_parent = dimension.field.startswith("parent.")
        if of_parent and parent is None:
            raise DefinitionError(here, Text(f"登记表「{register.name}」没有上级", f"the register {register.name} has no parent"))
        source = parent if of_parent and parent else register
        wanted = {"text", "choice", "reference", "area", "boolean", "year", "integer"}
        field = _field(source, dimension.field.removeprefix("parent."), here, wanted)
        if source.confidential and _tells_one_from_another(source, field, None if of_parent else parent):
            raise DefinitionError(here, ONE_BY_ONE.format(register=source.title, field=field.title))
        axes[dimension.name] = Axis(dimension.name, field=field, of_parent=of_parent)
    return axes


def _tells_one_from_another(register: Register, field: Field, parent: Register | None) -> bool:
    """Whether the parts of a breakdown would be single records: by what names them, or by the confidential record above."""
    if register.parent is not None and field.name == register.parent.field:
        return parent is not None and parent.confidential
    if isinstance(register, ProcessRegister):
        return False
    return field.type == "text" or register.key == (field.name,)


def _reads_parent(formula: Formula) -> bool:
    return any(isinstance(n, Column) and n.name.startswith(PARENT) for n in walk(formula.tree))


def _sums_up(formula: Formula) -> bool:
    return isinstance(formula.tree, Aggregate) and formula.tree.function in {"sum", "count"}
