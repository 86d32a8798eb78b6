"""A process as its page shows it: its stages with owners and terms, and how many matters are where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count, Q

from banjie.lib.clock import now
from banjie.lib.definition import Sourced
from banjie.lib.errors import NotFound
from banjie.lib.text import Text
from banjie.matters.catalogue import InForce, in_force, process_of
from banjie.matters.definition import Owner, Process, Stage, TaskDefinition
from banjie.matters.models import Matter, ProcessVersion, Relocation
from banjie.people.models import Account, Role
from banjie.people.scopes import ALL_REGISTERS, scope_of
from banjie.people.verbs import Verb
from banjie.registers.definition import Register
from banjie.web.display import title_of
from banjie.web.matter_listing import Asked
from banjie.web.matter_words import ENDINGS, terms_of
from banjie.web.pack_names import pack_titles

NO_PROCESS = Text("没有这个办理流程，或您无权查看。", "There is no such process, or you may not see it.")
OF_FIELD = Text("「{field}」所填", "whoever “{field}” names")
LISTED = 200


@dataclass(frozen=True)
class Line:
    """A stage or a task of one. ``open`` and ``overdue`` count what the reader may see; ``link`` lists them. ``beside``: the
    processes of its branches, by name and title; the name is empty where the reader may not see that process."""

    name: str
    title: Text
    owner: str
    terms: list[Text]
    sourced: Sourced
    uncertain: bool
    leads_to: list[Text]
    ending: Text | None
    open: int = 0
    overdue: int = 0
    link: str = ""
    overdue_link: str = ""
    task: bool = False
    beside: tuple[tuple[str, Text], ...] = ()


def process_for(account: Account, name: str) -> InForce:
    """The process in force, if the account may see its register or configures the installation. Raises NotFound."""
    scope = scope_of(account)
    try:
        found = in_force(name)
    except NotFound:
        raise NotFound(NO_PROCESS) from None
    if found.process.of not in scope.registers(Verb.VIEW) and not scope.may(Verb.CONFIGURE, ALL_REGISTERS, None):
        raise NotFound(NO_PROCESS)
    return found


def role_titles(process: Process) -> dict[str, Text]:
    return {role.name: role.title for role in Role.objects.filter(name__in=process.roles)}


def owner_titles(process: Process, register: Register) -> dict[str, Text]:
    """What the drawing calls whoever answers: a role by its title, a field that names the owner by that of the field."""
    owners = [s.owner for s in process.stages.values() if s.owner]
    fields = [register.by_name.get(o.field or o.organisation or "") for o in owners]
    return {f.name: f.title for f in fields if f} | role_titles(process)


def owner_text(owner: Owner | None, roles: Mapping[str, Text], register: Register) -> str:
    """Who answers, as the definition says it: a role's title, or the field that names the post or the unit."""
    if owner is None:
        return ""
    if owner.role:
        return str(roles.get(owner.role, Text(owner.role, owner.role)))
    field = register.by_name.get(owner.field or owner.organisation or "")
    return str(OF_FIELD.format(field=title_of(field))) if field else ""


def lines(account: Account, process: Process, register: Register) -> list[Line]:
    """The stages in their order, the tasks of each below it. One query for the counts, one for the roles."""
    roles = role_titles(process)
    live = Matter.objects.visible_to(account).live().filter(process=process.name)
    rows = live.order_by().values("stage").annotate(open=Count("pk"), overdue=Count("pk", filter=Q(due_at__lt=now())))
    counts = {row["stage"]: (row["open"], row["overdue"]) for row in rows}
    asked = Asked(whose="all", process=process.name)
    found = []
    for name, stage in process.stages.items():
        there, late = counts.get(name, (0, 0))
        found.append(
            Line(
                name, stage.title, owner_text(stage.owner, roles, register), terms_of(stage), stage, stage.uncertain,
                _leads_to(process, stage), ENDINGS[stage.ending] if stage.ending else None, there, late,
                asked.link(stage=name), asked.link(stage=name, overdue="1"), beside=_beside(account, stage),
            )
        )  # fmt: skip
        found += [_task(task, owner_text(task.owner, roles, register)) for task in stage.tasks]
    return found


def _beside(account: Account, stage: Stage) -> tuple[tuple[str, Text], ...]:
    seen = scope_of(account).registers(Verb.VIEW)
    named = dict.fromkeys(branch.process for branch in stage.branches)
    found = [in_force(name).process for name in named]
    return tuple((process.name if process.of in seen else "", process.title) for process in found)


def _task(task: TaskDefinition, owner: str) -> Line:
    return Line(task.name, task.title, owner, terms_of(task), task, task.uncertain, [], None, task=True)


def _leads_to(process: Process, stage: Stage) -> list[Text]:
    return [way.title or process.stages[to].title for to, way in stage.to.items()]


# --- moving open matters to another version -----------------------------------------------------------------------


@dataclass(frozen=True)
class Leaving:
    """Open matters of one version at one stage. ``choices``: where they can go; ``to``: where they go unless told otherwise."""

    number: int
    stage: str
    title: Text
    count: int
    to: str
    choices: list[tuple[str, Text]]


@dataclass(frozen=True)
class Preview:
    """What a migration would move: stage by stage, and the first matters of the list."""

    version: ProcessVersion
    leaving: list[Leaving]
    matters: list[Matter]
    number: int


def preview(name: str, number: int, mapping: Mapping[str, str]) -> Preview:
    """The list that a migration to a version would work through. Raises NotFound."""
    version = ProcessVersion.objects.filter(name=name, number=number).first()
    if version is None:
        raise NotFound(Text(f"没有第 {number} 版", f"there is no version {number}"))
    process = process_of(version.digest)
    rows = Matter.objects.live().filter(process=name).exclude(definition=version)
    groups = rows.order_by().values("definition__number", "definition__digest", "stage").annotate(count=Count("pk"))
    choices = [(n, s.title) for n, s in process.stages.items() if not s.ending]
    known = {n for n, _ in choices}
    leaving = []
    for row in groups.order_by("definition__number", "stage"):
        stage = row["stage"]
        old = process_of(row["definition__digest"]).stages.get(stage)
        to = mapping.get(stage) or (stage if stage in known else "")
        title = old.title if old else Text(stage, stage)
        leaving.append(Leaving(row["definition__number"], stage, title, row["count"], to, choices))
    listed = list(rows.select_related("record", "definition").defer("definition__body", "record__search").order_by("pk")[:LISTED])
    return Preview(version, leaving, listed, rows.count())


def versions(name: str) -> list[tuple[ProcessVersion, int, str]]:
    """Every version with how many open matters run under it and its pack's title, the newest first."""
    packs = pack_titles()
    live = Count("matters", filter=Q(matters__closed_at__isnull=True))
    rows = ProcessVersion.objects.filter(name=name).defer("body").annotate(running=live).order_by("-number")
    return [(row, row.running, packs.get(row.pack, "")) for row in rows]


def migrations(name: str) -> list[Relocation]:
    return list(Relocation.objects.filter(process=name).select_related("by").order_by("-pk")[:20])
