"""Issues that draft themselves when their day has come, and then wait for a person."""

from __future__ import annotations

import logging
from datetime import datetime

from banjie.bulletins.actions import DRAFT, keep
from banjie.bulletins.catalogue import bulletins_in_force
from banjie.bulletins.composing import compose
from banjie.bulletins.definition import Bulletin
from banjie.bulletins.models import Issue
from banjie.bulletins.periods import due_at, newest_over
from banjie.bulletins.publications import chain
from banjie.ledger.models import Entry
from banjie.lib.errors import Refusal
from banjie.lib.periods import Period
from banjie.people.scopes import top_areas
from banjie.places.models import Area

logger = logging.getLogger("banjie.bulletins")


def draft_due(now: datetime) -> list[str]:
    """Draft, as the system, the newest period of every scheduled bulletin that is over and due and was not drafted yet, by the worker
    or by a person. Asked again it does nothing, also where the draft was thrown away. A period in which nothing was recorded is left
    out. Returns what was drafted."""
    drafted = []
    for version, bulletin in bulletins_in_force():
        period = due(bulletin, now)
        for area in _areas(bulletin) if period else ():
            if period is None or _was_drafted(bulletin.name, area, period):
                continue
            try:
                composed = compose(bulletin, area=area, period=period, as_of=None, by=None)
                if not composed.tells_nothing:
                    drafted.append(str(keep(version, composed, by=None, origin="jobs")))
            except Refusal as refusal:  # one that cannot be drafted must not keep the others from it
                logger.warning("bulletin %s %s of %s was not drafted: %s", bulletin.name, period, area, type(refusal).__name__)
    return drafted


def due(bulletin: Bulletin, now: datetime) -> Period | None:
    """The newest period that is over, if its draft is due."""
    if bulletin.schedule is None:
        return None
    period = newest_over(now, bulletin.period)
    return period if due_at(period, bulletin.schedule) <= now else None


def _areas(bulletin: Bulletin) -> list[str]:
    """The area that the bulletin names, each of a level, or that of the whole installation where there is one."""
    if bulletin.schedule and bulletin.schedule.each:
        return list(
            Area.objects.filter(level=bulletin.schedule.each, valid_to=None).order_by("code").values_list("code", flat=True)
        )
    tops = top_areas()
    return [bulletin.area] if bulletin.area else list(tops) if len(tops) == 1 else []


def _was_drafted(name: str, area: str, period: Period) -> bool:
    if Issue.objects.of(name, area, str(period)).exists():
        return True
    return Entry.objects.of(chain(name)).filter(verb=DRAFT, body__area=area, body__period=str(period)).exists()
