"""Write a tree as SQL. What the engines share stands here; ``dialects`` and ``sqlite`` hold what they spell otherwise.

An operation's spelling is a format string over its arguments, or a function of the writer and the call.
Plain columns get plain operators: a formula is not slower than the same thing written by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar

from banjie.formulas.errors import FormulaValueError
from banjie.formulas.kinds import MAX_SCALE, Kind, Type
from banjie.formulas.operations import CAPITALS, DATE_TEXT, DECIMAL_TEXT, INTEGER_TEXT, SMALL, SPACES, to_text
from banjie.formulas.tree import Aggregate, Call, Case, Column, Literal, Node
from banjie.lib.text import Text

MAX_SQL = 60_000
"""Characters of SQL one formula may become. Some spellings repeat an argument; nested, that would double each time."""

GUARD = 10 ** (MAX_SCALE + 1)
"""A quotient is computed truncated to one place more than it keeps: rounding that is rounding the exact quotient."""


def quoted(name: str) -> str:
    """An identifier as standard SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


ColumnWriter = Callable[[str], str]
Spelling = str | Callable[["Writer", Call], str]

INFIX = {"and", "or", "not", "eq", "ne", "lt", "le", "gt", "ge", "distinct", "between", "in", "is_null", "like"} | {
    *("add", "subtract", "multiply", "remainder", "negate", "join", "add_days", "subtract_days", "days_between", "contains"),
    *("starts_with", "date_diff"),
}
"""Operations that need brackets when they stand inside another."""
_BRANCHING = ("coalesce", "nullif", "greatest", "least")


class Writer:
    """Writes one tree. Subclasses say what their engine spells differently."""

    types: ClassVar[Mapping[Kind, str]]
    spellings: ClassVar[Mapping[str, Spelling]] = {}

    def __init__(self, column: ColumnWriter | None = None) -> None:
        self.column = column or self.identifier

    def identifier(self, name: str) -> str:
        return quoted(name)

    def write(self, node: Node) -> str:
        match node:
            case Literal():
                sql = self.literal(node)
            case Column(name):
                sql = self.column(name)
            case Case():
                sql = self.case(node)
            case Aggregate():
                sql = self.aggregate(node)
            case Call():
                sql = self.call(node)
        if len(sql) > MAX_SQL:
            raise FormulaValueError(
                Text("公式过于复杂；请拆成几个字段", "the formula is too involved; split it into several fields")
            )
        return sql

    def arg(self, node: Node) -> str:
        """A node as part of another: in brackets where it needs them."""
        sql = self.write(node)
        bare = (isinstance(node, Call) and node.operation in INFIX) or sql.startswith("-")
        return f"({sql})" if bare else sql

    def call(self, node: Call) -> str:
        spelling = self.spellings.get(node.operation) or STANDARD[node.operation]
        if callable(spelling):
            return spelling(self, node)
        return spelling.format(*map(self.arg, node.args))

    def type(self, type: Type) -> str:
        return f"DECIMAL(38,{type.scale})" if type.kind is Kind.DECIMAL else self.types[type.kind]

    def cast(self, sql: str, kind: Kind) -> str:
        return f"CAST({sql} AS {self.types[kind]})"

    def literal(self, node: Literal) -> str:
        value = node.value
        match value:
            case None:
                return f"CAST(NULL AS {self.type(node.type)})"
            case bool():
                return "TRUE" if value else "FALSE"
            case int():
                return str(value) if value > -(2**63) else "(-9223372036854775807 - 1)"
            case Decimal():
                return format(value, "f")
            case datetime():
                return f"TIMESTAMP '{to_text(value)}'"
            case date():
                return f"DATE '{value.isoformat()}'"
            case _:
                return self.string(str(value))

    def string(self, value: str) -> str:
        return "'" + value.replace("'", "''") + "'"

    def case(self, node: Case) -> str:
        whens = " ".join(f"WHEN {self.write(condition)} THEN {self.write(value)}" for condition, value in node.branches)
        return f"CASE {whens} ELSE {self.write(node.otherwise)} END"

    def aggregate(self, node: Aggregate) -> str:
        if node.share is not None:
            return self.quantile(node)
        if node.function == "avg":
            assert node.arg is not None
            sum_type = node.arg.type if node.arg.type.is_number else node.type
            count = Aggregate("count", node.arg, node.where, Type(Kind.INTEGER))
            return self.call(Call("divide", (Aggregate("sum", node.arg, node.where, sum_type), count), node.type))
        arg = "*" if node.arg is None else self.write(node.arg)
        name, _, distinct = node.function.partition("_")
        sql = f"{name.upper()}({'DISTINCT ' if distinct else ''}{arg}){self.filter(node)}"
        widens = name == "sum" and node.type.kind is Kind.INTEGER  # engines sum 64 bits into more
        return self.cast(sql, Kind.INTEGER) if widens else sql

    def quantile(self, node: Aggregate) -> str:
        raise NotImplementedError

    def known(self, node: Aggregate) -> str:
        """The FILTER of an aggregate that would not pass unknown values over by itself."""
        assert node.arg is not None
        known = f"{self.arg(node.arg)} IS NOT NULL"
        return f" FILTER (WHERE {known})" if node.where is None else f" FILTER (WHERE {known} AND {self.arg(node.where)})"

    def filter(self, node: Aggregate) -> str:
        return "" if node.where is None else f" FILTER (WHERE {self.write(node.where)})"

    def wide(self, node: Node) -> str:
        """An integer argument of arithmetic. A choice among constants is 32 bits to engines: say that it is 64."""
        sql = self.arg(node)
        return self.cast(sql, Kind.INTEGER) if node.type.kind is Kind.INTEGER and _is_narrow(node) else sql


