"""Reading what is installed."""

from __future__ import annotations

from django.db import models
from django.db.models import OuterRef, Subquery


class InstalledPackQuerySet(models.QuerySet["InstalledPack"]):  # type: ignore[name-defined]
    def in_force(self) -> InstalledPackQuerySet:
        """The newest installation of each pack, in the order in which the packs first came."""
        newest = self.model.objects.filter(name=OuterRef("name")).order_by("-number").values("number")[:1]
        return self.filter(number=Subquery(newest)).order_by("pk")
