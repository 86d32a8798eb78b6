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


def places_for(code: str, scale: Scale, values: Iterable[Decimal | None]) -> int:
    """The decimals with which all of some values are shown in one scale: none where all are whole."""
    known = [v / scale.size for v in values if v is not None]
    if all(v == int(v) for v in known):
        return 0
    wanted = unit(code).places
    return PLACES if wanted is None else wanted


def points(parts: Sequence[Part], code: str, scale: Scale, link: Link) -> list[Point]:
    """The marks. Their labels are in one scale and have as many decimals each, so that they can be read beside each other; what
    they open is exact."""
    places = places_for(code, scale, [p.value for p in parts])
    return [_point(p, places, scale, link) for p in parts]


def _point(part: Part, places: int, scale: Scale, link: Link) -> Point:
    if part.value is None:
        return Point(str(part.title), None, str(part.display), link(part))
    value = part.value / scale.size
    label = f"{rounded(value, places):,f}"
    if not scale.prefix:  # CNY 3.19 billion is too long beside a bar: the unit stands above the chart
        label += scale.suffix
    return Point(str(part.title), value, label, link(part))
