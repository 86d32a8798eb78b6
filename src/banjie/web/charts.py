"""Charts as Vega-Lite specifications. The same specification draws on the page and, later, in documents.

A chart only shows; the numbers are in the table beneath it. So decimals become floats here, and nowhere else: for pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

INK, DIM, LINE, SEAL, OPEN = "#1e2428", "#5a6065", "#dedace", "#9d2a24", "#0d5766"
FONT = "PingFang SC, Microsoft YaHei, Noto Sans CJK SC, sans-serif"

CONFIG: dict[str, Any] = {
    "font": FONT,
    "background": "transparent",
    "view": {"stroke": None},
    "axis": {
        "labelColor": DIM, "titleColor": DIM, "domainColor": LINE, "tickColor": LINE, "gridColor": "#ece8dd",
        "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "labelLimit": 160,
    },
    "legend": {
        "labelColor": INK, "labelFontSize": 12, "title": None, "orient": "top",
        "symbolType": "stroke", "symbolStrokeWidth": 2.5, "symbolSize": 300,
    },
}  # fmt: skip


@dataclass(frozen=True)
class Point:
    """One mark: what it is called, how long it is (in the chart's unit), what it reads as, and where it opens."""

    name: str
    value: Decimal | None
    shown: str
    link: str


def bars(points: Sequence[Point], *, says: str, unit: str) -> dict[str, Any]:
    """Horizontal bars in the order given, each labelled with its value and opening its trace."""
    values = [
        {"name": _in_lines(p.name), "whole": p.name, "value": _pixel(p.value), "shown": p.shown, "link": p.link} for p in points
    ]
    y = {
        "field": "name",
        "type": "nominal",
        "sort": None,
        "axis": {
            "title": None,
            "ticks": False,
            "domain": False,
            "labelPadding": 8,
            "labelExpr": "split(datum.label, '\\n')",
            "labelLineHeight": 13,
        },
    }
    bar = {
        "mark": {
            "type": "bar",
            "color": OPEN,
            "height": {"band": 0.62},
            "cornerRadiusEnd": 2,
            "cursor": "pointer",
            "description": says,
        },
        "encoding": {
            "x": {"field": "value", "type": "quantitative", "axis": None, "scale": {"domain": _room(values)}},
            "href": {"field": "link"},
        },
    }
    label = {
        "mark": {"type": "text", "align": "left", "dx": 5, "color": INK, "fontSize": 12},
        "encoding": {"x": {"field": "value", "type": "quantitative"}, "text": {"field": "shown"}},
    }
    line = 36 if any("\n" in str(v["name"]) for v in values) else 27  # pixels
    tooltip = [{"field": "whole", "title": " "}, {"field": "shown", "title": unit or " "}]
    return _spec(values, says, {"encoding": {"y": y, "tooltip": tooltip}, "layer": [bar, label]}, height=line * len(values) + 6)


def trend(series: Sequence[tuple[str, Sequence[Point]]], *, says: str, unit: str) -> dict[str, Any]:
    """Lines over the same steps: the first is what was done (seal red, with points that open), the others what it is held against."""
    names = [name for name, _ in series]
    values = [
        {"series": name, "name": p.name, "value": _pixel(p.value), "shown": p.shown, "link": p.link}
        for name, points in series
        for p in points
    ]
    steps = [p.name for p in series[0][1]]
    x = {
        "field": "name",
        "type": "ordinal",
        "sort": steps,
        "axis": {"title": None, "labelAngle": 0, "grid": False, "labelOverlap": True},
    }
    y = {"field": "value", "type": "quantitative", "axis": {"title": unit, "tickCount": 5, "domain": False}}
    colours = {"field": "series", "type": "nominal", "scale": {"domain": names, "range": [SEAL, "#7b7566", OPEN][: len(names)]}}
    dashes = {"field": "series", "scale": {"domain": names, "range": [[1, 0], [5, 4], [2, 2]][: len(names)]}}
    line = {"mark": {"type": "line", "strokeWidth": 2.5, "description": says}, "encoding": {"strokeDash": dashes}}
    point = {
        "transform": [{"filter": {"field": "series", "equal": names[0]}}],
        "mark": {"type": "point", "filled": True, "size": 70, "opacity": 1, "cursor": "pointer"},
        "encoding": {"href": {"field": "link"}},
    }
    tooltip = [{"field": "name", "title": " "}, {"field": "series", "title": " "}, {"field": "shown", "title": unit or " "}]
    shared = {"x": x, "y": y, "color": colours, "tooltip": tooltip}
    return _spec(values, says, {"encoding": shared, "layer": [line, point]}, height=270)


def _spec(values: list[dict[str, Any]], says: str, body: dict[str, Any], *, height: int) -> dict[str, Any]:
    return {
        "description": says,
        "data": {"values": values},
        "width": "container",
        "height": height,
        "autosize": {"type": "fit", "contains": "padding"},
        "config": CONFIG,
        **body,
    }


NARROW_PLOT = 130  # pixels between the names and the right edge on a telephone


def _room(values: list[dict[str, Any]]) -> list[float]:
    """From nought (or the lowest) to beyond the longest bar, so that the longest label has room even in a narrow panel."""
    known = [v["value"] for v in values if v["value"] is not None]
    low, high = min([0.0, *known]), max([0.0, *known])
    share = min(max((_pixels(v["shown"]) for v in values), default=0) / NARROW_PLOT, 0.6)
    return [low / (1 - share), high / (1 - share) or 1.0]


NAME_AT_MOST = 150  # pixels of one line of a name beside its bar


def _in_lines(name: str) -> str:
    """A long name in two lines, parted where it is most even: at a space, or between Chinese characters."""
    if _pixels(name) <= NAME_AT_MOST:
        return name
    places = [n for n in range(1, len(name)) if name[n] == " " or (name[n] > "\u2e7f" and name[n] not in "，。、；：）」》")]
    if not places:
        return name
    at = min(places, key=lambda n: abs(_pixels(name[:n]) - _pixels(name[n:])))
    return f"{name[:at].rstrip()}\n{name[at:].lstrip()}"


def _pixels(label: str) -> int:
    """About how wide a label is at 12 pixels: Chinese characters are square, others about half of that."""
    return 8 + sum(12 if character > "\u2e7f" else 7 for character in label)


def _pixel(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
