"""What an account may do where, read once and then asked many times.

``scope_of(account)`` costs three queries however many posts, grants and areas there are; for a superuser, an inactive
account or a stranger, none. The scope is kept on the account *instance* (``account._scope``), which lives as long as
the request that fetched it, so no process goes on with what was permitted yesterday. People's actions forget it on
the instances they are handed.

The rules:

- A grant reaches its area and everything below it, and the areas that were merged into these (see ``reach``). A grant on register ``*`` reaches all registers
  but the confidential ones: these are read, written and handled only by whoever was granted them by name. Who may view all
  registers may ask for their figures, and is shown no row of them (``counts``).
- No verb implies another.
- What has no area belongs to the whole installation. It takes a grant that reaches the area of *every* organisation
  without a parent (the county government, for one). A grant on the root of the area tree always does.
- Superusers may do everything; inactive accounts and strangers nothing, whatever their grants.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from operator import or_

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, Value

from banjie.lib.clock import today
from banjie.lib.errors import NotPermitted
from banjie.lib.text import Text
from banjie.people.areasets import EVERYWHERE, NO_ROW, NOWHERE, AreaSet
from banjie.people.models import Account, ConfidentialRegister, Grant, Organisation
from banjie.people.reach import Reach, reach_of
from banjie.people.verbs import Verb
from banjie.places.models import Area

ALL_REGISTERS = "*"


@dataclass(frozen=True, slots=True)
class RegisterSet:
    """The registers in which a verb is granted somewhere. ``everything``: in all of them, also in those not named, but for
    those that are ``hidden``."""

    names: frozenset[str] = frozenset()
    everything: bool = False
    hidden: frozenset[str] = frozenset()

    def __contains__(self, name: str) -> bool:
        return name in self.names or (self.everything and name not in self.hidden)

    def __bool__(self) -> bool:
        return self.everything or bool(self.names)


@dataclass(frozen=True, slots=True)
class Scope:
    """What one account may do on one day. ``held`` has the areas by verb and register, those of ``*`` merged in, but for the
    registers that are ``confidential``; of these ``counted`` has the areas in which figures may be asked for."""

    day: date
    held: Mapping[tuple[Verb, str], AreaSet]
    unlimited: bool = False
    confidential: frozenset[str] = frozenset()
    counted: Mapping[str, AreaSet] = field(default_factory=dict)

    def areas(self, verb: Verb, register: str) -> AreaSet:
        """Where the verb is permitted on a register (``*``: on all registers)."""
        if self.unlimited:
            return EVERYWHERE
        if register in self.confidential:
            return self.held.get((verb, register), NOWHERE)
        return self.held.get((verb, register)) or self.held.get((verb, ALL_REGISTERS), NOWHERE)

    def counts(self, register: str) -> AreaSet:
        """Where figures of a register may be asked for: where it may be viewed, or, if it is confidential, where all may."""
        return self.counted.get(register) or self.areas(Verb.VIEW, register)

    def registers(self, verb: Verb) -> RegisterSet:
        """The registers in which the verb is permitted in at least one area."""
        names = frozenset(register for granted, register in self.held if granted == verb)
        return RegisterSet(names - {ALL_REGISTERS}, self.unlimited or ALL_REGISTERS in names, self.confidential)

    def may(self, verb: Verb, register: str, area_code: str | None) -> bool:
        """Whether the verb is permitted on a record of this register in this area (``None``: one without an area)."""
        return area_code in self.areas(verb, register)

    def require(self, verb: Verb, register: str, area_code: str | None) -> None:
        """Raise NotPermitted, naming what was asked and who can help, unless it is permitted."""
        if not self.may(verb, register, area_code):
            raise NotGranted(verb, register, area_code)

    def visible_q(self, verb: Verb = Verb.VIEW, *, register: str = "register", area: str = "area_id") -> Q:
        """The rows on which the verb is permitted, as a condition on the columns that hold register and area.

        No condition at all where everything is permitted; no row where nothing is.
        """
        general = self.areas(verb, ALL_REGISTERS)
        if general.everything and not self.confidential:
            return Q()
        names_by_areas: defaultdict[AreaSet, list[str]] = defaultdict(list)
        for granted, name in self.held:
            if granted == verb and name != ALL_REGISTERS:
                names_by_areas[self.held[granted, name]].append(name)
        parts = [Q(**{f"{register}__in": sorted(names)}) & areas.q(area) for areas, names in names_by_areas.items()]
        if general:
            hidden = ~Q(**{f"{register}__in": sorted(self.confidential)}) if self.confidential else Q()
            parts.append(hidden & general.q(area))
        return reduce(or_, parts) if parts else NO_ROW


def scope_of(account: Account | AnonymousUser) -> Scope:
    """The scope of an account today, read at most once for each instance and day."""
    day = today()
    kept: Scope | None = getattr(account, "_scope", None)
    if kept is None or kept.day != day:
        kept = _read(account, day)
        account._scope = kept  # type: ignore[union-attr]
    return kept


def scope_of_actor(by: Account | None) -> Scope:
    """The scope of whoever acts: ``None`` is the system itself (installation, demonstration, jobs), which may do everything.

    For actions only. A request always has an account, if only an anonymous one: it asks ``scope_of``.
    """
    return Scope(today(), {}, unlimited=True) if by is None else scope_of(by)


def forget_scope(*accounts: Account | None) -> None:
    """Read the scope of these instances anew when it is next asked for."""
    for account in accounts:
        if account is not None and hasattr(account, "_scope"):
            del account._scope


def scope_from(
    grants: Iterable[tuple[str, str, str]], reach: Reach, tops: frozenset[str], day: date, confidential: frozenset[str]
) -> Scope:
    """The scope that grants (verb, register, area) come to, for whoever has read them already. ``tops``: see ``top_areas``."""
    return _Held(reach, tops, confidential).scope(grants, day)


def keep_scope(account: Account, scope: Scope) -> None:
    """Let ``scope_of`` answer with what was read already."""
    account._scope = scope  # type: ignore[attr-defined]


def confidential_registers() -> frozenset[str]:
    """The registers that no grant on all registers reaches."""
    return frozenset(ConfidentialRegister.objects.values_list("name", flat=True))


def top_areas() -> frozenset[str]:
    """The areas of the organisations without a parent."""
    return frozenset(Organisation.objects.filter(parent=None).values_list("area_id", flat=True))


def _read(account: Account | AnonymousUser, day: date) -> Scope:
    if not account.is_active or account.pk is None:
        return Scope(day, {})
    if account.is_superuser:
        return Scope(day, {}, unlimited=True)
    found = Grant.objects.held_by(account.pk, day).values_list("verb", "register", "area_id")
    named = ConfidentialRegister.objects.values_list(Value(_CONFIDENTIAL), "name", Value(""))
    rows = list(found.union(named, all=True))  # one query for both
    grants = [row for row in rows if row[0] != _CONFIDENTIAL]
    if not grants:
        return Scope(day, {})
    reach = reach_of({area for _, _, area in grants}, day)
    return scope_from(grants, reach, top_areas(), day, frozenset(name for verb, name, _ in rows if verb == _CONFIDENTIAL))


_CONFIDENTIAL = "confidential"  # in the place of a verb: the row names a confidential register


@dataclass(frozen=True, slots=True)
class _Held:
    """From grants to areas by verb and register."""

    reach: Reach
    tops: frozenset[str]
    confidential: frozenset[str]

    def scope(self, grants: Iterable[tuple[str, str, str]], day: date) -> Scope:
        codes: defaultdict[tuple[Verb, str], frozenset[str]] = defaultdict(frozenset)
        for verb, register, area in grants:
            codes[Verb(verb), register] |= self.reach.below[area]
        everywhere = codes.get((Verb.VIEW, ALL_REGISTERS), frozenset())
        counted = {name: everywhere | codes.get((Verb.VIEW, name), frozenset()) for name in self.confidential}
        for verb, register in list(codes):
            if register != ALL_REGISTERS and register not in self.confidential:
                codes[verb, register] |= codes.get((verb, ALL_REGISTERS), frozenset())
        sets = {inside: self._set(inside) for inside in {*codes.values(), *counted.values()}}
        held = {key: sets[inside] for key, inside in codes.items()}
        return Scope(day, held, False, self.confidential, {name: sets[inside] for name, inside in counted.items()})

    def _set(self, inside: frozenset[str]) -> AreaSet:
        return _area_set(inside, frozenset().union(*self.reach.below.values()), self.reach.outside, self.tops)


class NotGranted(NotPermitted):
    """No grant covers it. This room knows a register by its name; whoever knows its title says it by ``calling``."""

    def __init__(self, verb: Verb, register: str, area_code: str | None) -> None:
        self.verb, self.register, self.area_code = verb, register, area_code
        what = Text("全部登记表", "all registers") if register == ALL_REGISTERS else Text(f"「{register}」", f'"{register}"')
        super().__init__(_refusal(verb, what, area_code))

    def calling(self, title: Text) -> Text:
        """What is said, with the register called by its title."""
        return _refusal(self.verb, Text("「{title}」", '"{title}"').format(title=title), self.area_code)


def _area_set(inside: frozenset[str], known: frozenset[str], beyond: frozenset[str] | None, tops: frozenset[str]) -> AreaSet:
    outside = None if beyond is None else beyond | (known - inside)
    unplaced = tops <= inside
    return AreaSet(inside, outside, unplaced, everything=unplaced and outside is not None and not outside)


def _refusal(verb: Verb, what: Text, area_code: str | None) -> Text:
    area = Area.objects.filter(code=area_code).first() if area_code is not None else None
    where = area.name if area else Text(f"地区 {area_code}", f"area {area_code}")
    if area_code is None:
        where = Text("全部地区", "the whole installation")
    return Text(
        "您没有在{where}对{what}进行“{verb}”的权限。如工作需要，请联系本单位信息管理员授权。",
        "You may not {verb} {what} in {where}. If your work needs it, ask your IT officer for a grant to your post.",
    ).format(where=where, what=what, verb=verb.label)
