"""The worker: imports asked for on screen, what runs by itself, and what a killed worker leaves behind."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
from django.db import IntegrityError, connection, connections, transaction
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult
from filelock import FileLock

from banjie.figures import store
from banjie.jobs import worker
from banjie.jobs.models import PeriodicRun
from banjie.jobs.schedule import SCHEDULE, every_minute, every_ten_minutes, queue_due
from banjie.ledger.models import Entry
from banjie.lib import clock
from banjie.lib.errors import NotFound, NotPermitted, Refusal
from banjie.people.models import Account
from banjie.people.verbs import Verb
from banjie.registers import import_runs
from banjie.registers.bulk import BadRows
from banjie.registers.import_runs import (
    ask_import,
    execute,
    forget_old_runs,
    import_for_real,
    run_of,
    runs_of,
    watch,
    write_problems,
)
from banjie.registers.importing import import_sheet
from banjie.registers.models import ImportRun, Record
from tests.rooms import county
from tests.rooms.sheets_made import HEADINGS, csv, good_row, xlsx

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def clerk() -> Account:
    county.areas()
    county.registers()
    return county.person("clerk", "431322102", county.CLERK)


@pytest.fixture(autouse=True)
def _own_places(settings: pytest.FixtureRequest, tmp_path: Path) -> Iterator[None]:
    settings.FILES_ROOT = tmp_path / "files"  # type: ignore[attr-defined]
    settings.DATA = tmp_path  # type: ignore[attr-defined]
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": tmp_path / "cache"}
    }  # type: ignore[attr-defined]
    yield
    store.close()  # a nightly job may have opened it


def test_a_sheet_is_checked_then_written_by_the_worker(clerk: Account) -> None:
    run = ask_import(xlsx(HEADINGS, good_row(1), good_row(2)), "projects", name="项目.xlsx", by=clerk)
    assert (run.state, run.dry_run, watch(run).percent) == ("waiting", True, 0)
    assert worker.run_next("w")
    run.refresh_from_db()
    assert (run.state, run.created, Record.objects.count()) == ("done", 2, 0)
    real = import_for_real(run, by=clerk)
    assert worker.run_next("w")
    assert not worker.run_next("w")
    real.refresh_from_db()
    assert (real.state, real.created, real.rows) == ("done", 2, 2)
    assert watch(real).ended
    assert Entry.objects.filter(verb="record.create").first().origin == f"import:{real.pk}"  # type: ignore[union-attr]
    assert [r.pk for r in runs_of(clerk)] == [real.pk, run.pk]


def test_bad_rows_are_kept_with_the_run_and_come_as_a_workbook(clerk: Account) -> None:
    run = ask_import(xlsx(HEADINGS, good_row(1, 产业="=航天"[1:])), "projects", name="a.xlsx", by=clerk, dry_run=False)
    worker.run_next("w")
    run.refresh_from_db()
    assert (run.state, run.created) == ("refused", 0)
    assert (run.problems[0]["row"], run.problems[0]["column"], run.problems[0]["value"]) == (2, "D", "航天")
    buffer = io.BytesIO()
    write_problems(run, buffer, "en")
    rows = list(openpyxl.load_workbook(buffer).active.iter_rows(values_only=True))
    assert rows[0] == ("Row", "Column", "Heading", "Value", "Reason")
    assert rows[1][:4] == (2, "D", "产业", "航天")


def test_a_file_that_is_no_sheet_ends_as_refused(clerk: Account) -> None:
    run = ask_import(b"%PDF-1.7 \x00\x01", "projects", name="a.xlsx", by=clerk)
    worker.run_next("w")
    run.refresh_from_db()
    assert (run.state, run.problems[0]["row"]) == ("refused", 0)
    with pytest.raises(Refusal):
        ask_import(b"MZ\x90", "projects", name="a.xlsx", by=clerk)


def test_a_fault_of_the_program_ends_as_failed(clerk: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    run = ask_import(xlsx(HEADINGS, good_row(1)), "projects", name="a.xlsx", by=clerk, dry_run=False)

    def broken(*args: object, **rest: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(import_runs, "import_sheet", broken)
    worker.run_next("w")
    run.refresh_from_db()
    assert run.state == "failed"
    assert DBTaskResult.objects.get().status == TaskResultStatus.FAILED


def test_importing_on_screen_takes_the_verb_and_runs_are_ones_own(clerk: Account) -> None:
    other = county.person("other", "431322102", [Verb.VIEW])
    with pytest.raises(NotPermitted):
        ask_import(xlsx(HEADINGS, good_row(1)), "projects", name="a.xlsx", by=other)
    assert not ImportRun.objects.exists()
    run = ask_import(xlsx(HEADINGS, good_row(1)), "projects", name="a.xlsx", by=clerk)
    with pytest.raises(NotFound):
        run_of(run.pk, by=other)


def test_a_run_that_ended_is_never_run_again(clerk: Account) -> None:
    run = ask_import(xlsx(HEADINGS, good_row(1)), "projects", name="a.xlsx", by=clerk, dry_run=False)
    assert execute(run.pk).state == "done"
    entries = Entry.objects.count()
    assert execute(run.pk).state == "done"
    assert Entry.objects.count() == entries


def test_progress_is_seen_from_outside_while_it_runs(clerk: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    run = ask_import(xlsx(HEADINGS, *[good_row(n) for n in range(50)]), "projects", name="a.xlsx", by=clerk, dry_run=False)
    monkeypatch.setattr(import_runs, "TOLD_EVERY", 0.0)
    seen: list[tuple[str, int]] = []
    real = import_runs._Telling.__call__

    def spied(self: import_runs._Telling, stage: str, done: int, of: int) -> None:
        real(self, stage, done, of)
        seen.append((import_runs.cache.get(self.key)["stage"], import_runs.cache.get(self.key)["done"]))

    monkeypatch.setattr(import_runs._Telling, "__call__", spied)
    execute(run.pk)
    assert ("checking", 50) in seen
    assert ("writing", 50) in seen


MINUTELY = [job.name for job in SCHEDULE if job.period in (every_minute, every_ten_minutes)]


def test_each_period_is_queued_once() -> None:
    with clock.simulated(datetime(2021, 10, 31, 1, 30, tzinfo=UTC)):  # 09:30 local
        assert set(queue_due()) == {job.name for job in SCHEDULE}
        assert queue_due() == []
    with clock.simulated(datetime(2021, 10, 31, 2, 0, tzinfo=UTC)):
        assert queue_due() == ["seal_ledger", "reckon_again", "draft_bulletins", *MINUTELY]
    with clock.simulated(datetime(2021, 10, 31, 16, 30, tzinfo=UTC)):  # half past midnight: the hour's job, not yet the night's
        assert queue_due() == ["seal_ledger", "reckon_again", "draft_bulletins", *MINUTELY]
    assert PeriodicRun.objects.get(job="tidy_files").period == "2021-10-31"
    with pytest.raises(IntegrityError), transaction.atomic():
        PeriodicRun.objects.create(job="tidy_files", period="2021-10-31", queued_at=clock.now())


def test_two_workers_queue_a_period_once_between_them() -> None:
    ready = threading.Barrier(2)
    queued: list[list[str]] = []

    def look() -> None:
        try:
            ready.wait()
            queued.append(queue_due(SCHEDULE[:1]))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=look) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(queued) == [[], ["seal_ledger"]]
    assert DBTaskResult.objects.count() == 1


def test_every_periodic_job_runs(clerk: Account) -> None:
    queue_due()
    while worker.run_next("w"):
        pass
    night = clock.now().astimezone(clock.LOCAL).hour >= 2
    done = DBTaskResult.objects.all()
    assert len(done) == (len(SCHEDULE) if night else len([j for j in SCHEDULE if j.period(clock.now().astimezone(clock.LOCAL))]))
    assert [(d.task_path, d.status, d.traceback) for d in done if d.status != TaskResultStatus.SUCCESSFUL] == []


def test_the_loop_works_until_it_is_told_to_stop(clerk: Account) -> None:
    ask_import(xlsx(HEADINGS, good_row(1)), "projects", name="a.xlsx", by=clerk, dry_run=False)
    stop = threading.Event()
    thread = threading.Thread(target=lambda: (worker.run(stop, interval=0.05), connections.close_all()))
    thread.start()
    try:
        for _ in range(200):
            if Record.objects.exists():
                break
            time.sleep(0.05)
    finally:
        stop.set()
        thread.join(20)
    assert not thread.is_alive()
    assert Record.objects.count() == 1


def lost_job(run: ImportRun, worker_id: str, attempts: int = 1) -> DBTaskResult:
    job: DBTaskResult = DBTaskResult.objects.get()
    job.status, job.worker_ids, job.started_at = TaskResultStatus.RUNNING, [worker_id] * attempts, clock.now()
    job.save()
    ImportRun.objects.filter(pk=run.pk).update(state="checking")
    return job


def test_the_job_of_a_dead_worker_is_run_again(clerk: Account) -> None:
    run = ask_import(xlsx(HEADINGS, good_row(1)), "projects", name="a.xlsx", by=clerk, dry_run=False)
    lost_job(run, f"{worker.socket.gethostname()[:30]}-1-abcd")
    assert not worker.run_next("w")
    assert len(worker.take_up_lost()) == 1
    assert worker.run_next("w")
    run.refresh_from_db()
    assert (run.state, run.created) == ("done", 1)


def test_the_job_of_a_living_worker_is_left_alone(clerk: Account) -> None:
    run = ask_import(xlsx(HEADINGS, good_row(1)), "projects", name="a.xlsx", by=clerk, dry_run=False)
    name = f"{worker.socket.gethostname()[:30]}-1-abcd"
    lost_job(run, name)
    with FileLock(worker._lock_path(name)):
        assert worker.take_up_lost() == []


def test_a_job_of_another_machine_is_lost_after_an_hour(clerk: Account) -> None:
    run = ask_import(xlsx(HEADINGS, good_row(1)), "projects", name="a.xlsx", by=clerk, dry_run=False)
    job = lost_job(run, "elsewhere-1-abcd")
    assert worker.take_up_lost() == []
    DBTaskResult.objects.filter(pk=job.pk).update(started_at=clock.now() - timedelta(hours=2))
    assert len(worker.take_up_lost()) == 1


def test_a_job_that_kills_its_worker_again_and_again_is_given_up(clerk: Account) -> None:
    run = ask_import(xlsx(HEADINGS, good_row(1)), "projects", name="a.xlsx", by=clerk, dry_run=False)
    lost_job(run, f"{worker.socket.gethostname()[:30]}-1-abcd", attempts=3)
    worker.take_up_lost()
    run.refresh_from_db()
    assert (run.state, DBTaskResult.objects.get().status) == ("failed", TaskResultStatus.FAILED)
    assert "nothing was written" in run.problems[0]["says"]["en"]


def test_old_runs_are_forgotten(clerk: Account) -> None:
    run = ask_import(xlsx(HEADINGS, good_row(1)), "projects", name="a.xlsx", by=clerk)
    execute(run.pk)
    assert forget_old_runs() == 0
    ImportRun.objects.update(ended_at=clock.now() - timedelta(days=31))
    assert forget_old_runs() == 1


def test_two_imports_of_the_same_rows_at_once_write_them_once(clerk: Account) -> None:
    sheet = csv(HEADINGS, *[good_row(n) for n in range(300)])
    ready = threading.Barrier(2)
    ended: list[object] = []

    def go() -> None:
        try:
            ready.wait()
            ended.append(import_sheet("projects", sheet, by=Account.objects.get(pk=clerk.pk)).created)
        except Refusal as refusal:
            ended.append(refusal)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=go) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Record.objects.count() == 300
    assert Entry.objects.filter(verb="record.create").count() == 300
    assert 300 in ended
    assert not any(isinstance(e, BadRows) for e in ended)


@pytest.mark.slow
def test_a_worker_killed_while_it_writes_leaves_nothing_and_the_next_one_finishes(clerk: Account, tmp_path: Path) -> None:
    if connection.vendor == "sqlite" and "memory" in str(connection.settings_dict["NAME"]):
        pytest.skip("another process cannot see a database in memory; see tests/doors/test_cli_import.py")
    rows = [good_row(n) for n in range(6000)]
    run = ask_import(csv(HEADINGS, *rows), "projects", name="a.csv", by=clerk, dry_run=False)
    program = textwrap.dedent(
        f"""
        import os, signal, django
        django.setup()
        from django.conf import settings
        from pathlib import Path
        settings.FILES_ROOT = Path({str(tmp_path / "files")!r}); settings.DATA = Path({str(tmp_path)!r})
        settings.DATABASES["default"]["NAME"] = {str(connection.settings_dict["NAME"])!r}
        from threading import Event
        from banjie.registers import import_runs
        from banjie.jobs import worker
        def die(self, stage, done, of):
            if stage == "writing":
                os.kill(os.getpid(), signal.SIGKILL)
        import_runs._Telling.__call__ = die
        worker.run(Event(), interval=0.1)
        """
    )
    process = subprocess.run([sys.executable, "-c", program], env=dict(os.environ), timeout=120, check=False)
    assert process.returncode == -signal.SIGKILL
    assert Record.objects.count() == 0
    run.refresh_from_db()
    assert run.state == "checking"
    assert len(worker.take_up_lost()) == 1
    assert worker.run_next("w")
    run.refresh_from_db()
    assert (run.state, run.created, Record.objects.count()) == ("done", 6000, 6000)
