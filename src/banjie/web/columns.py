"""A column of figures in one unit and with the same number of decimals, so that its numbers can be read beneath each other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from banjie.figures.answers import Answer, Part
from banjie.lib.units import Scale, rounded
from banjie.web.drawing import places_for, scale_for, scale_name

NOTHING = "—"


@dataclass(frozen=True)
class Column:
    """``unit`` stands in the heading; ``shown`` gives the bare number. Exact values are behind the links."""

    scale: Scale
    unit: str
    places: int

    @classmethod
    def of(cls, answers: Iterable[Answer]) -> Self:
        """The column of what these answers, all in one unit, are made of."""
        answers = list(answers)
        values = [p.value for a in answers for p in a.parts if p.value is not None]
        code = answers[0].unit
        scale = scale_for(code, values)
        return cls(scale, scale_name(scale), places_for(code, scale, values))

    def shown(self, part: Part) -> str:
        if part.value is None:
            return NOTHING
        return f"{rounded(part.value / self.scale.size, self.places):,f}"
