"""From sqlglot's tree to the typed tree: only what is listed here passes, and each argument has the kind it must.

Every refusal points at the node at fault. A NULL fits any kind; an integer fits where a decimal is meant.
An operation on constants alone is computed here, once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NoReturn

from sqlglot import exp

from banjie.formulas import allowed
from banjie.formulas.errors import FormulaError, FormulaValueError
from banjie.formulas.evaluate import runner
from banjie.formulas.kinds import (
    BOOLEAN,
    DATE,
    DATETIME,
    DIGITS,
    INTEGER,
    MAX_SCALE,
    TEXT,
    Kind,
    Type,
    column_type,
    decimal_type,
    fit,
)
from banjie.formulas.operations import STRICT, UNITS
from banjie.formulas.reading import MAX_DEPTH, TODAY, TOO_DEEP, start_of
from banjie.formulas.tree import Aggregate, Call, Case, Column, Literal, Node, children, is_null
from banjie.lib.text import Text

COMPARISONS: dict[type[exp.Expr], str] = {
    exp.EQ: "eq",
    exp.NEQ: "ne",
    exp.LT: "lt",
    exp.LTE: "le",
    exp.GT: "gt",
    exp.GTE: "ge",
    exp.NullSafeEQ: "not_distinct",
    exp.NullSafeNEQ: "distinct",
}
ARITHMETIC: dict[type[exp.Expr], str] = {
    exp.Add: "add",
    exp.Sub: "subtract",
    exp.Mul: "multiply",
    exp.Div: "divide",
    exp.Mod: "remainder",
}
AGGREGATES: dict[type[exp.Expr], str] = {exp.Sum: "sum", exp.Count: "count", exp.Min: "min", exp.Max: "max", exp.Avg: "avg"}
CASTS: dict[str, Kind] = {
    **dict.fromkeys(("TEXT", "VARCHAR"), Kind.TEXT),
    **dict.fromkeys(("INT", "BIGINT"), Kind.INTEGER),
    "DECIMAL": Kind.DECIMAL,
    "BOOLEAN": Kind.BOOLEAN,
    "DATE": Kind.DATE,
    **dict.fromkeys(("TIMESTAMP", "TIMESTAMPNTZ", "DATETIME"), Kind.DATETIME),
}
CONVERSIONS: dict[tuple[Kind, Kind], str] = {
    (Kind.INTEGER, Kind.TEXT): "to_text",
    (Kind.DECIMAL, Kind.TEXT): "to_text",
    (Kind.BOOLEAN, Kind.TEXT): "to_text",
    (Kind.DATE, Kind.TEXT): "to_text",
    (Kind.DATETIME, Kind.TEXT): "to_text",
    (Kind.INTEGER, Kind.DECIMAL): "to_decimal",
    (Kind.DECIMAL, Kind.DECIMAL): "to_decimal",
    (Kind.DECIMAL, Kind.INTEGER): "to_integer",
    (Kind.BOOLEAN, Kind.INTEGER): "to_integer",
    (Kind.DATETIME, Kind.DATE): "to_date",
    (Kind.DATE, Kind.DATETIME): "to_datetime",
}
"""What CAST may do: only what cannot fail but by size. Reading text is TRY_CAST's: what cannot be read has no value."""
READINGS = {
    Kind.INTEGER: "read_integer",
    Kind.DECIMAL: "read_decimal",
    Kind.DATE: "read_date",
    Kind.BOOLEAN: "read_boolean",
}
_HARMLESS = {"safe", "typed", "big_int", "ignore_nulls", "coalesce", "date_part_boundary", "negate", "nested", "zone"}
"""Marks sqlglot puts on its nodes that carry nothing a person wrote (``negate`` is read where it may stand)."""
_NUMBER = re.compile(r"[0-9]+\.?[0-9]*|\.[0-9]+")


