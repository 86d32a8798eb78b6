"""The job of obligations: what is newly expected, what has arrived, what is missing, and whom to remind.

Everything is worked out from records and rows, in small transactions: run twice, killed in between, or after an import or a long
rest, it comes to the same. An item is met at the moment at which the last record that it needs was entered.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice

from django.db import transaction
from django.db.models import Q

from banjie.lib.clock import LOCAL
from banjie.lib.errors import Refusal
from banjie.lib.periods import Period
from banjie.matters.calendars import calendar_in_force
from banjie.matters.clocks import before
from banjie.matters.models import Expected, Notice, ObligationVersion
from banjie.matters.obligations import items
from banjie.matters.obligations.compiling import Compiled, compile_obligation
from banjie.matters.obligations.definition import Obligation, period_code
from banjie.matters.obligations.installing import obligations_in_force
from banjie.matters.obligations.owing import Owing, owing
from banjie.matters.owners import Ownership
from banjie.matters.queries import ExpectedQuerySet
from banjie.matters.sweeping import step_id
from banjie.matters.telling import address, stamp
from banjie.places.calendar import Calendar
from banjie.places.terms import parse_term
from banjie.registers import trail
from banjie.registers.catalogue import catalogue
from banjie.registers.models import Record
from banjie.registers.queries import Filter
from banjie.registers.values import typed, typed_value

logger = logging.getLogger("banjie.matters")

BATCH = 100
LOOKED_BACK = timedelta(days=100)  # periods that ended longer ago get no new owners; those without any item are made whole
RECENT = timedelta(days=3)  # a record that was changed so lately is looked at again: it may no longer count


@dataclass(frozen=True, slots=True)
class Kept:
    """How many items were entered, changed their state, and were reminded of."""

    expected: int
    changed: int
    reminded: int


def keep_obligations(now: datetime) -> Kept:
    """Bring all expected items up to a moment."""
    made = changed = 0
    for version, obligation in obligations_in_force():
        try:
            wanted = compile_obligation(obligation, catalogue())
            made += _expect(version, wanted, now)
        except Refusal:  # a register that is gone, a year without a calendar: the other obligations go on
            logger.exception("the obligation %s cannot be kept", obligation.name)
    for version, wanted in _owed(now):
        changed += _settle(version, wanted, now)
    return Kept(made, changed, _remind(now))


# --- what is newly expected ----------------------------------------------------------------------------------------


def _expect(version: ObligationVersion, wanted: Compiled, now: datetime) -> int:
    obligation = wanted.obligation
    there: defaultdict[str, set[str]] = defaultdict(set)
    for past, key in Expected.objects.filter(obligation=obligation.name).values_list("period", "of_key"):
        there[past].add(key)
    today, made = now.astimezone(LOCAL).date(), 0
    for period in obligation.periods(today):
        code = period_code(period)
        if code in there and period.end + LOOKED_BACK <= today:
            continue
        new = owing(wanted, period, frozenset(there[code]))
        while some := list(islice(new, BATCH)):
            made += _enter(version, obligation, period, some)
    return made


def _enter(version: ObligationVersion, obligation: Obligation, period: Period, some: Sequence[Owing]) -> int:
    with transaction.atomic():
        calendar = calendar_in_force()
        due_at = obligation.due_point.moment(period, calendar)
        remind_at = before(due_at, parse_term(obligation.warn), calendar) if obligation.warn else due_at
        held = ObligationVersion.objects.select_for_update().get(pk=version.pk)  # two workers enter an item once between them
        known = Expected.objects.filter(obligation=obligation.name, period=period_code(period), of_key__in=[w.key for w in some])
        there = set(known.values_list("of_key", flat=True))
        new = [who for who in some if who.key not in there]
        for who in new:
            items.expect(held, obligation, period, who, due_at, remind_at)
    return len(new)


# --- what has arrived ----------------------------------------------------------------------------------------------


def _owed(now: datetime) -> Iterable[tuple[ObligationVersion, Compiled]]:
    """The obligations that have items to look at, each in the version under which they were expected."""
    rows = ObligationVersion.objects.filter(pk__in=_unsettled(now).values("definition")).order_by("pk")
    for row in rows:
        try:
            yield row, compile_obligation(Obligation.load(row.mapping), catalogue())
        except Refusal:
            logger.exception("the obligation %s can no longer be settled", row)


def _unsettled(now: datetime) -> ExpectedQuerySet:
    """Owed, or met by a record that was removed or changed since."""
    shaken = Q(met_by__removed_at__isnull=False) | Q(met_by__updated_at__gt=now - RECENT)
    return Expected.objects.filter(Q(state__in=Expected.OWED) | (Q(state__in=[Expected.MET, Expected.LATE]) & shaken))


def _settle(version: ObligationVersion, wanted: Compiled, now: datetime) -> int:
    obligation = wanted.obligation
    found = _unsettled(now).filter(definition=version).order_by("begins_on", "pk")
    owed = list(found.values_list("pk", "begins_on", "ends_on"))
    if not owed:
        return 0
    arrived = _arrived(wanted, min(o[1] for o in owed), max(o[2] for o in owed))
    changed = 0
    for start in range(0, len(owed), BATCH):
        part = owed[start : start + BATCH]
        with transaction.atomic():
            rows = Expected.objects.filter(pk__in=[o[0] for o in part]).exclude(state=Expected.WAIVED).order_by("pk")
            for item in rows.select_for_update(of=("self",), skip_locked=True).select_related("record", "met_by"):
                own = arrived.get(item.of_key, ())
                changed += _judge(item, [a for a in own if item.begins_on <= a.day < item.ends_on], obligation.at_least, now)
    return changed


@dataclass(frozen=True, slots=True)
class _Arrival:
    day: date  # in the period that the record is for
    at: datetime
    record: int


def _arrived(wanted: Compiled, first: date, end: date) -> dict[str, list[_Arrival]]:
    """What there is for periods from ``first`` to before ``end``, by whose it is, in the order in which it was entered."""
    obligation, register = wanted.obligation, wanted.register
    field = register.field(obligation.period)
    last = end - timedelta(days=1)
    bounds: dict[str, tuple[object, object]] = {
        "month": (f"{first:%Y-%m}", f"{last:%Y-%m}"),
        "year": (first.year, last.year),
        "date": (first.isoformat(), last.isoformat()),
        "datetime": (f"{first} 00:00", f"{last} 23:59"),
    }
    low, high = bounds[field.type]
    within = [Filter(field.name, "at_least", low), Filter(field.name, "at_most", high)]
    rows = Record.objects.of(register.name).live().matching(register, within).order_by("created_at", "pk")
    found: defaultdict[str, list[_Arrival]] = defaultdict(list)
    for pk, data, at in rows.values_list("pk", "data", "created_at").iterator(chunk_size=1000):
        if data.get(obligation.by) is None:
            continue
        if wanted.where is None or wanted.where.evaluate(typed(data, register)) is True:
            found[str(data[obligation.by])].append(_Arrival(_day(typed_value(data[field.name], field)), at, pk))
    return found


def _day(value: object) -> date:
    """The day for which a record is: the first of its month or year."""
    if isinstance(value, datetime):
        return value.astimezone(LOCAL).date()
    return value if isinstance(value, date) else date(int(str(value)), 1, 1)


def _judge(item: Expected, own: Sequence[_Arrival], at_least: int, now: datetime) -> bool:
    """Set an item's state by what has arrived. Whether that changed anything."""
    was = (item.state, item.arrived, item.met_by_id)
    enough = own[at_least - 1] if len(own) >= at_least else None
    item.arrived = len(own)
    item.met_by_id, item.met_at = (enough.record, enough.at) if enough else (None, None)
    if enough:
        item.state, item.remind_at = (Expected.MET if enough.at <= item.due_at else Expected.LATE), None
    else:
        item.state = Expected.MISSING if item.due_at < now else Expected.EXPECTED
        if was[2] is not None:
            item.remind_at = max(item.due_at, now)
    if was == (item.state, item.arrived, item.met_by_id):
        return False
    item.save(update_fields=["state", "arrived", "met_by", "met_at", "remind_at"])
    verbs = {Expected.MISSING: trail.MISS, Expected.EXPECTED: trail.EXPECT}
    items.change(item, verbs.get(item.state, trail.MEET), by=None)
    return True


