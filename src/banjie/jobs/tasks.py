"""The jobs that run by themselves. What is asked for by people (imports) is queued where it is asked for."""

from __future__ import annotations

from datetime import timedelta

from django.core.management import call_command
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from banjie.figures import store
from banjie.jobs.models import PeriodicRun
from banjie.ledger.actions import checkpoint
from banjie.lib import clock
from banjie.registers.files import sweep_orphans
from banjie.registers.import_runs import forget_old_runs

RESULTS_KEPT = timedelta(days=30)
EVERY_MINUTE = "banjie.jobs.sweeps."  # the jobs that run so often that a day of their results is enough


@task()
def seal_ledger() -> int | None:
    """Sign what the ledger holds. Returns the checkpoint's number."""
    made = checkpoint()
    return made.number if made else None


@task()
def maintain_figures() -> None:
    """Fold together the small files that the day's catch-ups left in the figures' store."""
    store.maintain()


@task()
def tidy_files() -> dict[str, int]:
    """Forget old imports, then the content that nothing refers to any more."""
    return {"imports": forget_old_runs(), "files": sweep_orphans()}


@task()
def tidy_jobs() -> dict[str, int]:
    """Forget the results of jobs, the periods that were queued, and sessions that have ended."""
    before = clock.really_now() - RESULTS_KEPT
    yesterday = clock.really_now() - timedelta(days=1)
    DBTaskResult.objects.finished().filter(finished_at__lt=yesterday, task_path__startswith=EVERY_MINUTE).delete()
    PeriodicRun.objects.filter(queued_at__lt=yesterday, period__contains=":").delete()
    results, _ = DBTaskResult.objects.finished().filter(finished_at__lt=before).delete()
    periods, _ = PeriodicRun.objects.filter(queued_at__lt=before).delete()
    call_command("clearsessions")
    return {"results": results, "periods": periods}