class Checker:
    """Checks one formula against the columns it may use."""

    def __init__(self, text: str, columns: Mapping[str, Kind], *, aggregates: bool) -> None:
        self.text = text
        self.columns = columns
        self.aggregates = aggregates
        self.inside: str | None = None  # the aggregate being read, if any
        self.within: list[exp.Expr] = []  # the nodes being read, outermost first

    def refuse(self, at: exp.Expr, says: Text, **values: object) -> NoReturn:
        raise FormulaError(says.format(**values), self.text, start_of(at))

    # -- nodes ---------------------------------------------------------------------------------

    def node(self, e: exp.Expr) -> Node:
        if not isinstance(e, exp.Expr):
            self.refuse(self.within[-1], Text("这里缺少参数", "an argument is missing here"))
        handler = HANDLERS.get(type(e))
        if handler is None:
            self._refuse_unlisted(e)
        if len(self.within) > MAX_DEPTH:
            self.refuse(e, TOO_DEEP)
        self.within.append(e)
        try:
            return handler(self, e)
        finally:
            self.within.pop()

    def _refuse_unlisted(self, e: exp.Expr) -> NoReturn:
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
            self.refuse(e, Text("不能用 //;请写 FLOOR(a / b)", "// is not offered; write FLOOR(a / b)"))
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
            self.refuse(e, Text("这里不能汇总({name})", "no aggregate ({name}) may stand here"), name=name)
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
            hint = TRY_CAST_HINT if node.type.kind is Kind.TEXT and not isinstance(node, Literal) else _literal_hint(node, kinds)
            says = Text("这里要{wanted},得到的是{found}{hint}", "{wanted} is wanted here, not {found}{hint}")
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
                common = _wider(common, node.type)
            elif node.type.kind is not first.kind:
                says = Text("前面是{first},这里是{found},不能混用{hint}", "{first} before, {found} here: they do not mix{hint}")
                hint = _literal_hint(node, (first.kind,))
                self.refuse(e, says, first=first.kind.label, found=node.type.kind.label, hint=hint)
        return [replace(node, type=common) if is_null(node) else node for node in nodes], common


TRY_CAST_HINT = Text("；文本用 TRY_CAST 转换", "; read text with TRY_CAST")


def _literal_hint(node: Node, kinds: Sequence[Kind]) -> Text:
    if isinstance(node, Literal) and node.type.kind is Kind.TEXT and Kind.DATE in kinds:
        return Text("；日期写作 DATE '2021-10-31'", "; a date is written DATE '2021-10-31'")
    if {node.type.kind, *kinds} == {Kind.DATE, Kind.DATETIME}:
        return Text("；用 CAST(… AS DATE) 取日期", "; CAST(… AS DATE) gives the day")
    return Text("", "")


def _wider(a: Type, b: Type) -> Type:
    return INTEGER if a.kind is b.kind is Kind.INTEGER else decimal_type(max(a.scale, b.scale))


# -- one handler for each node that is allowed -----------------------------------------------------


def _paren(c: Checker, e: exp.Expr) -> Node:
    return c.node(e.this)


def _column(c: Checker, e: exp.Expr) -> Node:
    c.arguments(e, "this")
    if not isinstance(e.this, exp.Identifier):
        c._refuse_unlisted(e.this)
    name = e.name
    if name not in c.columns:
        near = allowed.did_you_mean(name, c.columns)
        c.refuse(e, Text("没有字段 {name}{near}", "there is no field {name}{near}"), name=name, near=near)
    if c.aggregates and c.inside is None:
        says = Text(
            "字段 {name} 要放在 SUM、COUNT 等汇总之中", "the field {name} must stand inside SUM, COUNT or another aggregate"
        )
        c.refuse(e, says, name=name)
    return Column(name, column_type(c.columns[name]))


def _literal(c: Checker, e: exp.Expr) -> Node:
    if e.args.get("is_string"):
        return Literal(e.this, TEXT)
    if not _NUMBER.fullmatch(e.this):
        c.refuse(e, Text("数字写作 1234.5,不用科学记数法", "a number is written 1234.5, without an exponent"))
    if "." not in e.this:
        return _fitting(c, e, int(e.this), INTEGER)
    places = len(e.this.partition(".")[2])
    if places > MAX_SCALE:
        c.refuse(e, Text(f"小数最多{MAX_SCALE}位", f"a number has at most {MAX_SCALE} decimal places"))
    return _fitting(c, e, Decimal(e.this), decimal_type(places))


def _fitting(c: Checker, e: exp.Expr, value: object, type: Type) -> Node:
    try:
        return Literal(fit(value, type), type)
    except FormulaValueError as error:
        c.refuse(e, error.says)


def _null(c: Checker, e: exp.Expr) -> Node:
    return Literal(None, TEXT)


def _boolean(c: Checker, e: exp.Expr) -> Node:
    return Literal(bool(e.this), BOOLEAN)


def _logic(operation: str) -> Callable[[Checker, exp.Expr], Node]:
    def handle(c: Checker, e: exp.Expr) -> Node:
        """AND and OR; a chain is one node, so that twenty conditions are not twenty deep."""
        parts = list(e.flatten())
        return c.call(e, operation, [c.of(part, Kind.BOOLEAN) for part in parts], BOOLEAN)

    return handle


