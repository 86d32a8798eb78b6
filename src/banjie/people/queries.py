"""Reading appointments, duties and grants."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Q


class DatedQuerySet(models.QuerySet[models.Model]):
    def on(self, day: date) -> DatedQuerySet:
        """Those in force on a day."""
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day), begins_on__lte=day)


class GrantQuerySet(models.QuerySet["Grant"]):  # type: ignore[name-defined]  # noqa: F821
    def held_by(self, account_id: int, day: date) -> GrantQuerySet:
        """The grants of the posts to which the account is appointed on a day."""
        return self.filter(
            Q(post__appointments__ends_on__isnull=True) | Q(post__appointments__ends_on__gt=day),
            post__appointments__account_id=account_id,
            post__appointments__begins_on__lte=day,
        ).distinct()
