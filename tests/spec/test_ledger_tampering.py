"""Somebody with the database's password alters the trail. Each alteration is found, and the entry is named."""

from __future__ import annotations

import json
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from banjie.ledger import anchors, guards, transaction_checks, watermarks
from banjie.ledger.actions import NewEntry, accept_restored, checkpoint, erase, record_entries, record_entry, settle_in
from banjie.ledger.checkpoints import key_path, statement
from banjie.ledger.findings import KEPT, Finding, Kind, Report
from banjie.ledger.hashing import entry_hash, moment
from banjie.ledger.models import Checkpoint, Entry, Head, PersonalValue, SealedBlock
from banjie.ledger.verification import verify
from banjie.lib import clock, signing
from banjie.lib.errors import Invalid
from banjie.lib.text import Text

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def own_keys(settings, tmp_path):
    settings.DATA = tmp_path


@pytest.fixture
def trail():
    """Three chains of four entries, sealed; then one more each, not sealed yet."""
    with transaction.atomic():
        for index in range(4):
            record_entries(
                [
                    NewEntry(f"record:{n}", "record.updated", {"value": f"第{index}次", "n": n}, first=index == 0)
                    for n in range(3)
                ],
                by=None,
                origin="web",
                why="每月报送",
            )
    assert checkpoint().size == 12
    with transaction.atomic():
        record_entries([NewEntry(f"record:{n}", "record.updated", {"value": "新"}) for n in range(3)], by=None, origin="web")


def entry(chain: str, index: int) -> Entry:
    return Entry.objects.get(chain=chain, index=index)


def tamper(statement: str, *values: object) -> None:
    guards.take_down(connection)
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        assert cursor.rowcount > 0
    guards.put_up(connection)


def change(target: Entry, **fields: object) -> None:
    guards.take_down(connection)
    assert Entry.objects.filter(pk=target.pk).update(**fields) == 1
    guards.put_up(connection)


def kinds(report: Report) -> set[tuple[Kind, str]]:
    return {(finding.kind, finding.subject) for finding in report.findings}


def test_an_untouched_trail_is_clean(trail):
    report = verify()
    assert report.clean, report.as_dict()
    assert report.counts == {"entries": 15, "chains": 3, "personal_values": 0, "checkpoints": 1, "sealed": 12}
    assert report.first is None


@pytest.mark.parametrize(
    "fields",
    [
        {"body": {"value": "第1次", "n": 2}},
        {"actor": "系统 Systen"},
        {"actor_id": 7},
        {"why": "每月报送。"},
        {"at": datetime(2020, 1, 1, tzinfo=UTC)},
        {"loaded_at": datetime(2020, 1, 1, tzinfo=UTC)},
        {"verb": "record.deleted"},
        {"origin": "api"},
        {"previous": "0" * 64},
        {"hash": "1" * 64},
        {"body": {"value": 1.5}},
        {"body": []},
    ],
    ids=lambda fields: next(iter(fields)),
)
@pytest.mark.parametrize("index", [1, 4], ids=["sealed", "not sealed yet"])
def test_a_changed_field_is_found_and_the_entry_named(trail, fields, index):
    target = entry("record:1", index)
    change(target, **fields)
    report = verify()
    assert (Kind.ALTERED, f"record:1[{index}]") in kinds(report)
    assert (report.first.entry, report.first.subject) == (target.pk, f"record:1[{index}]")
    assert {finding.entry for finding in report.findings if finding.kind != Kind.HEAD} == {target.pk}


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL's jsonb has no blanks to change")
def test_even_a_blank_in_the_stored_text_is_found(trail):
    tamper("UPDATE ledger_entry SET body = replace(body, ':', ': ') WHERE chain = 'record:1' AND \"index\" = 2")
    assert kinds(verify()) == {(Kind.ALTERED, "record:1[2]")}


def test_the_last_entry_removed_is_missed_by_its_head(trail):
    tamper("DELETE FROM ledger_entry WHERE chain = 'record:2' AND \"index\" = 4")
    report = verify()
    assert kinds(report) == {(Kind.MISSING, "record:2[4]")}


def test_the_last_entry_removed_with_its_head_set_back_is_missed_by_the_seal(trail):
    gone = entry("record:2", 3)
    tamper("DELETE FROM ledger_entry WHERE chain = 'record:2' AND \"index\" >= 3")
    before = entry("record:2", 2)
    Head.objects.filter(chain="record:2").update(length=3, hash=before.hash)
    report = verify()
    assert kinds(report) == {(Kind.MISSING, f"entry {gone.pk}")}
    assert report.first.entry == gone.pk


