"""The ways of a demonstration's matters against their process: each step is one that can be taken where the matter then stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from banjie.lib.text import Text
from banjie.matters.definition import Process
from banjie.packs.demo.definition import DemoSet
from banjie.packs.demo.journeys import BALLOT_STEPS, Journey, Step
from banjie.packs.documents import KeyPath
from banjie.packs.sources import Source
from banjie.packs.typed import near, unread
from banjie.registers.definition import Register

Fault = tuple[KeyPath, Text]


def check_journeys(
    source: Source, sets: Sequence[tuple[int, DemoSet]], processes: Mapping[str, Process], registers: Mapping[str, Register]
) -> None:
    faulty = unread(source, "matters", processes)
    for index, made in sets:
        if not made.process or made.process in faulty:
            continue
        path: KeyPath = ("demo", index)
        process = processes.get(made.process)
        if process is None:
            advice = near(made.process, processes)
            says = Text(f"没有办理流程「{made.process}」。{advice.zh}", f"there is no process called {made.process}. {advice.en}")
            source.find((*path, "process"), says)
            continue
        if process.of != made.register_:
            says = Text(f"流程「{process.name}」办理的是 {process.of}", f"the process {process.name} is of {process.of}")
            source.find((*path, "register"), says)
            continue
        for number, journey in enumerate(made.journeys):
            below = [registers[p.of] for p in map(processes.get, _branches(process)) if p and p.of in registers]
            for at, says in _faults(journey, process, registers.get(process.of), below):
                source.find((*path, "journeys", number, *at), says)


def _branches(process: Process) -> list[str]:
    """The processes of its branches, and that of the call-back of a low rating."""
    rating = process.public.rating if process.public else None
    called = [rating.call_back.process] if rating and rating.call_back else []
    return called + [branch.process for stage in process.stages.values() for branch in stage.branches]


def _faults(journey: Journey, process: Process, register: Register | None, below: Sequence[Register]) -> Iterator[Fault]:
    yield from _fields(journey, register, below)
    stage, state, branched = process.starts, "open", False
    for number, step in enumerate(journey.steps):
        path: KeyPath = ("steps", number)
        if step.branch:
            if not _branches(process):
                yield (*path, "branch"), Text(f"「{process.name}」没有并联事项", f"{process.name} has no branches")
                return
            branched = True
            continue
        if branched and _cannot(step, process, stage, state) is not None:  # the last branch may have taken it on
            stage, branched = _by_itself(process, stage), False
        says = _cannot(step, process, stage, state)
        if says is not None:
            yield (*path, "to" if step.to else "task" if step.task else "do"), says
            return
        stage, state = _after(step, process, stage, state)


def _by_itself(process: Process, stage: str) -> str:
    return next((to for to, way in process.stages[stage].to.items() if way.by_itself), stage)


def _fields(journey: Journey, register: Register | None, below: Sequence[Register]) -> Iterator[Fault]:
    if register is None:
        return
    known = {f.name for f in register.stated}
    known_below = {f.name for under in below for f in under.stated}
    named: list[tuple[KeyPath, str]] = [
        (("steps", n, "fills", m), name) for n, s in enumerate(journey.steps) for m, name in enumerate(s.fills)
    ]
    named += [(("steps", n, "now", m), name) for n, s in enumerate(journey.steps) for m, name in enumerate(s.now)]
    named += [(("steps", n, "at_of"), s.at_of) for n, s in enumerate(journey.steps) if s.at_of]
    named += [(("steps", n, "set", name), name) for n, s in enumerate(journey.steps) for name in s.set_]
    named += [(("where", name), name) for name in journey.where]
    for at, name in named:
        step = journey.steps[at[1]] if at[0] == "steps" and isinstance(at[1], int) else None
        wanted = known_below if step and step.branch else known
        if name not in wanted:
            advice = near(name, wanted)
            yield at, Text(f"没有字段「{name}」。{advice.zh}", f"there is no field called {name}. {advice.en}")


def _cannot(step: Step, process: Process, stage: str, state: str) -> Text | None:
    """Why a step cannot be taken there; ``None`` if it can, as far as the process alone tells."""
    if step.do == "reopen":
        return None if state == "closed" else Text("事项此时尚未办结", "the matter is not closed then")
    if state == "closed" and step.do not in {"attach", "rate"}:
        return Text(f"事项此时已在「{stage}」办结", f"the matter is closed ({stage}) by then")
    if step.do == "resume":
        return None if state == "suspended" else Text("事项此时没有暂停", "the matter is not suspended then")
    if state == "suspended" and step.do in {"accept", "advance", "close", "task", "suspend", "return_for_more", "invite"}:
        return Text("事项此时暂停，须先 resume", "the matter is suspended then: resume it first")
    return _leads_nowhere(step, process, stage)


def _leads_nowhere(step: Step, process: Process, stage: str) -> Text | None:
    here = process.stages[stage]
    if step.do in {"advance", "close"} and step.to and step.to not in here.to:
        advice = near(step.to, here.to)
        return Text(f"环节「{stage}」没有出口「{step.to}」。{advice.zh}", f"the stage {stage} has no exit {step.to}. {advice.en}")
    if step.do == "close" and not step.to and not _endings(process, stage):
        return Text(f"环节「{stage}」不能直接办结", f"the stage {stage} does not lead to an ending")
    if step.do in BALLOT_STEPS and (process.ballot is None or process.ballot.stage != stage):
        return Text(f"环节「{stage}」没有表决", f"no ballot is taken at the stage {stage}")
    if step.do in {"task", "return_task"} and step.task not in {task.name for task in here.tasks}:
        advice = near(step.task or "", [task.name for task in here.tasks])
        return Text(
            f"环节「{stage}」没有任务「{step.task}」。{advice.zh}", f"the stage {stage} has no task {step.task}. {advice.en}"
        )
    return None


def _endings(process: Process, stage: str) -> list[str]:
    found = [to for to in process.stages[stage].to if process.stages[to].ending]
    done = [to for to in found if process.stages[to].ending == "done"]
    return done if len(done) == 1 else found


def _after(step: Step, process: Process, stage: str, state: str) -> tuple[str, str]:
    match step.do:
        case "advance" | "close":
            to = step.to or _endings(process, stage)[0]
            return to, "closed" if process.stages[to].ending else "open"
        case "suspend" | "return_for_more":
            return stage, "suspended"
        case "resume":
            return stage, "open"
        case "withdraw":
            return stage, "closed"
        case "reopen":
            return process.reopens or process.starts, "open"
    return stage, state
