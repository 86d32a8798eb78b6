"""Reading the trail."""

from __future__ import annotations

from django.db import models


class EntryQuerySet(models.QuerySet["Entry"]):  # type: ignore[name-defined]  # noqa: F821
    def of(self, chain: str) -> EntryQuerySet:
        """The entries of one chain, oldest first."""
        return self.filter(chain=chain).order_by("index")
