"""The list a formula is held to: functions with one plain signature. Those with a rule of their own stand in ``functions``,
``arithmetic``, ``logic``, ``casting`` and ``aggregating``.

To add a function: a line here, its meaning in ``operations``, its spelling in ``sql`` where an engine's differs,
a row in ``tests/spec/formulas.py``. The differential test then holds the engines to it.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from sqlglot import exp

from banjie.formulas.kinds import BOOLEAN, DATE, INTEGER, TEXT, Kind, Type
from banjie.lib.text import Text

MOMENT = (Kind.DATE, Kind.DATETIME)


@dataclass(frozen=True, slots=True)
class Signature:
    """A function of the language: its name, the operation it becomes, sqlglot's names of its arguments, their kinds."""

    name: str
    operation: str
    args: tuple[str, ...]
    kinds: tuple[tuple[Kind, ...], ...]
    result: Type


def _function(name: str, result: Type, **args: tuple[Kind, ...]) -> Signature:
    return Signature(name, name, tuple(args), tuple(args.values()), result)


_TEXT = (Kind.TEXT,)
_INTEGER = (Kind.INTEGER,)

PLAIN: dict[type[exp.Expr], Signature] = {
    exp.Length: _function("length", INTEGER, this=_TEXT),
    exp.Lower: _function("lower", TEXT, this=_TEXT),
    exp.Upper: _function("upper", TEXT, this=_TEXT),
    exp.Trim: _function("trim", TEXT, this=_TEXT),
    exp.StartsWith: _function("starts_with", BOOLEAN, this=_TEXT, expression=_TEXT),
    exp.Contains: _function("contains", BOOLEAN, this=_TEXT, expression=_TEXT),
    exp.DPipe: Signature("||", "join", ("this", "expression"), (_TEXT, _TEXT), TEXT),
    exp.Year: _function("year", INTEGER, this=MOMENT),
    exp.Quarter: _function("quarter", INTEGER, this=MOMENT),
    exp.Month: _function("month", INTEGER, this=MOMENT),
    exp.Day: _function("day", INTEGER, this=MOMENT),
    exp.LastDay: _function("last_day", DATE, this=MOMENT),
    exp.DateFromParts: _function("make_date", DATE, year=_INTEGER, month=_INTEGER, day=_INTEGER),
}

SPECIAL = ["abs", "case", "cast", "ceil", "coalesce", "concat", "date_diff", "date_trunc", "floor", "greatest", "if", "least"]
SPECIAL += ["nullif", "round", "substring", "try_cast"]
AGGREGATES = ["sum", "count", "min", "max", "avg", "median", "quantile"]
AS_OF = "as_of"
"""The moment as of which a figure is asked. Only where the asker offers a column ``as_of()`` may a formula ask for it."""
SYNONYMS = {"ceiling", "char_length", "character_length", "datediff", "ifnull", "lcase", "len", "substr", "ucase"}
"""DuckDB's other names for some of them. What else sqlglot would take for one of ours is refused."""


def names(*, aggregates: bool) -> list[str]:
    """Every function a formula may use, as written."""
    plain = [signature.name for signature in PLAIN.values() if signature.name.isidentifier()]
    return sorted([*plain, *SPECIAL, *(AGGREGATES if aggregates else [])])


def did_you_mean(name: str, known: Iterable[str]) -> Text:
    """The end of a message about an unknown name: the known ones nearest to it."""
    near = difflib.get_close_matches(name, known := list(known), n=3)
    near = near or [other for other in known if other.lower() == name.lower()]
    return Text(f"；是否指 {'、'.join(near)}？", f"; did you mean {', '.join(near)}?") if near else Text("", "")


def no_such_function(name: str, *, aggregates: bool) -> Text:
    near = did_you_mean(name.lower(), names(aggregates=aggregates))
    return Text("没有函数 {name}{near}", "there is no function {name}{near}").format(name=name, near=near)
