"""A ranking that one can check: the figures beside each name, ties as ties, and what was not reported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from banjie.figures.answers import Answer, Part
from banjie.lib.text import Text


@dataclass(frozen=True)
class Ranked:
    """One row. ``place`` None: it has no value to be ranked by. ``missing`` None: nothing is expected."""

    place: int | None
    title: Text
    code: str
    parts: list[Part | None]
    missing: int | None
    expected: int | None


def ranked(
    answers: Sequence[Answer],
    order: Answer,
    *,
    expected: Answer | None = None,
    received: Answer | None = None,
    months: int = 0,
    lowest_first: bool = False,
) -> list[Ranked]:
    """Rows by the value of ``order``, highest first; equal values share a place and the next place is left out (1, 2, 2, 4).
    What belongs to nobody (no sponsor, for one) stands last and has no place."""
    by_code = [{p.code: p for p in a.parts} for a in answers]
    ordered = {p.code: p for p in order.parts}
    known: dict[str, Part] = {}
    for parts in by_code:
        known |= {code: part for code, part in parts.items() if code not in known}
    sign = 1 if lowest_first else -1
    codes = sorted(known, key=lambda c: (not c, _value(ordered, c) is None, sign * (_value(ordered, c) or Decimal(0)), c))
    lacking = Absent(expected, received, months)
    rows: list[Ranked] = []
    for number, code in enumerate(codes, 1):
        value = _value(ordered, code)
        tied = bool(rows) and value is not None and value == _value(ordered, rows[-1].code)
        place = None if value is None or not code else rows[-1].place if tied else number
        missing, due = lacking(code)
        rows.append(Ranked(place, known[code].title, code, [parts.get(code) for parts in by_code], missing, due))
    return rows


class Absent:
    """How many reports of a part are missing, and how many were due: ``Absent(expected, received, months)(code)``."""

    def __init__(self, expected: Answer | None, received: Answer | None, months: int) -> None:
        self._due = None if expected is None else {code: n * months for code, n in _counts(expected).items()}
        self._came = None if received is None else _counts(received)

    def __call__(self, code: str) -> tuple[int | None, int | None]:
        if self._due is None:
            return None, None
        due = self._due.get(code, 0)
        return (None if self._came is None else max(0, due - self._came.get(code, 0))), due


def _value(parts: Mapping[str, Part], code: str) -> Decimal | None:
    return parts[code].value if code in parts else None


def _counts(answer: Answer) -> dict[str, int]:
    return {p.code: int(p.value) for p in answer.parts if p.value is not None}
