"""Numbers and blocks as an issue keeps them: plain data from which the same document can be drawn for ever.

``frozen["numbers"]``: by mark, ``{figure, title, area, period, by, part, value, zh, en, rows, definition, why}``; a count over a
block's rows (red lights, missing reports) has ``block`` instead of ``figure``. ``frozen["blocks"]``: by name, ``{kind, title, note,
by, columns, rows, …}``; a cell is ``{value, zh, en}`` and its question follows from its column and row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from banjie.bulletins.asked import Questions
from banjie.bulletins.compiling import Light
from banjie.bulletins.definition import Block, Chart, Column, Listing, Ranking, Table, Tabular
from banjie.bulletins.listing import NOTHING, listed
from banjie.bulletins.periods import over
from banjie.bulletins.ranking import Absent, ranked
from banjie.figures import wording
from banjie.figures.answers import Answer, Part
from banjie.figures.asking import Where
from banjie.figures.catalogue import figures
from banjie.figures.cells import Cell
from banjie.figures.plan import Measure
from banjie.lib.clock import LOCAL
from banjie.lib.periods import Period
from banjie.lib.text import Text
from banjie.lib.units import plain, rounded

Frozen = dict[str, Any]
Shown = Table | Ranking | Listing
ASSUMED_PLACES = 6  # decimals of what a light's formula reads, as of every decimal column
LIGHTS = {"red": Text("红", "red"), "yellow": Text("黄", "yellow"), "green": Text("绿", "green"), "": NOTHING}


@dataclass(frozen=True)
class Beside:
    """What stands beside the figures of each row of a block: its light, and the reports it lacks."""

    columns: Sequence[Column]
    light: Light | None
    inputs: Mapping[str, Mapping[str, Decimal | None]]
    absent: Absent | None
    nobody: Text  # what belongs to no part is called

    def colour(self, code: str) -> str:
        """Red, yellow, green; "" where the rule cannot tell."""
        assert self.light is not None
        row: dict[str, object] = {}
        for name, values in self.inputs.items():
            value = values.get(code)
            row[name] = None if value is None else rounded(value, ASSUMED_PLACES)
        for colour, formula in (("red", self.light.red), ("yellow", self.light.yellow)):
            if formula.evaluate(row):
                return colour
        known = all(f.evaluate(row) is not None for f in (self.light.red, self.light.yellow))
        return "green" if known else ""


@dataclass(frozen=True)
class Freezer:
    """Makes the blocks of one bulletin."""

    questions: Questions
    where: Where
    lights: Mapping[str, tuple[Light, ...]]

    def block(self, block: Block) -> Frozen:
        """Raises what figures raise."""
        said: Frozen = {"title": block.title.as_dict(), "period": str(over(self.questions.period, block.over))}
        if block.note:
            said["note"] = block.note.as_dict()
        match block:
            case Chart():
                return said | self._chart(block)
            case Ranking():
                return said | self._tabular(block) | self._ranking(block)
            case Listing():
                return said | self._tabular(block) | self._listing(block)
            case Table():
                return said | self._tabular(block) | self._table(block)
        raise TypeError(type(block).__name__)

    # -- tables ----------------------------------------------------------------------------------

    def _tabular(self, block: Shown) -> Frozen:
        """What stands above and beneath the rows."""
        said: Frozen = {"by": block.by, "columns": [self._head(block, column) for column in block.columns]}
        rule = self._rule(block)
        if rule is not None:
            said["light"] = {
                "says": rule.rule.says.as_dict(),
                "source": rule.rule.source,
                "effective_from": rule.rule.effective_from.isoformat(),
            }
        if block.reports:
            said["reports"] = {"months": self._months(block)}
        return said

    def _head(self, block: Shown, column: Column) -> Frozen:
        answer = self._of(block, column)
        period = over(self.questions.period, column.over or block.over)
        return {
            "figure": column.figure, "title": (column.title or answer.title).as_dict(), "period": str(period),
            "definition": answer.definition, "unit": answer.unit, "places": column.places,
        }  # fmt: skip

    def _of(self, block: Shown, column: Column) -> Answer:
        return self.questions.answer(column.figure, column.over or block.over, block.by)

    def _table(self, block: Table) -> Frozen:
        answers = [self._of(block, c) for c in block.columns]
        codes = dict.fromkeys(part.code for answer in answers for part in answer.parts)
        parts = [{p.code: p for p in answer.parts} for answer in answers]
        titles = {p.code: p.title for answer in reversed(answers) for p in answer.parts}
        beside = self._beside(block)
        rows = [self._row(code, titles[code], [by_code.get(code) for by_code in parts], answers, beside) for code in codes]
        said: Frozen = {"kind": "table", "rows": rows}
        if block.whole:
            said["whole"] = [_whole(answer, c.places) for answer, c in zip(answers, block.columns, strict=True)]
        return said

    def _ranking(self, block: Ranking) -> Frozen:
        answers, order = [self._of(block, c) for c in block.columns], self.questions.answer(block.order, block.over, block.by)
        expected, received = self._reports(block)
        rows = ranked(
            answers, order, expected=expected, received=received, months=self._months(block), lowest_first=block.lowest_first
        )
        beside = self._beside(block)
        said = [{**self._row(r.code, r.title, r.parts, answers, beside), "place": r.place} for r in rows]
        formula = formula_of(self.questions, block.order)
        return {
            "kind": "ranking", "rows": said, "lowest_first": block.lowest_first,
            "order": {"figure": block.order, "title": order.title.as_dict(), "formula": formula.as_dict(), "definition": order.definition},
        }  # fmt: skip

    def _listing(self, block: Listing) -> Frozen:
        plan = self.questions.asked.plan(block.of)
        assert isinstance(plan, Measure)
        fields = [plan.register.by_name[name] for name in block.fields]
        period = over(self.questions.period, block.over)
        found = listed(self.questions.asked, self.where, plan, period, self.questions.as_of, fields)
        answers = [self._of(block, c) for c in block.columns]
        parts = [{p.code: p for p in answer.parts} for answer in answers]
        rows, beside = [], self._beside(block)
        for one in found:
            title = Text(one.label, one.label)
            row = self._row(one.key, title, [by_code.get(one.key) for by_code in parts], answers, beside)
            if not block.only or row.get("light") in block.only:
                rows.append({**row, "entry": one.entry, "record": one.record, "fields": [f.as_dict() for f in one.fields]})
        return {
            "kind": "list", "register": plan.register.name, "fields": [f.title.as_dict() for f in fields], "rows": rows,
            "label": _label_title(plan).as_dict(), "of": block.of,
        }  # fmt: skip

    def _row(self, code: str, title: Text, parts: Sequence[Part | None], answers: Sequence[Answer], beside: Beside) -> Frozen:
        columns = zip(parts, answers, beside.columns, strict=True)
        title = title if code else beside.nobody
        said: Frozen = {"code": code, "title": title.as_dict(), "cells": [_cell(p, a, c.places) for p, a, c in columns]}
        if beside.light is not None:
            said["light"] = beside.colour(code)
        if beside.absent is not None:
            said["missing"], said["expected"] = beside.absent(code)
        return said

    # -- lights and missing reports ----------------------------------------------------------------

    def _beside(self, block: Shown) -> Beside:
        rule, inputs = self._rule(block), {}
        for name, figure in rule.rule.inputs.items() if rule else ():
            inputs[name] = {p.code: p.value for p in self.questions.answer(figure, block.over, block.by).parts}
        expected, received = self._reports(block)
        absent = Absent(expected, received, self._months(block)) if block.reports else None
        return Beside(block.columns, rule, inputs, absent, self._nobody(block))

    def _nobody(self, block: Shown) -> Text:
        """What has no value of the breakdown is called by what it lacks: 无挂点县级领导."""
        axis = self.questions.asked.plan(block.columns[0].figure).axes.get(block.by)
        if axis is None or axis.field is None:
            return wording.NOT_PLACED
        title = axis.field.title
        return Text(f"无{title.zh}", f"no {title.en[:1].lower()}{title.en[1:]}")

    def _rule(self, block: Tabular) -> Light | None:
        """The newest rule in effect when the period ends."""
        there = [r for r in self.lights.get(block.name, ()) if r.rule.effective_from <= self.questions.period.last]
        return max(there, key=lambda r: r.rule.effective_from, default=None)

    def _reports(self, block: Shown) -> tuple[Answer | None, Answer | None]:
        if block.reports is None:
            return None, None
        expected, received = block.reports.expected, block.reports.received
        return self.questions.answer(expected, block.over, block.by), self.questions.answer(received, block.over, block.by)

    def _months(self, block: Tabular) -> int:
        """How many months of the stretch had begun: for each of them a report is due."""
        stretch = over(self.questions.period, block.over)
        last = min(stretch.last, self.questions.as_of.astimezone(LOCAL).date())
        return 0 if last < stretch.start else (last.year - stretch.start.year) * 12 + last.month - stretch.start.month + 1

    # -- charts --------------------------------------------------------------------------------------

    def _chart(self, block: Chart) -> Frozen:
        answer = self.questions.answer(block.figure, block.over, block.by)
        said: Frozen = {
            "kind": "chart", "draw": block.kind, "figure": block.figure, "by": block.by, "figure_title": answer.title.as_dict(),
            "definition": answer.definition, "unit": answer.unit, "points": [_point(p) for p in answer.parts],
        }  # fmt: skip
        if block.against and block.kind == "line":
            other = self.questions.answer(block.against, "year", "")
            said["against"] = {"figure": block.against, "title": other.title.as_dict(), "year": _digits(other.value)}
        elif block.against:
            other = self.questions.answer(block.against, block.over, block.by)
            said["against"] = {
                "figure": block.against,
                "title": other.title.as_dict(),
                "points": [_point(p) for p in other.parts],
            }
        return said


def formula_of(questions: Questions, name: str) -> Text:
    """A figure's formula in words, down to what its parts are called."""
    return wording.formula(questions.asked.known, name)


