"""The store of versions keeps step with the ledger, whatever happens in between."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from django.db import connection, transaction

from banjie.figures import absorbing, store, tables
from banjie.ledger import guards
from banjie.ledger.models import Entry
from banjie.lib import clock
from banjie.registers.actions import create, remove, update
from banjie.registers.definition import Register
from banjie.registers.installing import install_register
from tests.rooms.figures_world import COMMITTED, PROJECTS, YANGXI, at, build, change, field, parts, project, report, value

pytestmark = pytest.mark.django_db(transaction=COMMITTED)


@pytest.fixture(autouse=True)
def _world(request: pytest.FixtureRequest) -> None:
    build()


def versions(register: str = "projects") -> list[tuple[Any, ...]]:
    with store.reading() as reading:
        return reading.cursor.execute(
            f"SELECT _key, _version, _entry, _from, _to < {tables.FOREVER} FROM {tables.table(register)} ORDER BY _record, _version"
        ).fetchall()


def closings() -> int:
    with store.reading() as reading:
        return int(reading.cursor.execute(f"SELECT count(*) FROM {tables.CLOSINGS}").fetchall()[0][0])


def test_personal_values_never_enter() -> None:
    project("A", leader="张三")
    with store.reading() as reading:
        names = [row[0] for row in reading.cursor.execute(f"DESCRIBE {tables.table('projects')}").fetchall()]
    assert "planned" in names
    assert "leader" not in names


def test_every_state_of_a_record_is_one_version() -> None:
    a = project("A", planned="1", on="2021-01-01 09:00")
    assert value("projects.planned", "2021") == 1
    a = change(a, "2021-02-01 09:00", planned="2")
    a = change(a, "2021-03-01 09:00", planned="3")
    assert value("projects.planned", "2021") == 3
    assert [(key, n) for key, n, *_ in versions()] == [("A", 1), ("A", 2), ("A", 3)]
    assert [value("projects.planned", "2021", as_of=at(f"2021-0{m}-15 00:00")) for m in (1, 2, 3)] == [1, 2, 3]


def test_few_closings_lie_beside_and_are_folded_into_the_table() -> None:
    a = project("A", planned="1")
    store.catch_up()
    change(a, "2021-02-01 09:00", planned="2")
    assert closings() == 1
    asked = [value("projects.planned", "2021", as_of=moment) for moment in (None, at("2021-01-15 00:00"))]
    store.maintain()
    assert closings() == 0
    assert [value("projects.planned", "2021", as_of=moment) for moment in (None, at("2021-01-15 00:00"))] == asked == [2, 1]


def test_many_closings_go_into_the_table_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(absorbing, "FEW_CLOSINGS", 0)
    a = project("A", planned="1")
    store.catch_up()
    change(a, "2021-02-01 09:00", planned="2")
    assert value("projects.planned", "2021") == 2
    assert closings() == 0
    assert [closed for *_, closed in versions()] == [True, False]


def test_a_clock_that_ran_backwards_leaves_one_answer_for_each_moment() -> None:
    a = project("A", planned="1", on="2021-01-01 09:00")
    a = change(a, "2021-06-01 09:00", planned="2")
    store.catch_up()
    change(a, "2021-03-01 09:00", planned="3")  # a server whose clock was three months behind
    assert value("projects.count", "2021", as_of=at("2021-07-01 00:00")) == 1
    assert value("projects.planned", "2021", as_of=at("2021-04-01 00:00")) == 3
    assert value("projects.planned", "2021", as_of=at("2021-02-01 00:00")) == 1


def test_the_lake_can_be_made_again_from_the_ledger() -> None:
    project("A", planned="1")
    report("A", "2021-10", "7")
    before = (parts("projects.planned", "2021", by="town"), value("projects.invested", "2021"), versions())
    store.rebuild()
    assert (parts("projects.planned", "2021", by="town"), value("projects.invested", "2021"), versions()) == before


def test_a_lake_that_was_lost_is_made_again() -> None:
    project("A", planned="1")
    assert value("projects.planned", "2021") == 1
    store.reset()
    assert value("projects.planned", "2021") == 1


def test_a_lake_that_knows_more_than_the_ledger_is_made_again() -> None:
    """A backup of the database was restored; the lake had gone on. Its last entry is not the ledger's."""
    project("A", planned="1")
    b = project("B", planned="2")
    assert value("projects.planned", "2021") == 3
    guards.take_down(connection)
    Entry.objects.filter(chain=b.chain).delete()
    assert value("projects.planned", "2021") == 1
    guards.put_up(connection)


