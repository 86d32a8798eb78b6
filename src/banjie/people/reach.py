"""Which areas lie below which, for many areas at once, and which of those that are gone belong to their one successor now.

An area that was merged into another, or given another code, has one successor: who is granted something there is granted it on
the records of the old area as well, and on all that lay below it. An area that was split has several, and nobody can say of a
record to which of them it belongs: it stays where it is, within reach of the area above, until it is moved
(``banjie.registers.succeeding``). Figures keep to the area in which a record was made.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from django.db import connection

from banjie.places.models import Area, Succession

FEW = 50  # more areas outside than this are not listed: the set is then asked by its inside


@dataclass(frozen=True, slots=True)
class Reach:
    """``below``: for each area asked about, its own code and every code below it, whenever in force, with those whose one
    successor lies there. ``outside``: the codes in none of them, when there are at most ``FEW``, otherwise ``None``."""

    below: Mapping[str, frozenset[str]]
    outside: frozenset[str] | None


def reach_of(codes: Collection[str], day: date) -> Reach:
    """As of a day. One query, whatever the number of areas and the depth of the tree."""
    if not codes:
        return Reach({}, None)
    area = connection.ops.quote_name(Area._meta.db_table)
    marks = ", ".join(["%s"] * len(codes))
    step, parameters = _step(area, day)
    statement = f"""
        WITH RECURSIVE below(top, code) AS (
            SELECT code, code FROM {area} WHERE code IN ({marks})
            UNION {step}
        )
        SELECT top, code FROM below
        UNION ALL
        SELECT * FROM (
            SELECT NULL, code FROM {area} WHERE code NOT IN (SELECT code FROM below) LIMIT {FEW + 1}
        ) AS others
    """  # noqa: S608 - names of tables, question marks and a constant; the codes are parameters
    below: defaultdict[str, set[str]] = defaultdict(set)
    others: set[str] = set()
    with connection.cursor() as cursor:
        cursor.execute(statement, [*sorted(codes), *parameters])
        for top, code in cursor.fetchall():
            (others if top is None else below[top]).add(code)
    return Reach({top: frozenset(found) for top, found in below.items()}, frozenset(others) if len(others) <= FEW else None)


def _step(area: str, day: date) -> tuple[str, list[date | str]]:
    """One step: to what lies below, and to what an area took over alone. PostgreSQL lets the recursion be named once only."""
    gone = connection.ops.quote_name(Succession._meta.db_table)
    alone = f"""gone."on" <= %s AND NOT EXISTS (
        SELECT 1 FROM {gone} other WHERE other.predecessor_id = gone.predecessor_id AND other.successor_id <> gone.successor_id)"""  # noqa: S608
    if connection.vendor == "postgresql":
        step = f"""SELECT below.top, onwards.code FROM below CROSS JOIN LATERAL (
            SELECT area.code FROM {area} area WHERE area.parent_id = below.code
            UNION ALL
            SELECT gone.predecessor_id FROM {gone} gone WHERE gone.successor_id = below.code AND {alone}
        ) AS onwards"""  # noqa: S608
        return step, [day]
    step = f"""SELECT below.top, area.code FROM {area} area JOIN below ON area.parent_id = below.code
        UNION
        SELECT below.top, gone.predecessor_id FROM {gone} gone JOIN below ON gone.successor_id = below.code WHERE {alone}"""  # noqa: S608
    return step, [day.isoformat()]
