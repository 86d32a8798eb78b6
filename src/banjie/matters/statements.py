"""SQL that is worked out once. A step of a matter is a handful of small statements; composing each anew in the ORM would take
five times as long as running it. What is written and read is what the ORM would write and read: only the text is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

import psycopg
from django.db import connection, connections, models
from django.db.models.query import get_related_populators
from psycopg.pq import PipelineStatus

Row = TypeVar("Row", bound=models.Model)
WANTED = -4_096_077  # stands in a prepared query for the number that is asked for


def run(sql: str, params: Sequence[Any]) -> list[Any]:
    """Run a statement that comes again and again, and give its rows. PostgreSQL keeps its plan for the connection."""
    return send(sql, params)()


def send(sql: str, params: Sequence[Any]) -> Callable[[], list[Any]]:
    """Send a statement; what comes back gives its rows when it is called. Within ``together`` nothing is waited for until then."""
    wrapper: Any = connections[connection.alias]
    if wrapper.vendor != "postgresql":
        found = _on_sqlite(wrapper, sql, params)
        return lambda: found
    wrapper.ensure_connection()
    if wrapper.connection.prepare_threshold is None:  # Django's default; its own cursors bind on the client and keep no plans
        wrapper.connection.prepare_threshold = 5
    with wrapper.wrap_database_errors:
        waiting = psycopg.Cursor(wrapper.connection)  # binds on the server, unlike Django's own
        waiting.execute(sql, params, prepare=True)

    def rows() -> list[Any]:
        with wrapper.wrap_database_errors:
            alone = wrapper.connection.pgconn.pipeline_status == PipelineStatus.OFF
            return [] if alone and waiting.description is None else list(waiting.fetchall())

    return rows


def _on_sqlite(wrapper: Any, sql: str, params: Sequence[Any]) -> list[Any]:
    """Django's cursor reads each statement over before it runs it; where nobody listens in, its text is made ready once."""
    if wrapper.execute_wrappers or wrapper.queries_logged:
        with wrapper.cursor() as cursor:
            cursor.execute(sql, params)
            return list(cursor.fetchall()) if cursor.description else []
    wrapper.ensure_connection()
    wrapper.validate_no_broken_transaction()
    with wrapper.wrap_database_errors:
        cursor = wrapper.connection.execute(_with_question_marks(sql), params)
        return cursor.fetchall() if cursor.description else []


@lru_cache(maxsize=256)
def _with_question_marks(sql: str) -> str:
    return sql.replace("%s", "?").replace("%%", "%")


@contextmanager
def together(when: bool = True) -> Iterator[None]:
    """Send the statements of this block in one go: to a PostgreSQL on another machine, or on a busy one, each by itself would cost
    a journey there and back. What fails is raised where rows are asked for, or at the end of the block. COPY cannot be part of it:
    ``when`` says whether to do so at all."""
    wrapper: Any = connections[connection.alias]
    if not when or wrapper.vendor != "postgresql":
        yield
        return
    wrapper.ensure_connection()
    if wrapper.connection.pgconn.pipeline_status != PipelineStatus.OFF:  # within another such block, which sees to the rest
        yield
        return
    with wrapper.wrap_database_errors, wrapper.connection.pipeline():
        yield


class Prepared(Generic[Row]):
    """A query for rows by one number: ``Prepared(lambda n: Clock.objects.filter(matter=n))``."""

    def __init__(self, build: Callable[[int], models.QuerySet[Row]]) -> None:
        self.build = build
        self.known: WeakKeyDictionary[Any, _Plan] = WeakKeyDictionary()  # by connection: converters belong to one

    def __call__(self, number: int, instead: Mapping[Any, Any] | None = None) -> list[Row]:
        """``instead``: what else is put in the place of which parameter, where ``build`` left more open than the number."""
        return self.send(number, instead)()

    def send(self, number: int, instead: Mapping[Any, Any] | None = None) -> Callable[[], list[Row]]:
        """As ``statements.send``."""
        wrapper = connections[connection.alias]
        plan = self.known.get(wrapper)
        if plan is None:
            plan = self.known[wrapper] = _Plan(self.build(WANTED), wrapper)
        return plan.send(number, wrapper, instead or {})


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

    def send(self, number: int, wrapper: Any, instead: Mapping[Any, Any]) -> Callable[[], list[Any]]:
        found = send(self.sql, [number if p == WANTED else instead.get(p, p) if instead else p for p in self.params])
        return lambda: [self._object(list(row), wrapper) for row in found()]

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
    ids = sorted(found[0] for found in _send_insert(rows)())
    for row, number in zip(rows, ids, strict=True):
        row.pk = number
        row._state.adding, row._state.db = False, connection.alias


def add(rows: Sequence[models.Model]) -> None:
    """Insert new rows whose ids nobody asks for; within ``together`` without waiting."""
    if rows:
        _send_insert(rows)


def update(row: models.Model, names: tuple[str, ...]) -> None:
    """Write some fields of a row that is there; within ``together`` without waiting."""
    wrapper = connections[connection.alias]
    sql, fields = _change(type(row), names, wrapper.vendor)
    send(sql, [*_values(row, fields, wrapper), row.pk])


def _send_insert(rows: Sequence[models.Model]) -> Callable[[], list[Any]]:
    wrapper = connections[connection.alias]
    sql, fields = _insertion(type(rows[0]), len(rows), wrapper.vendor)
    return send(sql, [value for row in rows for value in _values(row, fields, wrapper)])


def _values(row: models.Model, fields: Sequence[_Column], wrapper: Any) -> list[Any]:
    return [getattr(row, name) if prepare is None else prepare(getattr(row, name), wrapper) for name, prepare in fields]


_Column = tuple[str, Callable[[Any, Any], Any] | None]  # the attribute, and how its value is made ready; None: it is as it is


def _column(field: Any, vendor: str) -> _Column:
    """What needs no making ready is most of what there is, and asking each field each time takes longer than the statement."""
    target = field.target_field if field.is_relation else field
    plain = isinstance(target, (models.CharField, models.TextField, models.IntegerField, models.BooleanField))
    plain = plain or (vendor == "postgresql" and isinstance(target, models.DateTimeField))
    return field.attname, None if plain else field.get_db_prep_save


@lru_cache(maxsize=64)
def _insertion(model: type[models.Model], count: int, vendor: str) -> tuple[str, list[_Column]]:
    fields = [f for f in model._meta.concrete_fields if not f.primary_key]
    columns = ", ".join(f'"{f.column}"' for f in fields)
    marks = ", ".join(["(" + ", ".join(["%s"] * len(fields)) + ")"] * count)
    sql = f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES {marks} RETURNING id'  # noqa: S608 - our own names
    return sql, [_column(f, vendor) for f in fields]


@lru_cache(maxsize=64)
def _change(model: type[models.Model], names: tuple[str, ...], vendor: str) -> tuple[str, list[_Column]]:
    fields: list[Any] = [model._meta.get_field(name) for name in names]
    assignments = ", ".join(f'"{f.column}" = %s' for f in fields)
    sql = f'UPDATE "{model._meta.db_table}" SET {assignments} WHERE id = %s'  # noqa: S608 - our own names
    return sql, [_column(f, vendor) for f in fields]
