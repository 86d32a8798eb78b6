"""Who asks, of which area, of which state of the store: permission is settled here, before anything is computed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import reduce

from django.contrib.auth.models import AnonymousUser
from django.db.models import Min

from banjie.figures import store
from banjie.figures.catalogue import figures
from banjie.figures.definition import TIME_STEPS
from banjie.figures.evaluation import Evaluation
from banjie.figures.places import Places
from banjie.figures.plan import Axis, Compiled, Leaf, Plan
from banjie.ledger.models import Entry
from banjie.lib import clock
from banjie.lib.clock import LOCAL
from banjie.lib.errors import NotFound, NotPermitted, Refusal
from banjie.lib.periods import Period
from banjie.lib.text import Text
from banjie.people.areasets import EVERYWHERE, AreaSet
from banjie.people.models import Account
from banjie.people.scopes import scope_of
from banjie.people.verbs import Verb

AFTER_NOW = Text("截至时点不能晚于现在（{now}）", "nothing is known yet of the future: ask as of {now} or before")
BEFORE_ALL = Text("台账自{first}起记，此前没有可查的数", "the trail begins at {first}: nothing was known before")


@dataclass(frozen=True, slots=True)
class Request:
    """One question, for ``many``."""

    name: str
    area: str | None = None
    period: Period | str | None = None
    by: str | None = None
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class Where:
    """The area asked for, resolved: its code, and the codes to which rows are restricted (None: not at all)."""

    area: str | None
    title: Text
    areas: frozenset[str] | None
    unplaced: bool
    outside: frozenset[str] = frozenset()  # the codes that are not among them


@dataclass
class Asking:
    """An account asking questions of one state of the store."""

    account: Account | AnonymousUser | None
    reading: store.Reading
    known: Compiled
    places: Places
    now: datetime

    def plan(self, name: str) -> Plan:
        """Raises NotFound."""
        if name not in self.known.plans:
            raise NotFound(Text(f"没有名为「{name}」的指标", f"there is no figure called {name}"))
        return self.known.plans[name]

    def evaluation(self, where: Where, as_of: datetime | None) -> Evaluation:
        return Evaluation(
            self.reading.cursor,
            self.reading.closings,
            as_of,
            self.now,
            where.area,
            where.areas,
            where.unplaced,
            self.places,
            where.outside,
        )

    def moment(self, as_of: datetime | None) -> datetime | None:
        """The moment asked for, None for now. What is later today is now: a day as typed means its end. Raises Refusal where
        nothing was known yet, and for tomorrow."""
        if as_of is None or self.now < as_of <= _end_of_day(self.now):
            return None
        if as_of > self.now:
            raise Refusal(AFTER_NOW.format(now=_said(self.now)))
        first = Entry.objects.aggregate(first=Min("at"))["first"]
        if first is None or as_of < first:
            raise Refusal(BEFORE_ALL.format(first=_said(first or self.now)))
        return as_of

    def where(self, plan: Plan, area: str | None) -> Where:
        """The area asked for, or the account's own. Raises NotFound and NotPermitted."""
        held = self._may_view(plan)
        if area is None:
            return self._own(held)
        if area not in self.places.by_code:
            raise NotFound(Text(f"没有代码为「{area}」的地区", f"there is no area with the code {area}"))
        within = self.places.within(area)
        if not within <= held.codes and not held.everything:
            raise NotPermitted(self._refusal(area, held))
        return self._where(area, within, held)

    def _may_view(self, plan: Plan) -> AreaSet:
        """Where the account may view, or at least count, every register the figure is made of."""
        if self.account is None:
            return EVERYWHERE
        scope = scope_of(self.account)
        held = [scope.counts(register) for register in sorted(plan.registers)]
        if any(not h for h in held):
            raise NotPermitted(
                Text(
                    "您没有查看「{figure}」所用登记表的权限。如工作需要，请联系本单位信息管理员授权。",
                    "You may not view the registers that {figure} is made of. If your work needs it, ask your IT officer for a grant.",
                ).format(figure=plan.figure.title)
            )
        return reduce(_both, held)

    def may_open(self, leaf: Leaf, where: Where) -> bool:
        """Whether the account may be shown the rows that were counted, and not their number only: where a register is confidential,
        it must be granted by name in all of the area."""
        if self.account is None:
            return True
        scope = scope_of(self.account)
        for held in (scope.areas(Verb.VIEW, name) for name in leaf.registers & scope.confidential):
            if not held.everything and (where.areas is None or not where.areas <= held.codes):
                return False
        return True

    def _own(self, held: AreaSet) -> Where:
        if held.everything:
            heads = self.places.tops or self.places.roots
            if len(heads) != 1:
                return Where(None, Text("全部地区", "all areas"), None, True)
            (top,) = heads
            return self._where(top, self.places.within(top), held)
        tops = self._tops(held.codes)
        if len(tops) == 1:
            return self._where(tops[0], self.places.within(tops[0]), held)
        names = Text("、".join(self.places.name(c).zh for c in tops), ", ".join(self.places.name(c).en for c in tops))
        return Where(None, names, held.codes, held.unplaced, frozenset(self.places.by_code.keys() - held.codes))

    def _where(self, area: str, within: frozenset[str], held: AreaSet) -> Where:
        heads = self.places.tops or self.places.roots
        unplaced = held.unplaced and heads <= within
        outside = self.places.by_code.keys() - within
        everything = unplaced and not outside
        return Where(area, self.places.name(area), None if everything else within, unplaced, frozenset(outside))

    def _tops(self, codes: frozenset[str]) -> list[str]:
        """The highest areas among some, by code."""
        return sorted(c for c in codes if c in self.places.by_code and self.places.by_code[c].parent not in codes)

    def _refusal(self, area: str, held: AreaSet) -> Text:
        tops = self._tops(held.codes)[:8]
        return Text("您不能查询{area}；可以查询：{names}", "You may not ask about {area}; you may ask about: {names}").format(
            area=self.places.name(area),
            names=Text("、".join(self.places.name(c).zh for c in tops), ", ".join(self.places.name(c).en for c in tops)),
        )


@contextmanager
def asking(account: Account | AnonymousUser | None) -> Iterator[Asking]:
    """Catch up with the ledger and ask. All answers inside are of one state of the store."""
    with store.reading() as reading:
        yield Asking(account, reading, figures(), Places.read(), clock.now())


def _end_of_day(now: datetime) -> datetime:
    return now.astimezone(LOCAL).replace(hour=23, minute=59, second=59, microsecond=999999)


def _said(at: datetime) -> Text:
    local = at.astimezone(LOCAL)
    return Text(f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}", f"{local:%Y-%m-%d %H:%M}")


def as_period(period: Period | str | None) -> Period | None:
    return Period.parse(period) if isinstance(period, str) else period


def axis_of(plan: Plan | Leaf, by: str | None) -> Axis | str | None:
    return by if by is None or by in TIME_STEPS else plan.axes[by]


def check_breakdown(plan: Plan, by: str | None) -> None:
    if by is None or by in TIME_STEPS or by in plan.axes:
        return
    offered = ", ".join((*plan.axes, *TIME_STEPS))
    raise Refusal(
        Text(
            "「{figure}」不能按 {by} 分组；可用：{offered}", "{figure} cannot be broken down by {by}; there are {offered}"
        ).format(figure=plan.figure.title, by=by, offered=offered)
    )


def _both(a: AreaSet, b: AreaSet) -> AreaSet:
    """Where both are permitted."""
    if a.everything or b.everything:
        return b if a.everything else a
    return AreaSet(a.codes & b.codes, None, a.unplaced and b.unplaced)
