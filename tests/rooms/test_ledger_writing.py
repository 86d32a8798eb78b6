"""What the trail takes, in which order, and what it refuses."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from types import SimpleNamespace

import pytest
from django.db import transaction

from banjie.ledger.actions import NewEntry, erase, record_entries, record_entry
from banjie.ledger.hashing import commitment
from banjie.ledger.models import Entry, Head, PersonalValue
from banjie.ledger.verification import verify
from banjie.lib import clock
from banjie.lib.errors import Conflict, Invalid, NotFound
from banjie.lib.text import Text

pytestmark = pytest.mark.django_db

LI = SimpleNamespace(pk=3, name=Text("李明", "Li Ming"))


def test_entries_of_a_chain_follow_one_another():
    one = record_entry(chain="record:1", verb="record.created", body={"a": "1"}, by=LI, origin="web")
    two = record_entry(chain="record:1", verb="record.updated", body={"a": "2"}, by=LI, origin="web", why="更正")
    assert (one.index, two.index) == (0, 1)
    assert two.previous == one.hash
    head = Head.objects.get(chain="record:1")
    assert (head.length, head.hash) == (2, two.hash)
    assert list(Entry.objects.of("record:1")) == [one, two]


def test_what_is_returned_is_what_is_stored():
    made = record_entry(chain="record:1", verb="x", body={"b": [1, None, True], "a": "中"}, by=LI, origin="api", why="为何")
    found = Entry.objects.get()
    columns = [field.attname for field in Entry._meta.concrete_fields if field.attname != "tx"]
    assert {name: getattr(made, name) for name in columns} == {name: getattr(found, name) for name in columns}
    assert (found.actor, found.actor_id) == ("李明", 3)


def test_the_hash_is_over_these_very_bytes():
    """Written out, so that another programme can check it: SHA-256 of the canonical JSON."""
    with clock.simulated(datetime(2021, 10, 31, 8, 0, 0, 5, tzinfo=UTC)):
        made = record_entry(chain="record:17", verb="record.updated", body={"值": "1"}, by=LI, origin="web", why="更正")
    loaded = made.loaded_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    said = (
        '{"actor":"李明","actor_id":3,"at":"2021-10-31T08:00:00.000005Z","body":{"值":"1"},"chain":"record:17","index":0,'
        f'"loaded_at":"{loaded}","origin":"web","previous":"{"0" * 64}","v":1,"verb":"record.updated","why":"更正"}}'
    )
    assert made.hash == sha256(said.encode()).hexdigest()


def test_the_system_acts_under_its_own_name():
    made = record_entry(chain="record:1", verb="x", body={}, by=None)
    assert (made.actor_id, made.actor) == (None, "系统 System")


def test_history_loaded_at_its_own_time_says_when_it_was_loaded():
    then = datetime(2021, 10, 31, 8, 0, tzinfo=UTC)
    with clock.simulated(then):
        old = record_entry(chain="record:1", verb="x", body={}, by=None)
    new = record_entry(chain="record:1", verb="x", body={}, by=None)
    assert (old.at, new.loaded_at) == (then, None)
    assert old.loaded_at > then
    assert list(Entry.objects.as_known_at(then)) == [old]


def test_many_entries_are_written_in_order_with_their_ids():
    record_entry(chain="record:1", verb="x", body={}, by=None)
    written = record_entries([NewEntry(f"record:{n % 3}", "x", {"n": n}) for n in range(7)], by=None, origin="demo")
    assert [(one.chain, one.index) for one in written] == [
        ("record:0", 0), ("record:1", 1), ("record:2", 0),
        ("record:0", 1), ("record:1", 2), ("record:2", 1),
        ("record:0", 2),
    ]  # fmt: skip
    stored = Entry.objects.order_by("id")[1:].values_list("id", "chain", "index", "hash")
    assert [tuple(one) for one in written] == list(stored)
    report = verify()
    assert report.clean, report.as_dict()


def test_many_entries_with_personal_values_and_new_chains_verify():
    entries = [
        NewEntry("a", "x", {}, {"phone": {"before": None, "after": "1"}}, first=True),
        NewEntry("a", "x", {}, first=True),
        NewEntry(
            "b", "x", {"k": "v\t\n\\N"}, {"phone": {"before": "1", "after": "2\t\\"}, "name": {"before": None, "after": "张"}}
        ),
    ]
    written = record_entries(entries, by=LI, origin="import:1")
    assert [one.index for one in written] == [0, 1, 0]
    assert set(PersonalValue.objects.values_list("entry_id", "path")) == {
        (written[0].id, "phone"), (written[2].id, "phone"), (written[2].id, "name"),
    }  # fmt: skip
    report = verify()
    assert report.clean, report.as_dict()


def test_nothing_to_write_writes_nothing():
    assert record_entries([], by=None, origin="") == []


def test_a_personal_value_enters_the_chain_as_a_commitment():
    value = {"before": None, "after": "13800000000"}
    made = record_entry(chain="record:1", verb="x", body={}, by=None, personal={"leader_phone": value})
    kept = PersonalValue.objects.get(entry=made)
    assert kept.value == value
    assert len(bytes(kept.salt)) == 16
    assert made.body == {"personal": {"leader_phone": commitment(bytes(kept.salt), value)}}


def test_an_erasure_is_told_in_the_chain_and_nothing_is_left_of_the_value():
    made = record_entry(chain="record:1", verb="x", body={}, by=None, personal={"phone": {"before": None, "after": "1"}})
    told = erase(entry=made, paths=["phone"], by=LI, why="依申请删除")
    assert told.body == {"erased": [{"index": 0, "path": "phone"}]}
    assert not PersonalValue.objects.exists()
    with pytest.raises(NotFound):
        erase(entry=made, paths=["phone"], by=LI, why="再删")
    assert Entry.objects.count() == 2


def test_a_chain_claimed_to_be_new_and_made_by_somebody_else_is_a_conflict():
    record_entry(chain="record:1", verb="x", body={}, by=None)
    with pytest.raises(Conflict), transaction.atomic():
        record_entry(chain="record:1", verb="x", body={}, by=None, first=True)
    with pytest.raises(Conflict), transaction.atomic():
        record_entries([NewEntry(f"record:{n}", "x", {}, first=True) for n in range(3)], by=None, origin="")
    assert Entry.objects.count() == 1


@pytest.mark.parametrize("body", [{"a": 1.5}, {"a": Decimal("1.5")}, {"a": datetime(2021, 1, 1, tzinfo=UTC)}])
def test_a_body_that_canonical_json_cannot_hold_is_refused(body):
    with pytest.raises(TypeError, match="no canonical JSON form"):
        record_entry(chain="record:1", verb="x", body=body, by=None)
    assert not Entry.objects.exists()


@pytest.mark.parametrize(
    "said", [{"why": "a\0b"}, {"body": {"a": "\0"}}, {"why": "\ud800"}, {"body": {"a": ["\ud800"]}}, {"body": {"\\": "\\\0"}}]
)
def test_a_character_that_no_database_can_hold_is_refused(said):
    with pytest.raises(Invalid):
        record_entry(**{"chain": "record:1", "verb": "x", "body": {}, "by": None, **said})


def test_a_backslash_before_u0000_is_only_text():
    made = record_entry(chain="record:1", verb="x", body={"a": "\\u0000", "b": "\\\\u0000"}, by=None)
    assert Entry.objects.get().body == made.body == {"a": "\\u0000", "b": "\\\\u0000"}
    assert verify().clean


def test_a_name_longer_than_the_ledger_holds_is_refused():
    with pytest.raises(ValueError, match="longer than the ledger holds"):
        record_entry(chain="x" * 121, verb="x", body={}, by=None)


def test_the_key_personal_belongs_to_the_ledger():
    with pytest.raises(ValueError, match="belongs to the ledger"):
        record_entry(chain="a", verb="x", body={"personal": 1}, by=None, personal={"phone": {}})


def test_history_comes_newest_first_page_by_page():
    written = record_entries([NewEntry(f"record:{n % 2}", "x", {}) for n in range(5)], by=None, origin="")
    record_entry(chain="record:9", verb="x", body={}, by=None)
    page = Entry.objects.about(["record:0", "record:1"]).before(None, 3)
    ids = [entry.pk for entry in page]
    assert ids == [written[4].id, written[3].id, written[2].id]
    rest = Entry.objects.about(["record:0", "record:1"]).before(ids[-1], 3)
    assert [entry.pk for entry in rest] == [written[1].id, written[0].id]


@pytest.mark.django_db(transaction=True)
def test_an_entry_is_written_in_the_transaction_of_its_action():
    with pytest.raises(RuntimeError, match="use atomic"):
        record_entry(chain="record:1", verb="x", body={}, by=None)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("run", [1, 2])
def test_each_transactional_test_finds_an_empty_trail(run):
    with transaction.atomic():
        assert record_entry(chain="record:1", verb="x", body={"run": run}, by=None).index == 0
