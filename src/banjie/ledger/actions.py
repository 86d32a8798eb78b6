"""Writing to the trail. Every action of every room calls `record_entry` or `record_entries` in its transaction."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from django.db import connection, transaction
from django.db.models import DEFERRED

from banjie.ledger import anchors, watermarks
from banjie.ledger.checkpoints import seal
from banjie.ledger.models import Checkpoint, Entry, PersonalValue
from banjie.ledger.writing import NewEntry, Stamp, Written, write
from banjie.lib import clock
from banjie.lib.errors import Invalid, NotFound, Problem
from banjie.lib.text import Text

__all__ = [
    "ERASED",
    "Actor",
    "NewEntry",
    "Written",
    "accept_restored",
    "checkpoint",
    "erase",
    "record_entries",
    "record_entry",
    "settle_in",
]

SYSTEM = "系统 System"
ERASED = "personal.erased"
RESTORED, MOVED = "ledger.restored", "ledger.moved"
REASON_WANTED = Text("须写明恢复备份的原因", "say why the backup was restored")
NOTHING_TO_ERASE = Text("没有可删除的个人信息：{paths}", "there is no such personal value to erase: {paths}")
_FIELDS = [field.attname for field in Entry._meta.concrete_fields]


class Actor(Protocol):
    """Whoever does something: an account. The ledger knows no more of it than this."""

    @property
    def pk(self) -> int: ...

    @property
    def name(self) -> Text: ...


def record_entry(
    *,
    chain: str,
    verb: str,
    body: Mapping[str, object],
    by: Actor | None,
    why: str = "",
    origin: str = "",
    personal: Mapping[str, object] | None = None,
    first: bool = False,
) -> Entry:
    """Add one entry to a chain, in the caller's transaction. ``by`` None: the system itself acts.

    Errors: TypeError or ValueError for a body that canonical JSON cannot hold; Invalid for text that no database
    can hold; Conflict where ``first`` is claimed and the chain exists; RuntimeError outside a transaction.
    """
    stamp = _stamp(by, origin, why)
    (row,), (written,) = write([NewEntry(chain, verb, body, personal, first)], stamp)
    moments_and_actor = (stamp.at, stamp.loaded_at, stamp.actor_id, stamp.actor, verb)
    values = [written.id, chain, written.index, *moments_and_actor, json.loads(row.body), *row[8:], DEFERRED]
    return Entry.from_db(connection.alias, _FIELDS, values)


def record_entries(entries: Sequence[NewEntry], *, by: Actor | None, origin: str, why: str = "") -> list[Written]:
    """Add many entries at one moment, in the given order; several of one chain follow one another. Errors as
    `record_entry`; when one entry is refused, none is written."""
    return write(entries, _stamp(by, origin, why))[1]


def _stamp(by: Actor | None, origin: str, why: str) -> Stamp:
    loaded_at = clock.really_now() if clock.is_simulated() else None
    if by is None:
        return Stamp(clock.now(), loaded_at, None, SYSTEM, origin, why)
    return Stamp(clock.now(), loaded_at, by.pk, by.name.zh, origin, why)


def erase(*, entry: Entry, paths: Collection[str], by: Actor | None, why: str, origin: str = "") -> Entry:
    """Erase personal values of one entry for good, and say so in its chain. The commitments stay, so the chain stays
    verifiable; without salt and value nobody can tell what they stood for. NotFound if one of them is not there."""
    with transaction.atomic():
        found = PersonalValue.objects.filter(entry_id=entry.pk, path__in=paths)
        missing = set(paths) - set(found.values_list("path", flat=True))
        if missing or not paths:
            raise NotFound(NOTHING_TO_ERASE.format(paths=", ".join(sorted(missing))))
        found.delete()
        body = {"erased": [{"index": entry.index, "path": path} for path in sorted(paths)]}
        return record_entry(chain=entry.chain, verb=ERASED, body=body, by=by, why=why, origin=origin)


def checkpoint() -> Checkpoint | None:
    """Seal and sign what has been added since the last checkpoint. The last one if nothing has; None for an empty
    trail. On PostgreSQL it must be a transaction of its own, or the first thing in one. Once committed, its number, root and
    signature are kept beside the keys as well (`anchors`)."""
    with transaction.atomic():
        made = seal()
        if made is not None:
            transaction.on_commit(lambda: anchors.move_to(made))
    return made


def settle_in(*, by: Actor | None, origin: str = "") -> Checkpoint | None:
    """Where the trail was written in another PostgreSQL cluster than the one it lies in now: count its transactions anew, say so in
    the trail, and seal that. The checkpoint, or None where nothing had moved. No server or worker may run meanwhile."""
    if not watermarks.moved_here():
        return None
    with transaction.atomic():
        watermarks.rebase()
        record_entry(chain="ledger", verb=MOVED, body={"cluster": watermarks.cluster()}, by=by, origin=origin)
    return checkpoint()


def accept_restored(*, by: Actor | None, why: str, origin: str = "") -> Checkpoint | None:
    """After a backup was restored: what the trail has lost since is said in the trail, and sealed.

    On a PostgreSQL other than the one the backup was made from, transactions are counted anew first. Raises Invalid without a
    reason. Where nothing was lost and nothing moved, nothing is written.
    """
    if not why.strip():
        raise Invalid([Problem("why", why, REASON_WANTED)])
    lost = anchors.unmatched()
    settle_in(by=by, origin=origin)
    if lost is not None:
        with transaction.atomic():
            body = {"lost": {"checkpoint": lost.number, "size": lost.size, "root": lost.root, "at": lost.at}}
            record_entry(chain="ledger", verb=RESTORED, body=body, by=by, why=why, origin=origin)
    with transaction.atomic():
        made = seal()
    if made is not None:
        anchors.replace(made)
    return made
