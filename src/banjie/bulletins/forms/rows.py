"""The rows of a list: the records that the account may export, in order, each value as the form wants it.

Personal values go in only for records whose personal values the account may see; the others stay blank and are listed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from banjie.bulletins.forms.amounts import converted
from banjie.bulletins.forms.answering import Answers, Blank, Value
from banjie.bulletins.forms.lists import ListMatch
from banjie.bulletins.forms.matched import Matched
from banjie.bulletins.forms.meanings import Match, Standing
from banjie.bulletins.forms.workbook import LAST_ROW, Place, Sheet
from banjie.lib.text import Text, language
from banjie.lib.units import plain
from banjie.people.models import Account
from banjie.people.verbs import Verb
from banjie.places.models import Area
from banjie.registers.definition import Field, Register
from banjie.registers.export_columns import columns_of
from banjie.registers.models import Record
from banjie.registers.paging import in_order

ROWS_AT_MOST = 5_000  # of one list
FIRST_SURE_DAY = date(1900, 3, 1)  # before it, spreadsheets count a day that never was
_DAY_ZERO = date(1899, 12, 30)

TOO_FEW_ROWS = Text(
    "名单有 {n} 条，表中只有 {free} 个空行：请在第 {last} 行之前插入 {more} 行后重试",
    "there are {n} records and {free} blank rows: insert {more} rows before row {last} and try again",
)
TOO_MANY_RECORDS = Text(
    "名单有 {n} 条，一次最多填 {most} 条：请加筛选", "there are {n} records; {most} are filled in at most: filter them"
)
NO_RECORDS = Text("没有符合条件且您可以导出的记录", "no records that you may export meet the conditions")
PAST = Text(
    "名单只能按现在的记录填写，不能按过去的时点", "a list is filled from the records as they are now, not as of a past moment"
)
PERSONAL = Text("是个人信息，您无权查看这条记录的个人信息", "is personal, and you may not see the personal values of this record")


@dataclass(frozen=True)
class Listed:
    """What a list came to: which row took which record."""

    rows: Mapping[int, str]  # row → the record's key


def fill_list(
    found: ListMatch, matched: Matched, by: Account | None, answers: Answers, *, past: bool
) -> dict[tuple[int, Place], Place]:
    """Add the values and blanks of one list. Gives, for rows below the last blank one, the cell whose style each takes."""
    sheet = matched.form.sheets[found.page - 1]
    register = matched.words.registers.get(found.choice.register)
    if not found.standing.fills or register is None:
        _nothing(found, answers, found.because)
        return {}
    if past:
        _nothing(found, answers, PAST)
        return {}
    rows = _records(found, register, matched, by)
    count = rows.count()
    if says := _too_many(found, count):
        _nothing(found, answers, says)
        return {}
    records = list(rows)
    places = _rows_for(found, sheet, len(records))
    allowed = _personal(records, by) if register.personal else set()
    like: dict[tuple[int, Place], Place] = {}
    for match in found.columns:
        column = _Column(match, register, found.page, sheet)
        if not column.filled:
            if match.standing is not Standing.ASIDE and not match.meaning.nothing and places:
                answers.blanks.append(Blank(found.page, (places[0], match.head.position), match.because, match.standing))
            continue
        for row, record in zip(places, records, strict=True):
            place = (row, match.head.position)
            if column.field.personal and record.pk not in allowed:
                answers.blanks.append(Blank(found.page, place, _of(column.field, PERSONAL)))
            elif (value := column.value(record, place)) is not None:
                answers.values.append(value)
            if found.table.rows_free and row > found.table.rows_free[-1]:
                like[found.page, place] = (found.table.rows_free[-1], match.head.position)
    return like


def _of(field: Field, says: Text) -> Text:
    return Text(f"{field.title.zh}{says.zh}", f"{field.title.en} {says.en}")


def _nothing(found: ListMatch, answers: Answers, says: Text) -> None:
    row = found.table.rows_free[0] if found.table.rows_free else 0
    for match in found.columns:
        if match.standing is not Standing.ASIDE and not match.meaning.nothing:
            place = (row or match.head.at[0] + 1, match.head.position)
            answers.blanks.append(Blank(found.page, place, says))


def _records(found: ListMatch, register: Register, matched: Matched, by: Account | None) -> Any:
    rows = Record.objects.of(register.name).live().visible_to(by).visible_to(by, Verb.EXPORT)
    if matched.scope.area is not None:
        inside = matched.scope.within
        rows = rows.filter(area_id__in=Area.objects.filter(code__in=inside).values("code"))
    return in_order(rows.matching(register, found.choice.filters), register, found.choice.order)


def _too_many(found: ListMatch, count: int) -> Text | None:
    free = found.table.rows_free
    if count == 0:
        return NO_RECORDS
    if count > ROWS_AT_MOST:
        return TOO_MANY_RECORDS.format(n=f"{count:,}", most=f"{ROWS_AT_MOST:,}")
    if count > len(free) and not found.table.open_ended:
        last = free[-1] if free else max(h.at[0] for h in found.table.columns) + 1
        return TOO_FEW_ROWS.format(n=count, free=len(free), more=count - len(free), last=last)
    return None


def _rows_for(found: ListMatch, sheet: Sheet, count: int) -> list[int]:
    """The rows that records go into: the blank ones that can be seen, then those below."""
    free = [row for row in found.table.rows_free if row not in sheet.hidden_rows][:count]
    below = max([*found.table.rows_free, *(h.at[0] for h in found.table.columns), *(m.bottom for m in sheet.merged if m.top <= _head(found) <= m.bottom)]) + 1  # fmt: skip
    return [*free, *range(below, min(below + count - len(free), LAST_ROW))]


def _head(found: ListMatch) -> int:
    return max(h.at[0] for h in found.table.columns)


def _personal(records: Sequence[Record], by: Account | None) -> set[int]:
    """The records of which the account may see personal values."""
    shown = Record.objects.visible_to(by, Verb.PERSONAL).filter(pk__in=[r.pk for r in records])
    return set(shown.values_list("pk", flat=True))


class _Column:
    """One column of a list: its field, and what a stored value becomes in a cell."""

    def __init__(self, match: Match, register: Register, page: int, sheet: Sheet) -> None:
        self.match, self.register, self.page, self.sheet = match, register, page, sheet
        self.filled = match.standing.fills and bool(match.meaning.field) and not match.meaning.nothing
        if self.filled:
            self.field = register.field(match.meaning.field)
            self.write = next(c.write for c in columns_of(register, language(), False) if c.field is self.field)

    def value(self, record: Record, place: Place) -> Value | None:
        """None where the record has no value, or the form's cell has one already."""
        held = record.data.get(self.field.name)
        if held is None or not self.sheet.at(place).empty or self.sheet.covered(place) or self.sheet.locked(place):
            return None
        content = self._content(held, place)
        source = (
            Text("登记表：{r}", "Register: {r}").format(r=self.register.title),
            Text("记录：{key} {label}", "Record: {key} {label}").format(key=record.key, label=record.label),
            Text("字段：{title}（第 {n} 版）", "Field: {title} (version {n})").format(title=self.field.title, n=record.version),
        )
        shown = f"{plain(content)}{self.match.meaning.unit}" if isinstance(content, Decimal) else str(self.write(held))
        return Value(
            self.page, place, content, shown, source, f"records/{record.pk}/", self.match.because,
            f"{self.register.name}/{record.key}/{self.field.name}", field=f"{self.register.name}.{self.field.name}",
        )  # fmt: skip

    def _content(self, held: Any, place: Place) -> Decimal | str:
        style = self.sheet.style(place).format
        match self.field.type:
            case "decimal" | "integer":
                return converted(Decimal(str(held)), self.field.unit, self.match.meaning.unit, style)
            case "year":
                return Decimal(int(held))
            case "date":
                day = date.fromisoformat(str(held))
                shows_days = "y" in style.lower() or "m" in style.lower()
                return Decimal((day - _DAY_ZERO).days) if shows_days and day >= FIRST_SURE_DAY else day.isoformat()
        return str(self.write(held))
