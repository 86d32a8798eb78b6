"""Is this GeoJSON an outline that can be drawn? (RFC 7946: Polygon or MultiPolygon, longitude before latitude.)"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TypeGuard

from banjie.lib.text import Text

NOT_AN_OUTLINE = Text("边界须是 GeoJSON 的 Polygon 或 MultiPolygon", "a boundary is a GeoJSON Polygon or MultiPolygon")
NOT_A_RING = Text("每个环至少四个点", "a ring has at least four points")
NOT_CLOSED = Text("环未闭合：首尾两点须相同", "a ring is not closed: its first and last points must be the same")
NOT_ON_EARTH = Text(
    "坐标须为［经度, 纬度］，经度在±180之间，纬度在±90之间：{value}",
    "a point is [longitude, latitude] within ±180 and ±90: {value}",
)


def as_floats(geojson: object) -> object:
    """A pack's numbers are read as decimals; a coordinate is measured, not counted, and JSON writes it as a float."""
    if isinstance(geojson, Mapping):
        return {key: as_floats(value) for key, value in geojson.items()}
    if isinstance(geojson, list | tuple):
        return [as_floats(value) for value in geojson]
    return float(geojson) if isinstance(geojson, Decimal) else geojson


def check_outline(geojson: object) -> Text | None:
    """What is wrong with the first faulty part, or None."""
    if not isinstance(geojson, Mapping) or set(geojson) - {"type", "coordinates", "bbox"}:
        return NOT_AN_OUTLINE
    coordinates = geojson.get("coordinates")
    polygons = {"Polygon": [coordinates], "MultiPolygon": coordinates}.get(str(geojson.get("type")))
    if not _filled_list(polygons):
        return NOT_AN_OUTLINE
    for polygon in polygons:
        if not _filled_list(polygon):
            return NOT_AN_OUTLINE
        for ring in polygon:
            fault = _check_ring(ring)
            if fault:
                return fault
    return None


def _check_ring(ring: object) -> Text | None:
    if not isinstance(ring, list | tuple) or len(ring) < 4:
        return NOT_A_RING
    for point in ring:
        if not _on_earth(point):
            return NOT_ON_EARTH.format(value=str(point)[:60])
    return None if list(ring[0]) == list(ring[-1]) else NOT_CLOSED


def _on_earth(point: object) -> bool:
    if not isinstance(point, list | tuple) or len(point) != 2:
        return False
    numbers = [n for n in point if isinstance(n, int | float) and not isinstance(n, bool) and math.isfinite(n)]
    return len(numbers) == 2 and abs(numbers[0]) <= 180 and abs(numbers[1]) <= 90


def _filled_list(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, list | tuple) and len(value) > 0
