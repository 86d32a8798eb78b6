"""Records of an area that is gone, moved to an area that took over from it.

After a merger there is no need: who works in the one successor reaches them where they are. After a split somebody who knows the
place decides which record goes where; until then they stay in the old area, within reach of the area above.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction

from banjie.lib import clock
from banjie.lib.errors import Refusal
from banjie.lib.text import Text
from banjie.people.models import Account
from banjie.places.models import Area, Succession
from banjie.registers.bulk import Written, write_many
from banjie.registers.catalogue import catalogue
from banjie.registers.definition import Register
from banjie.registers.models import Record

NO_SUCCESSOR = Text("{new}不是{old}的后继区划", "{new} did not take over from {old}")
NO_AREA = Text("没有代码为 {code} 的区划", "there is no area with code {code}")


def move_to_successor(
    old: str,
    new: str,
    *,
    by: Account | None,
    register: str | None = None,
    keys: Collection[str] | None = None,
    why: str = "",
    origin: str = "web",
    dry_run: bool = False,
) -> dict[str, Written]:
    """Move the records of ``old`` to ``new``, which took over from it: of one register or all, those with these keys or all that
    the account may see. All or nothing; what hangs on a record goes with it. Each move takes UPDATE in both areas.

    Gives what was written (with ``dry_run``: what would be), by register. Raises Refusal (no succession), NotFound, BadRows.
    """
    where = _successor(old, new)
    known = catalogue()
    chosen = [known.register(register)] if register else list(known.registers.values())
    reason = why or f"区划调整：由{where[0].name_zh}转入{where[1].name_zh}"
    done: dict[str, Written] = {}
    with transaction.atomic():
        for definition in (d for d in chosen if d.area):
            rows = _rows(definition, old, new, keys, by)
            if rows:
                done[definition.name] = write_many(
                    definition.name, rows, by=by, origin=origin, why=reason, mode="update", dry_run=dry_run
                )
    return done


def _successor(old: str, new: str) -> tuple[Area, Area]:
    areas = Area.objects.in_bulk([old, new])
    for code in (old, new):
        if code not in areas:
            raise Refusal(NO_AREA.format(code=code))
    if not Succession.objects.filter(predecessor=old, successor=new, on__lte=clock.today()).exists():
        raise Refusal(NO_SUCCESSOR.format(old=areas[old].name, new=areas[new].name))
    return areas[old], areas[new]


def _rows(definition: Register, old: str, new: str, keys: Collection[str] | None, by: Account | None) -> list[dict[str, object]]:
    """The records as an update takes them: their key and their new area."""
    held = Record.objects.visible_to(by).of(definition.name).live().filter(area_id=old)
    if keys is not None:
        held = held.filter(key__in=keys)
    area = str(definition.area)
    return [
        {**{name: data.get(name) for name in definition.key}, area: new}
        for data in held.order_by("id").values_list("data", flat=True)
        if data.get(area) == old
    ]
