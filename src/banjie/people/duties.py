"""Who answers for what on a day: a role, for a record or for an area."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from banjie.lib.clock import today
from banjie.people.models import Account, Appointment, Duty, Post
from banjie.people.queries import in_force
from banjie.places.models import Area, Succession

DEEPEST = 12  # levels of the area tree that are climbed; a tree has six


@dataclass(frozen=True, slots=True)
class Holder:
    """A post that has the duty, and the people in it that day (none: the post is vacant, the duty still stands)."""

    duty: Duty
    post: Post
    accounts: tuple[Account, ...]


def holders(
    role: str, *, area: str | None = None, register: str | None = None, key: str | None = None, on: date | None = None
) -> list[Holder]:
    """Who has a role for a record (``register`` and ``key``) or an area (a code), on a day (today).

    The nearest wins: a duty for the record itself, then one for its area, then for the area above, and so on; at the
    same area one for this register before one for all. Several posts at the same distance are all returned, in the
    order of their codes. Three queries, however high the answer lies.
    """
    day = on or today()
    upwards = _upwards(area, day)
    wanted = Q(area__in=upwards, register__in=["", register or ""])
    if register and key:
        wanted |= Q(area=None, register=register, key=key)
    found = Duty.objects.on(day).filter(wanted, role=role).select_related("post__organisation").order_by("post__code")
    by_distance: defaultdict[tuple[int, bool], list[Duty]] = defaultdict(list)
    for duty in found:
        by_distance[-1 if duty.area_id is None else upwards.index(duty.area_id), not duty.register].append(duty)
    return _with_people(by_distance[min(by_distance)], day) if by_distance else []


def duties_of(account: Account, on: date | None = None) -> list[Duty]:
    """The duties of an account's posts on a day (today), by role."""
    return list(
        Duty.objects.of_account(account.pk, on or today())
        .select_related("post__organisation", "area")
        .order_by("role", "register", "key", "area_id", "pk")
    )


def _upwards(code: str | None, day: date) -> list[str]:
    """The area and those above it, nearest first, in one query. Of an area that is gone the one that took over from it alone,
    with those above, comes before the areas that lay above it."""
    if code is None:
        return []
    path = ["valid_to", "code", *("__".join(["parent"] * height) + "_id" for height in range(1, DEEPEST))]
    rows = Area.objects.filter(code=code).values_list(*path)[:1]
    if not rows:
        return []
    gone_on, *line = rows[0]
    above = [found for found in line if found is not None]
    if gone_on is None or gone_on > day:
        return above
    after = Succession.objects.alone(code, day)
    return list(dict.fromkeys([code, *(_upwards(after, day) if after else []), *above[1:]]))


def _with_people(duties: Sequence[Duty], day: date) -> list[Holder]:
    people: defaultdict[int, list[Account]] = defaultdict(list)
    for appointment in _appointments(duties, day):
        people[appointment.post_id].append(appointment.account)
    return [Holder(duty, duty.post, tuple(people[duty.post_id])) for duty in duties]


def _appointments(duties: Iterable[Duty], day: date) -> Iterable[Appointment]:
    posts = {duty.post_id for duty in duties}
    return (
        Appointment.objects.filter(in_force(day), post__in=posts, account__is_active=True)
        .select_related("account")
        .order_by("begins_on", "pk")
    )
