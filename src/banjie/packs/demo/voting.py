"""The ballots of a demonstration: opened, voted in with one-time codes and on paper, closed, through the same door as people's."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

from banjie.lib import clock
from banjie.lib.clock import LOCAL
from banjie.lib.errors import Refusal
from banjie.lib.text import Text
from banjie.matters import actions
from banjie.matters.models import Ballot, Matter
from banjie.packs.demo.journeys import Step
from banjie.packs.demo.pictures import picture

CLOSING_HOUR = 18
STUBS = 900_000  # pictures with these numbers are stubs of paper ballots
NO_BALLOT = Text("没有进行中的表决", "no ballot is open")
TOO_MANY = Text("要投 {wanted} 票，还没有表决的只有 {left} 户", "{wanted} votes are to be cast, and {left} households are left")


class Voting:
    """Keeps the codes of the ballots that it opened. One object for a load."""

    def __init__(self) -> None:
        self._left: dict[int, list[tuple[str, str]]] = {}  # by ballot: households that have not voted, with their codes
        self._stubs = STUBS

    def step(self, matter: Matter, step: Step, who: dict[str, Any]) -> None:
        """``open_ballot``, ``vote`` or ``close_ballot``. Raises as the actions do."""
        if step.do == "open_ballot":
            self._open(matter, step, who)
            return
        ballot = Ballot.objects.filter(matter=matter, state=Ballot.OPEN).first()
        if ballot is None:
            raise Refusal(NO_BALLOT)
        if step.do == "close_ballot":
            actions.close_ballot(ballot, **who)
        else:
            self._vote(ballot, step, who)

    def _open(self, matter: Matter, step: Step, who: dict[str, Any]) -> None:
        ends = clock.now().astimezone(LOCAL) + timedelta(days=step.days)
        ends = max(ends, ends.replace(hour=CLOSING_HOUR, minute=0, second=0, microsecond=0))
        ballot = actions.open_ballot(matter, closes_at=ends, version=matter.version, **who)
        codes = sorted(actions.issue_codes(ballot, **who).items())
        Random(f"{matter.record.key}/{ballot.question}").shuffle(codes)
        self._left[ballot.pk] = codes

    def _vote(self, ballot: Ballot, step: Step, who: dict[str, Any]) -> None:
        choices = [choice for choice, count in step.votes.items() for _ in range(count)]
        left = self._left[ballot.pk]
        if len(choices) > len(left):
            raise Refusal(TOO_MANY.format(wanted=len(choices), left=len(left)))
        for number, choice in enumerate(choices):
            household, code = left.pop()
            if number < step.paper:
                self._stubs += 1
                actions.record_paper(ballot, household, choice, evidence=picture(self._stubs), **who)
            else:
                actions.cast_vote(code, choice, origin=who["origin"])
