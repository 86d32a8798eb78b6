"""The cockpit and the workbench as data: which figures and lists stand where. The web room draws what is declared here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field, field_validator

from banjie.lib.definition import BilingualError, Definition, DottedName, Label, Name
from banjie.packs.models import InstalledPack
from banjie.packs.workbench import WorkbenchList

Path = tuple[str | int, ...]
FigureAt = tuple[Path, str, str]  # where a figure is named, which one, and the dimension asked of it ("" for none)


class Trend(Definition):
    """A figure month by month, against another for the whole year (the plan, drawn as its even schedule)."""

    figure: DottedName
    against: DottedName | None = None


class Breakdown(Definition):
    """A figure by one dimension, as a chart."""

    figure: DottedName
    by: Name
    chart: Literal["bar", "table"] = "bar"


class Map(Definition):
    """A figure by an area level, as a map."""

    figure: DottedName
    by: Name


class Ranking(Definition):
    """A table with one row a dimension value. ``expected`` × months less ``received`` is what is missing."""

    by: Name
    title: Label
    figures: tuple[DottedName, ...] = Field(min_length=1)
    order: DottedName
    expected: DottedName | None = None
    received: DottedName | None = None
    note: Label | None = None


class Cockpit(Definition):
    """``headline``: figures in their order. The rest is left out of the page where it is not declared."""

    title: Label
    headline: tuple[DottedName, ...] = Field(min_length=1)
    trend: Trend | None = None
    breakdowns: tuple[Breakdown, ...] = ()
    map: Map | None = None
    ranking: Ranking | None = None

    def figures(self) -> Iterator[FigureAt]:
        """Every figure named, with its place below the cockpit."""
        yield from (((("headline", n)), name, "") for n, name in enumerate(self.headline))
        if self.trend:
            yield ("trend", "figure"), self.trend.figure, ""
            if self.trend.against:
                yield ("trend", "against"), self.trend.against, ""
        yield from ((("breakdowns", n, "figure"), b.figure, b.by) for n, b in enumerate(self.breakdowns))
        if self.map:
            yield ("map", "figure"), self.map.figure, self.map.by
        if self.ranking:
            yield from self._of_ranking(self.ranking)

    @staticmethod
    def _of_ranking(ranking: Ranking) -> Iterator[FigureAt]:
        yield from ((("ranking", "figures", n), name, ranking.by) for n, name in enumerate(ranking.figures))
        yield ("ranking", "order"), ranking.order, ranking.by
        for place in ("expected", "received"):
            name = getattr(ranking, place)
            if name:
                yield ("ranking", place), name, ranking.by


class Screens(Definition):
    """The section ``screens``."""

    cockpit: Cockpit | None = None
    workbench: tuple[WorkbenchList, ...] = ()

    @field_validator("workbench")
    @classmethod
    def _names_once(cls, lists: tuple[WorkbenchList, ...]) -> tuple[WorkbenchList, ...]:
        names = [w.name for w in lists]
        for name in names:
            if names.count(name) > 1:
                raise BilingualError(f"工作台清单「{name}」重复", f"the workbench list {name} stands twice")
        return lists


def cockpit() -> Cockpit | None:
    """The cockpit in force: that of the pack installed first that declares one."""
    for pack in InstalledPack.objects.in_force():
        declared = pack.content.get("screens", {}).get("cockpit")
        if declared:
            return Cockpit.load(declared)
    return None


def workbench_lists() -> list[WorkbenchList]:
    """The workbench lists of the packs in force, in their order."""
    return [
        WorkbenchList.load(declared)
        for pack in InstalledPack.objects.in_force()
        for declared in pack.content.get("screens", {}).get("workbench", ())
    ]