# --- reminders -----------------------------------------------------------------------------------------------------


def _remind(now: datetime) -> int:
    """Tell owners of what is owed: once before it is due, where the obligation warns, and once when it is missing."""
    reminded = 0
    while True:
        with transaction.atomic():
            rows = Expected.objects.filter(remind_at__lte=now).select_related(
                "owner_post", "organisation", "definition", "record"
            )
            some = list(rows.order_by("remind_at", "pk").select_for_update(of=("self",), skip_locked=True)[:BATCH])
            if not some:
                return reminded
            calendar = calendar_in_force()
            made = [notice for item in some for notice in _notices(item, now, calendar)]
            Notice.objects.bulk_create(made, ignore_conflicts=True)
            for item in some:
                item.remind_at = item.due_at if now < item.due_at and item.state in Expected.OWED else None
                item.save(update_fields=["remind_at"])
        reminded += len(made)


def _notices(item: Expected, now: datetime, calendar: Calendar) -> list[Notice]:
    if item.state not in Expected.OWED:
        return []
    missing = item.due_at <= now
    obligation = Obligation.load(item.definition.mapping)
    notice = Notice(
        kind="missing" if missing else "owed", expected=item, step=step_id("due" if missing else "warn", item.due_at),
        said={
            "obligation": obligation.title.as_dict(), "of": item.record.data["owes"], "period": item.period,
            "due_at": f"{item.due_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z",
        },
    )  # fmt: skip
    if not address(notice, Ownership(item.owner_post, item.organisation)):
        return []
    stamp(notice, now, calendar)
    return [notice]
