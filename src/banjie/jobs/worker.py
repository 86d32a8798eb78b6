"""The worker: runs queued jobs one after another, queues the periodic ones, and takes up what a killed worker left."""

from __future__ import annotations

import logging
import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Event

from django.db import OperationalError, close_old_connections, transaction
from django_tasks.base import TaskResultStatus
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult
from filelock import FileLock, Timeout

from banjie.jobs.heartbeat import beating, folder
from banjie.jobs.schedule import queue_due
from banjie.lib import clock
from banjie.registers.import_runs import give_up, run_import
from banjie.registers.statistics import optimize

logger = logging.getLogger("banjie.jobs")

INTERVAL = 1.0  # seconds between looks at an empty queue
SWEPT_EVERY = 30  # looks; then what is due and what was left behind are asked for again
ATTEMPTS_AT_MOST = 3  # a job that kills its worker is not tried for ever
LOST_AFTER = timedelta(hours=1)  # a job of a worker on another machine, whose lock cannot be asked


def run(stop: Event, *, interval: float = INTERVAL) -> None:
    """Work until ``stop`` is set; the job under way is finished first. Several workers may run at once."""
    with _alive() as worker_id:
        looks = 0
        while not stop.is_set():
            close_old_connections()
            try:
                if looks % SWEPT_EVERY == 0:
                    take_up_lost()
                    queue_due()
                busy = run_next(worker_id)
            except OperationalError:  # the database is locked or away for a moment: say so, and go on
                logger.exception("the database did not answer; trying again")
                busy = False
            if not busy:
                stop.wait(interval)
            looks += 1
        _close()


def _close() -> None:
    """What SQLite wants done before a long-lived connection closes; not at the price of a clean end."""
    try:
        optimize()
    except OperationalError:
        logger.warning("the statistics of the database were not renewed: it is busy")


def run_next(worker_id: str) -> bool:
    """Run one job of the queue. False where there is none."""
    worker = Worker(
        queue_names=["*"], interval=0, batch=True, backend_name="default", startup_delay=False, max_tasks=1,
        worker_id=worker_id, excluded_queue_names=[],
    )  # fmt: skip
    worker.run()
    return worker._run_tasks > 0


def take_up_lost() -> list[str]:
    """Put the jobs of workers that are gone back into the queue, or give them up after three attempts. Every job of ours
    can be run again: an import is marked done in the transaction that writes it."""
    taken = []
    for job in DBTaskResult.objects.running():
        worker_id = job.worker_ids[-1] if job.worker_ids else ""
        if not _is_gone(worker_id, job):
            continue
        with transaction.atomic():
            held = DBTaskResult.objects.select_for_update().filter(pk=job.pk, status=TaskResultStatus.RUNNING).first()
            if held is None or held.worker_ids != job.worker_ids:
                continue
            if len(held.worker_ids) < ATTEMPTS_AT_MOST:
                held.status = TaskResultStatus.READY
                held.save(update_fields=["status"])
            else:
                held.set_failed(RuntimeError(f"interrupted {len(held.worker_ids)} times"))
                if held.task_path == run_import.module_path:
                    give_up(held.args_kwargs["args"][0])
        logger.warning("job %s of worker %s was interrupted", job.task_path, worker_id)
        taken.append(str(job.pk))
    return taken


@contextmanager
def _alive() -> Iterator[str]:
    """A worker's name, and a locked file of that name as long as it lives: the kernel lets go of it at any death."""
    name = f"{socket.gethostname()[:30]}-{os.getpid()}-{secrets.token_hex(4)}"
    lock = FileLock(_lock_path(name), timeout=0)
    with lock, beating(_lock_path(name)):
        try:
            yield name
        finally:
            _lock_path(name).unlink(missing_ok=True)


def _lock_path(worker_id: str) -> Path:
    folder().mkdir(parents=True, exist_ok=True)
    return folder() / f"{worker_id}.lock"


def _is_gone(worker_id: str, job: DBTaskResult) -> bool:
    """Whether a job's worker is dead. On this machine its lock tells; of another machine's, only that it takes too long."""
    if not worker_id.startswith(f"{socket.gethostname()[:30]}-"):
        return job.started_at is None or job.started_at < clock.really_now() - LOST_AFTER
    path = _lock_path(worker_id)
    if not path.exists():
        return True
    try:
        with FileLock(path, timeout=0):
            path.unlink(missing_ok=True)
            return True
    except Timeout:
        return False
