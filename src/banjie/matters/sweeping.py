"""What running clocks ask for when nobody does anything: warnings, overdue notices, escalations.

A clock that is due for a look at ``next_sweep_at`` is looked at once: in one transaction its notices are written and its next
look is set. Killed before the commit, nothing has happened; after it, the clock is no longer due. The unique constraints on a
notice (clock, step, recipient) stand behind it, and a step's name holds the due time it is about: more time, new warnings.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from banjie.lib.clock import today
from banjie.lib.errors import Refusal
from banjie.matters.calendars import calendar_in_force, calendar_of
from banjie.matters.catalogue import compiled
from banjie.matters.compiling import Compiled
from banjie.matters.definition import Escalation, Process, Stage, TaskDefinition
from banjie.matters.models import Clock, Notice
from banjie.matters.owners import Ownership
from banjie.matters.statements import update
from banjie.matters.telling import address, facts, stamp
from banjie.matters.ticking import declared
from banjie.people.duties import holders
from banjie.people.models import Duty, Post
from banjie.places.calendar import Calendar
from banjie.places.terms import parse_term
from banjie.places.working_time import due
from banjie.registers.catalogue import Catalogue, catalogue
from banjie.registers.models import Record

logger = logging.getLogger("banjie.matters")

BATCH = 100  # clocks in one transaction: what is held in memory, and what a kill can undo
AGAIN = timedelta(hours=1)  # after a clock whose next step cannot be told; the log says why


@dataclass(frozen=True, slots=True)
class Step:
    """Something that a clock asks for at a moment. ``role``: whom an escalation tells; the owner is told of the rest."""

    name: str
    kind: str
    at: datetime
    role: str = ""


@dataclass(frozen=True, slots=True)
class Swept:
    """How many clocks were looked at, and how many notices were made."""

    clocks: int
    notices: int


def sweep(now: datetime, limit: int = 100_000) -> Swept:
    """Look at every clock that is due for it, oldest first, ``limit`` at most. Several may sweep at once."""
    looked = made = 0
    while looked < limit:
        with transaction.atomic():
            rows = _take(now, min(BATCH, limit - looked))
            if not rows:
                break
            made += _sweep(rows, now)
        looked += len(rows)
    return Swept(looked, made)


def steps(clock: Clock, of: Stage | TaskDefinition | Process | None, calendar: Calendar) -> list[Step]:
    """What a running clock asks for, in the order of time: a warning, that it is overdue, then the chain of escalation; of a
    notice, that it has run. Where the office has promised a shorter time, the chain runs from the limit and not from the promise."""
    assert clock.due_at is not None
    if clock.at_least:
        return [Step("run", "notice_run", clock.due_at)]
    found = [Step("due", "overdue", clock.due_at)]
    if clock.warn_at is not None and clock.warn_at < clock.due_at:
        found.insert(0, Step("warn", "warning", clock.warn_at))
    chain: tuple[Escalation, ...] = of.escalate if of and not (clock.promise and of.within) else ()
    for n, escalation in enumerate(chain):
        at = due(clock.due_at, parse_term(escalation.after), calendar, estimate=True).moment
        found.append(Step(f"tell {n}", "escalated", at, escalation.to))
    return sorted(found, key=lambda step: step.at)


def step_id(name: str, due_at: datetime) -> str:
    """A step's name in a notice: with the due time it is about."""
    return f"{name} {due_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"


def _take(now: datetime, most: int) -> list[Any]:
    """Clocks that are due, with their matters, held by this transaction. What somebody is working on is left for the next sweep."""
    rows = Clock.objects.to_sweep(now).select_for_update(of=("self", "matter"), skip_locked=True)
    related = ("matter__record", "matter__owner_post", "matter__organisation", "task__owner_post", "task__organisation")
    return list(rows.select_related(*related).annotate(digest=F("matter__definition__digest"))[:most])


def _sweep(rows: list[Any], now: datetime) -> int:
    """Make the notices of these clocks, and set when each is to be looked at next."""
    known, in_force = catalogue(), calendar_in_force()
    told: defaultdict[int, set[str]] = defaultdict(set)
    for pk, step in Notice.objects.filter(clock__in=[c.pk for c in rows]).values_list("clock", "step"):
        told[pk].add(step)
    notices: list[Notice] = []
    chain = _Chain([clock.matter.record for clock in rows])
    for clock in rows:
        try:
            notices += _look(clock, told[clock.pk], chain, known, now, in_force)
        except Refusal:  # no calendar that far, or a register that is gone: the others must not wait for it
            logger.exception("clock %s of matter %s cannot be swept; again in an hour", clock.pk, clock.matter_id)
            clock.next_sweep_at = now + AGAIN
        update(clock, ("next_sweep_at",))
    Notice.objects.bulk_create(notices, ignore_conflicts=True)
    return len(notices)


def _look(clock: Any, told: set[str], chain: _Chain, known: Catalogue, now: datetime, in_force: Calendar) -> list[Notice]:
    """The notices of what has come due and was not told; moves ``next_sweep_at`` to the first step still ahead."""
    wanted = compiled(clock.digest, known)
    calendar = calendar_of(clock.calendar_version)
    all_steps = steps(clock, declared(wanted.process, clock), calendar)
    come = [step for step in all_steps if step.at <= now]
    if any(step.name == "due" for step in come):  # nobody is warned of what has happened
        come = [step for step in come if step.name != "warn"]
    come = [step for step in come if step_id(step.name, clock.due_at) not in told]
    found = [n for step in come for n in _notices(clock, step, chain, wanted, now, in_force)]
    clock.next_sweep_at = min((step.at for step in all_steps if step.at > now), default=None)
    return found


def _notices(clock: Any, step: Step, chain: _Chain, wanted: Compiled, now: datetime, in_force: Calendar) -> Iterator[Notice]:
    matter = clock.matter
    owner = clock.task or matter
    owned_by = Ownership(owner.owner_post, owner.organisation)
    stage = (clock.task and declared(wanted.process, clock)) or wanted.process.stages.get(clock.stage) or wanted.process
    said = {
        **facts(wanted.process, wanted.register, matter.record),
        "stage": stage.title.as_dict(),
        "due_at": f"{clock.due_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z",
        "owner": owned_by.name.as_dict(),
    }
    for to in chain.posts(step.role, matter.record) if step.role else [owned_by]:
        notice = Notice(matter=matter, clock=clock, kind=step.kind, step=step_id(step.name, clock.due_at), said=said)
        if address(notice, to):
            stamp(notice, now, in_force)
            yield notice


class _Chain:
    """Whom escalations tell: the posts that hold a role nearest to a record today. Asked once for each area, and for each record
    that has duties of its own."""

    def __init__(self, records: Iterable[Record]) -> None:
        keys = {record.key for record in records}
        own = Duty.objects.on(today()).filter(area=None, key__in=keys)
        self.own = set(own.values_list("role", "register", "key"))
        self.found: dict[tuple[str, str, str | None, str], list[Post]] = {}

    def posts(self, role: str, record: Record) -> list[Post]:
        key = record.key if (role, record.register, record.key) in self.own else ""
        wanted = (role, record.register, record.area_id, key)
        if wanted not in self.found:
            there = holders(role, area=record.area_id, register=record.register, key=key)
            self.found[wanted] = [holder.post for holder in there]
            if not there:
                logger.warning("nobody holds the role %s for %s: an escalation reached no one", role, record)
        return self.found[wanted]
