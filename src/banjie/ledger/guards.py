"""The database's own refusal to alter the trail. Migration 0002 puts it in place; tests take it away to tamper."""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper

APPEND_ONLY = ("ledger_entry", "ledger_checkpoint", "ledger_sealedblock")
NEVER_UPDATED = (*APPEND_ONLY, "ledger_personalvalue")  # a personal value may be erased, never altered


def put_up(connection: BaseDatabaseWrapper) -> None:
    """Refuse UPDATE, DELETE and (PostgreSQL) TRUNCATE from now on."""
    _run(connection, _sqlite_up() if connection.vendor == "sqlite" else _postgresql_up())


def take_down(connection: BaseDatabaseWrapper) -> None:
    """Let the tables be altered again. What was altered, `verification` finds."""
    _run(connection, _sqlite_down() if connection.vendor == "sqlite" else _postgresql_down())


def _run(connection: BaseDatabaseWrapper, statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _refusals() -> list[tuple[str, str]]:
    return [(table, "UPDATE") for table in NEVER_UPDATED] + [(table, "DELETE") for table in APPEND_ONLY]


def _sqlite_up() -> list[str]:
    made = [
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for table, verb in _refusals()
    ]
    # INSERT OR REPLACE removes the old row without asking a DELETE trigger.
    replaced = (
        "CREATE TRIGGER ledger_entry_no_replace BEFORE INSERT ON ledger_entry "
        "WHEN EXISTS (SELECT 1 FROM ledger_entry WHERE id = NEW.id) "
        'OR EXISTS (SELECT 1 FROM ledger_entry WHERE chain = NEW.chain AND "index" = NEW."index") '
        "BEGIN SELECT RAISE(ABORT, 'ledger_entry is append-only'); END"
    )
    return [*made, replaced]


def _sqlite_down() -> list[str]:
    names = [f"{table}_no_{verb.lower()}" for table, verb in _refusals()]
    return [f"DROP TRIGGER IF EXISTS {name}" for name in [*names, "ledger_entry_no_replace"]]


def _postgresql_up() -> list[str]:
    function = (
        "CREATE OR REPLACE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$"
    )
    rows = [
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} FOR EACH ROW EXECUTE FUNCTION ledger_is_append_only()"
        for table, verb in _refusals()
    ]
    tables = [
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only()"
        for table in APPEND_ONLY
    ]
    return [function, *rows, *tables]


def _postgresql_down() -> list[str]:
    pairs = _refusals() + [(table, "TRUNCATE") for table in APPEND_ONLY]
    return [f"DROP TRIGGER IF EXISTS {table}_no_{verb.lower()} ON {table}" for table, verb in pairs]
