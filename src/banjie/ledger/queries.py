"""Reading the trail."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Self

from django.db import models


class EntryQuerySet(models.QuerySet["Entry"]):  # type: ignore[name-defined]
    def of(self, chain: str) -> Self:
        """The entries of one chain, oldest first."""
        return self.filter(chain=chain).order_by("index")

    def about(self, chains: Collection[str]) -> Self:
        """The entries of several chains, a record and its children, newest first."""
        return self.filter(chain__in=chains).order_by("-id")

    def before(self, entry_id: int | None, size: int) -> Self:
        """One page of a list that runs newest first: those written before the last entry of the page above."""
        earlier = self if entry_id is None else self.filter(id__lt=entry_id)
        return earlier.order_by("-id")[:size]

    def as_known_at(self, moment: datetime) -> Self:
        """What the trail says had been recorded by a moment."""
        return self.filter(at__lte=moment)