def test_other_entries_under_the_same_ids_are_noticed() -> None:
    project("A", planned="1")
    assert value("projects.planned", "2021") == 1
    guards.take_down(connection)
    last = Entry.objects.latest("id")
    Entry.objects.filter(pk=last.pk).update(hash="f" * 64, body={**last.body, "data": {**last.body["data"], "planned": "5"}})
    assert value("projects.planned", "2021") == 5
    guards.put_up(connection)


@pytest.mark.skipif(COMMITTED, reason="on PostgreSQL the store refuses to read in a transaction that has written")
def test_what_was_rolled_back_does_not_stay() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():  # noqa: PT012 - the whole block is what is rolled back
        project("A", planned="1")
        assert value("projects.planned", "2021") == 1
        raise ZeroDivisionError
    assert value("projects.planned", "2021") is None
    project("B", planned="2")
    assert value("projects.planned", "2021") == 2


def test_a_new_field_gets_its_column() -> None:
    project("A", planned="1")
    assert value("projects.planned", "2021") == 1
    wider = {**PROJECTS, "fields": [*PROJECTS["fields"], field("workers", "integer")]}  # type: ignore[list-item]
    install_register(Register.load(wider), pack="test", by=None)
    project("B", planned="2", workers=30)
    assert value("projects.planned", "2021") == 3
    with store.reading() as reading:
        rows = reading.cursor.execute(f"SELECT _key, workers FROM {tables.table('projects')} ORDER BY _key").fetchall()
    assert rows == [("A", None), ("B", 30)]


def test_a_field_that_changes_its_type_has_the_lake_made_again() -> None:
    project("A", planned="1")
    assert value("projects.planned", "2021") == 1
    fields = [field("listed", "integer") if f["name"] == "listed" else f for f in PROJECTS["fields"]]  # type: ignore[index]
    install_register(Register.load({**PROJECTS, "fields": fields}), pack="test", by=None)
    project("B", planned="2", listed=7)
    assert value("projects.planned", "2021") == 3
    with store.reading() as reading:
        assert reading.cursor.execute(f"SELECT max(listed) FROM {tables.table('projects')}").fetchall() == [(7,)]


def test_a_field_that_becomes_personal_leaves_the_lake() -> None:
    project("A", planned="1")
    store.catch_up()
    fields = [field("visited_at", "datetime", personal=True) if f["name"] == "visited_at" else f for f in PROJECTS["fields"]]  # type: ignore[index]
    shape = tables.columns(Register.load({**PROJECTS, "fields": fields}))
    assert "visited_at" not in shape


def test_a_catch_up_that_dies_half_way_has_done_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    project("A", planned="1")
    store.catch_up()
    project("B", planned="2")

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(absorbing, "write_mark", die)
        with pytest.raises(KeyboardInterrupt):
            store.catch_up()
    assert value("projects.planned", "2021") == 3
    assert [key for key, *_ in versions()] == ["A", "B"]


def test_nothing_outside_the_lake_can_be_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    with store.reading() as reading:
        cursor = reading.cursor
        for attempt in (
            f"SELECT * FROM '{secret}'",
            f"ATTACH '{tmp_path}/x.db'",
            "SET enable_external_access = true",
            "INSTALL httpfs",
        ):
            with pytest.raises(duckdb.Error):
                cursor.execute(attempt)
            cursor.execute("ROLLBACK")
            cursor.execute("BEGIN")


def test_threads_ask_at_once() -> None:
    """One engine in the process, a cursor for each asker, inside one another here."""
    project("A", planned="1")
    with store.reading() as first, store.reading() as second:
        assert first.cursor is not second.cursor
        for reading in (first, second):
            assert reading.cursor.execute(f"SELECT count(*) FROM {tables.table('projects')}").fetchall() == [(1,)]


