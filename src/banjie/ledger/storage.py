"""How entries reach the tables, past the ORM: one way for SQLite, one for PostgreSQL. Called inside a transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from django.db.backends.base.base import BaseDatabaseWrapper

from banjie.ledger.hashing import NOTHING_BEFORE


class End(NamedTuple):
    """Where a chain ends: its length, and the hash of its last entry."""

    length: int
    hash: str


class Row(NamedTuple):
    """One entry as it is stored, but for its id. Moments as `hashing.moment` writes them, body as canonical text."""

    chain: str
    index: int  # type: ignore[assignment]  # hides tuple.index, which nobody wants of a row
    at: str
    loaded_at: str | None
    actor_id: int | None
    actor: str
    verb: str
    body: str
    why: str
    origin: str
    previous: str
    hash: str


class Kept(NamedTuple):
    """One personal value as it is stored beside its entry."""

    entry_id: int
    path: str
    salt: bytes
    value: str


EMPTY = End(0, NOTHING_BEFORE)
COLUMNS = 'chain, "index", at, loaded_at, actor_id, actor, verb, body, why, origin, previous, hash'
KEPT_COLUMNS = "entry_id, path, salt, value"


class Storage(Protocol):
    """What both databases can do. ``add_…`` raise IntegrityError for a row that is there already."""

    def take_ends(self, chains: Sequence[str]) -> dict[str, End]:
        """The ends of these chains, held until the transaction ends; chains that do not exist yet may be left out."""

    def add_ends(self, ends: dict[str, End]) -> None: ...

    def move_ends(self, ends: dict[str, End]) -> None: ...

    def add_entries(self, rows: Sequence[Row]) -> Sequence[int]:
        """Insert in this order; the ids, ascending."""

    def add_personal(self, rows: Iterable[Kept]) -> None: ...


class SQLite:
    """The transaction is IMMEDIATE: whoever is in it is the only writer, so looking is locking."""

    _insert = f"INSERT INTO ledger_entry ({COLUMNS}, tx) VALUES ({', '.join(['%s'] * 12)}, 0)"  # noqa: S608 - constants
    _insert_end = "INSERT INTO ledger_head (chain, length, hash) VALUES (%s, %s, %s)"

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection

    def take_ends(self, chains: Sequence[str]) -> dict[str, End]:
        with self.connection.cursor() as cursor:
            if len(chains) == 1:
                cursor.execute("SELECT chain, length, hash FROM ledger_head WHERE chain = %s", chains)
            else:
                cursor.execute(
                    "SELECT chain, length, hash FROM ledger_head WHERE chain IN (SELECT value FROM json_each(%s))",
                    [json.dumps(chains)],
                )
            return {chain: End(length, digest) for chain, length, digest in cursor.fetchall()}

    def add_ends(self, ends: dict[str, End]) -> None:
        self._many(self._insert_end, [(chain, *end) for chain, end in ends.items()])

    def move_ends(self, ends: dict[str, End]) -> None:
        upsert = f"{self._insert_end} ON CONFLICT (chain) DO UPDATE SET length = excluded.length, hash = excluded.hash"
        self._many(upsert, [(chain, *end) for chain, end in ends.items()])

    def add_entries(self, rows: Sequence[Row]) -> Sequence[int]:
        stored = [(*row[:2], _sqlite_moment(row.at), _sqlite_moment(row.loaded_at), *row[4:]) for row in rows]
        self._many(self._insert, stored)
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT last_insert_rowid()")
            last: int = cursor.fetchone()[0]
        return range(last - len(rows) + 1, last + 1)

    def add_personal(self, rows: Iterable[Kept]) -> None:
        self._many(f"INSERT INTO ledger_personalvalue ({KEPT_COLUMNS}) VALUES (%s, %s, %s, %s)", list(rows))  # noqa: S608

    def _many(self, statement: str, rows: list) -> None:
        with self.connection.cursor() as cursor:
            if len(rows) == 1:
                cursor.execute(statement, rows[0])
            else:
                cursor.executemany(statement, rows)


class PostgreSQL:
    """Rows of ledger_head are locked in the order of their names, so that two bulk writers cannot block each other."""

    _take = "SELECT chain, length, hash FROM ledger_head WHERE chain = ANY(%s) ORDER BY chain FOR UPDATE"
    _start = (  # the loser of a race for a new chain waits here for the winner, and then reads what it wrote
        "INSERT INTO ledger_head (chain, length, hash) SELECT name, 0, %s FROM unnest(%s::text[]) name ORDER BY name "
        "ON CONFLICT (chain) DO UPDATE SET length = ledger_head.length RETURNING chain, length, hash"
    )
    _insert_end = "INSERT INTO ledger_head (chain, length, hash) VALUES (%s, %s, %s)"
    _move = (
        "UPDATE ledger_head SET length = new.length, hash = new.hash "
        "FROM unnest(%s::text[], %s::int[], %s::text[]) AS new (chain, length, hash) WHERE ledger_head.chain = new.chain"
    )
    _insert = f"INSERT INTO ledger_entry ({COLUMNS}) VALUES ({', '.join(['%s'] * 12)}) RETURNING id"  # noqa: S608 - constants
    _reserve = "SELECT nextval(pg_get_serial_sequence('ledger_entry', 'id')) FROM generate_series(1, %s)"

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection

    def take_ends(self, chains: Sequence[str]) -> dict[str, End]:
        with self.connection.cursor() as cursor:
            cursor.execute(self._take, [list(chains)])
            found = {chain: End(length, digest) for chain, length, digest in cursor.fetchall()}
            missing = [chain for chain in chains if chain not in found]
            if missing:
                cursor.execute(self._start, [NOTHING_BEFORE, missing])
                found.update((chain, End(length, digest)) for chain, length, digest in cursor.fetchall())
        return found

    def add_ends(self, ends: dict[str, End]) -> None:
        if len(ends) == 1:  # COPY asks the database three times
            with self.connection.cursor() as cursor:
                cursor.execute(self._insert_end, next((chain, *end) for chain, end in ends.items()))
            return
        self._copy("ledger_head (chain, length, hash)", [(chain, *end) for chain, end in sorted(ends.items())])

    def move_ends(self, ends: dict[str, End]) -> None:
        columns: list[list] = [list(ends), [end.length for end in ends.values()], [end.hash for end in ends.values()]]
        with self.connection.cursor() as cursor:
            cursor.execute(self._move, columns)

    def add_entries(self, rows: Sequence[Row]) -> Sequence[int]:
        with self.connection.cursor() as cursor:
            if len(rows) == 1:
                cursor.execute(self._insert, rows[0])
                return [cursor.fetchone()[0]]
            cursor.execute(self._reserve, [len(rows)])
            ids = [number for (number,) in cursor.fetchall()]
        self._copy(f"ledger_entry (id, {COLUMNS})", ((number, *row) for number, row in zip(ids, rows, strict=True)))
        return ids

    def add_personal(self, rows: Iterable[Kept]) -> None:
        self._copy(f"ledger_personalvalue ({KEPT_COLUMNS})", rows)

    def _copy(self, target: str, rows: Iterable[tuple]) -> None:
        with (
            self.connection.cursor() as cursor,
            self.connection.wrap_database_errors,
            cursor.copy(f"COPY {target} FROM STDIN") as copy,
        ):
            for row in rows:
                copy.write_row(row)


def storage(connection: BaseDatabaseWrapper) -> Storage:
    return SQLite(connection) if connection.vendor == "sqlite" else PostgreSQL(connection)


def _sqlite_moment(at: str | None) -> str | None:
    """As Django writes a moment on SQLite, so that comparisons of text are comparisons of time."""
    return None if at is None else f"{at[:10]} {at[11:19] if at.endswith('.000000Z') else at[11:26]}"
