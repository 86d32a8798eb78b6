"""One value with everything that must be said beside it, and how values are combined. Pure: no database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

from banjie.lib.text import Text

PRECISION = Context(prec=28, rounding=ROUND_HALF_EVEN)  # of quotients and roots; sums and counts are exact
SIGNIFICANT = 15  # digits of a quotient or root that are given out
_ROOTS = Context(prec=40, rounding=ROUND_HALF_EVEN)

NO_ROWS = Text("在所问的地区和时期内没有记录", "there are no records in this area and period")
NOT_YET = Text("所问的时期尚未开始", "this period has not begun")
NONE_COUNTS = Text("有记录，但没有符合本指标口径的", "there are records, and none of them counts for this figure")
MISSING = Text("{name}没有数值：{why}", "{name} has no value: {why}")
ALL_EMPTY = Text("有 {n} 条记录，但都没有填写", "there are {n} records, and none has a value")
ZERO = Text("分母「{name}」为零", "the denominator, {name}, is zero")
NOT_POSITIVE = Text("基数不是正数，不能计算增速", "growth cannot be computed from a base that is not positive")
NEEDS_PERIOD = Text("须说明时期", "a period must be named")
NEEDS_YEARS = Text(
    "年均增速须问两个或以上整年，如 2016..2021", "average annual growth is asked over two or more whole years, e.g. 2016..2021"
)
NOT_IN_ONE_YEAR = Text("进度比较须在一个年度之内", "a schedule comparison lies within one year")

STATUSES = {  # SDMX OBS_STATUS, and the words of the statistical offices
    "normal": Text("正常", "normal"),
    "forecast": Text("预测", "forecast"),
    "estimated": Text("预计", "estimate"),
    "flash": Text("快报", "flash estimate"),
    "provisional": Text("暂定", "provisional"),
    "preliminary": Text("初步核算", "preliminary accounts"),
    "revised": Text("修订", "revised"),
    "final": Text("最终核实", "final"),
    "missing": Text("无数值", "no value"),
}
_SDMX = {"A": "normal", "E": "estimated", "F": "forecast", "P": "provisional", "M": "missing", "estimate": "estimated"}
_WEAKEST_FIRST = ["missing", "forecast", "estimated", "flash", "provisional", "preliminary", "revised", "normal", "final"]


@dataclass(frozen=True, slots=True)
class Cell:
    """A value, or the reason why there is none; from how many rows; and with what standing."""

    value: Decimal | None
    rows: int
    no_value: Text | None = None
    status: str = "normal"
    basis: str = "actual"
    qualifier: str = ""
    source: str = ""
    notes: tuple[Text, ...] = ()
    inputs: tuple[Cell, ...] = ()


def measured(value: Decimal | int | None, rows: int, basis: str, notes: tuple[Text, ...] = ()) -> Cell:
    """What an aggregate over rows gave."""
    if value is not None:
        return Cell(Decimal(value), rows, basis=basis, notes=notes)
    return Cell(None, rows, NO_ROWS if rows == 0 else ALL_EMPTY.format(n=rows), "missing", basis=basis, notes=notes)


def status_code(raw: str | None) -> str:
    """A status as recorded, in our words: SDMX's letters are read too; what is unknown stays as it is."""
    return _SDMX.get(raw or "A", raw or "normal")


def added(cells: Sequence[Cell], titles: Sequence[Text] = ()) -> Cell:
    """The sum. Without a value if any of them has none; over no cells at all, there are no rows."""
    if not cells:
        return without_value(NO_ROWS)
    return _made(cells, lambda values: _exact_sum(values), [_called(Text("", ""), title) for title in titles])


def rolled_up(cells: Sequence[Cell], basis: str) -> Cell:
    """The whole of parts of one aggregate: what has no value adds nothing, as in SUM."""
    values = [c.value for c in cells if c.value is not None]
    notes = tuple(dict.fromkeys(n for c in cells for n in c.notes))
    return measured(_exact_sum(values) if values else None, sum(c.rows for c in cells), basis, notes)


