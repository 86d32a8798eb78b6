"""The cockpit: the figures that a pack puts there, as charts, a map and a ranking. Each opens to where it comes from.

The whole page is asked in one go, so that all its numbers are of one state of the records.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from banjie.bulletins.ranking import Ranked, ranked
from banjie.figures.answers import Answer, Part, Request, many
from banjie.figures.catalogue import figures
from banjie.figures.plan import Plan
from banjie.lib.errors import NotPermitted
from banjie.lib.periods import Period
from banjie.lib.text import Text
from banjie.lib.units import Scale, unit
from banjie.packs.screens import Breakdown, Cockpit, Ranking, Trend
from banjie.web.areas import areas_of_figures
from banjie.web.asking import (
    Question,
    answer_link,
    breakdown_title,
    months_of,
    newest_period,
    nobody_title,
    part_link,
    period_choices,
)
from banjie.web.bundles import VERSION
from banjie.web.charts import Point, bars, trend
from banjie.web.cockpits import cockpit_for, installed_cockpits
from banjie.web.columns import Column
from banjie.web.drawing import points, scale_for, scale_name
from banjie.web.outlines import Map, outlined
from banjie.web.permissions import SignedIn, logged_in

Asked = tuple[str, str]  # figure, breakdown ("" for none)


@dataclass(frozen=True)
class Board:
    """The answers of one page, and how to ask again."""

    question: Question
    plans: Mapping[str, Plan]
    answers: Mapping[Asked, Answer]

    def get(self, name: str, by: str = "") -> Answer:
        return self.answers[name, by]

    def link(self, name: str, by: str, part: Part) -> str:
        return part_link(replace(self.question, by=by), name, self.plans[name], part)


@dataclass(frozen=True)
class Drawing:
    """A chart with the table that says the same."""

    id: str
    title: str
    heading: str
    spec: dict[str, Any]
    columns: list[str]
    rows: list[tuple[str, list[tuple[str, str]]]]  # name, (display, link) of each column
    link: str
    unit: str
    wide: bool = False

    @property
    def script_id(self) -> str:
        """The id of the element that holds the specification."""
        return f"chart-{self.id}"


@require_GET
@logged_in
def cockpit(request: SignedIn) -> HttpResponse:
    """``?area=&period=``: one's own area and the newest months where they are not named."""
    declared = installed_cockpits()
    if not declared:
        return render(request, "cockpit/empty.html", {"here": "cockpit"})
    mine = cockpit_for(request.user, declared)
    screen = mine or declared[0]
    known = figures()
    question = Question.of(request.GET)
    if not question.period:
        first = screen.trend.figure if screen.trend else screen.headline[0]
        question = replace(question, period=newest_period(request.user, known.plans[first]))
    context: dict[str, object] = {
        "here": "cockpit",
        "cockpit_open": mine is not None,
        "screen": screen,
        "question": question,
        "choices": period_choices(question.period),
    }
    try:
        board = ask(request, screen, question, known.plans)
    except NotPermitted as refusal:
        return render(request, "cockpit/cockpit.html", context | {"refusal": refusal.says}, status=403)
    first_answer = board.get(screen.headline[0])
    context |= {
        "areas": areas_of_figures(request.user, [known.plans[n] for n, _ in wanted(screen)]),
        "area_title": first_answer.area_title,
        "period_title": first_answer.period.title if first_answer.period else "",
        "as_of": first_answer.as_of,
        "headline": [(board.get(n), answer_link(board.get(n))) for n in screen.headline],
        "drawings": drawings(screen, board),
        "thirds": len(screen.breakdowns) % 3 == 0,
        "map": area_map(screen, board),
        "ranking": ranking(screen.ranking, board) if screen.ranking else None,
        "charts_version": VERSION,
    }
    return render(request, "cockpit/cockpit.html", context)


def wanted(screen: Cockpit) -> list[Asked]:
    """Every figure of the page with its breakdown, each once."""
    found: dict[Asked, None] = dict.fromkeys((name, "") for name in screen.headline)
    if screen.trend:
        found |= dict.fromkeys([(screen.trend.figure, "to_month"), (screen.trend.figure, "")])
        if screen.trend.against:
            found[screen.trend.against, ""] = None
    found |= dict.fromkeys((b.figure, b.by) for b in screen.breakdowns)
    if screen.map:
        found[screen.map.figure, screen.map.by] = None
    if screen.ranking:
        r = screen.ranking
        found |= dict.fromkeys((n, r.by) for n in (*r.figures, r.order, r.expected, r.received) if n)
    return list(found)


def ask(request: SignedIn, screen: Cockpit, question: Question, plans: Mapping[str, Plan]) -> Board:
    asked = wanted(screen)
    requests: list[Request] = [question.request(name, by=by) for name, by in asked]
    return Board(question, plans, dict(zip(asked, many(requests, request.user), strict=True)))


def drawings(screen: Cockpit, board: Board) -> list[Drawing]:
    found = [trend_drawing(screen.trend, board)] if screen.trend else []
    return found + [breakdown_drawing(b, board) for b in screen.breakdowns]


