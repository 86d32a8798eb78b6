"""From answers to charts: one scale for all marks of a chart (亿元, %), so that they can be compared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

from banjie.figures.answers import Part
from banjie.lib.text import language
from banjie.lib.units import Scale, rounded, unit
from banjie.web.charts import Point

PLACES = 2
Link = Callable[[Part], str]


def scale_for(code: str, values: Iterable[Decimal | None]) -> Scale:
    """The scale of a unit in which the largest of some values reads well."""
    scales = unit(code).zh if language() == "zh" else unit(code).en
    most = max((abs(v) for v in values if v is not None), default=Decimal(0))
    return next((s for s in scales if most >= s.size * s.least), scales[-1])


def scale_name(scale: Scale) -> str:
    return f"{scale.prefix}{scale.suffix}".strip()


def point(part: Part, code: str, scale: Scale, link: Link) -> Point:
    """A mark. Its label has two decimals at most, so that labels can be read beside each other; what it opens is exact."""
    if part.value is None:
        return Point(str(part.title), None, str(part.display), link(part))
    value = part.value / scale.size
    if scale.prefix:  # CNY 3.19 billion is too long beside a bar: the unit stands above the chart
        return Point(str(part.title), value, f"{rounded(value, PLACES):f}", link(part))
    exact, shown = str(part.display), str(unit(code).display(part.value, places=PLACES))
    return Point(str(part.title), value, min(exact, shown, key=len), link(part))


def points(parts: Sequence[Part], code: str, scale: Scale, link: Link) -> list[Point]:
    return [point(p, code, scale, link) for p in parts]
