"""Fields inside ``data`` as SQL expressions, written so that the indexes made for them are used.

Every expression is total: an empty value sorts before all others, the same on SQLite and PostgreSQL, which is what paging by
key needs. Field and register names stand in the SQL as literals, because an index on an expression is only found by the very
same text; ``Name`` in lib/definition.py admits nothing but ``[a-z0-9_]``, and that is checked here again.
"""

from __future__ import annotations

import re
from typing import Any

from django.db import models
from django.db.models import BooleanField, F, Func

from banjie.registers.definition import Field

_SAFE = re.compile(r"[a-z][a-z0-9_]{0,59}")
NUMERIC = {"decimal", "integer", "year"}
LOWEST = "-1000000000000000000000000"  # below every number that values.py admits
SQLITE_NUMBER = "+CAST(%s AS NUMERIC)"  # a number given as text; the plus takes its affinity away, which would bar the index


def safe(name: str) -> str:
    """The name, if it may stand in SQL as it is."""
    if not _SAFE.fullmatch(name):
        raise ValueError(f"not a name: {name!r}")
    return name


class RegisterIs(Func):
    """``register = 'projects'`` with the name as a literal: a bound parameter would hide the partial indexes from SQLite."""

    output_field = BooleanField()
    conditional = True

    def __init__(self, name: str) -> None:
        super().__init__(F("register"))
        self.register_name = safe(name)

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        column, params = compiler.compile(self.source_expressions[0])
        return f"{column} = '{self.register_name}'", list(params)


class FieldValue(Func):
    """The value of a field for filtering and sorting: text (C order), or a number; never NULL."""

    def __init__(self, field: Field) -> None:
        self.field_name = safe(field.name)
        self.numeric = field.type in NUMERIC
        self.truth = field.type == "boolean"
        output: models.Field[Any, Any] = (
            models.DecimalField(max_digits=30, decimal_places=6) if self.numeric else models.TextField()
        )
        super().__init__(F("data"), output_field=output)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        column, params = compiler.compile(self.source_expressions[0])
        return sqlite_expression(column, self.field_name, numeric=self.numeric, truth=self.truth), list(params)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[Any]]:
        column, params = compiler.compile(self.source_expressions[0])
        return postgres_expression(column, self.field_name, numeric=self.numeric), list(params)

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        raise NotImplementedError(f"Banjie runs on SQLite and PostgreSQL, not on {connection.vendor}")


def sqlite_expression(column: str, name: str, *, numeric: bool, truth: bool) -> str:
    value = f"json_extract({column}, '$.{name}')"
    if numeric:
        return f"COALESCE(CAST({value} AS NUMERIC), {LOWEST})"
    if truth:  # JSON's true is 1 here and 'true' on PostgreSQL
        return f"(CASE {value} WHEN 1 THEN 'true' WHEN 0 THEN 'false' ELSE '' END)"
    return f"COALESCE({value}, '')"


def postgres_expression(column: str, name: str, *, numeric: bool) -> str:
    value = f"({column} ->> '{name}')"
    if numeric:
        return f"COALESCE({value}::numeric, {LOWEST})"
    return f"(COALESCE({value}, '') COLLATE \"C\")"
