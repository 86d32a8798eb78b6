"""Who owes an item of an obligation today."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass

from banjie.lib.clock import LOCAL, today
from banjie.lib.errors import Invalid
from banjie.lib.periods import Period
from banjie.matters.nearest import nearest_post
from banjie.matters.obligations.compiling import Compiled
from banjie.matters.owners import NOBODY, Ownership, owner_for
from banjie.people.models import Duty, Organisation
from banjie.places.models import Area
from banjie.registers.models import Record
from banjie.registers.values import typed

logger = logging.getLogger("banjie.matters")


@dataclass(frozen=True, slots=True)
class Owing:
    """``key``: of the record, or the code of the post, area or organisation; ``label``: what people call it."""

    key: str
    label: str
    area: str | None
    owner: Ownership


def owing(wanted: Compiled, period: Period, known: frozenset[str]) -> Iterator[Owing]:
    """All that owe an item for a period and are not ``known`` to be expected. A record owes for the periods in which it was
    there: not for those that had ended when it was entered."""
    of = wanted.obligation.of
    if of.register_name:
        yield from _records(wanted, period, known)
    elif of.role:
        for duty in (
            Duty.objects.on(today()).filter(role=of.role).select_related("post__organisation").order_by("post__code", "pk")
        ):
            post = duty.post
            if post.code not in known:
                known |= {post.code}  # two areas, one post: it owes once
                owner = Ownership(post, post.organisation)
                yield Owing(post.code, owner.name.zh, duty.area_id or post.organisation.area_id, owner)
    elif of.areas:
        for area in Area.objects.on(today()).filter(level=of.areas).exclude(code__in=known):
            role = wanted.obligation.owner.role if wanted.obligation.owner else None
            nearest = nearest_post(role, area=area.code, register=wanted.register.name, key="") if role else None
            yield Owing(area.code, area.name_zh, area.code, Ownership(nearest, nearest.organisation) if nearest else NOBODY)
    else:
        for office in Organisation.objects.filter(code__in=of.organisations).exclude(code__in=known).order_by("code"):
            yield Owing(office.code, office.name_zh, office.area_id, Ownership(None, office))


def _records(wanted: Compiled, period: Period, known: frozenset[str]) -> Iterator[Owing]:
    assert wanted.owners is not None
    register = wanted.owners
    for record in Record.objects.of(register.name).live().order_by("pk").iterator(chunk_size=500):
        if record.key in known or record.created_at.astimezone(LOCAL).date() >= period.end:
            continue
        if wanted.owing is not None and wanted.owing.evaluate(typed(record.data, register)) is not True:
            continue
        label = record.key if register.label in register.personal else record.label
        yield Owing(record.key, label, record.area_id, _answers(wanted, record))


def _answers(wanted: Compiled, record: Record) -> Ownership:
    """Who answers for a record's items. Where nobody does, the item is expected all the same, and the log says so."""
    assert wanted.obligation.owner is not None
    try:
        return owner_for(wanted.obligation.owner, record)
    except Invalid as refusal:
        logger.warning("nobody answers for %s of %s: %s", wanted.obligation.name, record, refusal.says.en)
        return NOBODY
