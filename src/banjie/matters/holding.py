"""A matter in the hands of an action: locked, as its actor may see it, with its process and its record."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import F

from banjie.lib import clock
from banjie.lib.errors import Conflict, Invalid, NotFound, Problem
from banjie.lib.text import Text
from banjie.matters.calendars import calendar_in_force
from banjie.matters.catalogue import compiled
from banjie.matters.compiling import Compiled
from banjie.matters.definition import Stage
from banjie.matters.hands import may_handle, require_handle
from banjie.matters.models import Clock, ClockEvent, Matter, Notice
from banjie.matters.owners import NOBODY, Ownership
from banjie.matters.queries import MatterQuerySet
from banjie.matters.said_rows import SaidRows
from banjie.matters.statements import Prepared, send, together
from banjie.people.models import Account
from banjie.people.scopes import scope_of_actor
from banjie.people.verbs import Verb
from banjie.places.calendar import Calendar
from banjie.places.calendars import ROWS
from banjie.registers.catalogue import STAMP, Catalogue, catalogue
from banjie.registers.models import Record
from banjie.registers.values import Stored

NO_MATTER = Text("没有这件事项", "there is no such matter")
CLOSED = Text("事项已办结，不能再办理。确需重办的，请先重新办理", "the matter is closed; to work on it again, reopen it first")
SUSPENDED = Text("事项已暂停，请先恢复办理", "the matter is suspended: resume it first")
STALE = Text("他人已先一步办理，请刷新后再试", "somebody else was faster: open the matter again")


def _one(pk: int) -> MatterQuerySet:
    rows = Matter.objects.filter(pk=pk, record__removed_at=None).select_related("record")
    return rows.annotate(digest=F("definition__digest"), number=F("definition__number"))


_read = Prepared(_one)
_locked = Prepared(lambda pk: _one(pk).select_for_update(of=("self", "record")))
_standing = Prepared(lambda pk: Clock.objects.standing().filter(matter=pk).order_by("pk"))


@dataclass
class Held:
    """What an action works on. ``before`` holds the old values of the fields that it changed."""

    matter: Matter
    record: Record
    compiled: Compiled
    known: Catalogue
    by: Account | None
    now: datetime = field(default_factory=clock.now)
    before: dict[str, Stored] = field(default_factory=dict)
    past: dict[str, Stored] | None = None  # the record's data before this action, where it changed them
    events: list[ClockEvent] = field(default_factory=list)  # to be written together at the end
    told: list[Notice] = field(default_factory=list)  # likewise
    said: SaidRows = field(default_factory=SaidRows)  # the rows written on the way, for the entry to tell of
    from_stage: str = ""
    clocks: list[Clock] | None = None  # read when first asked for
    days: list[tuple] | None = None  # what the calendar in force is made of, where it was read already
    opened_branches: list[tuple[str, dict[str, object]]] = field(default_factory=list)

    @property
    def stage(self) -> Stage:
        return self.compiled.stage(self.matter.stage)

    @property
    def owner(self) -> Ownership:
        matter = self.matter
        return Ownership(matter.owner_post, matter.organisation) if matter.organisation_id else NOBODY

    @cached_property
    def calendar(self) -> Calendar:
        """The calendar in force, asked for once."""
        return calendar_in_force(self.days)

    def require_open(self) -> None:
        """Raise Invalid unless the matter is open and not suspended."""
        if self.matter.state != "open":
            says = CLOSED if self.matter.state == "closed" else SUSPENDED
            raise Invalid([Problem(self.record.key, self.matter.state, says)])

    def require_live(self) -> None:
        """Raise Invalid if the matter is closed."""
        if self.matter.state == "closed":
            raise Invalid([Problem(self.record.key, self.matter.state, CLOSED)])

    def require_handle(self) -> None:
        """Raise NotPermitted unless the next step is up to the actor."""
        post, organisation = self.matter.owner_post_id, self.matter.organisation_id
        if not may_handle(self.by, self.record.register, self.record.area_id, post, organisation):
            require_handle(self.by, self.record.register, self.record.area_id, post, organisation, self.owner.name)

    def require(self, verb: Verb) -> None:
        scope_of_actor(self.by).require(verb, self.record.register, self.record.area_id)

    def supervises(self) -> bool:
        return scope_of_actor(self.by).may(Verb.SUPERVISE, self.record.register, self.record.area_id)

    def standing_clocks(self) -> list[Clock]:
        """The clocks of the matter that are not stopped, those of its tasks too; read once."""
        if self.clocks is None:
            self.clocks = _standing(self.matter.pk)
            for row in self.clocks:
                row.matter = self.matter
        return self.clocks


def hold(matter: Matter | int, *, version: int | None, by: Account | None) -> Held:
    """The matter, locked for this transaction. Raises NotFound if the actor may not see it, Conflict if it moved on since
    ``version`` (None: a step that may be taken beside others, such as one of several tasks)."""
    held = find(matter, by=by, lock=True)
    if version is not None and held.matter.version != version:
        raise Conflict(STALE, theirs={"version": held.matter.version, "stage": held.matter.stage}, yours={"version": version})
    return held


def find(matter: Matter | int, *, by: Account | None, lock: bool = False) -> Held:
    """The matter as the actor may see it. Raises NotFound."""
    pk = matter if isinstance(matter, int) else matter.pk
    if lock:
        rows, clocks, known, days = _take(pk)
    else:
        rows, clocks, known, days = _read(pk), None, catalogue(), None
    found: Any = rows[0] if rows else None
    if found is None or not scope_of_actor(by).may(Verb.VIEW, found.record.register, found.record.area_id):
        raise NotFound(NO_MATTER)  # what one may not see is not told apart from what is not there
    for row in clocks or ():
        row.matter = found
    return Held(found, found.record, compiled(found.digest, known), known, by, from_stage=found.stage, clocks=clocks, days=days)


def _take(pk: int) -> tuple[list[Matter], list[Clock], Catalogue, list[tuple]]:
    """A matter for a step, with all that every step needs beside it, asked for in one go."""
    with together():
        sent, standing, stamp, days = _locked.send(pk), _standing.send(pk), send(STAMP, []), send(ROWS, [])
        return sent(), standing(), catalogue(stamp()), days()