def _not(c: Checker, e: exp.Expr) -> Node:
    return c.call(e, "not", [c.of(e.this, Kind.BOOLEAN)], BOOLEAN)


def _comparison(c: Checker, e: exp.Expr) -> Node:
    args, common = c.alike((e.this, e.expression), (c.node(e.this), c.node(e.expression)))
    operation = COMPARISONS[type(e)]
    if operation in ("lt", "le", "gt", "ge") and common.kind is Kind.BOOLEAN:
        c.refuse(e, Text("是否值不分大小", "booleans have no order"))
    if operation == "not_distinct":
        return _negated(c, e, c.call(e, "distinct", args, BOOLEAN))
    return c.call(e, operation, args, BOOLEAN)


def _negated(c: Checker, e: exp.Expr, node: Node) -> Node:
    return c.call(e, "not", [node], BOOLEAN)


def _between(c: Checker, e: exp.Expr) -> Node:
    c.arguments(e, "this", "low", "high")
    parts = (e.this, e.args["low"], e.args["high"])
    args, common = c.alike(parts, [c.node(part) for part in parts])
    if common.kind is Kind.BOOLEAN:
        c.refuse(e, Text("是否值不分大小", "booleans have no order"))
    return c.call(e, "between", args, BOOLEAN)


def _in(c: Checker, e: exp.Expr) -> Node:
    if e.args.get("query") or any(isinstance(option, exp.Query) for option in e.expressions):
        c.refuse(e, Text("公式中不能有子查询", "a formula holds no subquery"))
    c.arguments(e, "this", "expressions")
    parts = (e.this, *e.expressions)
    args, _ = c.alike(parts, [c.node(part) for part in parts])
    return c.call(e, "in", args, BOOLEAN)


def _is(c: Checker, e: exp.Expr) -> Node:
    if isinstance(e.expression, exp.Null):
        return c.call(e, "is_null", [c.node(e.this)], BOOLEAN)
    if isinstance(e.expression, exp.Boolean):
        args = [c.of(e.this, Kind.BOOLEAN), Literal(bool(e.expression.this), BOOLEAN)]
        return _negated(c, e, c.call(e, "distinct", args, BOOLEAN))
    return c.refuse(e, Text("IS 之后写 [NOT] NULL、TRUE 或 FALSE", "after IS comes [NOT] NULL, TRUE or FALSE"))


def _like(c: Checker, e: exp.Expr) -> Node:
    c.arguments(e, "this", "expression")
    node = c.call(e, "like", [c.of(e.this, Kind.TEXT), c.of(e.expression, Kind.TEXT)], BOOLEAN)
    return _negated(c, e, node) if e.args.get("negate") else node


def _arithmetic(c: Checker, e: exp.Expr) -> Node:
    left, right = c.node(e.this), c.node(e.expression)
    operation = ARITHMETIC[type(e)]
    if Kind.DATE in (left.type.kind, right.type.kind):
        return _day_arithmetic(c, e, left, right)
    left, right = _number(c, e.this, left), _number(c, e.expression, right)
    return c.call(e, operation, [left, right], _arithmetic_type(operation, left.type, right.type))


def _number(c: Checker, e: exp.Expr, node: Node) -> Node:
    if is_null(node):
        return replace(node, type=INTEGER) if not node.type.is_number else node
    if not node.type.is_number:
        hint = TRY_CAST_HINT if node.type.kind is Kind.TEXT else Text("", "")
        c.refuse(
            e,
            Text("这里要数字，得到的是{found}{hint}", "a number is wanted here, not {found}{hint}"),
            found=node.type.kind.label,
            hint=hint,
        )
    return node


def _arithmetic_type(operation: str, a: Type, b: Type) -> Type:
    if operation == "divide":
        return decimal_type(MAX_SCALE)
    if operation == "multiply" and Kind.DECIMAL in (a.kind, b.kind):
        return decimal_type(min(a.scale + b.scale, MAX_SCALE))
    return _wider(a, b)


