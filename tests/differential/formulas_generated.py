"""Generated formulas and rows: every kind, every operation, NULLs, ties, zeros, spaces, characters of several bytes."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache

from hypothesis import strategies as st

from banjie.formulas import Kind

COLUMNS = {
    **{"a": Kind.DECIMAL, "b": Kind.DECIMAL, "i": Kind.INTEGER, "j": Kind.INTEGER, "s": Kind.TEXT, "t": Kind.TEXT},
    **{"p": Kind.BOOLEAN, "q": Kind.BOOLEAN, "d": Kind.DATE, "e": Kind.DATE, "m": Kind.DATETIME, "n": Kind.DATETIME},
}
TEXTS = [
    "",
    "a",
    "A",
    "ab",
    "aB%",
    "a_b",
    "b",
    "é",
    "É",
    "项目",
    "项 目",
    " x ",
    "\u3000项\u00a0",
    "x\t",
    "a\\b",
    "it's",
    "Z",
    "z",
]
TEXTS += ["12", "-3", "+4", "3.50", "1e3", " 5", "2021-10-31", "2024-02-29", "2023-02-29", "2021-13-01", "true", "TRUE", "𠮷"]
PATTERNS = ["%", "_", "a%", "%b", "%_b%", "__", "项%", "%目", "a\\%", "", "%a%b%", "A%"]
FIRST, LAST = date(1949, 10, 1), date(2030, 12, 31)

_decimals = st.one_of(
    st.sampled_from(
        [Decimal(n) for n in ("0", "1", "-1", "0.5", "-0.5", "2.5", "0.000001", "0.333333", "1234.565", "99999.999999")]
    ),
    st.decimals(min_value=-100_000, max_value=100_000, places=6),
    st.decimals(min_value=-10, max_value=10, places=1),
)
_integers = st.one_of(st.integers(-3, 3), st.integers(-1000, 1000))
_days = st.one_of(
    st.sampled_from([date(2021, 10, 31), date(2021, 12, 31), date(2022, 1, 1), date(2024, 2, 29), date(2021, 11, 30)]),
    st.dates(FIRST, LAST),
)
_moments = st.builds(
    lambda day, seconds, micro: datetime.fromisoformat(f"{day}") + timedelta(seconds=seconds, microseconds=micro),
    _days,
    st.integers(0, 86_399),
    st.sampled_from([0, 0, 500_000, 123_456]),
)
VALUES = {
    Kind.DECIMAL: _decimals,
    Kind.INTEGER: _integers,
    Kind.TEXT: st.sampled_from(TEXTS),
    Kind.BOOLEAN: st.booleans(),
    Kind.DATE: _days,
    Kind.DATETIME: _moments,
}
ROW = st.fixed_dictionaries({name: st.one_of(st.none(), *[VALUES[kind]] * 4) for name, kind in COLUMNS.items()})
ROWS = st.lists(ROW, min_size=4, max_size=8)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _number(value: Decimal | int) -> str:
    return f"({value:f})" if value < 0 else f"{value:f}"


LITERALS = {
    Kind.DECIMAL: st.one_of(_decimals.map(_number), _integers.map(str).map("({})".format)),
    Kind.INTEGER: _integers.map(_number),
    Kind.TEXT: st.sampled_from(TEXTS).map(_quoted),
    Kind.BOOLEAN: st.sampled_from(["TRUE", "FALSE"]),
    Kind.DATE: _days.map("DATE '{}'".format),
    Kind.DATETIME: _moments.map(lambda moment: f"TIMESTAMP '{moment:%Y-%m-%d %H:%M:%S}'"),
}
ORDERED = [kind for kind in Kind if kind is not Kind.BOOLEAN]
UNITS = ["year", "quarter", "month", "day"]
MOMENTS = [Kind.DATE, Kind.DATETIME]


def _made(template: str, *parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(*parts).map(lambda given: template.format(*given))


def _any_kind(template: str, count: int, depth: int, kinds: list[Kind]) -> st.SearchStrategy[str]:
    """One template whose arguments are all of one kind, whichever."""
    return st.one_of([_made(template, *[expression(kind, depth)] * count) for kind in kinds])


@cache
def expression(kind: Kind, depth: int) -> st.SearchStrategy[str]:
    """The text of a formula that gives ``kind``, operations at most ``depth`` deep."""
    named = st.sampled_from([name for name, its in COLUMNS.items() if its is kind])
    leaf = st.one_of(named, named, LITERALS[kind])
    if depth == 0:
        return leaf
    return st.one_of(leaf, *_SPECIFIC[kind](depth - 1), *_choices(kind, depth - 1))


def _choices(kind: Kind, depth: int) -> list[st.SearchStrategy[str]]:
    same = expression(kind, depth)
    condition = expression(Kind.BOOLEAN, depth)
    found = [
        _made("COALESCE({}, {})", same, same),
        _made("NULLIF({}, {})", same, same),
        _made("CASE WHEN {} THEN {} WHEN {} THEN {} ELSE {} END", condition, same, condition, same, same),
        _made("CASE WHEN {} THEN {} END", condition, same),
        _made("CASE i WHEN 1 THEN {} WHEN j THEN NULL ELSE {} END", same, same),
    ]
    if kind in ORDERED:
        found += [_made("GREATEST({}, {}, {})", same, same, same), _made("LEAST({}, {})", same, same)]
    return found


def _booleans(depth: int) -> list[st.SearchStrategy[str]]:
    condition = expression(Kind.BOOLEAN, depth)
    text = expression(Kind.TEXT, depth)
    comparison = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])
    number, integer = expression(Kind.DECIMAL, depth), expression(Kind.INTEGER, depth)
    kinds = list(Kind)
    return [
        _made("({} AND {})", condition, condition),
        _made("({} OR {})", condition, condition),
        _made("(NOT {})", condition),
        st.one_of([_made("({} {} {})", expression(k, depth), comparison, expression(k, depth)) for k in ORDERED]),
        _made("({} {} {})", number, comparison, integer),
        _any_kind("({} IS NULL)", 1, depth, kinds),
        _any_kind("({} IS NOT NULL)", 1, depth, kinds),
        _any_kind("({} IS DISTINCT FROM {})", 2, depth, kinds),
        _any_kind("({} IS NOT DISTINCT FROM {})", 2, depth, kinds),
        _any_kind("({} IN ({}, {}, {}))", 4, depth, kinds),
        _any_kind("({} NOT IN ({}, NULL))", 2, depth, kinds),
        _any_kind("({} BETWEEN {} AND {})", 3, depth, ORDERED),
        _any_kind("({} NOT BETWEEN {} AND {})", 3, depth, ORDERED),
        _made("({} LIKE {})", text, st.sampled_from(PATTERNS).map(_quoted)),
        _made("({} NOT LIKE {})", text, text),
        _made("STARTS_WITH({}, {})", text, text),
        _made("CONTAINS({}, {})", text, text),
        _made("({} IS TRUE)", condition),
        _made("TRY_CAST({} AS BOOLEAN)", text),
    ]


def _numbers(depth: int) -> list[st.SearchStrategy[str]]:
    number, integer = expression(Kind.DECIMAL, depth), expression(Kind.INTEGER, depth)
    operator = st.sampled_from(["+", "-", "*", "/", "%"])
    return [
        _made("({} {} {})", number, operator, number),
        _made("({} {} {})", number, operator, integer),
        _made("({} / {})", integer, integer),
        _made("(-{})", number),
        _made("ABS({})", number),
        _made("ROUND({}, {})", number, st.integers(0, 7).map(str)),
        _made("ROUND({})", number),
        _made("CAST({} AS DECIMAL)", integer),
        _made("CAST({} AS DECIMAL(38,2))", number),
        _made("TRY_CAST({} AS DECIMAL)", expression(Kind.TEXT, depth)),
    ]


def _whole_numbers(depth: int) -> list[st.SearchStrategy[str]]:
    integer, number = expression(Kind.INTEGER, depth), expression(Kind.DECIMAL, depth)
    text, unit = expression(Kind.TEXT, depth), st.sampled_from([*UNITS, "minute"])
    part = st.sampled_from(["YEAR", "QUARTER", "MONTH", "DAY"])
    return [
        _made("({} {} {})", integer, st.sampled_from("+-*%"), integer),
        _made("(-{})", integer),
        _made("ABS({})", integer),
        _made("FLOOR({})", number),
        _made("CEIL({})", number),
        _made("LENGTH({})", text),
        _made("({} - {})", *[expression(Kind.DATE, depth)] * 2),
        *[_made("DATE_DIFF('{}', {}, {})", unit, expression(x, depth), expression(y, depth)) for x in MOMENTS for y in MOMENTS],
        *[_made("{}({})", part, expression(kind, depth)) for kind in MOMENTS],
        _made("CAST({} AS INTEGER)", number),
        _made("CAST({} AS INTEGER)", expression(Kind.BOOLEAN, depth)),
        _made("TRY_CAST({} AS INTEGER)", text),
    ]


def _texts(depth: int) -> list[st.SearchStrategy[str]]:
    text = expression(Kind.TEXT, depth)
    return [
        _made("({} || {})", text, text),
        _made("CONCAT({}, {}, {})", text, text, text),
        _made("LOWER({})", text),
        _made("UPPER({})", text),
        _made("TRIM({})", text),
        _made("SUBSTRING({}, {}, {})", text, st.integers(1, 3).map(str), st.integers(0, 3).map(str)),
        _made("SUBSTRING({}, {})", text, st.integers(1, 3).map(str)),
        _any_kind("CAST({} AS TEXT)", 1, depth, list(Kind)),
    ]


def _dates(depth: int) -> list[st.SearchStrategy[str]]:
    day, moment = expression(Kind.DATE, depth), expression(Kind.DATETIME, depth)
    few = st.one_of(st.integers(0, 400).map(str), st.sampled_from(["i", "j", "MONTH(d)", "LENGTH(s)"]))
    return [
        _made("({} + {})", day, few),
        _made("({} - {})", day, few),
        _made("({} + {})", few, day),
        _made("DATE_TRUNC('{}', {})", st.sampled_from(UNITS), day),
        _made("MAKE_DATE(YEAR({}), {}, {})", day, st.integers(1, 12).map(str), st.integers(1, 28).map(str)),
        _made("LAST_DAY({})", day),
        _made("LAST_DAY({})", moment),
        _made("CAST({} AS DATE)", moment),
        _made("TRY_CAST({} AS DATE)", expression(Kind.TEXT, depth)),
    ]


def _datetimes(depth: int) -> list[st.SearchStrategy[str]]:
    return [
        _made("DATE_TRUNC('{}', {})", st.sampled_from(UNITS), expression(Kind.DATETIME, depth)),
        _made("CAST({} AS TIMESTAMP)", expression(Kind.DATE, depth)),
    ]


_SPECIFIC = {
    Kind.BOOLEAN: _booleans,
    Kind.DECIMAL: _numbers,
    Kind.INTEGER: _whole_numbers,
    Kind.TEXT: _texts,
    Kind.DATE: _dates,
    Kind.DATETIME: _datetimes,
}

FORMULA = st.sampled_from(list(Kind)).flatmap(lambda kind: expression(kind, 3))


def _aggregate(depth: int) -> st.SearchStrategy[str]:
    chosen = st.one_of(st.just(""), expression(Kind.BOOLEAN, depth).map(" FILTER (WHERE {})".format))
    number = st.one_of(expression(Kind.DECIMAL, depth), expression(Kind.INTEGER, depth))
    anything = st.one_of([expression(kind, depth) for kind in Kind])
    ordered = st.one_of([expression(kind, depth) for kind in ORDERED])
    return st.one_of(
        _made("SUM({}){}", number, chosen),
        _made("AVG({}){}", number, chosen),
        _made("MEDIAN({}){}", number, chosen),
        _made("QUANTILE({}, {}){}", number, st.sampled_from(["0", "0.1", "0.25", "0.333", "0.9", "1"]), chosen),
        _made("COUNT(*){}", chosen),
        _made("COUNT({}){}", anything, chosen),
        _made("COUNT(DISTINCT {}){}", anything, chosen),
        _made("MIN({}){}", ordered, chosen),
        _made("MAX({}){}", ordered, chosen),
    )


_totals = st.one_of([_made("SUM({})", expression(kind, 1)) for kind in (Kind.DECIMAL, Kind.INTEGER)])
AGGREGATE = st.one_of(
    _aggregate(2),
    _made("({} / {})", _totals, _totals),
    _made("ROUND({} * 100 / NULLIF({}, 0), 2)", _totals, _totals),
    _made("COALESCE({}, 0)", _totals),
    _made("CASE WHEN COUNT(*) > 3 THEN {} ELSE {} END", _totals, _totals),
)
