"""Reading appointments, duties and grants."""

from __future__ import annotations

from datetime import date, datetime
from typing import Self

from django.db import models
from django.db.models import Q


def in_force(day: date, prefix: str = "") -> Q:
    """``begins_on`` ≤ day < ``ends_on``, on the row itself or across the relation ``prefix``."""
    return Q(**{f"{prefix}begins_on__lte": day}) & (Q(**{f"{prefix}ends_on__isnull": True}) | Q(**{f"{prefix}ends_on__gt": day}))


class AppointmentQuerySet(models.QuerySet["Appointment"]):  # type: ignore[name-defined]
    def on(self, day: date) -> Self:
        """Those in force on a day."""
        return self.filter(in_force(day))


class DutyQuerySet(models.QuerySet["Duty"]):  # type: ignore[name-defined]
    def on(self, day: date) -> Self:
        """Those in force on a day."""
        return self.filter(in_force(day))

    def of_account(self, account_id: int, day: date) -> Self:
        """The duties, in force on a day, of the posts to which the account is appointed that day."""
        return self.on(day).filter(in_force(day, "post__appointments__"), post__appointments__account_id=account_id).distinct()


class GrantQuerySet(models.QuerySet["Grant"]):  # type: ignore[name-defined]
    def held_by(self, account_id: int, day: date) -> Self:
        """The grants of the posts to which the account is appointed on a day."""
        return self.filter(in_force(day, "post__appointments__"), post__appointments__account_id=account_id).distinct()


class TokenQuerySet(models.QuerySet["Token"]):  # type: ignore[name-defined]
    def valid(self, at: datetime) -> Self:
        """Those that open the door at a moment: not expired, not revoked."""
        return self.filter(expires_at__gt=at, revoked_at__isnull=True)
