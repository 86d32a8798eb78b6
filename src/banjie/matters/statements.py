"""SQL that is worked out once. A step of a matter is a handful of small statements; composing each anew in the ORM would take
five times as long as running it. What is written and read is what the ORM would write and read: only the text is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

import psycopg
from django.db import connection, connections, models
from django.db.models.query import get_related_populators

Row = TypeVar("Row", bound=models.Model)
WANTED = -4_096_077  # stands in a prepared query for the number that is asked for


def run(sql: str, params: Sequence[Any]) -> list[Any]:
    """Run a statement that comes again and again, and give its rows. PostgreSQL keeps its plan for the connection."""
    wrapper: Any = connections[connection.alias]
    if wrapper.vendor != "postgresql":
        with wrapper.cursor() as cursor:
            cursor.execute(sql, params)
            return list(cursor.fetchall()) if cursor.description else []
    wrapper.ensure_connection()
    if wrapper.connection.prepare_threshold is None:  # Django's default; its own cursors bind on the client and keep no plans
        wrapper.connection.prepare_threshold = 5
    with wrapper.wrap_database_errors, psycopg.Cursor(wrapper.connection) as cursor:  # binds on the server, unlike Django's own
        cursor.execute(sql, params, prepare=True)
        return list(cursor.fetchall()) if cursor.description else []


class Prepared(Generic[Row]):
    """A query for rows by one number: ``Prepared(lambda n: Clock.objects.filter(matter=n))``."""

    def __init__(self, build: Callable[[int], models.QuerySet[Row]]) -> None:
        self.build = build
        self.known: WeakKeyDictionary[Any, _Plan] = WeakKeyDictionary()  # by connection: converters belong to one

    def __call__(self, number: int, instead: Mapping[Any, Any] | None = None) -> list[Row]:
        """``instead``: what else is put in the place of which parameter, where ``build`` left more open than the number."""
        wrapper = connections[connection.alias]
        plan = self.known.get(wrapper)
        if plan is None:
            plan = self.known[wrapper] = _Plan(self.build(WANTED), wrapper)
        return plan.run(number, wrapper, instead or {})


class _Plan:
    """What Django's ModelIterable works out for every query, worked out once."""

    def __init__(self, rows: models.QuerySet[Any], wrapper: Any) -> None:
        compiler: Any = rows.query.get_compiler(connection=wrapper)
        self.sql, params = compiler.as_sql()
        self.params = tuple(params)
        expressions = [column[0] for column in compiler.select]
        self.converters = list(compiler.get_converters(expressions).items())
        info = compiler.klass_info
        start, end = info["select_fields"][0], info["select_fields"][-1] + 1
        self.slice = slice(start, end)
        self.names = [column[0].target.attname for column in compiler.select[start:end]]
        self.model = info["model"]
        self.related = get_related_populators(info, compiler.select, wrapper.alias)  # type: ignore[call-arg]  # the stubs know a later Django
        self.annotations = list((compiler.annotation_col_map or {}).items())

    def run(self, number: int, wrapper: Any, instead: Mapping[Any, Any]) -> list[Any]:
        found = run(self.sql, [number if p == WANTED else instead.get(p, p) if instead else p for p in self.params])
        return [self._object(list(row), wrapper) for row in found]

    def _object(self, row: list[Any], wrapper: Any) -> Any:
        for position, (converters, expression) in self.converters:
            for convert in converters:
                row[position] = convert(row[position], expression, wrapper)
        made = self.model.from_db(wrapper.alias, self.names, row[self.slice])
        for populator in self.related:
            populator.populate(row, made)
        for name, position in self.annotations:
            setattr(made, name, row[position])
        return made


def insert(rows: Sequence[models.Model]) -> None:
    """Insert new rows of one model in one statement, and give them their ids."""
    if not rows:
        return
    wrapper = connections[connection.alias]
    sql, fields = _insertion(type(rows[0]), len(rows))
    ids = sorted(found[0] for found in run(sql, [_stored(row, f, wrapper) for row in rows for f in fields]))
    for row, number in zip(rows, ids, strict=True):
        row.pk = number
        row._state.adding, row._state.db = False, wrapper.alias


def update(row: models.Model, names: tuple[str, ...]) -> None:
    """Write some fields of a row that is there."""
    wrapper = connections[connection.alias]
    sql, fields = _change(type(row), names)
    run(sql, [*(_stored(row, f, wrapper) for f in fields), row.pk])


def _stored(row: models.Model, f: Any, wrapper: Any) -> Any:
    return f.get_db_prep_save(getattr(row, f.attname), wrapper)


@lru_cache(maxsize=64)
def _insertion(model: type[models.Model], count: int) -> tuple[str, list[Any]]:
    fields = [f for f in model._meta.concrete_fields if not f.primary_key]
    columns = ", ".join(f'"{f.column}"' for f in fields)
    marks = ", ".join(["(" + ", ".join(["%s"] * len(fields)) + ")"] * count)
    return f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES {marks} RETURNING id', fields  # noqa: S608 - our own names


@lru_cache(maxsize=64)
def _change(model: type[models.Model], names: tuple[str, ...]) -> tuple[str, list[Any]]:
    fields = [model._meta.get_field(name) for name in names]
    assignments = ", ".join(f'"{f.column}" = %s' for f in fields)  # type: ignore[union-attr]
    return f'UPDATE "{model._meta.db_table}" SET {assignments} WHERE id = %s', fields  # noqa: S608 - our own names
