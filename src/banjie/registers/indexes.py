"""Database indexes for the fields that a register marks ``index: true``, made and dropped as definitions change."""

from __future__ import annotations

import hashlib

from django.db import connection

from banjie.registers.columns import NUMERIC, postgres_expression, safe, sqlite_expression
from banjie.registers.definition import Field, Register

# Names alone: Django's introspection parses the whole table's SQL for each index, which takes longer than making one.
NAMES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = %s",
    "postgresql": "SELECT indexname FROM pg_indexes WHERE schemaname = current_schema() AND tablename = %s",
}


def index_name(register: str, field: Field) -> str:
    """Short enough for PostgreSQL, and another name when the field's type changes what is indexed."""
    shape = "n" if field.type in NUMERIC else "t"
    digest = hashlib.sha256(f"{register}.{field.name}.{shape}".encode()).hexdigest()[:8]
    return f"rf_{register[:20]}_{field.name[:20]}_{digest}"


def wanted(register: Register) -> dict[str, Field]:
    """Index name → field. The key is indexed by its unique constraint already."""
    return {index_name(register.name, f): f for f in register.fields if f.index and not f.personal}


def renew(register: Register) -> None:
    """Make the indexes that are missing and drop those that are not wanted any more.

    Each carries the area, so that what an account may not see is passed over without opening the row.
    """
    table = "registers_record"
    goal = wanted(register)
    with connection.cursor() as cursor:
        cursor.execute(NAMES[connection.vendor], [table])
        there = {str(name) for (name,) in cursor.fetchall()}
        mine = {name for name in there if name in goal or name in _possible(register)}
        for name in mine - set(goal):
            cursor.execute(f'DROP INDEX "{safe(name)}"')
        for name, field in goal.items():
            if name not in there:
                cursor.execute(_create(table, name, register.name, field))


def _possible(register: Register) -> set[str]:
    return {index_name(register.name, f) for f in register.fields}


def _create(table: str, name: str, register: str, field: Field) -> str:
    numeric = field.type in NUMERIC
    if connection.vendor == "postgresql":
        expression = postgres_expression("data", safe(field.name), numeric=numeric)
    else:
        expression = sqlite_expression('"data"', safe(field.name), numeric=numeric, truth=field.type == "boolean")
    return f"CREATE INDEX \"{safe(name)}\" ON {table} ({expression}, id, area_id) WHERE register = '{safe(register)}' AND removed_at IS NULL"
