"""What goes out: a notice becomes deliveries, and each is tried until it has arrived. No sending here: see ``jobs``.

At least once: a delivery is taken with a lease, sent, and marked. A worker that dies in between leaves it to the next one when
the lease ends; the event's id is the same, so the receiver can tell. In order for each matter: an endpoint is given the earliest
waiting event of a matter and no later one, and the events of other matters do not wait for it.

Back-off after a refusal (an answer that is no 2xx): 1 minute, 5, 15, 1 hour, 3, 6, then every 12 hours, for ever: an endpoint that
is down loses nothing until it is retired. Where there is no answer at all, the whole endpoint is left alone, for an hour at most.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from banjie.lib.clock import today
from banjie.matters.models import Delivery, Endpoint, Notice
from banjie.people.models import Appointment

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
BACK_OFF = (MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR)
LONGEST_PAUSE = HOUR
LETTERS_TRIED = 16  # some five days; a letter that no server takes is dropped then
BATCH = 200
TAKEN = 20  # deliveries taken at a time; at 15 seconds each they end before the lease
LEASE = 10 * MINUTE


def post(now: datetime, *, by_mail: bool) -> int:
    """Make out the deliveries of every notice whose time has come. How many notices; each is made out once."""
    done = 0
    while True:
        with transaction.atomic():
            due = Notice.objects.filter(posted_at=None, deliver_at__lte=now).order_by("deliver_at", "pk")
            notices = list(due.select_for_update(skip_locked=True)[:BATCH])
            if not notices:
                return done
            found = [*_events(notices, now), *(_letters(notices, now) if by_mail else [])]
            Delivery.objects.bulk_create(found, ignore_conflicts=True)
            Notice.objects.filter(pk__in=[n.pk for n in notices]).update(posted_at=now)
        done += len(notices)


def take_letters(now: datetime) -> list[Delivery]:
    """Letters to send now, leased to the caller."""
    return _take(Q(endpoint=None), now)


def take_events(endpoint: Endpoint, now: datetime) -> list[Delivery]:
    """The earliest waiting event of each matter for an endpoint, leased to the caller."""
    earlier = Delivery.objects.filter(
        endpoint=OuterRef("endpoint"), matter=OuterRef("matter"), notice__lt=OuterRef("notice"), next_at__isnull=False
    )
    unposted = Notice.objects.filter(matter=OuterRef("matter"), pk__lt=OuterRef("notice"), posted_at=None, deliver_at__lte=now)
    return _take(Q(endpoint=endpoint) & ~Exists(earlier) & ~Exists(unposted), now)


def endpoints_to_try(now: datetime) -> list[Endpoint]:
    """The endpoints that are in use and not left alone for a while."""
    free = Q(paused_until=None) | Q(paused_until__lte=now)
    return list(Endpoint.objects.filter(free, retired_at=None).order_by("pk"))


def arrived(delivery: Delivery, now: datetime) -> None:
    """It was taken in by the receiver."""
    with transaction.atomic():
        _settle(delivery, state=Delivery.SENT, next_at=None, sent_at=now, failure="")
        if delivery.endpoint_id:
            Endpoint.objects.filter(pk=delivery.endpoint_id, failures__gt=0).update(failures=0, paused_until=None)


def refused(delivery: Delivery, failure: str, now: datetime) -> None:
    """The receiver answered, and did not take it in."""
    if delivery.account_id and delivery.attempts >= LETTERS_TRIED:
        _settle(delivery, state=Delivery.DROPPED, next_at=None, failure=failure[:300])
    else:
        _settle(delivery, next_at=now + back_off(delivery.attempts), failure=failure[:300])


def unanswered(deliveries: Sequence[Delivery], failure: str, now: datetime) -> None:
    """Nobody answered for the first of these; the others, taken with it, were not tried. All of them wait."""
    first, *rest = deliveries
    with transaction.atomic():
        pause = min(back_off(first.attempts), LONGEST_PAUSE)
        if first.endpoint_id:
            endpoint = Endpoint.objects.select_for_update().get(pk=first.endpoint_id)
            endpoint.failures += 1
            pause = min(back_off(endpoint.failures), LONGEST_PAUSE)
            endpoint.paused_until = now + pause
            endpoint.save(update_fields=["failures", "paused_until"])
        _settle(first, next_at=now + pause, failure=failure[:300])
        for delivery in rest:
            _settle(delivery, next_at=now + pause, attempts=delivery.attempts - 1)


def back_off(attempts: int) -> timedelta:
    """How long to wait after so many attempts."""
    return BACK_OFF[min(max(attempts, 1), len(BACK_OFF)) - 1]


def _take(wanted: Q, now: datetime) -> list[Delivery]:
    with transaction.atomic():
        rows = Delivery.objects.filter(wanted, next_at__lte=now).order_by("next_at", "notice", "pk")
        found = list(
            rows.select_for_update(skip_locked=True, of=("self",)).select_related("notice", "account", "endpoint")[:TAKEN]
        )
        for delivery in found:
            delivery.attempts += 1
            delivery.next_at = now + LEASE
            delivery.save(update_fields=["attempts", "next_at"])
    return found


def _settle(delivery: Delivery, **values: object) -> None:
    """Write what came of an attempt, unless the delivery was dropped meanwhile with its endpoint."""
    Delivery.objects.filter(pk=delivery.pk, state=Delivery.WAITING).update(**values)


def _events(notices: Sequence[Notice], now: datetime) -> list[Delivery]:
    endpoints = Endpoint.objects.filter(retired_at=None).order_by("pk")
    return [
        Delivery(notice=notice, matter_id=notice.matter_id, endpoint=endpoint, next_at=now)
        for endpoint in endpoints
        for notice in notices
        if not endpoint.kinds or notice.kind in endpoint.kinds
    ]


def _letters(notices: Sequence[Notice], now: datetime) -> list[Delivery]:
    """To the account itself, to whoever holds the post today, or to everybody of an organisation; where there is an address."""
    in_post: defaultdict[int, set[int]] = defaultdict(set)
    in_office: defaultdict[int, set[int]] = defaultdict(set)
    concerned = Q(post__in={n.post_id for n in notices}) | Q(post__organisation__in={n.organisation_id for n in notices})
    reached = Appointment.objects.on(today()).filter(concerned, account__is_active=True).exclude(account__email="")
    for account, post, office in reached.values_list("account_id", "post_id", "post__organisation_id"):
        in_post[post].add(account)
        in_office[office].add(account)
    found = []
    for notice in notices:
        if notice.account_id:
            own = notice.account
            to = {own.pk} if own and own.is_active and own.email else set()
        else:
            to = in_post[notice.post_id] if notice.post_id else in_office[notice.organisation_id or 0]
        found += [Delivery(notice=notice, matter_id=notice.matter_id, account_id=pk, next_at=now) for pk in sorted(to)]
    return found
