"""Reading kept forms. Who may see one is said by ``visible_to`` and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from banjie.lib.clock import today
from banjie.people.models import Account, Appointment, Organisation

if TYPE_CHECKING:
    from banjie.bulletins.models.forms import FormMapping  # noqa: F401 - named in the base


class FormMappingQuerySet(models.QuerySet["FormMapping"]):
    def visible_to(self, account: Account | None) -> FormMappingQuerySet:
        """Those of the organisations in which the account holds a post, and those it brought in itself. ``None`` is the system."""
        if account is None or (account.is_superuser and account.is_active):
            return self
        return self.filter(Q(organisation__in=organisations_of(account)) | Q(received_by=account))

    def kept(self) -> FormMappingQuerySet:
        return self.filter(removed_at=None)

    def of(self, fingerprint: str, organisation: Organisation | None) -> FormMappingQuerySet:
        return self.kept().filter(fingerprint=fingerprint, organisation=organisation)


def organisations_of(account: Account) -> list[int]:
    """The organisations in which an account holds a post today, the first appointment first."""
    held = Appointment.objects.on(today()).filter(account=account).order_by("begins_on", "id")
    return list(dict.fromkeys(held.values_list("post__organisation_id", flat=True)))
