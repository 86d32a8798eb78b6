"""A bulletin against the figures and registers that it names, when a pack is checked and when it is installed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from banjie.bulletins.definition import COLOURS, OVERS, Bulletin, Chart, LightRule, Listing, Path, Tabular
from banjie.bulletins.templating import BLOCKS_FIRST, FIGURES_FIRST, Called, fault, parse
from banjie.figures.definition import TIME_STEPS
from banjie.figures.plan import Compiled, Measure, Plan
from banjie.figures.processes import ProcessRegister
from banjie.formulas import Formula, FormulaError, Kind, compile_formula
from banjie.lib.errors import DefinitionError
from banjie.lib.text import Text
from banjie.registers.definition import Register


@dataclass(frozen=True)
class Light:
    """A rule for the light, ready to be asked."""

    rule: LightRule
    red: Formula
    yellow: Formula


def check_bulletin(bulletin: Bulletin, figures: Compiled) -> None:
    """Raises DefinitionError with the path of what is at fault."""
    for path, name, by in bulletin.figures():
        _breakdown(_plan(figures, name, path), by, path)
    for path, block in bulletin.blocks():
        if isinstance(block, Tabular):
            for n, rule in enumerate(block.light):
                light(rule, (*path, "light", n))
        if isinstance(block, Listing):
            _listing(block, figures, path)
        if isinstance(block, Chart) and block.kind == "line" and block.by not in {"month", "to_month", "quarter", "year"}:
            raise DefinitionError((*path, "by"), Text("折线图须按时间分组", "a line is drawn over time: by month or to_month"))
    for language in ("zh", "en"):
        try:
            _template(bulletin, getattr(bulletin.template, language), figures)
        except DefinitionError as error:
            raise DefinitionError(("template", language), error.says, error.offset) from error


def light(rule: LightRule, path: Path = ()) -> Light:
    """Raises DefinitionError where a formula is at fault."""
    columns = dict.fromkeys(rule.inputs, Kind.DECIMAL)
    made = {}
    for colour in ("red", "yellow"):
        try:
            made[colour] = compile_formula(getattr(rule, colour), columns, expects=Kind.BOOLEAN)
        except FormulaError as error:
            raise DefinitionError((*path, colour), error.says, error.offset) from error
    return Light(rule, made["red"], made["yellow"])


def registers_of(bulletin: Bulletin, figures: Compiled) -> tuple[frozenset[str], frozenset[str]]:
    """The registers whose figures a bulletin gives, and those of which it names single records."""
    names = {name for _, name, _ in bulletin.figures()}
    for text in (bulletin.template.zh, bulletin.template.en):
        names |= {call.first for call in parse(text) if call.function in FIGURES_FIRST}
    counted = frozenset[str]().union(*(figures.plans[name].registers for name in names))
    listed = {_register(figures.plans[block.of]).name for block in bulletin.lists}
    return counted | listed, frozenset(listed)


def _plan(figures: Compiled, name: str, path: Path) -> Plan:
    if name not in figures.plans:
        raise DefinitionError(path, Text(f"没有名为「{name}」的指标", f"there is no figure called {name}"))
    return figures.plans[name]


def _breakdown(plan: Plan, by: str, path: Path) -> None:
    if by and by not in TIME_STEPS and by not in plan.axes:
        offered = ", ".join((*plan.axes, *TIME_STEPS))
        says = Text(
            "指标「{name}」不能按「{by}」分组；可用：{offered}", "{name} cannot be broken down by {by}; there are {offered}"
        )
        raise DefinitionError(path, says.format(name=plan.figure.name, by=by, offered=offered))


def _register(plan: Plan) -> Register:
    assert isinstance(plan, Measure)
    return plan.register


def _listing(block: Listing, figures: Compiled, path: Path) -> None:
    plan = figures.plans[block.of]
    if not isinstance(plan, Measure) or isinstance(plan.register, ProcessRegister):
        says = Text(
            "of 须是对登记表的汇总指标，列出的是它所计的记录", "`of` must be a measure over a register: its records are listed"
        )
        raise DefinitionError((*path, "of"), says)
    register = plan.register
    if register.confidential:
        says = Text(
            "「{title}」是保密登记表，通报中不能逐条列出，也不能排名",
            "{title} is confidential: a bulletin neither lists nor ranks its records",
        )
        raise DefinitionError((*path, "of"), says.format(title=register.title))
    for n, name in enumerate(block.fields):
        field = register.by_name.get(name)
        if field is None or field.personal:
            says = Text("登记表「{register}」没有可列出的字段「{name}」", "{register} has no field {name} that may be listed")
            raise DefinitionError((*path, "fields", n), says.format(register=register.title, name=name))
    for inner, name in block.inner:
        axis = figures.plans[name].axes.get(block.by)
        found = axis.field if axis else None
        if found is None or register.key != (found.name,):
            says = Text(
                "by 须按登记表的关键字段分组，每组才是一条记录",
                "`by` must be the breakdown by the register's key, so that each part is one record",
            )
            raise DefinitionError((*path, *inner), says)


def _template(bulletin: Bulletin, text: str, figures: Compiled) -> None:
    for call in parse(text):
        if call.function in FIGURES_FIRST:
            _value(call, text, figures)
        elif call.function in BLOCKS_FIRST:
            _block(call, text, bulletin)


def _value(call: Called, text: str, figures: Compiled) -> None:
    if call.first not in figures.plans:
        raise fault(text, call.line, Text(f"没有名为「{call.first}」的指标", f"there is no figure called {call.first}"))
    over, places = call.more.get("over", "period"), call.more.get("places")
    if over not in OVERS:
        offered = ", ".join(OVERS)
        raise fault(text, call.line, Text(f"over 应为：{offered}", f"`over` is one of {offered}"))
    if places is not None and (not isinstance(places, int) or not 0 <= places <= 6):
        raise fault(text, call.line, Text("places 应为 0 至 6", "`places` is 0 to 6"))
    by, part = call.more.get("by"), call.more.get("part")
    if (by is None) != (part is None) or not isinstance(by or "", str) or not isinstance(part or "", str):
        raise fault(text, call.line, Text("by 和 part 须同时写", "`by` and `part` go together"))
    try:
        _breakdown(figures.plans[call.first], by or "", ())
    except DefinitionError as error:
        raise fault(text, call.line, error.says) from error


def _block(call: Called, text: str, bulletin: Bulletin) -> None:
    block = bulletin.block(call.first)
    if block is None:
        offered = ", ".join(b.name for _, b in bulletin.blocks())
        raise fault(
            text, call.line, Text(f"没有「{call.first}」；可用：{offered}", f"there is no {call.first}; there are {offered}")
        )
    if call.function != "show" and not isinstance(block, Tabular):
        raise fault(text, call.line, Text(f"「{call.first}」没有可说的行", f"{call.first} has no rows to speak of"))
    if call.function == "missing" and not (isinstance(block, Tabular) and block.reports):
        raise fault(text, call.line, Text(f"「{call.first}」没有声明 reports", f"{call.first} declares no reports"))
    if call.function == "lights" and (call.more.get("colour") not in COLOURS or not (isinstance(block, Tabular) and block.light)):
        raise fault(
            text,
            call.line,
            Text(
                "lights() 要有 colour（red、yellow、green），所指的表须有 light",
                "lights() needs a colour (red, yellow, green) and a table with a light",
            ),
        )


def compiled_lights(bulletin: Bulletin) -> Mapping[str, tuple[Light, ...]]:
    """The rules of each block, by its name."""
    return {b.name: tuple(light(rule) for rule in b.light) for _, b in bulletin.blocks() if isinstance(b, Tabular) and b.light}