def ratio(numerator: Cell, denominator: Cell, factor: Decimal, titles: Sequence[Text]) -> Cell:
    """``titles``: of numerator and denominator."""
    if denominator.value is not None and denominator.value == 0:
        return _none((numerator, denominator), ZERO.format(name=titles[1]))
    names = [_called(Text("分子", "the numerator, "), titles[0]), _called(Text("分母", "the denominator, "), titles[1])]
    return _made((numerator, denominator), lambda v: PRECISION.multiply(PRECISION.divide(v[0], v[1]), factor), names)


def ahead(completion: Cell, elapsed: Fraction | None) -> Cell:
    """Completion less the share of the year elapsed."""
    if elapsed is None:
        return _none((completion,), NOT_IN_ONE_YEAR)
    share = PRECISION.divide(Decimal(elapsed.numerator), Decimal(elapsed.denominator))
    return _made((completion,), lambda v: PRECISION.subtract(v[0], share))


def growth(now: Cell, before: Cell) -> Cell:
    """now / before - 1."""
    if before.value is not None and before.value <= 0:
        return _none((now, before), NOT_POSITIVE)
    names = [Text("本期", "the period asked for"), Text("上年同期", "the same period a year before")]
    return _made((now, before), lambda v: PRECISION.subtract(PRECISION.divide(v[0], v[1]), Decimal(1)), names)


def average_growth(last: Cell, first: Cell, begin: int, end: int) -> Cell:
    """(last / first)^(1/years) - 1 from the year ``begin`` to the year ``end``, computed to 40 digits."""
    if first.value is not None and last.value is not None and (first.value <= 0 or last.value <= 0):
        return _none((last, first), NOT_POSITIVE)

    def grown(values: Sequence[Decimal]) -> Decimal:
        root = _ROOTS.power(_ROOTS.divide(values[0], values[1]), _ROOTS.divide(Decimal(1), Decimal(end - begin)))
        return PRECISION.subtract(root, Decimal(1))

    return _made((last, first), grown, [Text(f"{end}年", str(end)), Text(f"{begin}年", str(begin))])


def without_value(reason: Text, *inputs: Cell) -> Cell:
    return _none(inputs, reason)


def significant(value: Decimal) -> Decimal:
    """A quotient or root, to the digits that are given out."""
    return Context(prec=SIGNIFICANT, rounding=ROUND_HALF_EVEN).plus(value)


def _exact_sum(values: Sequence[Decimal]) -> Decimal:
    wide = Context(prec=80)
    total = Decimal(0)
    for value in values:
        total = wide.add(total, value)
    return total


def _called(part: Text, title: Text) -> Text:
    return Text(f"{part.zh}「{title.zh}」", f"{part.en}{title.en}")


def _made(cells: Sequence[Cell], compute: Callable[[list[Decimal]], Decimal], names: Sequence[Text] = ()) -> Cell:
    """The cell computed from values; where one of them is missing, that one's reason under its name."""
    for i, cell in enumerate(cells):
        if cell.value is None:
            why = cell.no_value or NO_ROWS
            return _none(cells, MISSING.format(name=names[i], why=why) if i < len(names) else why)
    status = min((c.status for c in cells), key=_weakness)
    return replace(
        _none(cells, NO_ROWS), value=compute([c.value for c in cells if c.value is not None]), no_value=None, status=status
    )


def _none(cells: Sequence[Cell], reason: Text) -> Cell:
    """A cell without value that carries on what its inputs say: all notes, all rows."""
    return Cell(
        None,
        sum(c.rows for c in cells),
        reason,
        status="missing",
        basis=cells[0].basis if cells else "actual",
        notes=tuple(dict.fromkeys(n for c in cells for n in c.notes)),
        inputs=tuple(cells),
    )


def _weakness(status: str) -> int:
    return _WEAKEST_FIRST.index(status) if status in _WEAKEST_FIRST else 0
