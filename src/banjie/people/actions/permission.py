"""Who may change what about people: CONFIGURE on register ``*`` wherever the change reaches."""

from __future__ import annotations

from collections.abc import Iterable

from banjie.lib.clock import today
from banjie.lib.errors import NotPermitted
from banjie.lib.text import Text
from banjie.people.models import Account, Post
from banjie.people.scopes import ALL_REGISTERS, scope_of_actor
from banjie.people.verbs import Verb


def require(by: Account | None, areas: Iterable[str | None]) -> None:
    scope = scope_of_actor(by)
    for area in dict.fromkeys(areas):
        scope.require(Verb.CONFIGURE, ALL_REGISTERS, area)


def require_over(by: Account | None, account: Account) -> None:
    """Whoever changes an account could act as it, so must be able to configure wherever it can act, now or later."""
    if account.is_superuser:
        require_superuser(by)
    appointments = account.appointments.exclude(ends_on__lte=today()).select_related("post__organisation")
    areas = [area for appointment in appointments for area in areas_of_post(appointment.post)]
    if areas:
        require(by, areas)
    elif not scope_of_actor(by).areas(Verb.CONFIGURE, ALL_REGISTERS):
        require(by, [None])


def require_superuser(by: Account | None) -> None:
    if by is not None and not (by.is_active and by.is_superuser):
        raise NotPermitted(Text("只有超级管理员可以这样做", "only a superuser may do this"))


def areas_of_post(post: Post) -> list[str]:
    return [post.organisation.area_id, *post.grants.values_list("area_id", flat=True)]
