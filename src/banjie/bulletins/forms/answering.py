"""The answers to what the blank cells ask: computed together, of one state of the store, and of nothing that the account may not
ask for."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from banjie.bulletins.forms.amounts import converted, trimmed
from banjie.bulletins.forms.matched import Asked, Matched
from banjie.bulletins.forms.meanings import Standing
from banjie.bulletins.forms.workbook import Place
from banjie.figures.answers import Answer, answers_to
from banjie.figures.asking import Asking, Request
from banjie.figures.plan import Measure
from banjie.lib.errors import Refusal
from banjie.lib.text import Text
from banjie.lib.units import plain

NO_PART = Text("该分组在所问的地区和时期内没有记录", "this part has no records in the area and period")
NO_VALUE = Text("没有数值", "there is no value")


@dataclass(frozen=True)
class Value:
    """What goes into a cell: a number, or a text; where it comes from; and the address that opens it, without the site's."""

    page: int
    place: Place
    content: Decimal | str
    display: str
    source: tuple[Text, ...]
    link: str
    because: Text
    fact: str  # what was asked, the same in every form: by it a question asked twice is known
    figure: str = ""
    field: str = ""


@dataclass(frozen=True)
class Blank:
    """A cell that stays blank, and why."""

    page: int
    place: Place
    because: Text
    standing: Standing = Standing.UNKNOWN


@dataclass
class Answers:
    values: list[Value] = field(default_factory=list)
    blanks: list[Blank] = field(default_factory=list)


def compute(asked: Asking, matched: Matched, as_of: datetime | None) -> Answers:
    """Ask every question whose cell may be filled. ``as_of`` None: as known now."""
    found = Answers()
    wanted: list[tuple[Asked, Request]] = []
    for cell in matched.asked:
        if not cell.standing.fills:
            found.blanks.append(Blank(cell.page, cell.place, cell.because, cell.standing))
            continue
        request = Request(cell.figure, cell.area, cell.period, cell.axis or None, as_of)
        try:
            asked.where(asked.plan(cell.figure), cell.area)
        except Refusal as refusal:
            found.blanks.append(Blank(cell.page, cell.place, refusal.says))
        else:
            wanted.append((cell, request))
    unique = list(dict.fromkeys(request for _, request in wanted))
    answers = dict(zip(unique, answers_to(asked, unique), strict=True))
    for cell, request in wanted:
        made = _value(asked, matched, cell, answers[request], as_of)
        (found.values if isinstance(made, Value) else found.blanks).append(made)  # type: ignore[arg-type]
    return found


def _value(asked: Asking, matched: Matched, cell: Asked, answer: Answer, as_of: datetime | None) -> Value | Blank:
    amount, title, rows = _amount(asked, cell, answer)
    if amount is None:
        return Blank(cell.page, cell.place, title)
    sheet = matched.form.sheets[cell.page - 1]
    figure = asked.known.figures[cell.figure]
    number_format = sheet.style(cell.place).format
    content = converted(amount, figure.unit, cell.unit, number_format)
    shown = content
    if matched.words.figures[cell.figure].computed:
        content = trimmed(content, figure.unit, number_format, figure.display.places)
    scope = Text("{area} {period}", "{area}, {period}").format(
        area=answer.area_title, period=answer.period.title if answer.period else Text("现有", "at present")
    )
    source = [
        Text("指标：{title}", "Figure: {title}").format(title=answer.title),
        Text("范围：{s}", "Scope: {s}").format(s=scope),
    ]
    if cell.axis:
        source.append(Text("分组：{title}", "Part: {title}").format(title=title))
    exact = Text("数值：{v}（{rows} 条记录，{basis}）", "Value: {v} ({rows} records, {basis})")
    source.append(exact.format(v=f"{plain(shown)}{cell.unit}", rows=rows, basis=answer.basis_title))
    if answer.status not in {"normal", "missing"}:
        source.append(answer.status_title)
    if answer.qualifier:  # 约310亿元 is more than the bare number says
        source.append(Text("原文：{d}", "As worded: {d}").format(d=answer.display))
    if answer.source:
        source.append(Text("来源：{s}", "Source: {s}").format(s=answer.source))
    source += answer.notes
    display = f"{plain(content)}{cell.unit}"
    link = {"area": answer.area or "", "period": str(answer.period) if answer.period else "", "by": cell.axis}
    fact = "|".join((cell.figure, answer.area or "", str(answer.period or ""), cell.axis, cell.part))
    return Value(
        cell.page, cell.place, content, display, tuple(source), _address(cell, link), cell.because, fact, figure=cell.figure
    )


def _address(cell: Asked, asked: dict[str, str]) -> str:
    query = {k: v for k, v in asked.items() if v}
    if cell.axis:
        query["part"] = cell.part
    return f"figures/{cell.figure}/?" + "&".join(f"{k}={v}" for k, v in query.items())


def _amount(asked: Asking, cell: Asked, answer: Answer) -> tuple[Decimal | None, Text, int]:
    """The number; the title of the part, or why there is no number; from how many rows."""
    if not cell.axis:
        return answer.value, answer.no_value or NO_VALUE, answer.rows
    part = next((p for p in answer.parts if p.code == cell.part), None)
    if part is not None:
        return part.value, part.title if part.value is not None else part.no_value or NO_VALUE, part.rows
    plan = asked.plan(cell.figure)
    if isinstance(plan, Measure) and plan.reads_from_zero:
        return Decimal(0), Text(cell.part, cell.part), 0
    return None, NO_PART, 0