def _day_arithmetic(c: Checker, e: exp.Expr, left: Node, right: Node) -> Node:
    minus, plus = isinstance(e, exp.Sub), isinstance(e, exp.Add)
    match left.type.kind, right.type.kind:
        case Kind.DATE, Kind.DATE if minus:
            return c.call(e, "days_between", [left, right], INTEGER)
        case Kind.DATE, Kind.INTEGER if plus or minus:
            return c.call(e, "add_days" if plus else "subtract_days", [left, right], DATE)
        case Kind.INTEGER, Kind.DATE if plus:
            return c.call(e, "add_days", [right, left], DATE)
    if is_null(left) or is_null(right):
        c.refuse(e, Text("这里的 NULL 要写明类型：CAST(NULL AS INTEGER)", "say what this NULL is: CAST(NULL AS INTEGER)"))
    return c.refuse(e, Text("日期只能：日期 - 日期、日期 ± 整数天", "dates do: date - date, and date plus or minus whole days"))


def _negate(c: Checker, e: exp.Expr) -> Node:
    if isinstance(e.this, exp.Literal) and e.this.this == str(2**63):
        return Literal(-(2**63), INTEGER)
    node = _number(c, e.this, c.node(e.this))
    return c.call(e, "negate", [node], node.type)


def _abs(c: Checker, e: exp.Expr) -> Node:
    node = _number(c, e.this, c.node(e.this))
    return c.call(e, "abs", [node], node.type)


def _round(c: Checker, e: exp.Expr) -> Node:
    c.arguments(e, "this", "decimals")
    node = _number(c, e.this, c.node(e.this))
    places = _constant(c, e.args["decimals"], 0, MAX_SCALE) if e.args.get("decimals") else 0
    if node.type.kind is Kind.INTEGER or places >= node.type.scale:
        return node
    return c.call(e, "round", [node, Literal(places, INTEGER)], decimal_type(places))


def _constant(c: Checker, e: exp.Expr, low: int, high: int) -> int:
    node = c.node(e)
    if not isinstance(node, Literal) or type(node.value) is not int or not low <= node.value <= high:
        c.refuse(
            e, Text("这里要写{low}至{high}的整数", "a whole number from {low} to {high} must be written here"), low=low, high=high
        )
    return node.value


def _whole(operation: str) -> Callable[[Checker, exp.Expr], Node]:
    def handle(c: Checker, e: exp.Expr) -> Node:
        c.arguments(e, "this")
        node = _number(c, e.this, c.node(e.this))
        return node if node.type.kind is Kind.INTEGER else c.call(e, operation, [node], INTEGER)

    return handle


def _choice(operation: str) -> Callable[[Checker, exp.Expr], Node]:
    def handle(c: Checker, e: exp.Expr) -> Node:
        c.arguments(e, "this", "expressions")
        parts = [c.argument(e, "this"), *e.expressions]
        args, common = c.alike(parts, [c.node(part) for part in parts])
        if operation != "coalesce" and common.kind is Kind.BOOLEAN:
            c.refuse(e, Text("是否值不分大小", "booleans have no order"))
        return c.call(e, operation, args, common)

    return handle


def _nullif(c: Checker, e: exp.Expr) -> Node:
    parts = (e.this, c.argument(e, "expression"))
    (value, unwanted), _ = c.alike(parts, [c.node(part) for part in parts])
    return c.call(e, "nullif", [value, unwanted], value.type)


def _concat(c: Checker, e: exp.Expr) -> Node:
    c.arguments(e, "expressions")
    return c.call(e, "concat", [c.of(part, Kind.TEXT) for part in e.expressions], TEXT)


def _substring(c: Checker, e: exp.Expr) -> Node:
    c.arguments(e, "this", "start", "length")
    start = _constant(c, c.argument(e, "start"), 1, 10**6)
    length = _constant(c, e.args["length"], 0, 10**6) if e.args.get("length") else 10**6
    return c.call(e, "substring", [c.of(e.this, Kind.TEXT), Literal(start, INTEGER), Literal(length, INTEGER)], TEXT)


def _plain(c: Checker, e: exp.Expr) -> Node:
    signature = allowed.PLAIN[type(e)]
    c.arguments(e, *signature.args)
    args = [c.of(c.argument(e, name), *kinds) for name, kinds in zip(signature.args, signature.kinds, strict=True)]
    return c.call(e, signature.operation, args, signature.result)


def _unit(c: Checker, e: exp.Expr) -> Literal:
    unit = str(e.args["unit"].name if e.args.get("unit") else "").lower()
    if unit not in UNITS:
        c.refuse(e, Text("单位只能是 'day'、'month'、'quarter'、'year'", "the unit is 'day', 'month', 'quarter' or 'year'"))
    return Literal(unit, TEXT)


