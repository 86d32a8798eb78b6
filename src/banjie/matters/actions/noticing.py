"""What people have seen of what they were told."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import F

from banjie.lib import clock
from banjie.matters.models import Notice
from banjie.people.models import Account


def mark_seen(notices: Collection[int] | None, *, by: Account) -> int:
    """Mark notices of the account as seen (None: all that were delivered). How many were not seen before. What is not theirs is
    passed over. No entry in the ledger: that somebody read a notice is no fact about the matter, and nobody is counted by it."""
    rows = Notice.objects.visible_to(by).delivered().filter(seen_at__isnull=True).order_by()
    if notices is not None:
        rows = rows.filter(pk__in=notices)
    return rows.update(seen_at=clock.now(), seen_by=by)


def put_away_closed() -> int:
    """Mark what was told of matters that are closed as seen when it was told: of a history that is loaded, nobody is to be told
    today. How many."""
    return Notice.objects.filter(matter__closed_at__isnull=False, seen_at=None).update(seen_at=F("created_at"))
