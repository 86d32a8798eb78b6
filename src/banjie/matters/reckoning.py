"""Clocks that were reckoned with an estimated calendar, reckoned again when the official one is there.

The promise made at the start stays as it was; the due time moves to what the State Council's notice makes of it. Where it moves,
that is an entry of the matter's chain, and its owner is told.
"""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction

from banjie.lib.errors import NotFound, Refusal
from banjie.matters import entries
from banjie.matters.calendars import calendar_in_force
from banjie.matters.clocks import due_time
from banjie.matters.holding import Held, find
from banjie.matters.models import Clock
from banjie.matters.pausing import tell_dues
from banjie.matters.statements import update
from banjie.matters.stations import keep
from banjie.matters.telling import tell_owner
from banjie.matters.ticking import events_of, reckon, warn_of
from banjie.places.calendar import Calendar
from banjie.places.terms import parse_term

logger = logging.getLogger("banjie.matters")
RECKONED = ("calendar_version", "due_at", "estimated", "warn_at", "next_sweep_at")


def reckon_estimates() -> int:
    """Reckon again every clock that stands on an estimate which is one no longer. How many due times moved. Each matter in a
    transaction of its own: it can be broken off and run again."""
    with transaction.atomic():
        version = calendar_in_force().version
    rows = Clock.objects.of_estimates().exclude(calendar_version=version)
    moved = 0
    for pk in sorted(set(rows.values_list("matter", flat=True))):
        try:
            with transaction.atomic():
                moved += _matter(find(pk, by=None, lock=True))
        except NotFound:
            continue  # its record was removed meanwhile
        except Refusal:
            logger.exception("the estimates of matter %s cannot be reckoned again", pk)
    return moved


def _matter(held: Held) -> int:
    estimated = [c for c in held.standing_clocks() if c.estimated and c.calendar_version != held.calendar.version]
    past = events_of(estimated)
    changes: list[dict[str, object]] = []
    for clock in estimated:
        before = clock.due_at
        if due_time(past[clock.pk], parse_term(clock.term), held.calendar, at_least=clock.at_least).estimated:
            continue  # the year that it reaches is still an estimate
        _move(held, clock, past[clock.pk], held.calendar)
        if clock.due_at != before:
            changes.append(_said(clock, before))
    if changes:
        tell_dues(held)
        tell_owner(held, "due_moved", before=changes[0]["before"])
        keep(held)
        entries.record_step(held, entries.RECKON, why="", origin="job", detail={"clocks": changes})
    return len(changes)


def _move(held: Held, clock: Clock, past: list, calendar: Calendar) -> None:
    clock.calendar_version = calendar.version
    reckon(clock, past, calendar, warn=warn_of(held, clock))
    update(clock, RECKONED)
    held.said.changed(clock, *RECKONED)


def _said(clock: Clock, before: datetime | None) -> dict[str, object]:
    return {
        "stage": clock.stage, "task": clock.task.name if clock.task else None, "term": clock.term,
        "before": entries.moment(before), "due_at": entries.moment(clock.due_at), "calendar": clock.calendar_version,
    }  # fmt: skip
