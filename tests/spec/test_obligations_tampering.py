"""Somebody with the database's password lets a report count as handed in. The item is named."""

from __future__ import annotations

import pytest
from tests.rooms.matters_world import at
from tests.rooms.test_matters_obligations import kept, monthly, people, report
from tests.spec.test_rows_tampering import tampered

from banjie.matters.actions import waive_expected
from banjie.matters.models import Expected
from banjie.matters.obligations.definition import Obligation
from banjie.matters.verifying_obligations import verify_expected
from banjie.people.models import Account

pytestmark = pytest.mark.django_db
__all__ = ["monthly", "people"]  # fixtures

MET, MISSING, WAIVED = "monthly_report/S-1/2021-08", "monthly_report/S-2/2021-08", "monthly_report/S-1/2021-09"
TABLE = [
    ("UPDATE matters_expected SET state = 'expected' WHERE state = 'missing'", MISSING, "the state"),
    ("UPDATE matters_expected SET due_at = '2031-01-01 00:00:00' WHERE state = 'missing'", MISSING, "the due time"),
    ("UPDATE matters_expected SET met_at = '2021-08-01 00:00:00' WHERE met_at IS NOT NULL", MET, "when it arrived"),
    ("UPDATE matters_expected SET met_by_id = record_id WHERE met_at IS NOT NULL", MET, "the record that arrived"),
    ("UPDATE matters_expected SET waived_why = '别的' WHERE state = 'waived'", WAIVED, "why it was waived"),
    ("UPDATE matters_expected SET of_key = 'S-9' WHERE state = 'missing'", MISSING, "its code"),
    ("DELETE FROM matters_expected WHERE state = 'missing'", MISSING, "was deleted from outside"),
]


def test_an_expected_item_that_was_changed_past_the_system_is_named(people: dict[str, Account], monthly: Obligation) -> None:
    kept("2021-09-01 09:00")
    report("2021-09-02 09:00")
    kept("2021-09-02 09:10")
    kept("2021-09-10 09:00")
    with at("2021-09-11 09:00"):
        waive_expected(Expected.objects.get(of_key="S-1", period="2021-09"), by=people["head"], why="停工")
    clean = verify_expected()
    assert (clean.findings, clean.counts) == ([], {"expected": Expected.objects.count()})
    assert [row for row in TABLE if not _is_found(*row)] == []


def _is_found(statement: str, item: str, words: str) -> bool:
    with tampered() as cursor:
        cursor.execute(statement)
        assert cursor.rowcount > 0, statement
        findings = verify_expected().findings
    return any(finding.subject == f"expected:{item}" and words in finding.says.en for finding in findings)