def _date_diff(c: Checker, e: exp.Expr) -> Node:
    c.arguments(e, "this", "expression", "unit")
    start, end = c.argument(e, "expression"), c.argument(e, "this")
    args = [_unit(c, e), c.of(start, *allowed.MOMENT), c.of(end, *allowed.MOMENT)]
    return c.call(e, "date_diff", args, INTEGER)


def _date_trunc(c: Checker, e: exp.Expr) -> Node:
    c.arguments(e, "this", "unit")
    moment = c.of(c.argument(e, "this"), *allowed.MOMENT)
    return c.call(e, "date_trunc", [_unit(c, e), moment], moment.type)


def _case(c: Checker, e: exp.Expr) -> Node:
    if e.this and not isinstance(e.this, exp.Column):
        says = Text("CASE 之后只能是字段名；否则写 CASE WHEN … = …", "after CASE comes a field, or WHEN: write CASE WHEN … = …")
        c.refuse(e.this, says)
    ifs: list[exp.Expr] = e.args["ifs"]
    default = e.args.get("default") or exp.Null()
    return _branches(c, e, [(_condition(c, e.this, part.this), part.args["true"]) for part in ifs], default)


def _condition(c: Checker, subject: exp.Expr | None, e: exp.Expr) -> Node:
    """What a WHEN asks; in CASE x WHEN y it is whether x = y."""
    if not subject:
        return c.of(e, Kind.BOOLEAN)
    args, _ = c.alike((subject, e), (c.node(subject), c.node(e)))
    return c.call(e, "eq", args, BOOLEAN)


def _if(c: Checker, e: exp.Expr) -> Node:
    return _branches(c, e, [(c.of(e.this, Kind.BOOLEAN), c.argument(e, "true"))], e.args.get("false") or exp.Null())


def _branches(c: Checker, e: exp.Expr, branches: list[tuple[Node, exp.Expr]], default: exp.Expr) -> Node:
    parts = [*(value for _, value in branches), default]
    values, common = c.alike(parts, [c.node(part) for part in parts])
    pairs = tuple((condition, value) for (condition, _), value in zip(branches, values, strict=False))
    node = Case(pairs, values[-1], common)
    return c.folded(e, node) if all(isinstance(child, Literal) for child in children(node)) else node


def _cast(c: Checker, e: exp.Expr) -> Node:
    c.arguments(e, "this", "to")
    target = _cast_type(c, e)
    if isinstance(e.this, exp.Literal) and e.this.args.get("is_string") and type(e) is exp.Cast and target in (DATE, DATETIME):
        return _written_moment(c, e, e.this.this, target)
    node = c.node(e.this)
    if is_null(node):
        return Literal(None, target)
    if node.type.kind is target.kind and (target.kind is not Kind.DECIMAL or node.type == target):
        return node
    operation = CONVERSIONS.get((node.type.kind, target.kind))
    if operation is None and node.type.kind is Kind.TEXT and target.kind in READINGS:
        operation = READINGS[target.kind]
        if not isinstance(e, exp.TryCast):
            says = Text("文本用 TRY_CAST 转换，读不出的没有值", "read text with TRY_CAST: what cannot be read has no value")
            c.refuse(e, says)
    if operation is None:
        says = Text("{a}不能转换为{b}", "{a} does not turn into {b}")
        c.refuse(e, says, a=node.type.kind.label, b=target.kind.label)
    return c.call(e, operation, [node], target)


def _cast_type(c: Checker, e: exp.Expr) -> Type:
    to: exp.DataType = e.args["to"]
    kind = CASTS.get(to.this.name) if isinstance(to.this, exp.DataType.Type) else None
    if kind is None:
        says = Text(
            "类型只能是 TEXT、INTEGER、DECIMAL、BOOLEAN、DATE、TIMESTAMP",
            "the type is one of TEXT, INTEGER, DECIMAL, BOOLEAN, DATE, TIMESTAMP",
        )
        c.refuse(e, says)
    sizes = [int(part.name) if part.name.isdigit() else -1 for part in to.expressions]
    if kind is Kind.DECIMAL and sizes:
        if len(sizes) != 2 or sizes[0] != DIGITS or not 0 <= sizes[1] <= MAX_SCALE:
            says = Text(f"写作 DECIMAL 或 DECIMAL({DIGITS},小数位)", f"write DECIMAL or DECIMAL({DIGITS},places)")
            c.refuse(e, says)
        return decimal_type(sizes[1])
    if sizes:
        c.refuse(e, Text("这个类型不带长度", "this type takes no length"))
    return column_type(kind)


