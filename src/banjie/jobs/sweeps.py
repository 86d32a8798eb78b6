"""The jobs that keep time for matters: what clocks ask for, what is expected, what goes out."""

from __future__ import annotations

from dataclasses import asdict

from django_tasks import task

from banjie.bulletins.scheduling import draft_due
from banjie.jobs.sending import empty_outbox
from banjie.lib import clock
from banjie.matters.obligations.expecting import keep_obligations
from banjie.matters.reckoning import reckon_estimates
from banjie.matters.sweeping import sweep


@task()
def sweep_clocks() -> dict[str, int]:
    """Warnings, overdue notices and escalations of clocks."""
    swept = sweep(clock.now())
    return {"clocks": swept.clocks, "notices": swept.notices}


@task()
def keep_expected() -> dict[str, int]:
    """What obligations expect, what has arrived, what is missing, and whom to remind."""
    return asdict(keep_obligations(clock.now()))


@task()
def draft_bulletins() -> list[str]:
    """Issues whose day has come, for a person to read and publish. What was drafted."""
    return draft_due(clock.now())


@task()
def reckon_again() -> int:
    """Clocks on an estimated calendar, when the official one is there. How many due times moved."""
    return reckon_estimates()


@task()
def send_outbox() -> int:
    """Letters and events that wait. How many arrived."""
    return empty_outbox()
