"""Which index a listing is to go through. SQLite's planner knows averages only, and takes the wrong one where it hurts:
it sorts 100,000 rows of a frequent value although the 51 wanted ones lie at hand in the order asked for.

PostgreSQL keeps histograms and needs no word from us.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models.sql.datastructures import BaseTable

from banjie.registers.columns import safe
from banjie.registers.definition import Register
from banjie.registers.indexes import index_name

if TYPE_CHECKING:
    from banjie.registers.queries import Filter, RecordQuerySet

RECENT = "record_recent"  # register, updated_at, id: see models.py
NARROWING = ("is", "at_least", "at_most")  # in the order of how much each is likely to leave


def through(rows: RecordQuerySet, index: str | None) -> RecordQuerySet:
    """``rows`` read through ``index`` (None: as the planner likes). Filters and order are to be set before."""
    if index is None or connection.vendor != "sqlite":
        return rows
    steered: RecordQuerySet = rows._chain()  # type: ignore[attr-defined]
    alias = steered.query.get_initial_alias()
    table = steered.query.alias_map[alias]
    steered.query.alias_map[alias] = _Indexed(table.table_name, table.table_alias, index)
    return steered


def order_index(register: Register, field: str) -> str | None:
    """The index in whose order the rows lie as asked, if there is one. The empty field means: last changed."""
    return RECENT if not field else field_index(register, field)


def narrowing_index(register: Register, filters: tuple[Filter, ...]) -> str | None:
    """The index of the filter that is likely to leave least."""
    for comparison in NARROWING:
        for wanted in filters:
            if wanted.comparison == comparison and (found := field_index(register, wanted.field)):
                return found
    return None


def field_index(register: Register, name: str) -> str | None:
    field = register.by_name.get(name)
    return index_name(register.name, field) if field is not None and field.index and not field.personal else None


class _Indexed(BaseTable):
    """A table in FROM with the index that it is to be read through."""

    def __init__(self, table_name: str, alias: str | None, index: str) -> None:
        super().__init__(table_name, alias)
        self.index = safe(index)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        sql, params = super().as_sql(compiler, connection)
        return f'{sql} INDEXED BY "{self.index}"', params
