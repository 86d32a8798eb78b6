"""From where a request is taken in: only what somebody can see and handle may be handed in from outside.

Who answers first is told by the process: the nearest post with a role, or a post or an organisation that the record names. Whether it
may view and handle what comes from an area is told by its grants, and by no account's: a post that is vacant today still answers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from functools import cached_property

from banjie.lib.clock import today
from banjie.lib.errors import Invalid, Problem
from banjie.lib.text import Text
from banjie.matters.compiling import Compiled
from banjie.matters.definition import Owner
from banjie.matters.models import Matter
from banjie.people.models import Duty, Grant
from banjie.people.reach import reach_of
from banjie.people.scopes import ALL_REGISTERS, Scope, confidential_registers, scope_from, top_areas
from banjie.people.verbs import Verb
from banjie.places.models import Area

NOT_FROM_THERE = Text(
    "{area}没有办理这项业务的岗位，或者应选到更具体的地区，请另选",
    "nobody handles this in {area}, or it wants a place within it: choose another",
)
NOBODY = Text("这件事在所选地区没有岗位可以办理，没有收下", "nobody can handle this where it comes from: it was not taken in")
_WANTED = (Verb.VIEW, Verb.HANDLE)
Rows = list[tuple[str, str, str]]


def areas_taken(found: Compiled) -> list[Area]:
    """The areas in force, of the level that the process asks for, from which its first owner takes requests; by code."""
    return _Intake(found).areas()


def require_area(found: Compiled, said: object) -> None:
    """Raise Invalid if an area that an applicant named, by its code or name, is none from which this is taken in. What is no area
    at all is left to the register to say."""
    name = found.register.area
    public = found.process.public
    if name is None or public is None or name not in public.fields or not said:
        return
    taken = areas_taken(found)
    if any(str(said) in (area.code, area.name_zh, area.name_en) for area in taken):
        return
    there = Area.objects.filter(code=str(said)).first() or Area.objects.filter(name_zh=str(said)).first()
    if there is not None:
        raise Invalid([Problem(name, said, NOT_FROM_THERE.format(area=there.name))])


def require_owner(found: Compiled, matter: Matter) -> None:
    """Raise Invalid if whoever the matter came to may not see or handle it."""
    post, organisation = matter.owner_post, matter.organisation
    scope = _Intake(found).scope_of_owner(post.code if post else None, organisation.code if organisation else None)
    if not _takes(scope, found.register.name, matter.record.area_id):
        raise Invalid([Problem(found.register.area or "", matter.record.area_id, NOBODY)])


def _takes(scope: Scope, register: str, area: str | None) -> bool:
    return all(scope.may(verb, register, area) for verb in _WANTED)


class _Intake:
    """The grants and duties that matter for one process, read once."""

    def __init__(self, found: Compiled) -> None:
        self.found, self.register, self.day = found, found.register.name, today()
        owner = found.process.stages[found.process.starts].owner
        assert owner is not None  # a first stage is no ending
        self.owner: Owner = owner
        self.scopes: dict[tuple[str, ...], Scope] = {}

    def areas(self) -> list[Area]:
        level = self.found.process.public.level if self.found.process.public else None
        rows = Area.objects.on(self.day).order_by("code")
        return [area for area in (rows.filter(level=level) if level else rows) if self._taken(area.code)]

    def _taken(self, area: str) -> bool:
        scope = self._scope_at(area)
        return scope is not None and _takes(scope, self.register, area)

    def _scope_at(self, area: str) -> Scope | None:
        """What the first owner of a request from an area may do; None where there is none."""
        if self.owner.role is not None:
            post = self._nearest(area)
            return self._scope((post,)) if post is not None else None
        code = self._said(self.owner.field or self.owner.organisation or "", area)
        if code is None:  # it depends on what else the request says: any post with the grants may be meant
            return self._scope(tuple(sorted(self.grants)))
        return self.scope_of_owner(code, None) if self.owner.field else self.scope_of_owner(None, code)

    def scope_of_owner(self, post: str | None, organisation: str | None) -> Scope:
        return self._scope((post,) if post is not None else tuple(sorted(self.posts.get(organisation or "", ()))))

    def _said(self, name: str, area: str) -> str | None:
        formula = self.found.public_sets.get(name)
        return formula.evaluate({self.found.register.area or "": area}) if formula is not None else None

    def _nearest(self, area: str) -> str | None:
        here: str | None = area
        while here is not None:
            if here in self.duties:
                return self.duties[here]
            here = self.above.get(here)
        return None

    def _scope(self, posts: Collection[str]) -> Scope:
        key = tuple(posts)
        if key not in self.scopes:
            rows = [row for post in key for row in self.grants.get(post, ())]
            self.scopes[key] = scope_from(rows, self.reach, self.tops, self.day, self.confidential)
        return self.scopes[key]

    @cached_property
    def _rows(self) -> list[tuple[str, str, str, str, str]]:
        wanted = Grant.objects.filter(verb__in=_WANTED, register__in=(self.register, ALL_REGISTERS))
        return list(wanted.values_list("post__code", "post__organisation__code", "verb", "register", "area_id"))

    @cached_property
    def grants(self) -> dict[str, Rows]:
        found: defaultdict[str, Rows] = defaultdict(list)
        for post, _, *grant in self._rows:
            found[post].append((grant[0], grant[1], grant[2]))
        return dict(found)

    @cached_property
    def posts(self) -> dict[str, set[str]]:
        """The posts with grants, by organisation."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for post, organisation, *_ in self._rows:
            found[organisation].add(post)
        return dict(found)

    @cached_property
    def duties(self) -> dict[str, str]:
        """By area, the post that has the role there: one for this register before one for all, then by code, as ``nearest_post``."""
        rows = Duty.objects.on(self.day).filter(role=self.owner.role, register__in=("", self.register), area__isnull=False)
        found: dict[str, str] = {}
        for area, _, post in sorted((d[0], d[1] == "", d[2]) for d in rows.values_list("area_id", "register", "post__code")):
            found.setdefault(area, post)
        return found

    @cached_property
    def above(self) -> dict[str, str | None]:
        return dict(Area.objects.values_list("code", "parent_id"))

    reach = cached_property(lambda self: reach_of({row[4] for row in self._rows}, self.day))
    tops = cached_property(lambda self: top_areas())
    confidential = cached_property(lambda self: confidential_registers())
