"""What installing a pack would do to bulletins."""

from __future__ import annotations

from banjie.bulletins.catalogue import bulletins_in_force
from banjie.packs.changes import differences
from banjie.packs.definition import Pack
from banjie.packs.lines import BULLETIN, Line, Lines


def plan_bulletins(pack: Pack, lines: Lines) -> None:
    """Add the lines about bulletins. Issues that were drafted or published stay whatever becomes of the definition."""
    installed = {bulletin.name: (row.pack, bulletin) for row, bulletin in bulletins_in_force()}
    for bulletin in pack.bulletins:
        before = installed.get(bulletin.name)
        if before is None:
            lines["added"].append(Line(BULLETIN, bulletin.name, bulletin.title))
            continue
        for says in differences(before[1].as_json(), bulletin.as_json()):
            lines["changed"].append(Line(BULLETIN, bulletin.name, bulletin.title, says))
    for name, (owner, bulletin) in installed.items():
        if owner == pack.name and name not in {b.name for b in pack.bulletins}:
            lines["removed"].append(Line(BULLETIN, name, bulletin.title))
