"""The jobs that run by themselves. What is asked for by people (imports) is queued where it is asked for."""

from __future__ import annotations

from datetime import timedelta

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.core.management import call_command
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from banjie.figures import store
from banjie.jobs.models import PeriodicRun
from banjie.ledger.actions import checkpoint
from banjie.lib import clock
from banjie.registers.files import sweep_orphans
from banjie.registers.import_runs import forget_old_runs
from banjie.registers.statistics import refresh_statistics

RESULTS_KEPT = timedelta(days=30)
LOGINS_KEPT = timedelta(days=180)  # Cybersecurity Law art. 21: logs of the network are kept for six months at least
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
    """Forget the results of jobs, the periods that were queued, sessions that have ended, and who logged in or failed to: names
    and addresses are kept for as long as an inquiry may want them and no longer. What the database knows of its tables is renewed."""
    before = clock.really_now() - RESULTS_KEPT
    yesterday = clock.really_now() - timedelta(days=1)
    DBTaskResult.objects.finished().filter(finished_at__lt=yesterday, task_path__startswith=EVERY_MINUTE).delete()
    PeriodicRun.objects.filter(queued_at__lt=yesterday, period__contains=":").delete()
    results, _ = DBTaskResult.objects.finished().filter(finished_at__lt=before).delete()
    periods, _ = PeriodicRun.objects.filter(queued_at__lt=before).delete()
    call_command("clearsessions")
    logins, _ = AccessLog.objects.filter(attempt_time__lt=clock.really_now() - LOGINS_KEPT).delete()
    attempts, _ = AccessAttempt.objects.filter(attempt_time__lt=clock.really_now() - LOGINS_KEPT).delete()
    failures, _ = AccessFailureLog.objects.filter(attempt_time__lt=clock.really_now() - LOGINS_KEPT).delete()
    refresh_statistics()
    return {"results": results, "periods": periods, "logins": logins + attempts + failures}
