"""From a sheet to records: through the same door as everything else, with every bad cell named by row, column and value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path

from banjie.lib.errors import NotPermitted, Refusal
from banjie.lib.text import Text
from banjie.people.models import Account
from banjie.people.scopes import scope_of_actor
from banjie.people.verbs import Verb
from banjie.registers.bulk import BadRows, Mode, Progress, RowProblem, Written, write_many
from banjie.registers.catalogue import catalogue
from banjie.registers.definition import Register
from banjie.registers.headings import Column, Layout, lay_out
from banjie.registers.sheets import DIGITS_KEPT, Grid, read_grids
from banjie.registers.values import Unreadable, text_of

SERIALS = range(18_264, 73_415)  # 1950-01-01 to 2100-12-31 as a spreadsheet counts days
FIRST_DAY = date(1899, 12, 30)
NOT_RECOGNISED = Text(
    "没有找到表头：前几行应有「{titles}」等列名。可先导出一份作为模板",
    "no header was found: one of the first rows should name columns such as {titles}. An export can serve as a template",
)
NO_ROWS = Text("第 {row} 行表头之下没有数据", "there are no rows below the header in row {row}")
NOT_GRANTED = Text("您没有向「{register}」导入的权限", "you may not import into {register}")


@dataclass(frozen=True)
class Sheet:
    """A sheet understood: ``rows`` are (row number, {field: value}); ``cells`` keeps what stood there, for messages."""

    name: str
    layout: Layout
    rows: list[tuple[int, dict[str, object]]]
    cells: dict[int, list[object]]

    @property
    def headers(self) -> list[str]:
        return [c.heading for c in self.layout.columns]


def read_sheet(register: Register, source: Path | bytes) -> Sheet:
    """Read and match a sheet. Raises Refusal with advice, or BadRows where headings are wrong."""
    grids = read_grids(source)
    grid, layout = next(((g, found) for g in grids if (found := lay_out(g, register))), (grids[0], None))
    if layout is None:
        wanted = [register.field(n).title for n in register.key] + [f.title for f in register.stated[:3]]
        titles = Text("、".join(dict.fromkeys(t.zh for t in wanted)), ", ".join(dict.fromkeys(t.en for t in wanted)))
        raise Refusal(NOT_RECOGNISED.format(titles=titles))
    if layout.troubles:
        raise BadRows([RowProblem(t.row, "", None, t.says, t.column, t.heading) for t in layout.troubles])
    rows = _rows(grid, layout)
    if not rows:
        raise Refusal(NO_ROWS.format(row=layout.row))
    return Sheet(grid.name, layout, rows, dict(grid.rows[layout.first :]))


def _rows(grid: Grid, layout: Layout) -> list[tuple[int, dict[str, object]]]:
    readers = [(c.position, c.field.name, _reader(c)) for c in layout.columns]
    rows = []
    for number, cells in grid.rows[layout.first :]:
        if len(cells) <= readers[-1][0]:
            cells = cells + [None] * (readers[-1][0] + 1 - len(cells))
        given = {}
        for position, name, reader in readers:
            cell = cells[position]
            given[name] = cell if reader is None or cell is None else reader(cell)
        rows.append((number, given))
    return rows


def _reader(column: Column) -> Callable[[object], object] | None:
    """What must be done to a cell before the field reads it; nothing for most."""
    if column.factor != 1:
        return lambda cell: _times(cell, column.factor)
    match column.field.type:
        case "date" | "datetime":
            return _day
        case "month":
            return _month
        case "text" | "note" | "phone" | "reference" | "area" | "choice":
            return _whole
    return None


def _times(cell: object, factor: Decimal) -> object:
    """The number in its base unit, exactly. What is no number goes on as it is, to be refused with its reason."""
    if isinstance(cell, bool) or not isinstance(cell, (str, int, float)):
        return cell
    try:
        return Decimal(text_of(cell).replace(",", "")) * factor
    except InvalidOperation:
        return cell


def _day(cell: object) -> object:
    """A date that lost its format is a number of days."""
    if isinstance(cell, (int, float)) and not isinstance(cell, bool) and int(cell) in SERIALS:
        return FIRST_DAY + timedelta(days=int(cell))
    return cell


def _month(cell: object) -> object:
    if isinstance(cell, float) and 1900 <= cell <= 2100 and f"{cell:.15g}".endswith(".1"):
        return Unreadable(
            "数字 {0} 分不清是 1 月还是 10 月：请写成 {1}-01 或 {1}-10".format(cell, int(cell)),
            f"{cell}: January or October? Write {int(cell)}-01 or -10",
        )
    return _day(cell)


def _whole(cell: object) -> object:
    if isinstance(cell, float) and abs(cell) >= DIGITS_KEPT:
        return Unreadable(
            "数字超过 15 位，表格已丢失末位：请把该列设为文本后重填",
            "a number of more than 15 digits has lost its last ones: make the column text and enter it again",
        )
    return cell


def import_sheet(
    register: str,
    source: Path | bytes,
    *,
    by: Account | None,
    dry_run: bool = False,
    partial: bool = False,
    mode: Mode = "upsert",
    origin: str = "import",
    why: str = "",
    progress: Progress | None = None,
) -> Written:
    """Import a sheet, all or nothing; with ``partial`` the bad rows are left out and listed in the answer.

    Raises BadRows (its problems carry row, column letter, heading, value and reason) unless ``partial`` or ``dry_run``;
    Refusal for a file that cannot be read; NotPermitted. Nothing is written when it raises.
    """
    definition = catalogue().register(register)
    if not scope_of_actor(by).areas(Verb.IMPORT, register):
        raise NotPermitted(NOT_GRANTED.format(register=definition.title))
    try:
        sheet = read_sheet(definition, source)
    except BadRows as bad:
        if dry_run:
            return Written(problems=bad.problems)
        raise
    place = _Places(sheet, definition)
    try:
        written = write_many(
            register, [row for _, row in sheet.rows], by=by, origin=origin, why=why, mode=mode, verb=Verb.IMPORT,
            partial=partial, dry_run=dry_run, numbers=[number for number, _ in sheet.rows], progress=progress,
        )  # fmt: skip
    except BadRows as bad:
        raise BadRows(place.gathered(bad.problems)) from None
    written.problems = place.gathered(written.problems) if not partial else place.placed(written.problems)
    written.warnings = place.placed(written.warnings)
    return written


class _Places:
    """Where in the sheet a problem with a field lies, and what stood there."""

    def __init__(self, sheet: Sheet, register: Register) -> None:
        self.sheet, self.register = sheet, register
        self.columns = {c.field.name: c for c in sheet.layout.columns}

    def placed(self, problems: Sequence[RowProblem]) -> list[RowProblem]:
        return [self._placed(p) for p in problems]

    def _placed(self, problem: RowProblem) -> RowProblem:
        column = self.columns.get(problem.where)
        if column is None:
            f = self.register.by_name.get(problem.where)
            value = None if isinstance(problem.value, Unreadable) else problem.value
            return replace(problem, value=value, heading=str(f.title) if f else problem.where)
        cells = self.sheet.cells[problem.row]
        cell = cells[column.position] if column.position < len(cells) else None
        return replace(
            problem, value=None if isinstance(cell, Unreadable) else cell, column=column.letter, heading=column.heading
        )

    def gathered(self, problems: Sequence[RowProblem]) -> list[RowProblem]:
        """A required column that is missing altogether is one problem, not one a row."""
        missing: dict[str, int] = {}
        rest = []
        for problem in problems:
            f = self.register.by_name.get(problem.where)
            if problem.where not in self.columns and f is not None and f.required and problem.value is None:
                missing[problem.where] = missing.get(problem.where, 0) + 1
            else:
                rest.append(problem)
        whole = []
        for name, count in missing.items():
            says = Text("缺少必填列：{n} 行新记录需要它", "a required column is missing: {n} new rows need it").format(n=count)
            whole.append(RowProblem(self.sheet.layout.row, name, None, says, "", str(self.register.field(name).title)))
        return whole + self.placed(rest)
