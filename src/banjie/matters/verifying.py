"""The matters held against the trail: each stands where the last step that the trail tells of has put it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.db import connection

from banjie.ledger.findings import Finding, Kind, Report
from banjie.ledger.reading import in_chunks, one_view
from banjie.ledger.verification import Progress
from banjie.lib.text import Text
from banjie.matters.models import Matter

PARTS = {
    "process": Text("流程", "the process"),
    "stage": Text("环节", "the stage"),
    "state": Text("状态", "the state"),
    "ending": Text("结果", "the ending"),
    "version": Text("版本", "the version"),
}
DIFFERS = Text("{s} 与台账不符：{what}已被绕过系统改动", "{s} is not where the trail says: {what} was changed from outside")
NO_ENTRY = Text("{s} 在台账中没有记载，系绕过系统添加", "the trail knows nothing of {s}: it was added from outside")
NO_ROW = Text("{s} 已被绕过系统删除：台账中还有它", "{s} was deleted from outside: the trail still tells of it")
_ROWS = "SELECT id, record_id, process, stage, state, ending, version FROM matters_matter ORDER BY id"
_OPENED = "SELECT id, chain FROM ledger_entry WHERE verb = 'matter.open' ORDER BY id"


def verify_matters(progress: Progress | None = None) -> Report:
    """Compare every matter with the last ``matter.…`` entry of its record. Memory does not grow with their number."""
    report = Report()
    with one_view():
        done, total = 0, Matter.objects.count()
        for rows in in_chunks(_ROWS):
            steps = _last_steps([f"record:{row[1]}" for row in rows])
            for row in rows:
                _compare(report, row, *steps.get(f"record:{row[1]}", (None, {})))
            report.count("matters", len(rows))
            done += len(rows)
            if progress:
                progress(done, total)
        for entry, chain in _without_row():
            report.add(
                Finding(Kind.ROW, f"matter of {chain}", NO_ROW.format(s=Text(f"{chain} 的事项", f"the matter of {chain}")), entry)
            )
    return report


def _compare(report: Report, row: tuple, entry: int | None, said: dict[str, Any]) -> None:
    pk, record, process, stage, state, ending, version = row
    name = Text(f"事项 {pk}（record:{record}）", f"matter {pk} (record:{record})")
    if entry is None:
        report.add(Finding(Kind.ROW, f"matter:{pk}", NO_ENTRY.format(s=name)))
        return
    held = {"process": process, "stage": stage, "state": state, "ending": ending or None, "version": version}
    wrong = [title for part, title in PARTS.items() if held[part] != said.get(part)]
    if wrong or said.get("id") != pk:
        what = Text("、".join(w.zh for w in wrong) or "编号", ", ".join(w.en for w in wrong) or "its id")
        report.add(Finding(Kind.ROW, f"matter:{pk}", DIFFERS.format(s=name, what=what), entry))


def _last_steps(chains: list[str]) -> dict[str, tuple[int, dict[str, Any]]]:
    """The last step of each record: the entry's id, and what it says of the matter."""
    sqlite = connection.vendor == "sqlite"
    among = "IN (SELECT value FROM json_each(%s))" if sqlite else "= ANY(%s)"
    statement = (
        'SELECT e.chain, e.id, CAST(e.body AS TEXT) FROM ledger_entry e JOIN (SELECT chain, MAX("index") AS last '  # noqa: S608
        f"FROM ledger_entry WHERE chain {among} AND verb LIKE 'matter.%%' GROUP BY chain) s "
        'ON e.chain = s.chain AND e."index" = s.last'
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [json.dumps(chains) if sqlite else chains])
        return {chain: (entry, _matter(body)) for chain, entry, body in cursor.fetchall()}


def _matter(body: str) -> dict[str, Any]:
    try:
        said = json.loads(body).get("matter")
    except (ValueError, AttributeError):
        return {}
    return said if isinstance(said, dict) else {}


def _without_row() -> Iterator[tuple[int, str]]:
    """The opened matters that have no row: the opening entry's id, and the record's chain."""
    for rows in in_chunks(_OPENED):
        pks = [int(chain[7:]) for _, chain in rows if chain[7:].isdecimal()]
        there = {f"record:{pk}" for pk in Matter.objects.filter(record__in=pks).values_list("record", flat=True)}
        yield from ((entry, chain) for entry, chain in rows if chain not in there)