def number(answer: Answer, *, places: int | None, by: str = "", part: str = "") -> Frozen:
    """One number of the text, with everything by which it can be asked for again."""
    found = next((p for p in answer.parts if p.code == part), None) if by else None
    said_as = shown(found, answer, places) if by else (answer.display if places is None else answer.shown(places))
    said: Frozen = {
        "figure": answer.figure, "title": answer.title.as_dict(), "area": answer.area, "period": str(answer.period or ""),
        "value": _digits(found.value if found else None) if by else _digits(answer.value), **said_as.as_dict(), "places": places,
        "rows": (found.rows if found else 0) if by else answer.rows, "definition": answer.definition, "status": answer.status,
    }  # fmt: skip
    why = (found.no_value if found else None) if by else answer.no_value
    if by:
        said |= {"by": by, "part": part}
        if found:
            said["part_title"] = found.title.as_dict()
    return said | ({"why": why.as_dict()} if why else {})


def shown(part: Part | None, answer: Answer, places: int | None) -> Text:
    if part is None:
        return NOTHING
    if places is None or part.value is None:
        return part.display
    return wording.display(
        figures().figures[answer.figure], Cell(part.value, part.rows), places=places, like=answer.value or None
    )


def _cell(part: Part | None, answer: Answer, places: int | None) -> Frozen:
    return {"value": _digits(part.value) if part else None, **shown(part, answer, places).as_dict()}


def _whole(answer: Answer, places: int | None) -> Frozen:
    return {"value": _digits(answer.value), **(answer.display if places is None else answer.shown(places)).as_dict()}


def _point(part: Part) -> Frozen:
    return {"code": part.code, "title": part.title.as_dict(), "value": _digits(part.value), **part.display.as_dict()}


def _digits(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)


def _label_title(plan: Measure) -> Text:
    register = plan.register
    name = register.label or register.key[0]
    return register.by_name[name].title if name in register.by_name else register.title


def moment_said(at: datetime) -> Text:
    """2021年11月6日 09:00 / 2021-11-06 09:00."""
    local = at.astimezone(LOCAL)
    return Text(f"{local.year}年{local.month}月{local.day}日{local:%H:%M}", f"{local:%Y-%m-%d %H:%M}")


def periods_said(period: Period) -> dict[str, Text]:
    """What a template may call the stretches of time."""
    return {"period": period.title, "to_date": over(period, "to_date").title, "year": over(period, "year").title}
