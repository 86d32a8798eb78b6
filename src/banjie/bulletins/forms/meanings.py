"""What a heading was taken to mean, how sure that is, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Self

from banjie.bulletins.forms.layout import Head
from banjie.bulletins.forms.when import When
from banjie.lib.text import Text


class Standing(StrEnum):
    """How much a match may be trusted. Only what is sure or was settled by a person is filled in."""

    SETTLED = "settled"  # a person said so
    SURE = "sure"
    CLOSE = "close"  # something fits, but not so well, or not alone: a person must choose
    UNKNOWN = "unknown"
    ASIDE = "aside"  # remarks, counters, signatures: nothing is asked for

    @property
    def fills(self) -> bool:
        return self in {Standing.SETTLED, Standing.SURE}

    @property
    def label(self) -> Text:
        return STANDINGS[self]


STANDINGS = {
    Standing.SETTLED: Text("已确认", "confirmed"),
    Standing.SURE: Text("匹配", "matched"),
    Standing.CLOSE: Text("待确认", "to be confirmed"),
    Standing.UNKNOWN: Text("未识别", "not recognised"),
    Standing.ASIDE: Text("不填", "left alone"),
}


@dataclass(frozen=True)
class Meaning:
    """What words over a column or beside a row contribute to a cell. The period is read anew each time; it is not kept."""

    figure: str = ""
    field: str = ""  # of a list: the register's field
    area: str = ""
    axis: str = ""
    part: str = ""
    unit: str = ""  # as worded: 万元
    total: bool = False
    growth: bool = False
    when: When | None = None
    nothing: bool = False  # left blank, by a person's choice

    def kept(self) -> dict[str, object]:
        """The form that a mapping keeps."""
        said = {n: getattr(self, n) for n in ("figure", "field", "area", "axis", "part", "unit", "total", "growth", "nothing")}
        return {name: value for name, value in said.items() if value}

    @classmethod
    def of(cls, kept: Mapping[str, Any], when: When | None) -> Self:
        names = {"figure", "field", "area", "axis", "part", "unit", "total", "growth", "nothing"}
        return cls(**{n: v for n, v in kept.items() if n in names}, when=when)

    @property
    def says_something(self) -> bool:
        return bool(self.figure or self.field or self.area or self.axis or self.total or self.growth)


@dataclass(frozen=True)
class Candidate:
    """What else, or what perhaps, a heading means. ``score`` is out of 100."""

    name: str  # of a figure or a field
    title: Text
    score: int
    because: Text


@dataclass(frozen=True)
class Match:
    """A heading with its meaning."""

    key: str  # sheet/table/axis/position: the same in every copy of the form
    head: Head
    meaning: Meaning
    standing: Standing
    because: Text
    others: tuple[Candidate, ...] = field(default=())

    def settled(self, meaning: Meaning, because: Text) -> Match:
        return replace(self, meaning=meaning, standing=Standing.SETTLED, because=because)


def key_of(sheet: int, table: int, head: Head) -> str:
    """Where a heading stands: ``1/1/c/3``. Sheets are counted from 1 as the file orders them."""
    where = f"{head.position}" if head.axis == "column" or head.at[0] == head.position else f"{head.at[0]}"
    beside = f".{head.at[1]}" if head.axis == "row" else ""
    return f"{sheet}/{table}/{head.axis[0]}/{where}{beside}"
