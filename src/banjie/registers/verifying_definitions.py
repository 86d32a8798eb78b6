"""The definitions of registers held against the trail, and which registers are confidential.

A definition says what is personal, what is confidential and by which rules a record is checked; pages read it as they read rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from banjie.ledger.comparing import Version, compare_versions
from banjie.ledger.findings import Finding, Kind, Report
from banjie.ledger.reading import one_view
from banjie.ledger.verification import Progress
from banjie.lib import canonical
from banjie.lib.text import Text
from banjie.people.models import ConfidentialRegister
from banjie.registers.models import RegisterVersion

TITLE = Text("登记表定义", "the register")
CONFIDENTIAL = Text(
    "登记表「{name}」的保密标记与其定义不符，已被绕过系统改动",
    "the register {name} is not as confidential as its definition says: that was changed from outside",
)


def verify_registers(progress: Progress | None = None) -> Report:
    """Compare every definition with its entries, and the confidential registers with their definitions."""
    report = Report()
    with one_view():
        compare_versions(report, "register", TITLE, _versions())
        newest = dict(RegisterVersion.objects.order_by("number").values_list("name", "body"))
        wanted = {name for name, body in newest.items() if isinstance(body, dict) and body.get("confidential")}
        for name in sorted(wanted ^ set(ConfidentialRegister.objects.values_list("name", flat=True))):
            report.add(Finding(Kind.ROW, f"register:{name}", CONFIDENTIAL.format(name=name)))
    return report


def _versions() -> Iterator[Version]:
    for row in RegisterVersion.objects.order_by("name", "number").iterator(chunk_size=50):
        yield Version(row.name, row.number, row.pack, row.retired, {"digest": digest_of(row.body)})


def digest_of(body: object) -> str | None:
    """SHA-256 of the canonical body; None where it can have none."""
    try:
        return hashlib.sha256(canonical.encode(body)).hexdigest()
    except (TypeError, ValueError):
        return None
