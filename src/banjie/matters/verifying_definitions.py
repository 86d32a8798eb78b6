"""The definitions of processes and obligations held against the trail."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from banjie.ledger.comparing import Version, compare_versions
from banjie.ledger.findings import Report
from banjie.ledger.reading import one_view
from banjie.ledger.verification import Progress
from banjie.lib.text import Text
from banjie.matters.models import ObligationVersion, ProcessVersion
from banjie.registers.verifying_definitions import digest_of

PROCESS, OBLIGATION = Text("流程定义", "the process"), Text("定期义务", "the obligation")


def verify_processes(progress: Progress | None = None) -> Report:
    """Compare every definition with its entries."""
    report = Report()
    with one_view():
        compare_versions(report, "process", PROCESS, _processes())
        compare_versions(report, "obligation", OBLIGATION, _obligations())
    return report


def _processes() -> Iterator[Version]:
    for row in ProcessVersion.objects.order_by("name", "number").iterator(chunk_size=50):
        yield Version(row.name, row.number, row.pack, row.retired, {"digest": hashlib.sha256(row.body.encode()).hexdigest()})


def _obligations() -> Iterator[Version]:
    for row in ObligationVersion.objects.order_by("name", "number").iterator(chunk_size=50):
        yield Version(row.name, row.number, row.pack, row.retired, {"digest": digest_of(row.body)})
