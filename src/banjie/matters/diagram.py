"""A process as a drawing: boxes in columns, arrows between them. Pure: what is placed where; ``drawing`` and ``bpmn`` write it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from banjie.lib.text import Text
from banjie.matters.definition import Limit, Process, Stage, TermBy
from banjie.places.terms import parse_term

BOX_WIDTH, BOX_HEIGHT, COLUMN, LINE, MARGIN = 168, 84, 250, 124, 30
Point = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Box:
    """A stage, at the column of its distance from the start. ``x``, ``y``: its upper left corner in pixels."""

    name: str
    stage: Stage
    x: int
    y: int

    @property
    def centre(self) -> Point:
        return self.x + BOX_WIDTH // 2, self.y + BOX_HEIGHT // 2


@dataclass(frozen=True, slots=True)
class Arrow:
    """A way from stage to stage, as a line through ``points``. ``back``: it leads to an earlier column, or is a return."""

    source: str
    target: str
    title: Text
    back: bool
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Diagram:
    process: Process
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]

    @cached_property
    def by_name(self) -> dict[str, Box]:
        return {box.name: box for box in self.boxes}

    @property
    def width(self) -> int:
        return max(box.x for box in self.boxes) + BOX_WIDTH + MARGIN

    @property
    def height(self) -> int:
        lowest = max(y for arrow in self.arrows for _, y in arrow.points) if self.arrows else 0
        return max(lowest, max(box.y for box in self.boxes) + BOX_HEIGHT) + MARGIN


def diagram(process: Process) -> Diagram:
    """The drawing of a process: a stage's column is its longest way from the start, endings stand last."""
    columns = _columns(process)
    rows: dict[int, int] = {}
    boxes = []
    for name, stage in process.stages.items():
        column = columns[name]
        row = rows.get(column, 0)
        rows[column] = row + 1
        boxes.append(Box(name, stage, MARGIN + column * COLUMN, MARGIN + row * LINE))
    placed = {box.name: box for box in boxes}
    floor = max(box.y for box in boxes) + BOX_HEIGHT
    arrows, backs = [], 0
    for name, stage in process.stages.items():
        for n, (to, way) in enumerate(stage.to.items()):
            back = way.returns or columns[to] <= columns[name]
            backs += back
            title = way.title or process.stages[to].title
            points = _round(placed[name], placed[to], floor + 22 * backs) if back else _straight(placed[name], placed[to], n)
            arrows.append(Arrow(name, to, title, back, points))
    return Diagram(process, tuple(boxes), tuple(arrows))


def _columns(process: Process) -> dict[str, int]:
    """The longest way from the start without going back; endings in the last column."""
    ahead = _ahead(process)
    found = dict.fromkeys(process.stages, 0)
    for _ in process.stages:  # once for each stage settles the longest way, for nothing in ``ahead`` goes round
        for name, targets in ahead.items():
            for to in targets:
                found[to] = max(found[to], found[name] + 1)
    last = max(column for name, column in found.items() if not process.stages[name].ending) + 1
    return {name: last if process.stages[name].ending else column for name, column in found.items()}


def _ahead(process: Process) -> dict[str, list[str]]:
    """The ways that lead on: no returns, and none that would close a ring (found by going deep first, in the order declared)."""
    found: dict[str, list[str]] = {name: [] for name in process.stages}
    seen: set[str] = set()

    def go(name: str, above: tuple[str, ...]) -> None:
        seen.add(name)
        for to, way in process.stages[name].to.items():
            if way.returns or to in above or to == name:
                continue
            found[name].append(to)
            if to not in seen:
                go(to, (*above, name))

    go(process.starts, ())
    if process.reopens and process.reopens not in seen:
        go(process.reopens, ())
    return found


def _straight(source: Box, target: Box, n: int) -> tuple[Point, ...]:
    """Out on the right, in on the left, with one bend between the columns; each exit bends at its own place."""
    begins = (source.x + BOX_WIDTH, source.centre[1])
    ends = (target.x, target.centre[1])
    if begins[1] == ends[1] and target.x - source.x <= COLUMN:
        return begins, ends
    bend = source.x + BOX_WIDTH + 14 + 12 * (n % 5)
    if target.x - source.x <= COLUMN:
        return begins, (bend, begins[1]), (bend, ends[1]), ends
    between = target.y + BOX_HEIGHT + 10 + 5 * (n % 4)  # below the boxes of the columns that are passed
    near = target.x - 16
    return begins, (bend, begins[1]), (bend, between), (near, between), (near, ends[1]), ends


def _round(source: Box, target: Box, floor: int) -> tuple[Point, ...]:
    """Down, along below everything, and up again."""
    begins, ends = (source.centre[0] + 20, source.y + BOX_HEIGHT), (target.centre[0] - 20, target.y + BOX_HEIGHT)
    return begins, (begins[0], floor), (ends[0], floor), ends


def term_text(stage: Stage) -> Text | None:
    """The term of a stage as people say it."""
    if stage.at_least:
        return _limit(stage.at_least, Text("不少于{term}", "at least {term}"))
    limit = stage.promise or stage.within
    return _limit(limit, Text("限{term}", "within {term}")) if limit else stage.untimed


def _limit(limit: Limit, says: Text) -> Text:
    if isinstance(limit, TermBy):
        several = [parse_term(t) for t in dict.fromkeys((*limit.terms.values(), limit.otherwise))]
        return says.format(term=Text("/".join(t.title.zh for t in several), " / ".join(t.title.en for t in several)))
    return says.format(term=parse_term(limit).title)
