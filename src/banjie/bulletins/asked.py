"""The figures of one bulletin, asked together: every question once, all of one state of the store."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from banjie.bulletins.periods import over
from banjie.figures.answers import Answer, answers_to
from banjie.figures.asking import Asking, Request
from banjie.lib.periods import Period

Question = tuple[str, str, str]  # figure, stretch, breakdown ("" for none)


@dataclass
class Questions:
    """Of one area, seen from one period, as known at one moment."""

    asked: Asking
    area: str
    period: Period
    as_of: datetime
    _known: dict[Question, Answer] = field(default_factory=dict)

    def prepare(self, wanted: Iterable[Question]) -> None:
        """Ask for several at once: measures over the same rows share a scan."""
        todo = [q for q in dict.fromkeys(wanted) if q not in self._known]
        self._known |= zip(todo, answers_to(self.asked, [self._request(q) for q in todo]), strict=True)

    def answer(self, figure: str, stretch: str, by: str = "") -> Answer:
        """Raises NotFound, NotPermitted, Refusal."""
        self.prepare([(figure, stretch, by)])
        return self._known[figure, stretch, by]

    def _request(self, question: Question) -> Request:
        figure, stretch, by = question
        return Request(figure, self.area, over(self.period, stretch), by or None, self.as_of)
