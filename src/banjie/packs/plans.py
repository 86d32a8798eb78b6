"""What installing a pack would do, said before it is done: added, changed, removed, and refused with its reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from banjie.figures.definition import Figure
from banjie.figures.models import FigureVersion
from banjie.lib.text import Text
from banjie.packs.changes import differences
from banjie.packs.definition import Pack
from banjie.packs.lines import AREA, CONTENT, FIGURE, ORGANISATION, POST, REGISTER, ROLE, SCREENS, Line, Lines
from banjie.packs.models import InstalledPack
from banjie.packs.planning_bulletins import plan_bulletins
from banjie.packs.planning_grants import GRANT, dropped, told
from banjie.packs.planning_matters import plan_processes
from banjie.packs.planning_obligations import plan_obligations
from banjie.people.models import Organisation, Post, Role
from banjie.places.models import Area
from banjie.registers.definition import Register
from banjie.registers.installing import current, obstacles
from banjie.registers.models import Record, RegisterVersion


@dataclass(frozen=True, slots=True)
class Plan:
    """``refused`` lines stand in the way of all the others."""

    pack: Pack
    added: tuple[Line, ...] = ()
    changed: tuple[Line, ...] = ()
    removed: tuple[Line, ...] = ()
    refused: tuple[Line, ...] = ()

    @property
    def nothing_to_do(self) -> bool:
        return not (self.added or self.changed or self.removed or self.refused)

    def lines(self) -> Iterator[tuple[Text, Line]]:
        """Every line under its heading, in the order in which they are shown."""
        for heading, lines in (
            (Text("新增", "added"), self.added),
            (Text("修改", "changed"), self.changed),
            (Text("停用", "removed"), self.removed),
            (Text("拒绝", "refused"), self.refused),
        ):
            yield from ((heading, line) for line in lines)


def plan(pack: Pack) -> Plan:
    """Compare a pack with what is installed. Reads the database, writes nothing."""
    lines: Lines = {"added": [], "changed": [], "removed": [], "refused": []}
    _registers(pack, lines)
    plan_processes(pack, lines)
    plan_obligations(pack, lines)
    _figures(pack, lines)
    plan_bulletins(pack, lines)
    _people_and_places(pack, lines)
    lines["removed"] += [Line(GRANT, given.post.code, given.post.name, says) for given, says in told(dropped(pack))]
    _rest(pack, lines)
    return Plan(pack, *(tuple(lines[name]) for name in ("added", "changed", "removed", "refused")))


def _registers(pack: Pack, lines: Lines) -> None:
    for register in pack.registers:
        before = current(register.name)
        if before is None:
            lines["added"].append(Line(REGISTER, register.name, register.title, _size(register)))
            continue
        for says in differences(before.as_json(), register.as_json()):
            lines["changed"].append(Line(REGISTER, register.name, register.title, says))
        for obstacle in obstacles(register):
            lines["refused"].append(Line(REGISTER, register.name, register.title, obstacle.says))
    for name, body in _of_pack(RegisterVersion, pack).items():
        if name in {r.name for r in pack.registers}:
            continue
        gone, count = Register.load(body), Record.objects.of(name).count()
        if count:
            says = Text(f"仍有 {count} 条记录，不能停用。请先导出并删除记录，或保留该登记表。",
                        f"it still holds {count} records and cannot be removed: export and remove them first, or keep the register.")  # fmt: skip
            lines["refused"].append(Line(REGISTER, name, gone.title, says))
        else:
            lines["removed"].append(Line(REGISTER, name, gone.title))


def _size(register: Register) -> Text:
    return Text(
        f"{len(register.fields)} 个字段，{len(register.rules)} 条规则",
        f"{len(register.fields)} fields, {len(register.rules)} rules",
    )


def _figures(pack: Pack, lines: Lines) -> None:
    installed = _newest(FigureVersion)
    counted = {figure.name for figure in pack.counted}  # told of with their process
    for figure in pack.all_figures:
        before = installed.get(figure.name)
        if before is None and figure.name in counted:
            continue
        if before is None:
            lines["added"].append(Line(FIGURE, figure.name, figure.title))
            continue
        for says in differences(before, figure.as_json()):
            lines["changed"].append(Line(FIGURE, figure.name, figure.title, says))
    for name, body in _of_pack(FigureVersion, pack).items():
        if name not in {f.name for f in pack.all_figures}:
            lines["removed"].append(Line(FIGURE, name, Figure.load(body).title))


def _people_and_places(pack: Pack, lines: Lines) -> None:
    """What is not here yet. Names that differ are amended by the rooms themselves."""
    people = pack.people
    wanted: list[tuple[Text, list[tuple[str, Text]], Any, str]] = [
        (AREA, [(a.code, a.name) for a in pack.places.areas], Area, "code"),
        (ORGANISATION, [(o.code, o.name) for o in people.organisations], Organisation, "code"),
        (ROLE, [(r.name, r.title) for r in people.roles], Role, "name"),
        (POST, [(p.code, p.name) for p in people.posts], Post, "code"),
    ]
    for kind, items, model, key in wanted:
        there = set(model.objects.values_list(key, flat=True)) if items else set()
        lines["added"] += [Line(kind, code, name) for code, name in items if code not in there]


def _rest(pack: Pack, lines: Lines) -> None:
    """The pack's own title, its screens, and whatever else makes its digest another one."""
    before = InstalledPack.objects.in_force().filter(name=pack.name).first()
    if before is None:
        if not any(lines.values()):
            lines["added"].append(Line(Text("机制包", "pack"), pack.name, pack.head.title))
        return
    for says in differences(before.content.get("screens", {}), pack.screens.as_json()):
        lines["changed"].append(Line(SCREENS, pack.name, pack.head.title, says))
    if before.digest != pack.digest and not any(lines.values()):
        says = Text("名称、说明、地区、岗位或演示数据有变化", "its title, description, areas, posts or demonstration differ")
        lines["changed"].append(Line(CONTENT, pack.name, pack.head.title, says))


def _newest(model: type[RegisterVersion] | type[FigureVersion]) -> dict[str, Mapping[str, Any]]:
    """The bodies in force, by name."""
    newest = {row.name: row for row in model.objects.order_by("number")}
    return {name: row.body for name, row in newest.items() if not row.retired}


def _of_pack(model: type[RegisterVersion] | type[FigureVersion], pack: Pack) -> dict[str, Mapping[str, Any]]:
    newest = {row.name: row for row in model.objects.order_by("number")}
    return {name: row.body for name, row in newest.items() if not row.retired and row.pack == pack.name}