def said_above(scale: Scale) -> str:
    """The unit in the heading, where the marks' labels leave it out (CNY billion)."""
    return scale_name(scale) if scale.prefix else ""


def trend_drawing(declared: Trend, board: Board) -> Drawing:
    """What was done month by month, added up; and where it should have been, had the year's plan been spread evenly."""
    done = board.get(declared.figure, "to_month")
    parts = [p for p in done.parts if p.code]
    against = board.get(declared.against) if declared.against else None
    plan = against.value if against else None
    scale = scale_for(done.unit, [*(p.value for p in parts), plan])
    shown = points(parts, done.unit, scale, lambda p: board.link(declared.figure, "to_month", p))
    series, columns = [(str(done.title), shown)], [str(done.title)]
    rows = [(p.name, [(p.shown, p.link)]) for p in shown]
    if against is not None and plan is not None:
        due = [plan * int(p.code[5:7]) / Decimal(12) for p in parts]
        places = 2
        text = [str(unit(done.unit).display(d, places=places)) for d in due]
        link = answer_link(against)
        name = str(Text("序时进度", "Even schedule"))
        series.append((name, [Point(str(p.title), d / scale.size, s, link) for p, d, s in zip(parts, due, text, strict=True)]))
        columns.append(name)
        rows = [(n, [*cells, (s, link)]) for (n, cells), s in zip(rows, text, strict=True)]
    says = Text("{title}：逐月累计与序时进度", "{title}: month by month against an even schedule").format(title=done.title)
    spec = trend(series, says=str(says), unit=scale_name(scale))
    return Drawing(
        "trend",
        str(says),
        str(Text("月份", "Month")),
        spec,
        columns,
        rows,
        answer_link(done, by="to_month"),
        said_above(scale),
        wide=True,
    )


def breakdown_drawing(declared: Breakdown, board: Board) -> Drawing:
    given = board.get(declared.figure, declared.by)
    parts = [p for p in given.parts if p.value is not None]
    scale = scale_for(given.unit, [p.value for p in parts])
    ordered = sorted(parts, key=lambda p: -(p.value or 0))
    shown = points(ordered, given.unit, scale, lambda p: board.link(declared.figure, declared.by, p))
    by = breakdown_title(board.plans[declared.figure], declared.by)
    title = str(Text("{title}（{by}）", "{title}, {by}").format(title=given.title, by=by))
    rows = [(str(p.title), [(str(p.display), board.link(declared.figure, declared.by, p))]) for p in given.parts]
    spec = bars(shown, says=title, unit=scale_name(scale))
    name = f"{declared.figure}-{declared.by}".replace(".", "-")
    return Drawing(name, title, by, spec, [str(given.title)], rows, answer_link(given, by=declared.by), said_above(scale))


@dataclass(frozen=True)
class AreaMap:
    """``unit`` holds for every row and shade, so that they can be compared."""

    title: str
    map: Map | None
    rows: list[tuple[str, str, str]]  # area, value in the unit, link
    link: str
    unit: str


def area_map(screen: Cockpit, board: Board) -> AreaMap | None:
    if screen.map is None:
        return None
    name, by = screen.map.figure, screen.map.by
    given = board.get(name, by)
    placed = [p for p in given.parts if p.code]
    title = Text("{title}（{by}）", "{title}, {by}").format(title=given.title, by=breakdown_title(board.plans[name], by))
    column = Column.of([given])
    rows = [(str(p.title), column.shown(p), board.link(name, by, p)) for p in given.parts]
    shaded = outlined(placed, lambda p: board.link(name, by, p), column.shown, column.unit)
    return AreaMap(str(title), shaded, rows, answer_link(given, by=by), column.unit)


@dataclass(frozen=True)
class RankingTable:
    declared: Ranking
    titles: list[tuple[str, str, str]]  # of the columns, with links and units
    rows: list[tuple[Ranked, list[tuple[str, str]], str]]  # the row, (display, link) of each figure, link of what is missing
    order: str
    months: int


def ranking(declared: Ranking, board: Board) -> RankingTable:
    answers = [board.get(n, declared.by) for n in declared.figures]
    period = Period.parse(board.question.period)
    months = months_of(period)
    expected = board.get(declared.expected, declared.by) if declared.expected else None
    received = board.get(declared.received, declared.by) if declared.received else None
    order = board.get(declared.order, declared.by)
    rows = ranked(answers, order, expected=expected, received=received, months=months)
    columns = [Column.of([a]) for a in answers]
    nobody = nobody_title(board.plans[declared.order], declared.by)
    shown = []
    for row in rows:
        cells = [
            (column.shown(p), board.link(name, declared.by, p)) if p else ("—", "")
            for name, column, p in zip(declared.figures, columns, row.parts, strict=True)
        ]
        missing = answer_link(received, by=declared.by) if received else ""
        shown.append((row if row.code else replace(row, title=nobody), cells, missing))
    titles = [(str(a.title), answer_link(a, by=declared.by), c.unit) for a, c in zip(answers, columns, strict=True)]
    return RankingTable(declared, titles, shown, str(order.title), months)
