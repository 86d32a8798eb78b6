"""Areas as shapes on a map, shaded by a figure in five steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from banjie.figures.answers import Part
from banjie.places.models import Boundary
from banjie.web.drawing import Link

SHADES = ("#e3ecec", "#b9d3d5", "#84b2b7", "#4a8791", "#0d5766")


@dataclass(frozen=True)
class Shade:
    """One step of the legend: its colour and the displays of the least and the greatest value in it."""

    colour: str
    least: str
    most: str


@dataclass(frozen=True)
class Map:
    shapes: dict[str, Any]
    legend: list[Shade]
    schematic: bool
    source: str


def outlined(parts: Sequence[Part], link: Link, shown: Callable[[Part], str], unit: str) -> Map | None:
    """The parts that have an outline; None where none has. Steps hold about the same number of areas each. ``shown``: a part's
    value in ``unit``, which is that of the whole map."""
    known = {b.area_id: b for b in Boundary.objects.filter(area_id__in=[p.code for p in parts])}
    drawn = [p for p in parts if p.code in known]
    if not drawn:
        return None
    ranked = sorted((p for p in drawn if p.value is not None), key=lambda p: p.value or Decimal(0))
    steps = stepped([(p.code, shown(p)) for p in ranked])
    features = [_feature(p, known[p.code], steps.get(p.code), link(p), f"{shown(p)} {unit}".strip()) for p in drawn]
    legend = []
    for number, colour in enumerate(SHADES):
        inside = [p for p in ranked if steps[p.code] == number]
        if inside:
            legend.append(Shade(colour, shown(inside[0]), shown(inside[-1])))
    first = known[drawn[0].code]
    return Map(
        {"type": "FeatureCollection", "features": features}, legend, any(known[p.code].schematic for p in drawn), first.source
    )


def stepped(ranked: Sequence[tuple[str, str]]) -> dict[str, int]:
    """Code → step, of codes with what they read as, least first. What reads the same is shaded the same: otherwise the legend's
    steps would overlap."""
    found: dict[str, int] = {}
    before, step = "", 0
    for i, (code, says) in enumerate(ranked):
        if says != before:
            step = i * len(SHADES) // len(ranked)
        found[code], before = step, says
    return found


def _feature(part: Part, boundary: Boundary, step: int | None, link: str, shown: str) -> dict[str, Any]:
    geometry = boundary.geojson.get("geometry", boundary.geojson)
    return {
        "type": "Feature",
        "geometry": geometry,
        "properties": {"name": str(part.title), "shown": shown, "step": step, "link": link},
    }
