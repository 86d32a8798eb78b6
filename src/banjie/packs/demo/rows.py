"""Invented rows before they are written: their values, where they hang, and when and by whom they are entered."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from banjie.packs.demo.generators import Above
from banjie.packs.demo.journeys import Journey, Step

Value = bool | int | Decimal | str | None


@dataclass(slots=True)
class Row:
    """``number`` counts from 1 within its set. ``month`` is "2021-09" for a row of a month."""

    number: int
    values: dict[str, Any]
    parent: Row | None = None
    month: str = ""
    moment: datetime | None = None  # when it is entered
    by: str = ""  # the user name of whoever enters it; empty for the system
    key: str = ""
    journey: Journey | None = None  # the way it goes, where it is a matter

    def get(self, name: str) -> Any:
        """A value of the row, or of its parent as ``parent.name``."""
        if name.startswith("parent."):
            return self.parent.get(name.removeprefix("parent.")) if self.parent else None
        return self.values.get(name)

    def meets(self, where: dict[str, Any]) -> bool:
        """Whether the row has every value asked for; a tuple offers several, ``Above`` asks for more than an amount."""
        return all(_fits(self.get(name), wanted) for name, wanted in where.items())


def _fits(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, Above):
        return value is not None and value > wanted.above
    return value in wanted if isinstance(wanted, tuple) else bool(value == wanted)


@dataclass(order=True, slots=True)
class Event:
    """One write: a row at first, or changes to it later. Sorts by moment, then by the order in which they were thought of.

    ``mode``: create or update a record, ``open`` a matter, or take a ``step`` with it. ``key`` names the matter.
    """

    moment: datetime
    order: int
    register: str = field(compare=False)
    mode: str = field(compare=False)
    by: str = field(compare=False)
    why: str = field(compare=False)
    values: dict[str, Any] = field(compare=False)
    key: str = field(default="", compare=False)
    process: str = field(default="", compare=False)
    step: Step | None = field(default=None, compare=False)
    says: str = field(default="", compare=False)
