"""Recomputing the whole trail: every hash, every chain, its head, the seals, the signatures, the personal values."""

from __future__ import annotations

from collections.abc import Callable

from django.db import connection

from banjie.ledger.chain_checks import ChainChecks
from banjie.ledger.checkpoints import BLOCK
from banjie.ledger.findings import Finding, Kind, Report
from banjie.ledger.models import Entry, SealedBlock
from banjie.ledger.reading import one_view, stored_entries
from banjie.ledger.seal_checks import check_seals
from banjie.lib.text import Text

Progress = Callable[[int, int], None]  # steps done, steps in all

_LAST_MISSING = (
    "SELECT h.chain, h.length, h.hash, e.hash, (SELECT MAX(id) FROM ledger_entry n WHERE n.chain = h.chain) "
    'FROM ledger_head h LEFT JOIN ledger_entry e ON e.chain = h.chain AND e."index" = h.length - 1 '
    "WHERE e.id IS NULL OR e.hash <> h.hash"
)
_BEYOND_HEAD = (
    'SELECT e.id, e.chain, e."index" FROM ledger_entry e LEFT JOIN ledger_head h ON h.chain = e.chain '
    'WHERE h.chain IS NULL OR e."index" >= h.length ORDER BY e.id'
)


def verify(progress: Progress | None = None) -> Report:
    """Recompute everything. Memory does not grow with the trail."""
    report = Report()
    with one_view():
        steps = _Steps(progress, Entry.objects.count() + SealedBlock.objects.count() * BLOCK)
        checks = ChainChecks(report)
        for chunk in stored_entries():
            checks.check(chunk)
            steps.forward(len(chunk))
        checks.finish()
        _check_heads(report)
        check_seals(report, steps.forward)
    return report


class _Steps:
    def __init__(self, progress: Progress | None, total: int) -> None:
        self.progress, self.total, self.done = progress, total, 0

    def forward(self, number: int) -> None:
        self.done += number
        if self.progress:
            self.progress(min(self.done, self.total), self.total)


def _check_heads(report: Report) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_LAST_MISSING)
        for chain, length, expected, found, near in cursor.fetchall():
            _add_head_finding(report, chain, length, expected, found, near)
        cursor.execute(_BEYOND_HEAD)
        for entry_id, chain, index in cursor.fetchall():
            subject = f"{chain}[{index}]"
            says = Text("{s} 不在链首记录之内，系事后添加", "{s} is not known to its chain's head: it was added from outside")
            report.add(Finding(Kind.ADDED, subject, says.format(s=subject), entry_id))


def _add_head_finding(report: Report, chain: str, length: int, expected: str, found: str | None, near: int | None) -> None:
    subject = f"{chain}[{length - 1}]"
    place = float("inf") if near is None else near + 0.5
    if found is None:
        says = Text("末条记录 {s} 已被删除（哈希 {h}）", "the last entry {s} has been removed (its hash was {h})")
        report.add(Finding(Kind.MISSING, subject, says.format(s=subject, h=expected), near=place))
    else:
        says = Text("{c} 的链首记录与末条记录不符", "the head of {c} does not match its last entry")
        report.add(Finding(Kind.HEAD, chain, says.format(c=chain), near=place))
