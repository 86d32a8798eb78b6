"""Signed statements of what the trail holds: a Merkle tree over all entries, sealed batch by batch.

A leaf is the entry's id, its hash and the number of the transaction that wrote it, which the hash does not cover. The order of the leaves is the order of sealing: batch by batch (each the difference
of two watermarks), and by id within a batch. The leaves are kept in `SealedBlock`, so that a difference between
what was signed and what is there now can be named entry by entry.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from hashlib import sha256
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.db import connection

from banjie.ledger import watermarks
from banjie.ledger.hashing import moment
from banjie.ledger.models import Checkpoint, Entry, SealedBlock
from banjie.ledger.watermarks import StaleWatermark, Watermark
from banjie.lib import canonical, clock, signing
from banjie.lib.merkle import Frontier

BLOCK = 1024  # leaves in one sealed block
LEAF = 48  # bytes
NO_STATEMENT = "0" * 64  # `previous` of checkpoint 1
_TURN = 0x62616E6A6965  # "banjie": the advisory lock by which sealers take turns on PostgreSQL


def key_path() -> Path:
    """Where the ledger's signing key lies; `signing.trusted` lists beside it the keys whose signatures count."""
    return Path(settings.DATA) / "keys" / "ledger.ed25519"


def statement(checkpoint: Checkpoint) -> bytes:
    """What is signed: everything that the checkpoint says, and the digest of the statement before it."""
    return canonical.encode(
        {
            "kind": "banjie ledger checkpoint",
            "v": 1,
            "number": checkpoint.number,
            "at": moment(checkpoint.at),
            "watermark": checkpoint.watermark,
            "size": checkpoint.size,
            "root": checkpoint.root,
            "previous": checkpoint.previous,
            "key": checkpoint.key,
        }
    )


def digest(checkpoint: Checkpoint | None) -> str:
    """By which the next statement names this one."""
    return NO_STATEMENT if checkpoint is None else sha256(statement(checkpoint)).hexdigest()


def leaf(entry_id: int, entry_hash: str, tx: int) -> bytes:
    return entry_id.to_bytes(8, "big") + bytes.fromhex(entry_hash) + tx.to_bytes(8, "big")


def leaves(block: SealedBlock) -> Iterator[tuple[int, str, int]]:
    """The (entry id, hash, transaction) of each leaf of a block."""
    packed = bytes(block.leaves)
    for start in range(0, len(packed), LEAF):
        one = packed[start : start + LEAF]
        yield int.from_bytes(one[:8], "big"), one[8:40].hex(), int.from_bytes(one[40:], "big")


def seal() -> Checkpoint | None:
    """Seal what is new since the last checkpoint and sign it, in the caller's transaction, which has not written yet.
    The last checkpoint if nothing is new; None if there never was anything."""
    _wait_for_turn()
    mark = watermarks.current()
    last = Checkpoint.objects.order_by("-number").first()
    frontier = Frontier(last.size, bytes(last.frontier)) if last else Frontier()
    for batch in _batches(_unsealed(last, mark), BLOCK):
        SealedBlock.objects.create(start=frontier.size, count=len(batch), leaves=b"".join(batch))
        frontier.add_all(batch)
    if frontier.size == (last.size if last else 0):
        return last
    return _sign(last, frontier, mark, clock.really_now())


def _sign(last: Checkpoint | None, frontier: Frontier, mark: Watermark, at: datetime) -> Checkpoint:
    key = signing.key(key_path())
    made = Checkpoint(
        number=last.number + 1 if last else 1,
        at=at,
        watermark=mark,
        size=frontier.size,
        root=frontier.root().hex(),
        frontier=bytes(frontier),
        previous=digest(last),
        key=key.public,
    )
    made.signature = key.sign(statement(made))
    made.save(force_insert=True)
    return made


def _unsealed(last: Checkpoint | None, mark: Watermark) -> Iterator[bytes]:
    try:
        found = watermarks.entries_between(Watermark(last.watermark) if last else None, mark)
        sealed = bytearray()
    except StaleWatermark:  # restored into another database: see for each entry whether it has been sealed
        found = Entry.objects.order_by("id")
        sealed = _sealed_ids()
    for entry_id, entry_hash, tx in found.values_list("id", "hash", "tx").iterator(chunk_size=8 * BLOCK):
        if not _has(sealed, entry_id):
            yield leaf(entry_id, entry_hash, tx)


def _sealed_ids() -> bytearray:
    """One bit for each id that has been sealed: a byte for eight entries."""
    bits = bytearray()
    for block in SealedBlock.objects.order_by("start").iterator(chunk_size=64):
        for entry_id, _, _ in leaves(block):
            bits.extend(bytes(max(0, entry_id // 8 + 1 - len(bits))))
            bits[entry_id // 8] |= 1 << entry_id % 8
    return bits


def _has(bits: bytearray, number: int) -> bool:
    return number // 8 < len(bits) and bool(bits[number // 8] >> number % 8 & 1)


def _batches(items: Iterable[bytes], size: int) -> Iterator[list[bytes]]:
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch


def _wait_for_turn() -> None:
    """An advisory lock, because a row lock would count as writing and forbid the watermark."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_TURN])
