"""Erasing personal values: gone from the record and from its whole history, and the chain still verifies."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from banjie.ledger.models import Entry, PersonalValue
from banjie.ledger.verification import verify
from banjie.lib.errors import Conflict, Invalid, NotPermitted
from banjie.lib.text import reading_in
from banjie.people.models import Account
from banjie.people.verbs import Verb
from banjie.registers.actions import create, remove, update
from banjie.registers.erasing import erase
from banjie.registers.models import Record
from tests.rooms import county

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with reading_in("en"):
        yield


@pytest.fixture
def officer() -> Account:
    county.areas()
    county.registers()
    return county.person("officer", "431322102", [*county.CLERK, Verb.ERASE])


@pytest.fixture
def record(officer: Account) -> Record:
    made = create("projects", county.project(phone="13800001234"), by=officer)
    return update(made, {"phone": "13900005678"}, version=1, by=officer)


def test_the_value_is_gone_everywhere_and_the_ledger_verifies(record: Record, officer: Account) -> None:
    assert erase(record, ["phone"], by=officer, why="本人申请") == 3  # the present one, and two entries
    record.refresh_from_db()
    assert (record.data["phone"], record.version) == (None, 3)
    assert not PersonalValue.objects.exists()
    assert "1380000" not in str(list(Entry.objects.values()))
    verbs = [e.verb for e in Entry.objects.of(record.chain)]
    assert verbs == ["record.create", "record.update", "record.erase", "personal.erased", "personal.erased"]
    assert {e.why for e in Entry.objects.of(record.chain)[2:]} == {"本人申请"}
    assert list(verify().findings) == []


def test_erasing_again_does_nothing(record: Record, officer: Account) -> None:
    erase(record, ["phone"], by=officer, why="本人申请")
    count = Entry.objects.count()
    assert erase(record, ["phone"], by=officer, why="本人申请") == 0
    assert Entry.objects.count() == count


def test_removed_records_can_be_erased_too(record: Record, officer: Account) -> None:
    remove(record, version=2, by=officer)
    assert erase(record.pk, ["phone"], by=officer, why="本人申请") == 3


def test_an_edit_begun_before_does_not_bring_the_value_back(record: Record, officer: Account) -> None:
    erase(record, ["phone"], by=officer, why="本人申请")
    with pytest.raises(Conflict):
        update(record.pk, {"phone": "13900005678"}, version=2, by=officer)
    assert update(record.pk, {"name": "新名"}, version=2, by=officer).data["phone"] is None


@pytest.mark.parametrize(("fields", "why"), [(["name"], "x"), (["nothing"], "x"), (["phone"], " ")])
def test_only_personal_fields_and_only_with_a_reason(record: Record, officer: Account, fields: list[str], why: str) -> None:
    with pytest.raises(Invalid):
        erase(record, fields, by=officer, why=why)
    record.refresh_from_db()
    assert record.data["phone"] == "13900005678"


def test_erasing_takes_its_own_verb(record: Record) -> None:
    clerk = county.person("clerk", "431322102", county.CLERK)
    with pytest.raises(NotPermitted):
        erase(record, ["phone"], by=clerk, why="x")
