"""What the worker remembers: which periodic job has been queued for which period."""

from __future__ import annotations

from django.db import models


class PeriodicRun(models.Model):
    """A periodic job was queued for one period (an hour, a day). The constraint lets only one worker do so."""

    job = models.CharField(max_length=60)
    period = models.CharField(max_length=20)  # "2021-10-31" or "2021-10-31T16", local time
    queued_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "period"], name="periodic_run_once")]

    def __str__(self) -> str:
        return f"{self.job} {self.period}"
