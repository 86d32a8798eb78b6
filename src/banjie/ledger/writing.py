"""Putting entries at the end of their chains: index, previous hash, commitments, hash, and the rows."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import IntegrityError, connection

from banjie.ledger.hashing import commitment, entry_hash, moment
from banjie.ledger.storage import EMPTY, End, Kept, Row, Storage, storage
from banjie.lib import canonical
from banjie.lib.errors import Conflict, Invalid, Problem
from banjie.lib.text import Text

UNWRITABLE = Text("含有无法保存的字符", "contains a character that cannot be stored")
EXISTS = Text("“{chain}”已由他人建立，请刷新后再试", "{chain} has been created by somebody else; reload and try again")


class NewEntry(NamedTuple):
    """An entry to be written. ``personal`` maps a path in the body to its values, ``{"before": …, "after": …}``.
    ``first`` says that the chain is known to be new, which spares looking for its end."""

    chain: str
    verb: str
    body: Mapping[str, object]
    personal: Mapping[str, object] | None = None
    first: bool = False


class Written(NamedTuple):
    """Where an entry went."""

    id: int
    chain: str
    index: int  # type: ignore[assignment]  # hides tuple.index, which nobody wants of a row
    hash: str


class Stamp(NamedTuple):
    """Who does it, when, from where and why: the same for all entries written together."""

    at: datetime
    loaded_at: datetime | None
    actor_id: int | None
    actor: str
    origin: str
    why: str


def write(entries: Sequence[NewEntry], stamp: Stamp) -> tuple[list[Row], list[Written]]:
    """Write the entries in order, in the caller's transaction."""
    if not connection.in_atomic_block:
        raise RuntimeError("a ledger entry is written in the transaction of the action that it tells of: use atomic()")
    if not entries:
        return [], []
    _refuse_too_long(entries, stamp)
    store = storage(connection)
    new = {entry.chain for entry in entries if entry.first}
    known = sorted({entry.chain for entry in entries} - new)
    ends = store.take_ends(known) if known else {}
    rows, kept = _compose(entries, stamp, ends)
    _move(store, {chain: ends[chain] for chain in new}, {chain: ends[chain] for chain in known})
    ids = store.add_entries(rows)
    if kept:
        store.add_personal([Kept(ids[position], *rest) for position, *rest in kept])
    return rows, [Written(number, row.chain, row.index, row.hash) for number, row in zip(ids, rows, strict=True)]


def _compose(entries: Sequence[NewEntry], stamp: Stamp, ends: dict[str, End]) -> tuple[list[Row], list[tuple]]:
    """The rows, and the personal values as (position of the entry, path, salt, canonical value). Moves ``ends``."""
    at = moment(stamp.at)
    loaded_at = None if stamp.loaded_at is None else moment(stamp.loaded_at)
    _, _, actor_id, actor, origin, why = stamp
    _refuse_unwritable("why", why)
    rows: list[Row] = []
    kept: list[tuple] = []
    for chain, verb, said, personal, _first in entries:
        body = _body_text(said, personal, len(rows), kept)
        index, previous = ends.get(chain, EMPTY)
        try:
            digest = entry_hash(chain, index, at, loaded_at, actor_id, actor, verb, body, why, origin, previous)
        except UnicodeEncodeError as error:
            raise Invalid([Problem("body", error.object[error.start : error.end], UNWRITABLE)]) from None
        rows.append(Row(chain, index, at, loaded_at, actor_id, actor, verb, body, why, origin, previous, digest))
        ends[chain] = End(index + 1, digest)
    return rows, kept


def _body_text(body: Mapping[str, object], personal: Mapping[str, object] | None, position: int, kept: list) -> str:
    """The body as canonical text, with a commitment in place of each personal value, which goes to ``kept``."""
    if personal:
        if "personal" in body:
            raise ValueError("the body's key 'personal' belongs to the ledger")
        commitments = {}
        for path, value in personal.items():
            salt = secrets.token_bytes(16)
            commitments[path] = commitment(salt, value)
            kept.append((position, path, salt, _storable(canonical.text(value))))
        body = {**body, "personal": commitments}
    return _storable(canonical.text(body if type(body) is dict else dict(body)))


def _storable(text: str) -> str:
    """Refuse the character NUL, which JSON can write and PostgreSQL cannot store."""
    if "\\u0000" in text and "\\u0000" in text.replace("\\\\", ""):
        raise Invalid([Problem("body", "\0", UNWRITABLE)])
    return text


def _refuse_unwritable(where: str, value: str) -> None:
    if "\0" in value:
        raise Invalid([Problem(where, value, UNWRITABLE)])


def _refuse_too_long(entries: Sequence[NewEntry], stamp: Stamp) -> None:
    """SQLite would not notice. Nothing that a person types is measured here."""
    if len(stamp.actor) > 200 or len(stamp.origin) > 60:
        raise ValueError(f"longer than the ledger holds: {stamp.actor} {stamp.origin}")
    for entry in entries:
        if len(entry.chain) > 120 or len(entry.verb) > 60:
            raise ValueError(f"longer than the ledger holds: {entry.chain} {entry.verb}")


def _move(store: Storage, new: dict[str, End], known: dict[str, End]) -> None:
    """Heads go first: if another writer has made one of the new chains, nothing else has been done yet."""
    if new:
        try:
            store.add_ends(new)
        except IntegrityError as error:
            says = EXISTS.format(chain=next(iter(new)) if len(new) == 1 else "…")
            raise Conflict(says, theirs={}, yours={"chains": sorted(new)[:20]}) from error
    if known:
        store.move_ends(known)
