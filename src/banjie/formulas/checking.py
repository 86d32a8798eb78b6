"""Checks one formula: hands each node to what may handle it, and gives what they all need: kinds, constants, refusals.

Every refusal points at the node at fault. A NULL fits any kind; an integer fits where a decimal is meant.
An operation on constants alone is computed here, once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NoReturn

from sqlglot import exp

from banjie.formulas import allowed
from banjie.formulas.errors import FormulaError, FormulaValueError
from banjie.formulas.evaluate import runner
from banjie.formulas.kinds import (
    BOOLEAN,
    DATETIME,
    INTEGER,
    TEXT,
    Kind,
    Type,
    column_type,
    decimal_type,
)
from banjie.formulas.operations import STRICT
from banjie.formulas.reading import MAX_DEPTH, TODAY, TOO_DEEP, start_of
from banjie.formulas.tree import Call, Column, Literal, Node, is_null
from banjie.lib.text import Text

AS_OF = f"{allowed.AS_OF}()"
"""The column that stands for ``as_of()``; no field's name can be this."""
Handlers = Mapping[type[exp.Expr], Callable[["Checker", Any], Node]]
_HARMLESS = {"safe", "typed", "big_int", "ignore_nulls", "coalesce", "date_part_boundary", "negate", "nested", "zone"}
"""Marks sqlglot puts on its nodes that carry nothing a person wrote (``negate`` is read where it may stand)."""


