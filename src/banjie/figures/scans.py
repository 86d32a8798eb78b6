"""Scans of the lake for one question: measures over the same rows share one, and none is made twice."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Context, Decimal
from typing import Any, Self

import duckdb

from banjie.figures import sql
from banjie.figures.places import Places
from banjie.figures.plan import Axis, Leaf, Measure, Observation
from banjie.formulas import Formula
from banjie.lib.periods import Period


@dataclass(frozen=True)
class Scan:
    """What several measures can share: the same rows, parted in the same way."""

    register: str
    where: Formula | None
    time: str | None
    period: Period | None
    by: Axis | str | None

    @classmethod
    def of(cls, plan: Measure, period: Period | None, by: Axis | str | None) -> Self:
        return cls(plan.register.name, plan.where, plan.time.name if plan.time else None, period, by)


@dataclass
class Scans:
    """One moment, one area, one view of the lake. ``areas`` None: no restriction."""

    cursor: duckdb.DuckDBPyConnection
    closings: bool
    as_of: datetime | None
    now: datetime
    area: str | None
    areas: frozenset[str] | None
    unplaced: bool
    places: Places
    outside: frozenset[str] = frozenset()  # the codes that are not among ``areas``
    _found: dict[tuple[Scan, Formula], list[tuple[str | None, bool, int, Decimal | int | None]]] = field(default_factory=dict)
    _recorded: dict[Scan, frozenset[str | None]] = field(default_factory=dict)
    _levels: str | None = None

    def slice(self, leaf: Leaf, period: Period | None) -> sql.Slice:
        """The versions from which a leaf is computed."""
        if isinstance(leaf, Observation):
            placed = leaf.register.area is not None or leaf.register.parent is not None
            areas = frozenset({self.area}) if placed and self.area else None
            return sql.Slice(self.as_of, self.now, period, areas, not placed, self.closings)
        return sql.Slice(self.as_of, self.now, period, self.areas, self.unplaced, self.closings, self.outside)

    def rows(self, plan: Measure, scan: Scan) -> list[tuple[str | None, bool, int, Decimal | int | None]]:
        """Part, whether it is the whole, how many rows, the measure over them."""
        if (scan, plan.measure) not in self._found:
            self.make(scan, [plan])
        return self._found[scan, plan.measure]

    def make(self, scan: Scan, measures: list[Measure]) -> None:
        """Scan once for all measures that are not known yet."""
        missing = [m for m in measures if (scan, m.measure) not in self._found]
        if not missing:
            return
        leaf, by = missing[0], scan.by
        level = by.level if isinstance(by, Axis) else None
        rolled_up = level is not None and all(m.sums_up for m in missing)
        if level is not None and not rolled_up:
            self.fill_places(level)
        rows = self.cursor.execute(
            sql.aggregate(leaf, missing, sql.EACH_AREA if rolled_up else by, self.slice(leaf, scan.period))
        ).fetchall()
        if rolled_up and level is not None:
            rows = self._raised(rows, level)
        for i, measure in enumerate(missing):
            self._found[scan, measure.measure] = [(part, whole, n, values[i]) for part, whole, n, *values in rows]

    def _raised(self, rows: list[tuple[Any, ...]], level: str) -> list[tuple[Any, ...]]:
        """Sums by each area's own code as sums by the areas of a level above: cheaper than to join the places to each row."""
        wide = Context(prec=80)
        raised: dict[str | None, list[Any]] = {}
        for code, _, *values in rows:
            top = self.places.above(code, level) if code else None
            sums = raised.setdefault(top, [None] * len(values))
            for i, value in enumerate(values):
                if value is not None:
                    sums[i] = (
                        value if sums[i] is None else wide.add(value, sums[i]) if isinstance(value, Decimal) else value + sums[i]
                    )
        return [(top, False, *sums) for top, sums in raised.items()]

    def recorded(self, plan: Measure, scan: Scan) -> frozenset[str | None]:
        """In which parts (None: at all) there are records, whether or not they meet the figure's condition. Only asked where no
        row met it."""
        if plan.where is None:
            return frozenset()
        whatever = replace(scan, where=None)  # figures with other conditions over the same register share the answer
        if whatever not in self._recorded:
            if isinstance(scan.by, Axis) and scan.by.level:
                self.fill_places(scan.by.level)
            found = self.cursor.execute(sql.recorded(plan, scan.by, self.slice(plan, scan.period))).fetchall()
            self._recorded[whatever] = frozenset(part for (part,) in found)
        return self._recorded[whatever]

    def fill_places(self, level: str) -> None:
        """Which area of a level each area lies in, as a temporary table of this reading."""
        if self._levels == level:
            return
        pairs = [(code, top) for code in self.places.by_code if (top := self.places.above(code, level))]
        columns = ["\n".join(column) for column in zip(*pairs, strict=True)] if pairs else ["", ""]
        self.cursor.execute(
            "CREATE OR REPLACE TEMP TABLE places AS SELECT unnest(string_split($1, chr(10))) AS code, unnest(string_split($2, chr(10))) AS top",
            columns,
        )
        self._levels = level
