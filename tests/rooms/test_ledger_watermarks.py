"""Reading on from where one stopped: nothing is missed, nothing is read twice."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from banjie.ledger import watermarks
from banjie.ledger.actions import NewEntry, record_entries, record_entry
from banjie.ledger.models import Entry
from banjie.ledger.watermarks import StaleWatermark, Watermark

pytestmark = pytest.mark.django_db(transaction=True)
on_postgresql = pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one writer at a time")


def add(*chains: str) -> list[int]:
    with transaction.atomic():
        return [written.id for written in record_entries([NewEntry(c, "x", {}) for c in chains], by=None, origin="")]


def ids(old: Watermark | None, new: Watermark) -> list[int]:
    return list(watermarks.entries_between(old, new).values_list("id", flat=True))


class Elsewhere:
    """Runs steps one by one on a connection of its own: a second clerk."""

    def __init__(self) -> None:
        self.step: Callable[[], object] | None = None
        self.go, self.done = threading.Semaphore(0), threading.Semaphore(0)
        self.result: object = None
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        while True:
            self.go.acquire()
            if self.step is None:
                connection.close()
                return
            try:
                self.result = self.step()
            except Exception as error:
                self.result = error
            self.done.release()

    def start(self, step: Callable[[], object] | None) -> None:
        self.step = step
        self.go.release()

    def finish(self, timeout: float = 10) -> object:
        assert self.done.acquire(timeout=timeout), "still waiting"
        if isinstance(self.result, Exception):
            raise self.result
        return self.result

    def do(self, step: Callable[[], object]) -> object:
        self.start(step)
        return self.finish()


@pytest.fixture
def elsewhere():
    made = Elsewhere()
    yield made
    made.start(None)
    made.thread.join(10)


def test_what_was_added_since_the_last_mark_is_read_once():
    empty = watermarks.current()
    first = add("record:1", "record:2")
    one = watermarks.current()
    second = add("record:1")
    two = watermarks.current()
    assert ids(None, one) == first
    assert ids(empty, one) == first
    assert ids(one, two) == second
    assert ids(two, two) == []
    assert ids(None, two) == first + second


def test_what_is_rolled_back_is_never_read():
    before = watermarks.current()
    with transaction.atomic():
        add("record:1")
        transaction.set_rollback(True)
    kept = add("record:1")
    assert ids(before, watermarks.current()) == kept


def test_a_mark_of_another_database_is_refused():
    add("record:1")
    with pytest.raises(StaleWatermark):
        ids(Watermark("999999:999999:@1" if connection.vendor == "postgresql" else "999999"), watermarks.current())


@on_postgresql
def test_a_lower_id_that_is_committed_later_is_not_missed(elsewhere):
    slow = transaction.atomic()
    elsewhere.do(slow.__enter__)
    lower = elsewhere.do(lambda: record_entry(chain="record:slow", verb="x", body={}, by=None).pk)
    higher = add("record:quick")
    assert lower < higher[0]

    one = watermarks.current()
    assert ids(None, one) == higher
    elsewhere.do(lambda: slow.__exit__(None, None, None))
    two = watermarks.current()
    assert ids(one, two) == [lower]
    assert ids(None, two) == [lower, *higher]
    assert ids(two, watermarks.current()) == []


@on_postgresql
def test_of_two_open_transactions_each_is_read_when_it_is_over(elsewhere):
    start = watermarks.current()
    slow = transaction.atomic()
    elsewhere.do(slow.__enter__)
    early = elsewhere.do(lambda: record_entry(chain="record:slow", verb="x", body={}, by=None).pk)
    one = watermarks.current()
    quick = add("record:quick")
    late = elsewhere.do(lambda: record_entry(chain="record:slow", verb="x", body={}, by=None).pk)
    two = watermarks.current()
    elsewhere.do(lambda: slow.__exit__(None, None, None))
    three = watermarks.current()
    assert (ids(start, one), ids(one, two), ids(two, three)) == ([], quick, [early, late])
    assert ids(one, three) == [early, *quick, late]


@on_postgresql
def test_marks_may_be_read_in_any_later_transaction(elsewhere):
    """The proof that two marks and the reading need not share a transaction: what a mark covers is committed."""
    one = watermarks.current()
    read = elsewhere.do(watermarks.current)
    added = add("record:1")
    two = watermarks.current()
    assert elsewhere.do(lambda: ids(one, two)) == added
    assert elsewhere.do(lambda: ids(one, read)) == []


@on_postgresql
def test_many_writers_and_one_reader_agree_on_every_entry():
    stop = threading.Event()

    def write(seed: int) -> None:
        chance = random.Random(seed)
        for turn in range(25):
            with transaction.atomic():
                for _ in range(chance.randint(1, 3)):
                    record_entry(chain=f"record:{seed}-{turn}", verb="x", body={}, by=None)
                    stop.wait(chance.random() / 200)
                if chance.random() < 0.2:
                    transaction.set_rollback(True)
        connection.close()

    writers = [threading.Thread(target=write, args=(seed,)) for seed in range(4)]
    for writer in writers:
        writer.start()
    read: list[int] = []
    mark: Watermark | None = None
    while any(writer.is_alive() for writer in writers):
        new = watermarks.current()
        read += ids(mark, new)
        mark = new
    read += ids(mark, watermarks.current())
    assert len(read) == len(set(read))
    assert set(read) == set(Entry.objects.values_list("id", flat=True))
    assert read != sorted(read), "no transaction overtook another: the test has shown nothing"


@on_postgresql
def test_a_mark_is_not_taken_in_a_transaction_that_has_written():
    with transaction.atomic():
        watermarks.current()
        record_entry(chain="record:1", verb="x", body={}, by=None)
        with pytest.raises(RuntimeError, match="has written"):
            watermarks.current()


@on_postgresql
def test_a_trail_restored_from_a_dump_says_so_and_can_be_read_after_rebasing():
    made = Entry.objects.create(chain="a", index=0, at="2021-01-01T00:00:00Z", body={}, tx=10**12)
    with pytest.raises(StaleWatermark):
        watermarks.current()
    watermarks.rebase()
    mark = watermarks.current()
    assert ids(None, mark) == [made.pk]
    later = add("record:1")
    assert ids(mark, watermarks.current()) == later


@on_postgresql
def test_two_creators_of_one_chain_take_turns(elsewhere):
    slow = transaction.atomic()
    elsewhere.do(slow.__enter__)
    elsewhere.do(lambda: record_entry(chain="record:new", verb="first", body={}, by=None))
    other = Elsewhere()
    other.start(lambda: add("record:new"))
    assert not other.done.acquire(timeout=0.3), "the second writer did not wait for the first"
    elsewhere.do(lambda: slow.__exit__(None, None, None))
    other.finish()
    other.start(None)
    other.thread.join(10)
    assert list(Entry.objects.of("record:new").values_list("index", "verb")) == [(0, "first"), (1, "x")]
