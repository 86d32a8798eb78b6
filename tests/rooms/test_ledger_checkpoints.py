"""Checkpoints: what is sealed, in which order, and that it can be taken up again."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, transaction

from banjie.ledger.actions import NewEntry, checkpoint, record_entries
from banjie.ledger.checkpoints import BLOCK, leaf, leaves, statement
from banjie.ledger.models import Checkpoint, Entry, SealedBlock
from banjie.ledger.verification import verify
from banjie.lib import merkle, signing

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def own_keys(settings, tmp_path):
    settings.DATA = tmp_path


def add(number: int) -> None:
    start = Entry.objects.count()
    with transaction.atomic():
        record_entries([NewEntry(f"record:{start + n}", "x", {"n": n}, first=True) for n in range(number)], by=None, origin="")


def test_an_empty_trail_has_no_checkpoint():
    assert checkpoint() is None
    assert verify().clean


def test_nothing_new_makes_no_new_checkpoint():
    add(3)
    assert checkpoint() == checkpoint()
    assert Checkpoint.objects.count() == 1


def test_the_root_is_that_of_all_entries_in_the_order_of_sealing():
    for number in [1, BLOCK + 5, 3]:
        add(number)
        made = checkpoint()
    entries = Entry.objects.order_by("id").values_list("id", "hash", "tx")
    assert made.number == 3
    assert made.size == BLOCK + 9
    assert made.root == merkle.root([merkle.leaf_hash(leaf(*entry)) for entry in entries]).hex()
    assert [one for block in SealedBlock.objects.order_by("start") for one in leaves(block)] == list(entries)
    assert [block.count for block in SealedBlock.objects.order_by("start")] == [1, BLOCK, 5, 3]
    report = verify()
    assert report.clean, report.as_dict()
    assert report.counts["sealed"] == BLOCK + 9


def test_a_checkpoint_can_be_checked_without_banjie():
    add(2)
    made = checkpoint()
    assert signing.verify(made.key, made.signature, statement(made))
    assert b'"kind":"banjie ledger checkpoint"' in statement(made)


def test_a_later_checkpoint_is_consistent_with_an_earlier_one():
    add(5)
    early = checkpoint()
    add(4)
    late = checkpoint()
    hashes = [merkle.leaf_hash(leaf(*entry)) for entry in Entry.objects.order_by("id").values_list("id", "hash", "tx")]
    proof = merkle.consistency_proof(early.size, hashes)
    assert merkle.is_consistent(early.size, late.size, bytes.fromhex(early.root), bytes.fromhex(late.root), proof)


def test_sealers_that_come_at_once_take_turns():
    add(20)

    def run() -> None:
        checkpoint()
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert Checkpoint.objects.count() == 1
    assert verify().clean


def test_after_a_restore_into_another_database_each_entry_is_sealed_once():
    add(3)
    first = checkpoint()
    add(2)
    moved = Checkpoint(
        number=2, at=first.at, size=3, root=first.root, frontier=bytes(first.frontier), previous="0" * 64, key=first.key,
        watermark="1:1:@another" if connection.vendor == "postgresql" else "999999", signature="",
    )  # fmt: skip
    moved.save()
    made = checkpoint()
    assert (made.number, made.size) == (3, 5)
    sealed = [entry_id for block in SealedBlock.objects.order_by("start") for entry_id, _, _ in leaves(block)]
    assert sealed == list(Entry.objects.order_by("id").values_list("id", flat=True))
