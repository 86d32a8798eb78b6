"""What installing a pack would do to processes, and what open matters stand in its way."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Count, Q

from banjie.lib.errors import DefinitionError
from banjie.lib.text import Text
from banjie.matters.catalogue import InForce, process_of, processes
from banjie.matters.compiling import compile_process
from banjie.matters.definition import Process
from banjie.matters.models import Matter, ProcessVersion
from banjie.packs.changes import differences
from banjie.packs.definition import Pack
from banjie.packs.lines import PROCESS, Line, Lines
from banjie.registers.catalogue import catalogue
from banjie.registers.definition import Register
from banjie.registers.installing import current


def plan_processes(pack: Pack, lines: Lines) -> None:
    """Add the lines about processes: those of the pack, those it no longer has, and versions that matters still follow."""
    installed = processes()
    for process in pack.processes:
        before = installed.get(process.name)
        if before is None:
            lines["added"].append(Line(PROCESS, process.name, process.title, _size(pack, process)))
            continue
        for says in differences(before.process.as_json(), process.as_json()):
            lines["changed"].append(Line(PROCESS, process.name, process.title, _and_open(says, process.name, before)))
    for name, found in installed.items():
        if found.version.pack == pack.name and name not in {p.name for p in pack.processes}:
            _remove(found.process, lines)
    for register in pack.registers:
        before_register = current(register.name)
        if before_register is not None and before_register != register:
            _versions_followed(register, pack, lines)


def _size(pack: Pack, process: Process) -> Text:
    stages, tasks = len(process.stages), sum(len(stage.tasks) for stage in process.stages.values())
    figures = sum(figure.name.startswith(f"{process.name}.") for figure in pack.counted)
    return Text(f"{stages} 个环节，{tasks} 项任务，{figures} 个指标", f"{stages} stages, {tasks} tasks, {figures} figures")


def _and_open(says: Text, name: str, before: InForce) -> Text:
    """Open matters are not touched: they finish under the version they began with, unless somebody moves them."""
    count = Matter.objects.live().filter(process=name).count()
    if not count:
        return says
    return Text(
        f"{says.zh}（{count} 件在办事项仍按原版本办结，现为第 {before.version.number} 版）",
        f"{says.en} ({count} open matters finish under the version they began with; the newest is {before.version.number})",
    )


def _remove(process: Process, lines: Lines) -> None:
    count = Matter.objects.live().filter(process=process.name).count()
    if not count:
        lines["removed"].append(Line(PROCESS, process.name, process.title))
        return
    says = Text(
        f"尚有 {count} 件在办，不能停用。请先办结，或保留该流程。",
        f"{count} matters are open: close them first, or keep the process.",
    )
    lines["refused"].append(Line(PROCESS, process.name, process.title, says))


def _versions_followed(register: Register, pack: Pack, lines: Lines) -> None:
    """A version by which matters were handled reads the register as it is now: it must go on fitting."""
    used = (
        ProcessVersion.objects.filter(name__in=[p.name for p in _of(register)])
        .annotate(followers=Count("matters"), live=Count("matters", filter=Q(matters__closed_at=None)))
        .filter(followers__gt=0)
        .order_by("name", "number")
    )
    for version in used:
        process = process_of(version.digest)
        try:
            compile_process(process, register, _children(register, pack))
        except DefinitionError as error:
            says = Text(
                f"第 {version.number} 版仍有 {version.followers} 件事项（在办 {version.live} 件）依此办理：{error.says.zh}",
                f"{version.followers} matters ({version.live} open) follow its version {version.number}: {error.says.en}",
            )
            lines["refused"].append(Line(PROCESS, process.name, process.title, says))


def _of(register: Register) -> list[Process]:
    """Every process that ever ran in the register."""
    digests = ProcessVersion.objects.values_list("digest", flat=True).distinct()
    return [process for process in map(process_of, digests) if process.of == register.name]


def _children(register: Register, pack: Pack) -> Collection[str]:
    there = {**catalogue().registers, **{r.name: r for r in pack.registers}}
    return [r.name for r in there.values() if r.parent and r.parent.register_name == register.name]
