"""What one's posts have to hand in period by period and have not yet, as lines with the place where it is entered."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse

from banjie.lib.clock import now
from banjie.lib.text import Text
from banjie.matters.models import Expected
from banjie.matters.obligations.definition import Obligation
from banjie.people.models import Account
from banjie.people.scopes import scope_of
from banjie.people.verbs import Verb
from banjie.places.calendars import official_calendar
from banjie.web.matter_words import Remaining, remaining


@dataclass(frozen=True)
class Owed:
    """One item. ``act``: where what is missing is entered; empty where the account may not. ``more``: how many are still wanted.
    ``waive``: the form in which a supervisor lets it go."""

    item: Expected
    title: Text
    of: str
    remaining: Remaining
    more: int
    act: str
    waive: str


def owed_items(account: Account, size: int) -> list[Owed]:
    """The items that are up to the account's posts, what is due first comes first."""
    rows = Expected.objects.mine(account).select_related("record", "definition")[:size]
    return lines(account, rows)


def missing_items(account: Account, size: int) -> list[Owed]:
    """What is past its day where the account supervises, and is not its own to hand in."""
    rows = (
        Expected.objects.visible_to(account, Verb.SUPERVISE).missing().exclude(pk__in=Expected.objects.mine(account).order_by())
    )
    return lines(account, rows.select_related("record", "definition")[:size])


def lines(account: Account, rows: QuerySet[Expected]) -> list[Owed]:
    """The lines for these items."""
    found = list(rows)
    if not found:
        return []
    at, calendar, scope = now(), official_calendar(), scope_of(account)
    shown = []
    for item in found:
        obligation = Obligation.load(item.definition.mapping)
        act = waive = ""
        if obligation.register_name in scope.registers(Verb.CREATE):
            given = {obligation.by: item.of_key, obligation.period: item.period}
            act = f"{reverse('record-new', args=[obligation.register_name])}?{urlencode(given)}"
        if scope.may(Verb.SUPERVISE, obligation.register_name, item.record.area_id):
            waive = reverse("expected-waive", args=[item.pk])
        left = remaining(item.due_at, at, calendar=calendar)
        more = max(1, obligation.at_least - item.arrived)
        shown.append(Owed(item, obligation.title, str(item.record.data["owes"]), left, more, act, waive))
    return shown
