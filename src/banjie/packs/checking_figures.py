"""Figures against registers and each other; screens against figures."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from banjie.figures.definition import Figure
from banjie.figures.plan import Compiled, compile_all
from banjie.lib.errors import DefinitionError
from banjie.lib.text import Text
from banjie.packs.checking_registers import refuse_twice
from banjie.packs.known import Known
from banjie.packs.screens import Screens
from banjie.packs.sources import Source
from banjie.packs.typed import as_mapping, near, unread
from banjie.registers.definition import Register

TIME_OR_WHOLE = {"", "year", "quarter", "month", "to_month"}


def check_figures(
    source: Source, figures: Sequence[tuple[int, Figure]], registers: Mapping[str, Register], known: Known
) -> Compiled | None:
    """Compile every figure; a faulty one is set aside with those made of it, and the rest is tried again."""
    refuse_twice(source, "figures", [(n, f.name) for n, f in figures])
    for index, figure in figures:
        owner = known.figures_of.get(figure.name) if figure.name in known.figures else None
        if owner:
            source.find(("figures", index, "name"), Text(
                f"指标「{figure.name}」属于机制包「{owner}」，请换一个名称。",
                f"the figure {figure.name} belongs to the pack {owner}: choose another name.",
            ))  # fmt: skip
    own = {f.name: (n, f) for n, f in reversed(figures)}
    aside = _not_yet(source, own, set(registers))
    while True:
        trying = [(n, f) for n, f in own.values() if f.name not in aside]
        beyond = [f for f in known.figures.values() if f.name not in own]
        try:
            return compile_all([f for _, f in trying] + beyond, registers)
        except DefinitionError as error:
            place = error.path[1] if len(error.path) > 1 else None
            if not isinstance(place, int) or place >= len(trying):
                _blame_installed(source, beyond[place - len(trying)] if isinstance(place, int) else None, known, error)
                return None
            index, faulty = trying[place]
            source.find(("figures", index, *error.path[2:]), error.says, error.offset)
            aside |= _made_of({faulty.name}, own)


def _blame_installed(source: Source, figure: Figure | None, known: Known, error: DefinitionError) -> None:
    """A figure of another pack would no longer work, unless this pack is at fault in the register itself."""
    if source.problems or figure is None:
        return
    owner = known.figures_of.get(figure.name, "")
    says = Text(
        "机制包「{owner}」的指标「{name}」将不能再计算：{why}。请保留它所用的内容，或先修改该机制包。",
        "the figure {name} of the pack {owner} would no longer work: {why}. Keep what it uses, or change that pack first.",
    )
    source.find(("figures",), says.format(owner=owner, name=figure.name, why=error.says))


def _not_yet(source: Source, own: Mapping[str, tuple[int, Figure]], registers: set[str]) -> set[str]:
    """Figures of a register, or made of a figure, that could not be read itself: their turn comes when that one is right."""
    faulty = unread(source, "registers", registers)
    waiting = {f.name for _, f in own.values() if (f.stated.register_name if f.stated else f.of) in faulty}
    return _made_of(unread(source, "figures", own) | waiting, own)


def _made_of(names: set[str], own: Mapping[str, tuple[int, Figure]]) -> set[str]:
    """The figures, and all that are made of them."""
    found = set(names)
    while more := {f.name for _, f in own.values() if f.name not in found and found & set(f.parts)}:
        found |= more
    return found


def check_screens(source: Source, screens: Screens, figures: Mapping[str, Figure], compiled: Compiled | None) -> None:
    """Every figure on a screen exists, and can be broken down as asked."""
    if screens.cockpit is None:
        return
    declared = {str(as_mapping(item).get("name")) for item in source.section("figures")}
    for path, name, by in screens.cockpit.figures():
        at = ("screens", "cockpit", *path)
        if name not in figures:
            if name not in declared:
                advice = near(name, figures)
                source.find(at, Text(f"没有名为「{name}」的指标。{advice.zh}", f"there is no figure called {name}. {advice.en}"))
            continue
        plan = compiled.plans.get(name) if compiled else None
        if plan is not None and by not in TIME_OR_WHOLE and by not in plan.axes:
            advice = near(by, plan.axes)
            source.find(at, Text(
                f"指标「{name}」不能按「{by}」分组。{advice.zh}", f"{name} cannot be broken down by {by}. {advice.en}"
            ))  # fmt: skip


def check_workbench(source: Source, screens: Screens, registers: Mapping[str, Register], roles: Collection[str]) -> None:
    """Every workbench list names registers, fields and a role that exist, and conditions that an index can serve. A list of a
    register that could not be read itself waits until that one is right. ``roles``: those of other packs."""
    faulty = unread(source, "registers", registers)
    duties = {*roles, *(str(as_mapping(item).get("name")) for item in source.section("roles"))}
    for number, declared in enumerate(screens.workbench):
        if declared.mine.duty and declared.mine.duty not in duties:  # nobody would ever see the list, and nobody would notice
            advice, name = near(declared.mine.duty, duties), declared.mine.duty
            source.find(("screens", "workbench", number, "mine", "duty"), Text(
                f"没有名为「{name}」的职责。{advice.zh}", f"there is no role called {name}. {advice.en}"
            ))  # fmt: skip
        if not declared.registers & faulty:
            try:
                declared.check(registers)
            except DefinitionError as error:
                source.find(("screens", "workbench", number, *error.path), error.says, error.offset)