def _is_narrow(node: Node) -> bool:
    match node:
        case Case():
            return all(
                isinstance(value, Literal) or _is_narrow(value) for value in (*(v for _, v in node.branches), node.otherwise)
            )
        case Call(operation, args) if operation in _BRANCHING:
            return all(isinstance(value, Literal) or _is_narrow(value) for value in args)
        case Aggregate("min" | "max", Literal() | Case() | Call() as arg):
            return isinstance(arg, Literal) or _is_narrow(arg)
        case _:
            return False


def joined(operator: str) -> Spelling:
    return lambda writer, node: f" {operator} ".join(map(writer.arg, node.args))


def function(name: str) -> Spelling:
    return lambda writer, node: f"{name}({', '.join(map(writer.write, node.args))})"


def arithmetic(operator: str) -> Spelling:
    return lambda writer, node: f"{writer.wide(node.args[0])} {operator} {writer.wide(node.args[1])}"


def multiply(writer: Writer, node: Call) -> str:
    product = f"{writer.wide(node.args[0])} * {writer.wide(node.args[1])}"
    exact = sum(arg.type.scale for arg in node.args)
    return f"ROUND({product}, {MAX_SCALE})" if exact > MAX_SCALE else product


def _not(writer: Writer, node: Call) -> str:
    (arg,) = node.args
    if isinstance(arg, Call) and arg.operation == "is_null":
        return f"{writer.arg(arg.args[0])} IS NOT NULL"
    return f"NOT {writer.arg(arg)}"


def _in(writer: Writer, node: Call) -> str:
    subject, *options = map(writer.arg, node.args)
    return f"{subject} IN ({', '.join(options)})"


def cast_to_type(writer: Writer, node: Call) -> str:
    return f"CAST({writer.write(node.args[0])} AS {writer.type(node.type)})"


def translate(old: str, new: str) -> Spelling:
    return f"TRANSLATE({{0}}, '{old}', '{new}')"


def reading(pattern: str, spelling: str) -> Spelling:
    """TRY_CAST of text: what matches the whole pattern is cast, anything else has no value."""
    return lambda writer, node: spelling.format(
        writer.write(node.args[0]), writer.string(f"^({pattern})$"), writer.type(node.type), i=writer.types[Kind.INTEGER]
    )


def readings(spelling: str) -> dict[str, Spelling]:
    patterns = {"read_integer": INTEGER_TEXT, "read_decimal": DECIMAL_TEXT, "read_date": DATE_TEXT}
    return {operation: reading(pattern, spelling) for operation, pattern in patterns.items()}


STANDARD: dict[str, Spelling] = {
    "and": joined("AND"),
    "or": joined("OR"),
    "not": _not,
    "eq": "{0} = {1}",
    "ne": "{0} <> {1}",
    "lt": "{0} < {1}",
    "le": "{0} <= {1}",
    "gt": "{0} > {1}",
    "ge": "{0} >= {1}",
    "distinct": "{0} IS DISTINCT FROM {1}",
    "between": "{0} BETWEEN {1} AND {2}",
    "in": _in,
    "is_null": "{0} IS NULL",
    "like": "{0} LIKE {1}",
    "add": arithmetic("+"),
    "subtract": arithmetic("-"),
    "multiply": multiply,
    "remainder": arithmetic("%"),
    "negate": lambda writer, node: f"-{writer.wide(node.args[0])}",
    "abs": lambda writer, node: f"ABS({writer.wide(node.args[0])})",
    "round": "ROUND({0}, {1})",
    "floor": lambda writer, node: writer.cast(f"FLOOR({writer.write(node.args[0])})", Kind.INTEGER),
    "ceil": lambda writer, node: writer.cast(f"CEIL({writer.write(node.args[0])})", Kind.INTEGER),
    "greatest": function("GREATEST"),
    "least": function("LEAST"),
    "coalesce": function("COALESCE"),
    "nullif": function("NULLIF"),
    "lower": translate(CAPITALS, SMALL),
    "upper": translate(SMALL, CAPITALS),
    "trim": f"TRIM({{0}}, '{SPACES}')",
    "substring": function("SUBSTRING"),
    "join": "{0} || {1}",
    "concat": function("CONCAT"),
    "make_date": function("MAKE_DATE"),
    "to_text": cast_to_type,
    "to_decimal": cast_to_type,
    "to_integer": cast_to_type,
    "to_date": cast_to_type,
    "to_datetime": cast_to_type,
    "read_boolean": "CASE {0} WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE END",
}
