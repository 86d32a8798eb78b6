"""Somebody with the database's password rigs a ballot. It is named, and no household is."""

from __future__ import annotations

import re
from typing import Any

import pytest
from tests.rooms import ballots_world as world
from tests.rooms.ballots_world import DURING, counted, opened, vote
from tests.rooms.matters_world import at
from tests.spec.test_rows_tampering import tampered

from banjie.matters import actions
from banjie.matters.models import Ballot
from banjie.matters.verifying_ballots import verify_ballots

pytestmark = pytest.mark.django_db

RUNNING: list[tuple[str, str]] = [
    ("UPDATE matters_ballot SET question = '别的'", "the question, the rule"),
    ("UPDATE matters_ballot SET rule = '{}'", "the rule"),
    ("UPDATE matters_ballot SET closes_at = '2021-09-15 00:00:00'", "when it closes"),
    ("UPDATE matters_ballot SET opened_at = '2020-09-15 00:00:00'", "when it was opened"),
    ("UPDATE matters_ballot SET heads = 2, area = 10", "the number of households, the area"),
    ("UPDATE matters_ballot SET code = 'ABCDEFGHJK'", "the code of its notice"),
    ("UPDATE matters_elector SET area = 1000 WHERE household = 'H1'", "the list of households"),
    (
        "INSERT INTO matters_elector (ballot_id, household, area) SELECT id, 'H99', 5 FROM matters_ballot",
        "the list of households",
    ),
    ("UPDATE matters_elector SET code_hash = 'x' WHERE household = 'H2'", "the codes"),
    ("DELETE FROM matters_turnout", "who took part"),
    (
        "UPDATE matters_turnout SET elector_id = (SELECT id FROM matters_elector WHERE household = 'H6')",
        "who took part (1 entries tell otherwise)",
    ),
    ("DELETE FROM matters_ballot", "was deleted from outside"),
]
CLOSED: list[tuple[str, str]] = [
    ('UPDATE matters_ballot SET result = \'{"outcome": "passed"}\'', "the result"),
    ("UPDATE matters_ballot SET closed_at = NULL, state = 'open', result = NULL", "the state, the result"),
    ("UPDATE matters_elector SET code_hash = 'x' WHERE household = 'H2'", "the codes"),
]


def found(statement: str) -> list[str]:
    with tampered() as cursor:
        cursor.execute(statement)
        assert cursor.rowcount > 0, statement
        return [finding.says.en for finding in verify_ballots().findings]


def test_a_running_ballot_that_was_rigged_is_named() -> None:
    people = world.build()
    ballot, codes = opened(people)
    vote(codes, H1="for")
    assert verify_ballots().clean, verify_ballots().as_dict()
    with at(DURING):
        actions.issue_code(ballot, "H3", by=people["secretary"])
    report = verify_ballots()
    assert (report.findings, report.counts) == ([], {"ballots": 1})
    said = {statement: found(statement) for statement, _ in RUNNING}
    assert [row for row in RUNNING if not any(row[1] in line for line in said[row[0]])] == []
    told = " ".join(line for lines in said.values() for line in lines)
    assert not any(re.search(rf"\b{household}\b", told) for household in world.SIZES)  # a whole word: codes are letters by lot


def test_sums_that_were_put_back_are_named() -> None:
    people = world.build()
    ballot, codes = opened(people)
    earlier = bytes(Ballot.objects.get(pk=ballot.pk).tally)
    vote(codes, H1="against")
    Ballot.objects.filter(pk=ballot.pk).update(tally=earlier)
    (finding,) = verify_ballots().findings
    assert "the sealed sums" in finding.says.en


def test_a_closed_ballot_whose_result_was_changed_is_named() -> None:
    people = world.build()
    ballot, codes = opened(people)
    vote(codes, **dict.fromkeys(world.SIZES, "for"))
    counted(ballot, people)
    assert verify_ballots().clean
    said: dict[str, Any] = {statement: found(statement) for statement, _ in CLOSED}
    assert [row for row in CLOSED if not any(row[1] in line for line in said[row[0]])] == []