def test_an_entry_removed_from_the_middle_is_named(trail):
    tamper("DELETE FROM ledger_entry WHERE chain = 'record:0' AND \"index\" = 1")
    assert (Kind.MISSING, "record:0[1]") in kinds(verify())


def test_the_first_entry_of_a_chain_removed_is_named(trail):
    tamper("DELETE FROM ledger_entry WHERE chain = 'record:0' AND \"index\" = 0")
    report = verify()
    assert (Kind.MISSING, "record:0[0]") in kinds(report)
    assert report.first.kind == Kind.MISSING


def test_a_whole_chain_removed_is_missed_by_its_head_and_by_the_seal(trail):
    ids = set(Entry.objects.of("record:1").filter(index__lt=4).values_list("id", flat=True))
    tamper("DELETE FROM ledger_entry WHERE chain = 'record:1'")
    assert (Kind.MISSING, "record:1[4]") in kinds(verify())
    Head.objects.filter(chain="record:1").delete()
    report = verify()
    assert {finding.entry for finding in report.findings} == ids
    assert {finding.kind for finding in report.findings} == {Kind.MISSING}


def test_two_bodies_swapped_are_both_named(trail):
    one, two = entry("record:0", 1), entry("record:1", 2)
    change(one, body=two.body)
    change(two, body=one.body)
    assert kinds(verify()) == {(Kind.ALTERED, "record:0[1]"), (Kind.ALTERED, "record:1[2]")}


def test_two_ids_swapped_are_both_named(trail):
    one, two = entry("record:0", 1), entry("record:1", 2)
    for old, new in [(one.pk, -1), (two.pk, one.pk), (-1, two.pk)]:
        tamper("UPDATE ledger_entry SET id = %s WHERE id = %s", new, old)
    report = verify()
    assert {(Kind.MOVED, "record:0[1]"), (Kind.MOVED, "record:1[2]")} <= kinds(report)
    assert report.first.entry == one.pk


def test_two_places_in_a_chain_swapped_are_both_named(trail):
    one, two = entry("record:0", 1), entry("record:0", 2)
    for old, new in [(1, 99), (2, 1), (99, 2)]:
        tamper('UPDATE ledger_entry SET "index" = %s WHERE chain = \'record:0\' AND "index" = %s', new, old)
    report = verify()
    assert {finding.entry for finding in report.findings} >= {one.pk, two.pk}
    assert report.first.entry == one.pk


def test_an_entry_replaced_with_its_hash_made_to_fit_breaks_the_link_and_the_seal(trail):
    target = entry("record:0", 2)
    rewritten = entry_hash(
        target.chain, 2, moment(target.at), None, None, target.actor, target.verb, '{"value":"别的"}', target.why, "web",
        target.previous,
    )  # fmt: skip
    change(target, body={"value": "别的"}, hash=rewritten)
    if connection.vendor == "sqlite":  # as Banjie writes it
        tamper("UPDATE ledger_entry SET body = %s WHERE id = %s", '{"value":"别的"}', target.pk)
    report = verify()
    assert kinds(report) == {(Kind.ALTERED, "record:0[2]"), (Kind.UNLINKED, "record:0[3]")}
    assert report.first.subject == "record:0[2]"


def test_an_entry_added_from_outside_is_named(trail):
    last = entry("record:0", 4)
    forged = Entry.objects.create(
        chain="record:0", index=5, at=clock.now(), actor="我", verb="x", body={}, origin="", previous=last.hash, hash="2" * 64
    )
    report = verify()
    assert (Kind.ADDED, "record:0[5]") in kinds(report)
    assert report.first.entry == forged.pk


def test_an_altered_head_is_found(trail):
    Head.objects.filter(chain="record:0").update(hash="3" * 64)
    assert kinds(verify()) == {(Kind.HEAD, "record:0")}


def test_a_head_that_claims_more_is_found(trail):
    Head.objects.filter(chain="record:0").update(length=9)
    assert kinds(verify()) == {(Kind.MISSING, "record:0[8]")}


def test_a_removed_head_is_found(trail):
    Head.objects.filter(chain="record:0").delete()
    assert (Kind.ADDED, "record:0[0]") in kinds(verify())


@pytest.mark.parametrize(
    ("column", "value"),
    [("root", "4" * 64), ("size", 11), ("watermark", "0"), ("previous", "5" * 64), ("signature", "6" * 128), ("key", "zz")],
)
def test_an_altered_checkpoint_is_found(trail, column, value):
    tamper(f"UPDATE ledger_checkpoint SET {column} = %s", value)
    assert (Kind.SIGNATURE, "checkpoint 1") in kinds(verify())


