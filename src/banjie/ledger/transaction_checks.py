"""The checks of the column ``tx``, by which readers read on. No hash covers it, because a restored dump counts anew; the seals do.

A number that was changed makes a reader miss an entry or read it twice. A sealed entry has the number that its leaf holds, or 0
if the trail has moved to another cluster since. One that is not sealed yet is 0 on SQLite; on PostgreSQL it was written after the
last checkpoint looked, and by a transaction that there has been.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection

from banjie.ledger.findings import Finding, Kind, Report
from banjie.ledger.models import Checkpoint
from banjie.ledger.reading import in_chunks
from banjie.ledger.watermarks import NEXT, cluster, cluster_of
from banjie.lib.text import Text

CHANGED = Text(
    "{s} 的事务号已被改动（现为 {n}）：读取台账的程序会漏读或重读它",
    "the transaction number of {s} has been changed (it is {n} now): readers of the trail would miss it or read it twice",
)
NOT_SETTLED = Text(
    "台账来自另一数据库集群的备份，尚未执行 banjie migrate",
    "the trail comes from a dump of another database cluster and banjie migrate has not been run",
)


def rebased_until() -> int:
    """The number of the last checkpoint after which the trail moved to another cluster; 0 if it never did."""
    here, marks = cluster(), Checkpoint.objects.order_by("-number").values_list("number", flat=True)
    elsewhere = marks.exclude(watermark__endswith=f"@{here}") if here else marks.filter(watermark__contains="@")
    return elsewhere.first() or 0


def changed(name: str, entry_id: int, tx: int) -> Finding:
    return Finding(Kind.TRANSACTION, name, CHANGED.format(s=name, n=tx), entry_id)


def check_unsealed(report: Report, sealed: bytearray) -> None:
    """The entries that no block holds; ``sealed`` has one bit for each id that one does."""
    last = Checkpoint.objects.order_by("-number").values_list("watermark", flat=True).first()
    if connection.vendor == "postgresql" and last is not None and cluster_of(last) != cluster():
        report.notes.append(NOT_SETTLED)
        return
    for entry_id, chain, index, tx in _suspect(last):
        if not (entry_id // 8 < len(sealed) and sealed[entry_id // 8] >> entry_id % 8 & 1):
            report.add(changed(f"{chain}[{index}]", entry_id, tx))


def _suspect(last: str | None) -> Iterator[tuple[int, str, int, int]]:
    """Entries with a number that one written since the last checkpoint cannot have; sealed ones are among them."""
    columns = 'SELECT id, chain, "index", tx FROM ledger_entry WHERE '
    if connection.vendor == "sqlite":
        conditions = ["tx <> 0"]
    else:
        conditions = [f"tx >= {NEXT}"]
        if last is not None:  # without one, 0 may be what settling in has left
            snapshot = last.partition("@")[0]
            conditions.append("tx <= 0")
            conditions.append(f"pg_visible_in_snapshot(tx::text::xid8, '{snapshot}'::pg_snapshot) AND tx > 0")
    for rows in in_chunks(columns + " OR ".join(f"({c})" for c in conditions)):
        yield from rows
