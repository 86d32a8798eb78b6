"""Which jobs run by themselves, and when. This list is all there is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django_tasks.base import Task

from banjie.jobs.models import PeriodicRun
from banjie.jobs.sweeps import draft_bulletins, keep_expected, reckon_again, send_outbox, sweep_clocks
from banjie.jobs.tasks import maintain_figures, seal_ledger, tidy_files, tidy_jobs
from banjie.lib import clock
from banjie.lib.clock import LOCAL

Period = Callable[[datetime], str | None]  # local time → the period that is due, or None


def every_minute(now: datetime) -> str:
    return f"{now:%Y-%m-%dT%H:%M}"


def every_ten_minutes(now: datetime) -> str:
    return f"{now:%Y-%m-%dT%H}:{now.minute // 10}0"


def hourly(now: datetime) -> str:
    return f"{now:%Y-%m-%dT%H}"


def nightly(hour: int) -> Period:
    """Once a day, from this hour on: a machine that was off at night does it in the morning."""
    return lambda now: f"{now:%Y-%m-%d}" if now.hour >= hour else None


@dataclass(frozen=True)
class Periodic:
    """A job and its period."""

    name: str
    task: Task[[], Any]
    period: Period


SCHEDULE = (
    Periodic("seal_ledger", seal_ledger, hourly),
    Periodic("maintain_figures", maintain_figures, nightly(1)),
    Periodic("tidy_files", tidy_files, nightly(2)),
    Periodic("tidy_jobs", tidy_jobs, nightly(2)),
    Periodic("reckon_again", reckon_again, hourly),
    Periodic("draft_bulletins", draft_bulletins, hourly),
    Periodic("sweep_clocks", sweep_clocks, every_minute),
    Periodic("send_outbox", send_outbox, every_minute),
    Periodic("keep_expected", keep_expected, every_ten_minutes),
)


def queue_due(schedule: tuple[Periodic, ...] = SCHEDULE) -> list[str]:
    """Queue what is due and has not been queued for its period, by this worker or another. Returns the names."""
    now = clock.now().astimezone(LOCAL)
    due = [(job, period) for job in schedule if (period := job.period(now)) is not None]
    there = set(PeriodicRun.objects.filter(period__in=[p for _, p in due]).values_list("job", "period"))
    return [job.name for job, period in due if (job.name, period) not in there and _queue(job, period)]


def _queue(job: Periodic, period: str) -> bool:
    """The row and the queued job in one transaction: whoever loses the race to the row queues nothing."""
    try:
        with transaction.atomic():
            PeriodicRun.objects.create(job=job.name, period=period, queued_at=clock.now())
            job.task.enqueue()
    except IntegrityError:
        return False
    return True