def test_a_checkpoint_signed_anew_with_a_key_of_ones_own_is_not_trusted(trail, tmp_path):
    own = signing.key(tmp_path / "elsewhere" / "my.key")
    found = Checkpoint.objects.get()
    found.key = own.public
    from_me = own.sign(json.dumps({}).encode())
    tamper("UPDATE ledger_checkpoint SET key = %s, signature = %s", own.public, from_me)
    assert kinds(verify()) == {(Kind.SIGNATURE, "checkpoint 1")}


def test_a_removed_checkpoint_is_found(trail):
    checkpoint()
    tamper("DELETE FROM ledger_checkpoint WHERE number = 1")
    assert (Kind.CHECKPOINT, "checkpoint 1") in kinds(verify())


def test_a_removed_last_checkpoint_leaves_its_blocks_behind(trail):
    checkpoint()
    tamper("DELETE FROM ledger_checkpoint WHERE number = 2")
    assert kinds(verify()) == {(Kind.CHECKPOINT, "leaf 12"), (Kind.CHECKPOINT, "checkpoint 2")}


def test_the_last_checkpoint_removed_with_the_blocks_it_sealed_is_missed_by_the_note_beside_the_keys(trail):
    """Nothing in the database tells of it any more."""
    checkpoint()
    tamper("DELETE FROM ledger_checkpoint WHERE number = 2")
    tamper("DELETE FROM ledger_sealedblock WHERE start = 12")
    report = verify()
    assert kinds(report) == {(Kind.CHECKPOINT, "checkpoint 2")}
    assert "15 entries" in report.first.says.en


def test_all_checkpoints_removed_with_all_blocks_are_missed_too(trail):
    tamper("DELETE FROM ledger_checkpoint")
    tamper("DELETE FROM ledger_sealedblock")
    assert kinds(verify()) == {(Kind.CHECKPOINT, "checkpoint 1")}


def test_sealing_anew_does_not_cover_up_a_removed_checkpoint(trail):
    checkpoint()
    tamper("DELETE FROM ledger_checkpoint")
    tamper("DELETE FROM ledger_sealedblock")
    for number in range(3):
        with transaction.atomic():
            record_entry(chain=f"later:{number}", verb="x", body={}, by=None)
        assert checkpoint().number == number + 1
    report = verify()
    assert kinds(report) == {(Kind.CHECKPOINT, "checkpoint 2")}
    assert "has been replaced" in report.first.says.en


def test_a_damaged_note_beside_the_keys_is_told(trail):
    anchors.path().write_text("{}")
    assert kinds(verify()) == {(Kind.CHECKPOINT, "anchor")}


def test_after_restoring_a_backup_the_loss_is_told_in_the_trail_and_the_trail_verifies(trail):
    lost = checkpoint()
    tamper("DELETE FROM ledger_checkpoint WHERE number = 2")
    tamper("DELETE FROM ledger_sealedblock WHERE start = 12")
    tamper('DELETE FROM ledger_entry WHERE "index" > 3')
    Head.objects.update(length=4)
    for head in Head.objects.all():
        Head.objects.filter(pk=head.pk).update(hash=entry(head.chain, 3).hash)
    assert not verify().clean
    with pytest.raises(Invalid):
        accept_restored(by=None, why=" ")
    assert accept_restored(by=None, why="硬盘损坏，恢复 10 月 30 日的备份").number == 2
    report = verify()
    assert report.clean, report.as_dict()
    told = Entry.objects.get(chain="ledger")
    assert (told.verb, told.body["lost"]["checkpoint"], told.body["lost"]["root"]) == ("ledger.restored", 2, lost.root)


def test_what_is_not_sealed_yet_is_a_note_and_no_damage(trail):
    report = verify()
    assert report.clean
    assert ["3 entries were written after checkpoint 1" in note.en for note in report.notes] == [True]
    checkpoint()
    assert verify().notes == []


