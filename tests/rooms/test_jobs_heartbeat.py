"""Whether a worker is alive, and who is told when none is."""

from __future__ import annotations

import os
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.db import connection, connections

from banjie.jobs import heartbeat, tasks, worker
from banjie.lib import clock
from banjie.registers.models import ImportRun
from tests.doors import web_world
from tests.doors.web_world import World, as_person

SAYS = "后台任务进程没有在运行"


@pytest.fixture(autouse=True)
def data(settings: pytest.FixtureRequest, tmp_path: Path) -> Path:
    settings.DATA = tmp_path  # type: ignore[attr-defined]
    return tmp_path


def a_worker(data: Path, *, seconds_ago: float) -> Path:
    path = data / "workers" / "machine-1-abcd.lock"
    path.parent.mkdir(exist_ok=True)
    path.touch()
    moment = time.time() - seconds_ago
    os.utime(path, (moment, moment))
    return path


def test_where_no_worker_ever_ran_it_is_silent() -> None:
    assert heartbeat.is_silent()
    assert heartbeat.last_seen() is None


def test_a_killed_worker_is_silent_after_a_minute(data: Path) -> None:
    a_worker(data, seconds_ago=30)
    assert not heartbeat.is_silent()
    a_worker(data, seconds_ago=61)
    assert heartbeat.is_silent()


def test_it_beats_as_long_as_the_job_takes_and_no_longer(data: Path) -> None:
    path = a_worker(data, seconds_ago=3600)
    with heartbeat.beating(path, every=0.02):
        for _ in range(200):
            if not heartbeat.is_silent():
                break
            time.sleep(0.02)
        assert not heartbeat.is_silent()
    a_worker(data, seconds_ago=3600)
    time.sleep(0.1)
    assert heartbeat.is_silent()


@pytest.mark.django_db(transaction=True)
def test_a_working_worker_is_seen_and_one_that_ended_is_not() -> None:
    stop = threading.Event()
    thread = threading.Thread(target=lambda: (worker.run(stop, interval=0.02), connections.close_all()))
    thread.start()
    try:
        for _ in range(200):
            if heartbeat.last_seen():
                break
            time.sleep(0.02)
        assert not heartbeat.is_silent()
    finally:
        stop.set()
        thread.join(20)
    assert heartbeat.last_seen() is None


@pytest.mark.django_db
def test_whoever_may_configure_is_told_on_workbench_and_packs_and_nobody_else_is(data: Path) -> None:
    world = web_world.build()
    for address in ("/", "/packs/"):
        assert SAYS in as_person(world.admin).get(address).content.decode()
    assert SAYS not in as_person(world.admin).get("/registers/").content.decode()
    assert SAYS not in as_person(world.clerk).get("/").content.decode()
    a_worker(data, seconds_ago=1)
    assert SAYS not in as_person(world.admin).get("/").content.decode()


@pytest.mark.django_db
def test_the_page_of_a_waiting_import_says_what_it_waits_for(data: Path) -> None:
    world: World = web_world.build()
    ImportRun.objects.filter(pk=world.run.pk).update(state=ImportRun.WAITING)
    address = f"/imports/{world.run.pk}/"
    assert "等待后台任务进程" in as_person(world.clerk).get(address).content.decode()
    a_worker(data, seconds_ago=1)
    page = as_person(world.clerk).get(address).content.decode()
    assert "等待后台任务进程" not in page
    assert "等候处理" in page


@pytest.mark.django_db(transaction=True)
def test_who_logged_in_or_failed_to_is_forgotten_after_half_a_year() -> None:
    for kind, more in ((AccessLog, {}), (AccessAttempt, {"failures_since_start": 1}), (AccessFailureLog, {})):
        for days in (200, 100):
            made = kind.objects.create(username="clerk", ip_address="127.0.0.1", user_agent="x" * days, **more)
            kind.objects.filter(pk=made.pk).update(attempt_time=clock.really_now() - timedelta(days=days))
    assert tasks.tidy_jobs.call()["logins"] == 3
    assert [k.objects.count() for k in (AccessLog, AccessAttempt, AccessFailureLog)] == [1, 1, 1]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL renews its statistics by itself as well")
def test_the_database_knows_how_its_tables_are_filled_after_the_night() -> None:
    web_world.build()
    tasks.tidy_jobs.call()
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM sqlite_stat1 WHERE tbl = 'registers_record'")
        assert cursor.fetchone()[0] > 0
