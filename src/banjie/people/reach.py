"""Which areas lie below which, for many areas at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db import connection

from banjie.places.models import Area

FEW = 50  # more areas outside than this are not listed: the set is then asked by its inside


@dataclass(frozen=True, slots=True)
class Reach:
    """``below``: for each area asked about, its own code and every code below it, whenever in force.
    ``outside``: the codes below none of them, when there are at most ``FEW``, otherwise ``None``."""

    below: Mapping[str, frozenset[str]]
    outside: frozenset[str] | None


def reach_of(codes: Collection[str]) -> Reach:
    """One query, whatever the number of areas and the depth of the tree."""
    if not codes:
        return Reach({}, None)
    table = connection.ops.quote_name(Area._meta.db_table)
    marks = ", ".join(["%s"] * len(codes))
    statement = f"""
        WITH RECURSIVE below(top, code) AS (
            SELECT code, code FROM {table} WHERE code IN ({marks})
            UNION
            SELECT below.top, area.code FROM {table} area JOIN below ON area.parent_id = below.code
        )
        SELECT top, code FROM below
        UNION ALL
        SELECT * FROM (
            SELECT NULL, code FROM {table} WHERE code NOT IN (SELECT code FROM below) LIMIT {FEW + 1}
        ) AS others
    """  # noqa: S608 - a table's name, question marks and a constant; the codes are parameters
    below: defaultdict[str, set[str]] = defaultdict(set)
    others: set[str] = set()
    with connection.cursor() as cursor:
        cursor.execute(statement, sorted(codes))
        for top, code in cursor.fetchall():
            (others if top is None else below[top]).add(code)
    return Reach({top: frozenset(found) for top, found in below.items()}, frozenset(others) if len(others) <= FEW else None)