@pytest.mark.parametrize("index", [1, 4], ids=["sealed", "not sealed yet"])
def test_a_changed_transaction_number_is_found_and_the_entry_named(trail, index):
    """A reader that has read up to a mark would never see the entry, or see it twice."""
    target = entry("record:1", index)
    for number in (3, target.tx + 10**6):
        change(target, tx=number)
        assert kinds(verify()) == {(Kind.TRANSACTION, f"record:1[{index}]")}
    change(target, tx=target.tx)
    assert verify().clean


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has no transaction numbers to count anew")
def test_a_trail_that_moved_to_another_cluster_verifies_after_settling_in_once(trail):
    assert settle_in(by=None) is None
    here = watermarks.cluster()
    guards.take_down(connection)
    for found in Checkpoint.objects.all():  # as if it had been made elsewhere
        found.watermark = found.watermark.replace(here, "elsewhere")
        found.signature = signing.key(key_path()).sign(statement(found))
        found.save()
        anchors.replace(found)
    guards.put_up(connection)
    assert [note.en for note in verify().notes][:1] == [transaction_checks.NOT_SETTLED.en]
    late = datetime.now(UTC)
    made = settle_in(by=None)
    assert made.size == 16
    assert set(Entry.objects.exclude(verb="ledger.moved").values_list("tx", flat=True)) == {0}
    assert Entry.objects.get(verb="ledger.moved").at > late
    assert settle_in(by=None) is None
    report = verify()
    assert report.clean, report.as_dict()


def test_an_altered_seal_does_not_give_the_signed_root(trail):
    block = SealedBlock.objects.get()
    packed = bytearray(block.leaves)
    packed[50] ^= 1
    tamper("UPDATE ledger_sealedblock SET leaves = %s", bytes(packed))
    assert (Kind.CHECKPOINT, "checkpoint 1") in kinds(verify())


def test_signatures_of_a_replaced_key_stay_valid(trail):
    signing.rotate(key_path())
    assert checkpoint().key != Checkpoint.objects.get(number=1).key
    assert verify().clean


def test_an_altered_personal_value_is_named(trail):
    with transaction.atomic():
        made = record_entry(
            chain="record:0", verb="x", body={}, by=None, personal={"leader_phone": {"before": None, "after": "13800000000"}}
        )
    assert verify().clean
    tamper("UPDATE ledger_personalvalue SET value = %s", '{"before":null,"after":"13900000000"}')
    assert kinds(verify()) == {(Kind.PERSONAL, "record:0[5]")}
    assert verify().first.entry == made.pk


def test_an_erased_personal_value_is_fine_if_an_entry_tells_of_it(trail):
    with transaction.atomic():
        made = record_entry(
            chain="record:0",
            verb="x",
            body={"a": "b"},
            by=None,
            personal={"phone": {"before": None, "after": "1"}, "name": {"before": None, "after": "张三"}},
        )
    erase(entry=made, paths=["phone"], by=None, why="依申请删除")
    report = verify()
    assert report.clean, report.as_dict()
    assert PersonalValue.objects.count() == 1
    PersonalValue.objects.filter(path="name").delete()
    assert kinds(verify()) == {(Kind.PERSONAL, "record:0[5]")}


def test_a_personal_value_added_from_outside_is_named(trail):
    PersonalValue.objects.create(entry=entry("record:0", 1), path="phone", salt=bytes(16), value={})
    assert kinds(verify()) == {(Kind.PERSONAL, "record:0[1]")}


def test_the_first_of_several_damages_is_the_earliest_entry(trail):
    later, earlier = entry("record:0", 3), entry("record:2", 1)
    change(later, why="x")
    change(earlier, why="x")
    assert verify().first.subject == "record:2[1]"


def test_an_entry_that_is_missing_is_named_before_its_personal_values(trail):
    with transaction.atomic():
        record_entry(chain="record:0", verb="x", body={}, by=None, personal={"phone": {"before": None, "after": "1"}})
        record_entry(chain="record:2", verb="x", body={}, by=None, personal={"phone": {"before": None, "after": "2"}})
    PersonalValue.objects.filter(entry=entry("record:2", 5)).delete()
    with allowed_orphans():
        tamper("DELETE FROM ledger_entry WHERE chain = 'record:0' AND \"index\" = 5")
        report = verify()
        tamper("DELETE FROM ledger_personalvalue")
    assert [finding.kind for finding in sorted(report.findings, key=lambda f: f.order)] == [
        Kind.MISSING, Kind.PERSONAL, Kind.PERSONAL,
    ]  # fmt: skip
    assert report.first.subject == "record:0[5]"


@contextmanager
def allowed_orphans():
    """Without references, as for whoever owns the database."""
    postgres = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica" if postgres else "PRAGMA foreign_keys = OFF")
        yield
        cursor.execute("SET session_replication_role = DEFAULT" if postgres else "PRAGMA foreign_keys = ON")


def test_findings_of_a_grave_kind_are_kept_however_many_others_there_are(trail):
    report = Report()
    for n in range(3 * KEPT):
        report.add(Finding(Kind.PERSONAL, f"record:{n}", Text("", "")))
    report.add(Finding(Kind.MISSING, "record:7", Text("", "")))
    assert (report.total, len(report.findings), report.first.subject) == (3 * KEPT + 1, KEPT + 1, "record:7")
