"""Charts of bulletins: Vega-Lite specifications for paper, and the same in words. Each bar and the last point of each line is
labelled, and lines differ in dash as well as in colour, so that nothing rests on telling colours apart.

Decimals become floats here, and nowhere else: for pixels. What is printed beside a mark is the frozen text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import vl_convert

from banjie.lib.text import Language
from banjie.lib.units import UNITS

BLUE, ORANGE, INK, DIM = "#0072B2", "#D55E00", "#1e2428", "#5a6065"  # Okabe and Ito's, told apart by all kinds of eyes
FAMILY = "Noto Sans SC"
WIDTH, BAR_HEIGHT, LINE_HEIGHT = 560, 24, 230
READ_OUT = 40  # points named in the words beside a picture
CONFIG: dict[str, Any] = {
    "font": FAMILY, "background": "#ffffff", "view": {"stroke": None},
    "axis": {"labelColor": INK, "titleColor": DIM, "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "labelLimit": 190},
    "legend": {"labelFontSize": 12, "title": None, "orient": "top", "symbolType": "stroke", "symbolSize": 400},
}  # fmt: skip


def fonts() -> Path:
    """The folder with Noto Sans SC and Noto Serif SC."""
    spec = find_spec("pylopdf_fonts_zh_cn")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def chart_spec(block: Mapping[str, Any], language: Language) -> dict[str, Any]:
    """The specification of a frozen chart."""
    return _line(block, language) if block["draw"] == "line" else _bars(block, language)


def read_out(block: Mapping[str, Any], language: Language) -> str:
    """What the picture shows, in words: for whoever hears the page."""
    named = [f"{p['title'][language]} {p[language]}" for p in block["points"][:READ_OUT]]
    more = len(block["points"]) - READ_OUT
    tail = (f"，另有 {more} 项" if language == "zh" else f", and {more} more") if more > 0 else ""
    joint, colon, stop = ("，", "：", "。") if language == "zh" else (", ", ": ", ".")
    return f"{block['figure_title'][language]}{colon}{joint.join(named)}{tail}{stop}"


def svg(spec: Mapping[str, Any]) -> str:
    return _drawn(json.dumps(spec, ensure_ascii=False, sort_keys=True), "svg").decode()


def png(spec: Mapping[str, Any]) -> bytes:
    """At 2 pixels a point, for paper."""
    return _drawn(json.dumps(spec, ensure_ascii=False, sort_keys=True), "png")


@lru_cache(maxsize=64)
def _drawn(spec: str, kind: str) -> bytes:
    _register_fonts()
    if kind == "svg":
        return vl_convert.vegalite_to_svg(spec).encode()
    return bytes(vl_convert.vegalite_to_png(spec, scale=2))


@lru_cache(maxsize=1)
def _register_fonts() -> None:
    vl_convert.register_font_directory(str(fonts()))


def _bars(block: Mapping[str, Any], language: Language) -> dict[str, Any]:
    points = sorted(block["points"], key=lambda p: -Decimal(p["value"] or 0))
    values = [{"name": p["title"][language], "value": _pixels(p["value"]), "shown": p[language]} for p in points]
    y = {"field": "name", "type": "nominal", "sort": None, "axis": {"title": None, "ticks": False, "domain": False}}
    known = [v["value"] for v in values if v["value"] is not None]
    room = [min([0, *known]) * 1.25, max([0, *known]) * 1.25 or 1]
    x = {"field": "value", "type": "quantitative", "axis": None, "scale": {"domain": room}}
    layers: list[dict[str, Any]] = [
        {"mark": {"type": "bar", "color": BLUE, "height": {"band": 0.6}}, "encoding": {"x": x}},
        {
            "mark": {"type": "text", "align": "left", "dx": 4, "color": INK, "fontSize": 12},
            "encoding": {"x": x, "text": {"field": "shown"}},
        },
    ]
    if "points" in block.get("against", {}):
        other = {p["code"]: p for p in block["against"]["points"]}
        for value, p in zip(values, points, strict=True):
            value["against"] = _pixels(other.get(p["code"], {}).get("value"))
        layers.append({"mark": {"type": "tick", "color": ORANGE, "thickness": 3}, "encoding": {"x": {**x, "field": "against"}}})
    return _spec(values, {"encoding": {"y": y}, "layer": layers}, BAR_HEIGHT * max(len(values), 1))


def _line(block: Mapping[str, Any], language: Language) -> dict[str, Any]:
    size, unit = _scale(block, language)
    name = block["figure_title"][language]
    values = [_step(p["title"][language], _pixels(p["value"]), name, size) for p in block["points"]]
    names = [name]
    if (year := block.get("against", {}).get("year")) is not None:
        other = block["against"]["title"][language]
        names.append(other)
        months = [_month(p["code"], n + 1) for n, p in enumerate(block["points"])]
        values += [
            _step(p["title"][language], float(Decimal(year)) * month / 12, other, size)
            for p, month in zip(block["points"], months, strict=True)
        ]
    x = {
        "field": "name",
        "type": "ordinal",
        "sort": None,
        "axis": {"title": None, "labelAngle": 0, "grid": False, "labelOverlap": True},
    }
    y = {"field": "value", "type": "quantitative", "axis": {"title": unit, "tickCount": 5, "domain": False}}
    shared = {
        "x": x, "y": y, "color": {"field": "series", "type": "nominal", "scale": {"domain": names, "range": [BLUE, ORANGE][: len(names)]}},
        "strokeDash": {"field": "series", "scale": {"domain": names, "range": [[1, 0], [6, 4]][: len(names)]}},
    }  # fmt: skip
    line = {"mark": {"type": "line", "strokeWidth": 2.5, "point": {"filled": True, "size": 40}}}
    return _spec(values, {"encoding": shared, "layer": [line]}, LINE_HEIGHT)


def _step(name: str, value: float | None, series: str, size: float) -> dict[str, Any]:
    return {"name": name, "value": None if value is None else value / size, "series": series}


def _month(code: str, otherwise: int) -> int:
    return int(code[5:7]) if len(code) == 7 and code[4] == "-" else otherwise


def _scale(block: Mapping[str, Any], language: Language) -> tuple[float, str]:
    """The scale in which the axis is written, by its largest value."""
    unit = UNITS[block["unit"]]
    scales = unit.zh if language == "zh" else unit.en
    most = max((abs(Decimal(p["value"])) for p in block["points"] if p["value"] is not None), default=Decimal(0))
    scale = next((s for s in scales if most >= s.size), scales[-1])
    return float(scale.size), f"{scale.prefix}{scale.suffix}".strip()


def _spec(values: Sequence[Mapping[str, Any]], body: Mapping[str, Any], height: int) -> dict[str, Any]:
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json", "data": {"values": list(values)}, "width": WIDTH, "height": height,
        "config": CONFIG, **body,
    }  # fmt: skip


def _pixels(value: str | None) -> float | None:
    return None if value is None else float(Decimal(value))
