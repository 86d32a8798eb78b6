"""Refused steps that are kept on record: a refusal changes nothing, yet in some cases it matters that somebody tried.

Kept are steps before a statutory notice had run, and steps by somebody whose turn it was not. They lie beside the ledger: the
chain tells what happened to a record, and nothing did (docs/adr). Supervisors see them with the matter; the log has a line too.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from banjie.lib import clock
from banjie.lib.errors import Invalid, NotPermitted, Refusal
from banjie.matters.ballots import ClosedEarly, SecondBallot
from banjie.matters.models import Attempt, Matter
from banjie.matters.stations import TooEarly
from banjie.people.models import Account
from banjie.people.scopes import scope_of_actor
from banjie.people.verbs import Verb

logger = logging.getLogger("banjie.matters")


KEPT = (TooEarly, SecondBallot, ClosedEarly)  # problems of which it matters that somebody tried


@contextmanager
def on_record(matter: Matter | int, verb: str, to: str, by: Account | None) -> Iterator[None]:
    """Around an action's transaction: what is refused in it, and matters, is written down after it was rolled back."""
    try:
        yield
    except (NotPermitted, Invalid) as refusal:
        if _matters(refusal):
            _keep(matter if isinstance(matter, int) else matter.pk, verb, to, refusal, by)
        raise


def attempts_on(matter: Matter, *, by: Account | None) -> list[Attempt]:
    """The attempts on a matter, the latest first, for those who supervise it; nobody else is shown any."""
    record = matter.record
    if not scope_of_actor(by).may(Verb.SUPERVISE, record.register, record.area_id):
        return []
    return list(matter.attempts.select_related("account").order_by("-pk"))


def _matters(refusal: Refusal) -> bool:
    return isinstance(refusal, NotPermitted) or any(isinstance(p, KEPT) for p in getattr(refusal, "problems", ()))


def _keep(pk: int, verb: str, to: str, refusal: Refusal, by: Account | None) -> None:
    stage = Matter.objects.filter(pk=pk).values_list("stage", flat=True).first()
    if stage is None:
        return
    logger.warning("refused: %s of matter %s from %s to %s by account %s", verb, pk, stage, to or "-", by.pk if by else None)
    with transaction.atomic():
        Attempt.objects.create(
            matter_id=pk, account=by, verb=verb, stage=stage, to=to[:48], reason_zh=refusal.says.zh, reason_en=refusal.says.en,
            at=clock.now(),
        )  # fmt: skip
