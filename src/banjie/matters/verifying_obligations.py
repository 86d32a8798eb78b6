"""Expected items held against their records, which in turn are held against the trail (``registers.verifying``).

An item's record says the same to people and to figures as its row says to jobs. Not compared, since no entry tells of them: which
post answers for an item, and when it is reminded next.
"""

from __future__ import annotations

from typing import Any

from banjie.ledger.comparing import CHUNK, NO_ENTRY, Against, Said, told
from banjie.ledger.findings import Finding, Kind, Report
from banjie.ledger.reading import in_chunks, one_view
from banjie.ledger.verification import Progress
from banjie.lib.text import Text
from banjie.matters import entries
from banjie.matters.models import Expected
from banjie.matters.obligations.items import NAME
from banjie.registers import trail
from banjie.registers.models import Record

TITLE = Text("应报事项", "the expected item")
PARTS = {
    "code": Text("编号（义务、应报对象、期别）", "its code (obligation, who owes it, period)"),
    "obligation": Text("义务", "the obligation"),
    "period": Text("期别", "the period"),
    "begins_on": Text("期初", "when the period begins"),
    "due_at": Text("期限", "the due time"),
    "state": Text("状态", "the state"),
    "arrived": Text("已报数", "how many arrived"),
    "met_at": Text("报送时间", "when it arrived"),
    "why": Text("免报原因", "why it was waived"),
    "met_by": Text("报送的记录", "the record that arrived"),
}


def verify_expected(progress: Progress | None = None) -> Report:
    """Compare every item with its record. Memory does not grow with their number."""
    report = Report()
    against = Against(report, "expected", TITLE, PARTS)
    with one_view():
        done, total = 0, Expected.objects.count()
        for rows in in_chunks("SELECT id, record_id FROM matters_expected ORDER BY id", CHUNK):
            _compare(report, against, [pk for pk, _ in rows], {f"record:{record}" for _, record in rows})
            done += len(rows)
            if progress:
                progress(done, total)
        for record in Record.objects.of(NAME).filter(expected=None).order_by("pk").iterator(chunk_size=CHUNK):
            against.gone(record.key, record.key, None)
    return report


def _compare(report: Report, against: Against, pks: list[int], chains: set[str]) -> None:
    met_by: dict[str, object] = {}
    last: dict[str, int] = {}
    for entry in told(chains, (trail.EXPECT, trail.MEET, trail.MISS, trail.WAIVE)):
        detail = entry.body.get("detail")
        met_by[entry.chain] = detail.get("met_by") if isinstance(detail, dict) else None
        last[entry.chain] = entry.entry
    items = Expected.objects.filter(pk__in=pks).select_related("record", "met_by").order_by("pk")
    found = {item.pk: item for item in items}
    for pk in pks:
        item = found.get(pk)
        if item is None:  # its record is gone
            report.add(Finding(Kind.ROW, f"expected:{pk}", NO_ENTRY.format(s=Text(f"应报事项 {pk}", f"the expected item {pk}"))))
            continue
        data, chain = item.record.data, item.record.chain
        said = Said(last[chain], {**data, "met_by": met_by[chain]}) if chain in last else None
        against.compare(item.record.key, item.record.key, said, _held(item))
    report.count("expected", len(pks))


def _held(item: Any) -> dict[str, object]:
    return {
        "code": f"{item.obligation}/{item.of_key}/{item.period}", "obligation": item.obligation, "period": item.period,
        "begins_on": item.begins_on.isoformat(), "due_at": entries.moment(item.due_at), "state": item.state,
        "arrived": item.arrived, "met_at": entries.moment(item.met_at), "why": item.waived_why or None,
        "met_by": item.met_by.key if item.met_by else None,
    }  # fmt: skip