def _written_moment(c: Checker, e: exp.Expr, text: str, target: Type) -> Node:
    """DATE '2021-10-31' and TIMESTAMP '2021-10-31 09:00:00': constants, checked now."""
    shape = r"\d{4}-\d\d-\d\d" if target == DATE else r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d(\.\d{1,6})?)?"
    try:
        if not re.fullmatch(shape, text, re.ASCII):
            raise ValueError
        return Literal(date.fromisoformat(text) if target == DATE else datetime.fromisoformat(text), target)
    except ValueError:
        says = Text(
            "“{text}”不是日期；写作 DATE '2021-10-31' 或 TIMESTAMP '2021-10-31 09:00:00'",
            "'{text}' is no day or moment; write DATE '2021-10-31' or TIMESTAMP '2021-10-31 09:00:00'",
        )
        c.refuse(e, says, text=text)


def _aggregate(c: Checker, e: exp.Expr, where: Node | None = None) -> Node:
    name = AGGREGATES[type(e)]
    if not c.aggregates:
        c.refuse(e, Text("这里不能汇总({name})", "no aggregate ({name}) may stand here"), name=name)
    if c.inside:
        c.refuse(e, Text("汇总之中不能再汇总", "an aggregate does not stand inside another"))
    c.arguments(e, "this")
    inner = c.argument(e, "this")
    if isinstance(inner, exp.Star) and name == "count" and not inner.args.get("except_") and not inner.args.get("replace"):
        return Aggregate("count", None, where, INTEGER)
    distinct = isinstance(inner, exp.Distinct)
    if distinct:
        if name != "count" or len(inner.expressions) != 1 or inner.args.get("on"):
            c.refuse(inner, Text("DISTINCT 只用于 COUNT(DISTINCT 字段)", "DISTINCT stands in COUNT(DISTINCT field) only"))
        inner = inner.expressions[0]
    c.inside = name
    arg = c.node(inner)
    c.inside = None
    return Aggregate(f"{name}_distinct" if distinct else name, arg, where, _aggregate_type(c, inner, name, arg))


def _aggregate_type(c: Checker, e: exp.Expr, name: str, arg: Node) -> Type:
    if name == "count":
        return INTEGER
    if name in ("sum", "avg"):
        _number(c, e, arg)
        return decimal_type(MAX_SCALE) if name == "avg" else arg.type if arg.type.is_number else INTEGER
    if arg.type.kind is Kind.BOOLEAN:
        c.refuse(e, Text("是否值不分大小", "booleans have no order"))
    return arg.type


def _filter(c: Checker, e: exp.Expr) -> Node:
    if type(e.this) not in AGGREGATES:
        c.refuse(e, Text("FILTER 只跟在汇总之后", "FILTER follows an aggregate"))
    if not c.aggregates or c.inside:
        return _aggregate(c, e.this)
    c.inside = "filter"
    where = c.of(c.argument(e, "expression").this, Kind.BOOLEAN)
    c.inside = None
    return _aggregate(c, e.this, where)


HANDLERS: dict[type[exp.Expr], Callable[[Checker, Any], Node]] = {
    exp.Paren: _paren,
    exp.Column: _column,
    exp.Literal: _literal,
    exp.Null: _null,
    exp.Boolean: _boolean,
    exp.And: _logic("and"),
    exp.Or: _logic("or"),
    exp.Not: _not,
    **dict.fromkeys(COMPARISONS, _comparison),
    exp.Between: _between,
    exp.In: _in,
    exp.Is: _is,
    exp.Like: _like,
    **dict.fromkeys(ARITHMETIC, _arithmetic),
    exp.Neg: _negate,
    exp.Abs: _abs,
    exp.Round: _round,
    exp.Floor: _whole("floor"),
    exp.Ceil: _whole("ceil"),
    exp.Greatest: _choice("greatest"),
    exp.Least: _choice("least"),
    exp.Coalesce: _choice("coalesce"),
    exp.Nullif: _nullif,
    exp.Concat: _concat,
    exp.Substring: _substring,
    exp.DateDiff: _date_diff,
    exp.DateTrunc: _date_trunc,
    exp.TimestampTrunc: _date_trunc,
    exp.Case: _case,
    exp.If: _if,
    exp.Cast: _cast,
    exp.TryCast: _cast,
    **dict.fromkeys(allowed.PLAIN, _plain),
    **dict.fromkeys(AGGREGATES, _aggregate),
    exp.Filter: _filter,
}
