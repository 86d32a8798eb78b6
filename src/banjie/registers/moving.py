"""Children lie where their parent lies: they move with it."""

from __future__ import annotations

from banjie.ledger.actions import record_entry
from banjie.lib import clock
from banjie.people.models import Account
from banjie.registers import trail
from banjie.registers.catalogue import catalogue
from banjie.registers.models import Record


def move_children(held: Record, *, by: Account | None, origin: str) -> None:
    """Give the children of a record that was moved its area, each with an entry of its own."""
    known = catalogue()
    for child in held.children.select_for_update(of=("self",)).order_by("pk"):
        definition = known.register(child.register)
        if definition.area and child.data.get(definition.area) is not None:
            continue
        child.area_id = held.area_id
        child.version += 1
        child.updated_at = max(clock.now(), child.created_at)
        child.save(update_fields=["area", "version", "updated_at"])
        said = trail.body(child, definition, known.number(child.register), {})
        record_entry(chain=child.chain, verb=trail.UPDATE, body=said, by=by, why=f"随上级 {held.key} 调整地区", origin=origin)
        move_children(child, by=by, origin=origin)
