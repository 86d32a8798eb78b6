"""The typed tree every formula becomes: five kinds of node, frozen, each knowing the type of its value.

What an operation means stands in ``operations`` (Python) and ``sql`` (each engine), under the same name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from banjie.formulas.kinds import BOOLEAN, Type


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant. ``value`` None is NULL, which fits any type."""

    value: object
    type: Type


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    type: Type


@dataclass(frozen=True, slots=True)
class Call:
    """One operation on its arguments, e.g. ``add``, ``like``, ``date_trunc``."""

    operation: str
    args: tuple[Node, ...]
    type: Type


@dataclass(frozen=True, slots=True)
class Case:
    """CASE WHEN; the first true condition decides, and what is not chosen is not computed."""

    branches: tuple[tuple[Node, Node], ...]
    otherwise: Node
    type: Type


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One number from many rows. ``arg`` None is COUNT(*); ``where`` is its FILTER; ``share`` belongs to a quantile."""

    function: str  # sum, count, count_distinct, min, max, avg, quantile
    arg: Node | None
    where: Node | None
    type: Type
    share: Decimal | None = None


Node = Literal | Column | Call | Case | Aggregate

TRUE, FALSE = Literal(True, BOOLEAN), Literal(False, BOOLEAN)


def is_null(node: Node) -> bool:
    return isinstance(node, Literal) and node.value is None


def children(node: Node) -> tuple[Node, ...]:
    match node:
        case Call():
            return node.args
        case Case():
            return (*(part for branch in node.branches for part in branch), node.otherwise)
        case Aggregate():
            return tuple(part for part in (node.arg, node.where) if part is not None)
        case _:
            return ()


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it."""
    yield node
    for child in children(node):
        yield from walk(child)
