"""Reading issues. Who may see one is said by ``visible_to`` and nothing else."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q

from banjie.people.areasets import NO_ROW, AreaSet
from banjie.people.models import Account
from banjie.people.scopes import Scope, scope_of
from banjie.people.verbs import Verb

if TYPE_CHECKING:
    from banjie.bulletins.models.bulletin import Issue  # noqa: F401 - named in the base


ANY_ROW = Q(pk__isnull=False)  # an empty Q would vanish from an "or" and take what stands beside it for the whole


class IssueQuerySet(models.QuerySet["Issue"]):
    def visible_to(self, account: Account | AnonymousUser) -> IssueQuerySet:
        """Published issues whose registers the account may count in the issue's area, those listed row by row being viewed there;
        drafts where it may also publish from all of them."""
        scope = scope_of(account)
        if scope.unlimited:
            return self
        sources = self.order_by().values_list("counted", "listed").distinct()
        parts = [
            Q(counted=counted, listed=listed) & _where(scope, counted.split(), listed.split()) for counted, listed in sources
        ]
        return self.filter(reduce(or_, parts)) if parts else self.none()

    def published(self) -> IssueQuerySet:
        return self.filter(state="published")

    def drafts(self) -> IssueQuerySet:
        return self.filter(state="draft")

    def of(self, name: str, area: str, period: str) -> IssueQuerySet:
        return self.filter(name=name, area=area, period=period)


def _where(scope: Scope, counted: list[str], listed: list[str]) -> Q:
    seen = [_inside(scope.counts(register)) for register in counted]
    seen += [_inside(scope.areas(Verb.VIEW, register)) for register in listed]
    publishing = [_inside(scope.areas(Verb.PUBLISH, register)) for register in counted]
    readable, ready = _all(seen), _all(publishing)
    return readable & (Q(state="published") | ready)


def _inside(areas: AreaSet) -> Q:
    return (areas.q("area") or ANY_ROW) if areas else NO_ROW


def _all(conditions: list[Q]) -> Q:
    found = Q()
    for condition in conditions:
        found &= condition
    return found
