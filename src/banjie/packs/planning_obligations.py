"""What installing a pack would do to obligations."""

from __future__ import annotations

from django.db.models import Count

from banjie.lib.text import Text
from banjie.matters.models import Expected
from banjie.matters.obligations.installing import obligations_in_force
from banjie.packs.changes import differences
from banjie.packs.definition import Pack
from banjie.packs.lines import OBLIGATION, Line, Lines


def plan_obligations(pack: Pack, lines: Lines) -> None:
    """Add the lines about obligations. What is owed already stays owed until it is met or waived: the plan says how much."""
    installed = {obligation.name: (row.pack, obligation) for row, obligation in obligations_in_force()}
    owed = dict(
        Expected.objects.filter(state__in=Expected.OWED).values_list("obligation").annotate(count=Count("pk")).order_by()
        if installed
        else ()
    )
    for obligation in pack.obligations:
        before = installed.get(obligation.name)
        if before is None:
            lines["added"].append(Line(OBLIGATION, obligation.name, obligation.title))
            continue
        for says in differences(before[1].as_json(), obligation.as_json()):
            lines["changed"].append(Line(OBLIGATION, obligation.name, obligation.title, says))
    for name, (owner, obligation) in installed.items():
        if owner == pack.name and name not in {o.name for o in pack.obligations}:
            lines["removed"].append(Line(OBLIGATION, name, obligation.title, _still_owed(owed.get(name, 0))))


def _still_owed(count: int) -> Text | None:
    if not count:
        return None
    return Text(
        f"已应报的 {count} 项仍须报送或免报", f"{count} items that are owed already stay owed until they are met or waived"
    )
