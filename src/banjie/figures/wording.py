"""How answers read: the value with its qualifier, the names of parts and of what a figure rests on."""

from __future__ import annotations

from decimal import Decimal

from banjie.figures.cells import STATUSES, Cell
from banjie.figures.definition import Figure
from banjie.figures.places import Places
from banjie.figures.plan import Axis, Compiled, Leaf, Plan
from banjie.figures.processes import ProcessRegister
from banjie.lib.errors import Refusal
from banjie.lib.periods import Period
from banjie.lib.text import Text
from banjie.lib.units import plain, rounded, unit
from banjie.registers.catalogue import catalogue

NOTHING = Text("—", "—")
NOT_FILLED_IN = Text("未填写", "not filled in")
NOT_PLACED = Text("未归入下列地区", "in none of these areas")
YES, NO = Text("是", "yes"), Text("否", "no")
QUALIFIERS = {
    "about": Text("约{value}", "about {value}"),
    "approx": Text("约{value}", "about {value}"),
    "near": Text("近{value}", "nearly {value}"),
    "above": Text("超{value}", "more than {value}"),
    "at_least": Text("{value}以上", "at least {value}"),
    "below": Text("不足{value}", "less than {value}"),
}
BASES = {
    "actual": Text("实绩", "actual"),
    "plan": Text("计划", "plan"),
    "estimate": Text("预计", "estimate"),
    "target": Text("目标", "target"),
    "capacity": Text("能力", "capacity"),
    "intention": Text("意向", "intention"),
}


def display(figure: Figure, cell: Cell, *, places: int | None = None, like: Decimal | None = None) -> Text:
    """The value as people read it. ``places`` overrides the definition's decimals: 0 for whole per cent; ``like``: a value in
    whose unit it is to be shown (parts in 亿元 where the whole is)."""
    if cell.value is None:
        return NOTHING
    wanted = figure.display.places if places is None else places
    shown = unit(figure.unit).display(cell.value, places=wanted, scale=figure.display.unit, like=like)
    return QUALIFIERS[cell.qualifier].format(value=shown) if cell.qualifier in QUALIFIERS else shown


def joined(figure: Figure, parts: list[Cell]) -> Text:
    """Shares side by side: 19.5:28.6:51.9."""
    size = unit(figure.unit).zh[-1].size
    digits = []
    for cell in parts:
        if cell.value is None:
            digits.append("—")
        elif figure.display.places is None:
            digits.append(plain(cell.value / size))
        else:
            digits.append(f"{rounded(cell.value / size, figure.display.places):f}")
    text = ":".join(digits)
    return Text(text, text)


def part_title(axis: Axis | str, code: str, plan: Plan, places: Places) -> Text:
    """What a part is called: the area, the option's label, the month."""
    if isinstance(axis, str):
        return _title_of_step(code)
    if axis.level:
        return places.name(code) if code else NOT_PLACED
    if not code:
        return NOT_FILLED_IN
    assert axis.field is not None
    if axis.field.name == "organisation" and any(isinstance(leaf.register, ProcessRegister) for leaf in leaves(plan)):
        return places.organisations.get(code, Text(code, code))
    match axis.field.type:
        case "choice":
            return _labels(axis, plan).get(code, Text(code, code))
        case "boolean":
            return YES if code == "true" else NO
        case "area":
            return places.name(code)
        case "year":
            return Period.parse(code).title
        case _:
            return Text(code, code)


def part_order(axis: Axis | str, code: str, plan: Plan) -> tuple[int, int, str]:
    """Options in the order of their list, everything else by code, what belongs nowhere last."""
    if isinstance(axis, Axis) and axis.field and axis.field.type == "choice" and code:
        labels = list(_labels(axis, plan))
        return (0, labels.index(code) if code in labels else len(labels), code)
    return (1 if code == "" else 0, 0, code)


def status_title(status: str, plan: Plan) -> Text:
    """The status in the words of the register's own list, or in ours."""
    field = getattr(plan, "status", None)
    if field is not None and field.type == "choice" and isinstance(plan, Leaf):
        label = next((o.title for o in plan.register.options(field) if o.code == status), None)
        if label:
            return label
    return STATUSES.get(status, Text(status, status))


def _labels(axis: Axis, plan: Plan) -> dict[str, Text]:
    for leaf in leaves(plan):
        found = leaf.axes.get(axis.name)
        source = leaf.parent if axis.of_parent else leaf.register
        if found == axis and source is not None and axis.field is not None and axis.field.of:
            return {o.code: o.title for o in source.options(axis.field)}
    return {}


def leaves(plan: Plan) -> list[Leaf]:
    """The measures and observations a figure rests on, in order."""
    if isinstance(plan, Leaf):
        return [plan]
    return [leaf for part in plan.of for leaf in leaves(part)]


def _title_of_step(code: str) -> Text:
    try:
        return Period.parse(code).title
    except Refusal:
        return NOT_FILLED_IN if not code else Text(code, code)


def formula(known: Compiled, name: str) -> Text:
    """A definition in one line: sum(invested), 完成投资 ÷ 年度计划投资."""
    figure = known.figures[name]
    titles = [known.figures[part].title for part in figure.parts]
    if figure.ratio:
        factor = "" if figure.ratio.factor == 1 else f" × {plain(figure.ratio.factor)}"
        return Text("{a} ÷ {b}{factor}", "{a} ÷ {b}{factor}").format(a=titles[0], b=titles[1], factor=factor)
    if figure.schedule:
        return Text("{a} − 年度已过时间的比例", "{a} − the share of the year elapsed").format(a=titles[0])
    if figure.growth and figure.growth.kind == "average_annual":
        return Text(
            "{a}的末年值与首年值之比开年数次方，减一", "the n-th root of the last over the first year's {a}, minus one"
        ).format(a=titles[0])
    if figure.growth:
        return Text("{a} ÷ 上年同期 − 1", "{a} ÷ the same period a year before − 1").format(a=titles[0])
    if figure.sum:
        return Text(" + ".join(t.zh for t in titles), " + ".join(t.en for t in titles))
    said = figure.measure or (figure.stated.value if figure.stated else "")
    return Text(said, said)


def field_titles(register: str) -> dict[str, Text]:
    """What the fields of a register are called now."""
    found = catalogue().registers.get(register)
    return {f.name: f.title for f in found.fields} if found else {}