class Checker:
    """Checks one formula against the columns it may use."""

    def __init__(self, text: str, columns: Mapping[str, Kind], handlers: Handlers, *, aggregates: bool) -> None:
        self.text = text
        self.columns = columns
        self.handlers = handlers
        self.aggregates = aggregates
        self.inside: str | None = None  # the aggregate being read, if any
        self.within: list[exp.Expr] = []  # the nodes being read, outermost first

    def refuse(self, at: exp.Expr, says: Text, **values: object) -> NoReturn:
        raise FormulaError(says.format(**values), self.text, start_of(at))

    # -- nodes ---------------------------------------------------------------------------------

    def node(self, e: exp.Expr) -> Node:
        if not isinstance(e, exp.Expr):
            self.refuse(self.within[-1], Text("这里缺少参数", "an argument is missing here"))
        handler = self.handlers.get(type(e))
        if handler is None and isinstance(e, exp.Anonymous) and e.name.lower() == allowed.AS_OF and not e.expressions:
            return self._as_of(e)
        if handler is None:
            self.refuse_unlisted(e)
        if len(self.within) > MAX_DEPTH:
            self.refuse(e, TOO_DEEP)
        self.within.append(e)
        try:
            return handler(self, e)
        finally:
            self.within.pop()

    def _as_of(self, e: exp.Expr) -> Node:
        if AS_OF not in self.columns:
            says = Text("只有指标的公式可以用 as_of()，即查询的截至时点", "only the formulas of a figure may ask for as_of()")
            self.refuse(e, says)
        return Column(AS_OF, DATETIME)

    def refuse_unlisted(self, e: exp.Expr) -> NoReturn:
        if isinstance(e, (exp.Subquery, exp.Select, exp.Exists, exp.SetOperation)):
            self.refuse(e, Text("公式中不能有子查询", "a formula holds no subquery"))
        if isinstance(e, exp.Window):
            self.refuse(e, Text("公式中不能有窗口函数", "a formula holds no window function"))
        if isinstance(e, (exp.Lambda, exp.JSONExtract, exp.JSONExtractScalar)):
            self.refuse(e, Text("公式中不能有 lambda 或 ->", "a formula holds no lambda and no ->"))
        if isinstance(e, exp.Star):
            self.refuse(e, Text("只有 COUNT(*) 中可以用星号", "a star stands in COUNT(*) only"))
        if isinstance(e, (exp.Placeholder, exp.Parameter)):
            self.refuse(e, Text("公式中不能有参数", "a formula holds no parameters"))
        if isinstance(e, (exp.Alias, exp.Command, exp.DDL, exp.DML)):
            self.refuse(e, Text("公式是一个表达式；这里多了内容", "a formula is one expression; there is too much here"))
        if isinstance(e, exp.IntDiv):
            self.refuse(e, Text("不能用 //；请写 FLOOR(a / b)", "// is not offered; write FLOOR(a / b)"))
        if isinstance(e, (exp.CurrentDate, exp.CurrentTimestamp, exp.CurrentTime)) or e.name.lower() in TODAY:
            says = Text(
                "公式不问今天是几号：时点由系统给定", "a formula does not ask for today: the as-of moment belongs to the engine"
            )
            self.refuse(e, says)
        if isinstance(e, exp.Func):
            self._refuse_function(e)
        self.refuse(e, Text("公式中不能用“{it}”", "{it} is not offered in formulas"), it=type(e).__name__.upper())

    def _refuse_function(self, e: exp.Expr) -> NoReturn:
        written = re.match(r"\w+", self.text[start_of(e) :])
        name = written[0].lower() if written else type(e).__name__.lower()
        if name in allowed.AGGREGATES:
            self.refuse(e, Text("这里不能汇总（{name}）", "no aggregate ({name}) may stand here"), name=name)
        self.refuse(e, allowed.no_such_function(name, aggregates=self.aggregates))

    def arguments(self, e: exp.Expr, *names: str) -> None:
        """Refuse an argument beyond ``names``: what is not read must not be passed over in silence."""
        for name, value in e.args.items():
            if name not in names and name not in _HARMLESS and value not in (None, False, []):
                at = value if isinstance(value, exp.Expr) else e
                self.refuse(at, Text("这里的写法或参数多余", "there is an argument or clause too many here"))

    def argument(self, e: exp.Expr, name: str) -> exp.Expr:
        value = e.args.get(name)
        if not isinstance(value, exp.Expr):
            self.refuse(e, Text("这里缺少参数", "an argument is missing here"))
        return value

    def of(self, e: exp.Expr, *kinds: Kind) -> Node:
        """A node that must be of one of ``kinds``."""
        node = self.node(e)
        if is_null(node):
            return replace(node, type=column_type(kinds[0]))
        if node.type.kind not in kinds:
            wanted = Text("或".join(k.label.zh for k in kinds), " or ".join(k.label.en for k in kinds))
            hint = TRY_CAST_HINT if node.type.kind is Kind.TEXT and not isinstance(node, Literal) else literal_hint(node, kinds)
            says = Text("这里要{wanted}，得到的是{found}{hint}", "{wanted} is wanted here, not {found}{hint}")
            self.refuse(e, says, wanted=wanted, found=node.type.kind.label, hint=hint)
        return node

    def call(self, e: exp.Expr, operation: str, args: Sequence[Node], type: Type) -> Node:
        """The operation on its arguments, or its answer if they are constants."""
        if operation in STRICT and any(is_null(arg) for arg in args):
            return Literal(None, type)
        node = Call(operation, tuple(args), type)
        return self.folded(e, node) if all(isinstance(arg, Literal) for arg in args) else node

    def folded(self, e: exp.Expr, node: Node) -> Node:
        try:
            return Literal(runner(node)({}), node.type)
        except FormulaValueError as error:
            self.refuse(e, error.says)

    def alike(self, at: Sequence[exp.Expr], nodes: Sequence[Node]) -> tuple[list[Node], Type]:
        """Nodes that must have one common type, and that type: the widest scale, decimal before integer."""
        known = [node.type for node in nodes if not is_null(node)] or [node.type for node in nodes if node.type != TEXT]
        first = known[0] if known else TEXT
        common = first
        for e, node in zip(at, nodes, strict=True):
            if is_null(node):
                continue
            if node.type.is_number and common.is_number:
                common = wider(common, node.type)
            elif node.type.kind is not first.kind:
                says = Text("前面是{first}，这里是{found}，不能混用{hint}", "{first} before, {found} here: they do not mix{hint}")
                hint = literal_hint(node, (first.kind,))
                self.refuse(e, says, first=first.kind.label, found=node.type.kind.label, hint=hint)
        return [replace(node, type=common) if is_null(node) else node for node in nodes], common

    def number(self, e: exp.Expr, node: Node) -> Node:
        if is_null(node):
            return replace(node, type=INTEGER) if not node.type.is_number else node
        if not node.type.is_number:
            hint = TRY_CAST_HINT if node.type.kind is Kind.TEXT else Text("", "")
            self.refuse(
                e,
                Text("这里要数字，得到的是{found}{hint}", "a number is wanted here, not {found}{hint}"),
                found=node.type.kind.label,
                hint=hint,
            )
        return node

    def constant(self, e: exp.Expr, low: int, high: int) -> int:
        node = self.node(e)
        if not isinstance(node, Literal) or type(node.value) is not int or not low <= node.value <= high:
            self.refuse(
                e,
                Text("这里要写{low}至{high}的整数", "a whole number from {low} to {high} must be written here"),
                low=low,
                high=high,
            )
        return node.value

    def negated(self, e: exp.Expr, node: Node) -> Node:
        return self.call(e, "not", [node], BOOLEAN)


TRY_CAST_HINT = Text("；文本用 TRY_CAST 转换", "; read text with TRY_CAST")


def literal_hint(node: Node, kinds: Sequence[Kind]) -> Text:
    if isinstance(node, Literal) and node.type.kind is Kind.TEXT and Kind.DATE in kinds:
        return Text("；日期写作 DATE '2021-10-31'", "; a date is written DATE '2021-10-31'")
    if {node.type.kind, *kinds} == {Kind.DATE, Kind.DATETIME}:
        return Text("；用 CAST(… AS DATE) 取日期", "; CAST(… AS DATE) gives the day")
    return Text("", "")


def wider(a: Type, b: Type) -> Type:
    return INTEGER if a.kind is b.kind is Kind.INTEGER else decimal_type(max(a.scale, b.scale))
