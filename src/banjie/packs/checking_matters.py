"""Processes: the way through their stages, then each stage, exit and task against the register, roles and other processes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from banjie.figures.definition import Figure
from banjie.figures.processes import process_figures, process_register, register_name
from banjie.lib.errors import DefinitionError
from banjie.lib.text import Text
from banjie.matters.compiling import compile_process
from banjie.matters.definition import Branch, Exit, Process, Stage, TaskDefinition
from banjie.packs.checking_registers import refuse_twice
from banjie.packs.documents import KeyPath
from banjie.packs.known import Known
from banjie.packs.sources import Source
from banjie.packs.typed import as_mapping, load, near, unread
from banjie.registers.definition import Register

Loaded = Sequence[tuple[int, Process]]
BARE: dict[str, Any] = {
    "owner": None, "within": None, "promise": None, "at_least": None, "tasks": (), "branches": (), "to": {},
}  # fmt: skip


def load_processes(source: Source) -> list[tuple[int, Process]]:
    """The processes that are right in themselves, with their numbers in the section."""
    found = []
    for index, item in enumerate(source.section("matters")):
        path: KeyPath = ("matters", index)
        if _way_is_faulty(source, path, as_mapping(item)):
            for name, stage in as_mapping(as_mapping(item).get("stages")).items():
                load(Stage, stage, (*path, "stages", name), source)
            continue
        process = load(Process, item, path, source)
        if process is not None:
            found.append((index, process))
    refuse_twice(source, "matters", [(n, p.name) for n, p in found])
    return found


def _way_is_faulty(source: Source, path: KeyPath, item: Mapping[str, Any]) -> bool:
    """Exits to nowhere, stages that are never reached, and those from which no ending is: each named at its place."""
    stages = item.get("stages")
    if not isinstance(stages, dict) or not all(isinstance(stage, dict) for stage in stages.values()):
        return False  # told of when the process is read
    before = len(source.problems)
    for where in ("starts", "reopens"):
        name = item.get(where)
        if isinstance(name, str) and name not in stages:
            _missing(source, (*path, where), "环节", "stage", name, stages)
    ways = {name: _exits(stage) for name, stage in stages.items()}
    for name, to in ((name, to) for name, exits in ways.items() for to in exits if to not in stages):
        _missing(source, (*path, "stages", name, "to", to), "环节", "stage", to, stages)
    if len(source.problems) == before:
        _check_reached(source, path, item, ways)
        _check_endings(source, path, stages, ways)
    return len(source.problems) > before


def _exits(stage: Mapping[str, Any]) -> list[str]:
    exits = stage.get("to")
    return list(exits) if isinstance(exits, dict) else []


def _check_reached(source: Source, path: KeyPath, item: Mapping[str, Any], ways: Mapping[str, list[str]]) -> None:
    starts = [name for name in (item.get("starts"), item.get("reopens")) if isinstance(name, str)]
    if not starts:
        return
    reached = _closure(starts, ways)
    for name in ways:
        if name not in reached:
            says = Text(
                f"环节「{name}」到不了：没有出口通向它。请在某个环节的 to 中写上它，或删去。",
                f"the stage {name} cannot be reached: no exit leads to it. Name it in the `to` of a stage, or remove it.",
            )
            source.find((*path, "stages", name), says)


def _check_endings(source: Source, path: KeyPath, stages: Mapping[str, Any], ways: Mapping[str, list[str]]) -> None:
    """A stage without any exit tells that itself."""
    for name in stages:
        if not any(stages[end].get("ending") or not ways[end] for end in _closure([name], ways)):
            says = Text(
                f"从环节「{name}」走不到任何终结环节。",
                f"no ending is reached from the stage {name}: the way goes round in a ring.",
            )
            source.find((*path, "stages", name), says)


def _closure(starts: Sequence[str], ways: Mapping[str, list[str]]) -> set[str]:
    found, ahead = set(starts), list(starts)
    while ahead:
        for to in ways.get(ahead.pop(), ()):
            if to not in found:
                found.add(to)
                ahead.append(to)
    return found


def check_processes(source: Source, processes: Loaded, registers: Mapping[str, Register], known: Known) -> list[Process]:
    """Each process against what it names. Returns them in the order in which they can be installed."""
    faulty = unread(source, "registers", registers)
    roles = known.roles | {str(as_mapping(item).get("name")) for item in source.section("roles")}
    there = {**known.processes, **{p.name: p for _, p in processes}}
    for index, process in processes:
        path: KeyPath = ("matters", index)
        owner = known.processes_of.get(process.name) if process.name in known.processes else None
        if owner:
            source.find((*path, "name"), Text(
                f"办理流程「{process.name}」属于机制包「{owner}」，请换一个名称。",
                f"the process {process.name} belongs to the pack {owner}: choose another name.",
            ))  # fmt: skip
        _check_roles(source, path, process, roles)
        _check_branches(source, path, process, there, registers)
        register = registers.get(process.of)
        if register is not None:
            _check_against(source, path, process, register, registers)
        elif process.of not in faulty:
            _missing(source, (*path, "of"), "登记表", "register", process.of, registers)
    _check_others(source, registers, known)
    return _in_order(source, processes)


def _check_roles(source: Source, path: KeyPath, process: Process, roles: Collection[str]) -> None:
    for at, name in _roles_named(process):
        if name not in roles:
            _missing(source, (*path, *at), "职责", "role", name, roles)


def _roles_named(process: Process) -> Iterator[tuple[KeyPath, str]]:
    yield from ((("escalate", n, "to"), e.to) for n, e in enumerate(process.escalate))
    for name, stage in process.stages.items():
        parts: list[tuple[KeyPath, Stage | TaskDefinition]] = [(("stages", name), stage)]
        parts += [(("stages", name, "tasks", n), task) for n, task in enumerate(stage.tasks)]
        for at, part in parts:
            if part.owner and part.owner.role:
                yield (*at, "owner"), part.owner.role
            yield from (((*at, "escalate", n, "to"), e.to) for n, e in enumerate(part.escalate))


def _check_branches(
    source: Source, path: KeyPath, process: Process, there: Mapping[str, Process], registers: Mapping[str, Register]
) -> None:
    declared = {str(as_mapping(item).get("name")) for item in source.section("matters")}
    for name, stage in process.stages.items():
        for n, branch in enumerate(stage.branches):
            at: KeyPath = (*path, "stages", name, "branches", n)
            if branch.process not in there:
                if branch.process not in declared:
                    _missing(source, (*at, "process"), "办理流程", "process", branch.process, there)
                continue
            if branch.until is not None and branch.until not in there[branch.process].stages:
                _missing(source, (*at, "until"), "环节", "stage", branch.until, there[branch.process].stages)
            below = registers.get(there[branch.process].of)
            for field in branch.fields:
                if below is not None and field not in below.by_name:
                    _missing(source, (*at, "fields", field), "字段", "field", field, below.by_name)


def _check_against(
    source: Source, path: KeyPath, process: Process, register: Register, registers: Mapping[str, Register]
) -> None:
    """Each exit, task and branch by itself, so that one fault does not hide the next."""
    children = _below(register, registers)
    for at, alone in _pieces(process):
        try:
            compile_process(alone, register, children, registers)
        except DefinitionError as error:
            shift = len(at)
            here = error.path if error.path[:shift] == at else (*at, *error.path[shift:])
            source.find((*path, *here), error.says, error.offset)


def _pieces(process: Process) -> Iterator[tuple[KeyPath, Process]]:
    yield (), process.model_copy(update={"stages": {}})
    for name, stage in process.stages.items():
        at: KeyPath = ("stages", name)
        yield at, _only(process, name, stage.model_copy(update={"to": {}, "tasks": (), "branches": ()}))
        for to, way in stage.to.items():
            yield (*at, "to", to), _only(process, name, _bare(stage, to={to: way}))
        for n, task in enumerate(stage.tasks):
            yield (*at, "tasks", n), _only(process, name, _bare(stage, tasks=(task,)))
        for n, branch in enumerate(stage.branches):
            yield (*at, "branches", n), _only(process, name, _bare(stage, branches=(branch,)))


def _only(process: Process, name: str, stage: Stage) -> Process:
    bare: dict[str, Any] = {"category": None, "within": None, "promise": None, "requires": (), "stages": {name: stage}}
    return process.model_copy(update=bare)


def _bare(stage: Stage, **part: dict[str, Exit] | tuple[TaskDefinition, ...] | tuple[Branch, ...]) -> Stage:
    return stage.model_copy(update={**BARE, **part})


def _check_others(source: Source, registers: Mapping[str, Register], known: Known) -> None:
    """Processes of other packs that run in a register of this one must still work."""
    if source.problems:
        return
    for name, process in known.processes.items():
        register = registers.get(process.of)
        if register is not None and known.registers.get(process.of) is register:
            continue
        why = _why_not(process, register, registers)
        if why is not None:
            says = Text(
                "机制包「{owner}」的办理流程「{name}」将不能再用：{why}。请保留它所用的内容，或先修改该机制包。",
                "the process {name} of the pack {owner} would no longer work: {why}. Keep what it uses, or change that pack first.",
            )
            source.find(("registers",), says.format(owner=known.processes_of.get(name, ""), name=name, why=why))


def _why_not(process: Process, register: Register | None, registers: Mapping[str, Register]) -> Text | None:
    if register is None:
        return Text(f"没有登记表「{process.of}」", f"there is no register called {process.of}")
    try:
        compile_process(process, register, _below(register, registers), registers)
    except DefinitionError as error:
        return error.says
    return None


def _below(register: Register, registers: Mapping[str, Register]) -> list[str]:
    return [r.name for r in registers.values() if r.parent and r.parent.register_name == register.name]


def matters_counted(
    processes: Iterable[Process], registers: Mapping[str, Register], known: Known
) -> tuple[dict[str, Register], tuple[Figure, ...]]:
    """The registers of matters that figures may be made of, those of other packs' processes too, and the figures that these
    processes bring."""
    own = [process for process in processes if process.of in registers]
    all_ = [*own, *(process for process in known.processes.values() if process.of in registers)]
    virtual = {register_name(p.name): process_register(p, registers[p.of]) for p in all_}
    return dict(virtual), tuple(figure for p in own for figure in process_figures(p, register=registers[p.of]))


def _in_order(source: Source, processes: Loaded) -> list[Process]:
    """Those first to which the branches of others lead."""
    waiting = {process.name: (index, process) for index, process in processes}
    ordered: list[Process] = []
    while waiting:
        free = [name for name, (_, p) in waiting.items() if not (_leads_to(p) & waiting.keys()) - {name}]
        if not free or any(name in _leads_to(waiting[name][1]) for name in free):
            index, process = waiting[free[0]] if free else next(iter(waiting.values()))
            says = Text(
                f"办理流程「{process.name}」的并联事项又回到自身。", f"the branches of {process.name} lead back to itself."
            )
            source.find(("matters", index), says)
            return [p for _, p in processes]
        ordered += [waiting.pop(name)[1] for name in free]
    return ordered


def _leads_to(process: Process) -> set[str]:
    return {branch.process for stage in process.stages.values() for branch in stage.branches}


def _missing(source: Source, path: KeyPath, zh: str, en: str, name: str, there: Collection[str]) -> None:
    advice = near(name, there)
    source.find(path, Text(f"没有{zh}「{name}」。{advice.zh}", f"there is no {en} called {name}. {advice.en}"))
