"""What the trail takes, in which order, and what it refuses."""

from __future__ import annotations

import pytest
from django.db import transaction

from banjie.ledger.actions import NewEntry, record_entries, record_entry
from banjie.ledger.models import Entry, Head

pytestmark = pytest.mark.django_db


def test_entries_of_a_chain_follow_one_another():
    with transaction.atomic():
        one = record_entry(chain="record:1", verb="record.created", body={"a": "1"}, by=None, origin="web")
        two = record_entry(chain="record:1", verb="record.updated", body={"a": "2"}, by=None, origin="web")
    assert (one.index, two.index) == (0, 1)
    assert two.previous == one.hash
    head = Head.objects.get(chain="record:1")
    assert (head.length, head.hash) == (2, two.hash)
    assert list(Entry.objects.of("record:1")) == [one, two]


def test_many_entries_are_written_in_order_with_their_ids():
    written = record_entries([NewEntry(f"record:{n % 3}", "x", {"n": n}) for n in range(7)], by=None, origin="demo")
    assert [(w.chain, w.index) for w in written][-1] == ("record:0", 2)
    assert [w.id for w in written] == list(Entry.objects.order_by("id").values_list("id", flat=True))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("run", [1, 2])
def test_each_transactional_test_finds_an_empty_trail(run):
    with transaction.atomic():
        assert record_entry(chain="record:1", verb="x", body={"run": run}, by=None).index == 0