def test_an_unchanged_ledger_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    project("A", planned="1")
    store.catch_up()
    monkeypatch.setattr(store, "advance", lambda *_: pytest.fail("read again"))
    assert value("projects.planned", "2021") == 1


def test_removal_of_a_child_does_not_touch_the_parent() -> None:
    project("A", planned="1")
    r = report("A", "2021-10", "7")
    remove(r.pk, version=1, by=None)
    assert value("projects.invested", "2021") is None
    assert value("projects.count", "2021") == 1


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite gives ids in the order of commits")
def test_an_entry_with_a_lower_id_that_is_committed_later_is_not_missed() -> None:
    """Two transactions: the first writes, the second writes and commits, the store catches up, the first commits."""
    script = """
        import os, sys, django
        django.setup()
        from django.db import transaction
        from banjie.registers.actions import create
        with transaction.atomic():
            create("projects", {"code": "EARLY", "town": "%s", "plan_year": 2021, "planned": "1"}, by=None)
            print("written", flush=True)
            sys.stdin.readline()
    """
    environment = {**os.environ, "BANJIE_DATABASE": _address()}
    code = textwrap.dedent(script % YANGXI)
    with subprocess.Popen(
        [sys.executable, "-c", code], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline() == "written\n"
        late = create("projects", {"code": "LATE", "town": YANGXI, "plan_year": 2021, "planned": "2"}, by=None)
        assert value("projects.planned", "2021") == 2
        other.stdin.write("\n")
        other.stdin.close()
        assert other.wait(20) == 0
    early = Entry.objects.get(chain__startswith="record:", body__key="EARLY")
    assert early.pk < Entry.objects.get(chain=late.chain).pk
    assert value("projects.planned", "2021") == 3


def _address() -> str:
    s = connection.settings_dict
    return f"postgresql://{s['USER']}:{s['PASSWORD']}@/{s['NAME']}?host={s['HOST']}" if not s["PORT"] else (
        f"postgresql://{s['USER']}:{s['PASSWORD']}@{s['HOST'] or 'localhost'}:{s['PORT']}/{s['NAME']}"
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.skipif(connection.vendor != "sqlite", reason="one installation in a folder is enough to be killed")
def test_killed_in_the_middle_of_a_catch_up_it_has_done_all_or_nothing(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "BANJIE_DATA": str(tmp_path),
        "BANJIE_DATABASE": "",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    prepare = """
        import django; django.setup()
        from django.core.management import call_command
        call_command("migrate", verbosity=0)
        from tests.rooms.figures_world import build, YANGXI
        from banjie.registers.bulk import write_many
        build()
        write_many("projects", [{"code": f"P{i:05}", "town": YANGXI, "plan_year": 2021, "planned": "1"} for i in range(6000)], by=None, origin="test")
    """
    ask_ = """
        import django; django.setup()
        from banjie.figures.answers import answer
        print(answer("projects.planned", account=None, period="2021").value.normalize().to_eng_string())
    """

    def run(code: str) -> subprocess.Popen[str]:
        return subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], env=environment, stdout=subprocess.PIPE, text=True)

    with run(prepare) as prepared:
        assert prepared.wait(120) == 0
    for delay in (0.9, 1.1, 1.3):
        with run(ask_) as victim:
            try:
                victim.wait(delay)
            except subprocess.TimeoutExpired:
                victim.send_signal(signal.SIGKILL)
    with run(ask_) as survivor:
        said, _ = survivor.communicate(timeout=60)
    assert survivor.returncode == 0
    assert int(float(said)) == 6000


def test_as_of_now_counts_what_another_machine_dated_a_second_ahead() -> None:
    with clock.simulated(clock.now() + timedelta(seconds=1)):
        a = create("projects", {"code": "A", "town": YANGXI, "plan_year": 2021, "planned": "1"}, by=None)
        update(a, {"planned": "2"}, version=1, by=None)
    assert value("projects.planned", "2021") == 2
