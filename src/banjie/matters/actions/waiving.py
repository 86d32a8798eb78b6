"""Letting an expected item go."""

from __future__ import annotations

from django.db import transaction

from banjie.lib import clock
from banjie.lib.errors import Invalid, NotFound, Problem
from banjie.lib.text import Text
from banjie.matters.calendars import calendar_in_force
from banjie.matters.models import Expected, Notice
from banjie.matters.obligations import items
from banjie.matters.obligations.definition import Obligation
from banjie.matters.owners import Ownership
from banjie.matters.telling import address, stamp
from banjie.people.models import Account
from banjie.people.scopes import scope_of_actor
from banjie.people.verbs import Verb
from banjie.registers import trail

NO_ITEM = Text("没有这项应报事项", "there is no such expected item")
NOT_OWED = Text("该项已报送或已免报", "it has arrived, or was waived already")
SAY_WHY = Text("请说明免报原因", "say why it is waived")


def waive_expected(item: Expected | int, *, by: Account | None, why: str, origin: str = "web") -> Expected:
    """Nobody has to hand it in any more. For a supervisor of the register in which it would have arrived. ``why`` is required.
    Raises NotFound, NotPermitted, Invalid."""
    pk = item if isinstance(item, int) else item.pk
    with transaction.atomic():
        held = Expected.objects.visible_to(by).filter(pk=pk)
        found = held.select_for_update(of=("self",)).select_related("record", "definition", "owner_post", "organisation").first()
        if found is None:
            raise NotFound(NO_ITEM)
        obligation = Obligation.load(found.definition.mapping)
        scope_of_actor(by).require(Verb.SUPERVISE, obligation.register_name, found.record.area_id)
        if found.state not in Expected.OWED:
            raise Invalid([Problem(found.record.key, found.state, NOT_OWED)])
        if not why.strip():
            raise Invalid([Problem("why", why, SAY_WHY)])
        found.state, found.waived_by, found.waived_why, found.remind_at = Expected.WAIVED, by, why.strip(), None
        found.save(update_fields=["state", "waived_by", "waived_why", "remind_at"])
        items.change(found, trail.WAIVE, by=by, why=why.strip(), origin=origin)
        _tell(found, obligation, by)
    return found


def _tell(item: Expected, obligation: Obligation, by: Account | None) -> None:
    said = {
        "obligation": obligation.title.as_dict(), "of": item.record.data["owes"], "period": item.period, "why": item.waived_why
    }  # fmt: skip
    notice = Notice(kind="waived", expected=item, step="waived", said=said)
    if address(notice, Ownership(item.owner_post, item.organisation)):
        stamp(notice, clock.now(), calendar_in_force())
        notice.save(force_insert=True)
