"""What charts and maps say: labels that can be compared, steps that do not overlap, names that are not cut."""

from __future__ import annotations

from decimal import Decimal

from banjie.figures.answers import Part
from banjie.lib.text import Text, reading_in
from banjie.web.charts import Point, bars
from banjie.web.drawing import points, scale_for
from banjie.web.outlines import stepped


def parts(*values: str) -> list[Part]:
    return [Part(str(n), Text("镇", "Town"), Decimal(v), Text(v, v), 1, None, "normal") for n, v in enumerate(values)]


def test_the_labels_of_one_chart_have_one_unit_and_as_many_decimals() -> None:
    given = parts("344000000", "110000000", "70050000")
    with reading_in("zh"):
        scale = scale_for("CNY", [p.value for p in given])
        assert [p.shown for p in points(given, "CNY", scale, lambda p: "")] == ["3.44亿元", "1.10亿元", "0.70亿元"]


def test_counts_have_no_decimals() -> None:
    given = parts("12", "3")
    with reading_in("zh"):
        scale = scale_for("household", [p.value for p in given])
        assert [p.shown for p in points(given, "household", scale, lambda p: "")] == ["12户", "3户"]


def test_areas_that_read_the_same_are_shaded_the_same() -> None:
    ranked = [
        (str(n), says) for n, says in enumerate(["0.10", "0.10", "0.10", "0.20", "0.20", "0.30", "0.30", "0.40", "0.50", "0.60"])
    ]
    steps = stepped(ranked)
    by_text: dict[str, set[int]] = {}
    for code, says in ranked:
        by_text.setdefault(says, set()).add(steps[code])
    assert all(len(found) == 1 for found in by_text.values())
    assert list(steps.values()) == sorted(steps.values())
    assert max(steps.values()) == 4


def test_a_long_name_stands_in_two_lines_and_is_whole_in_the_tooltip() -> None:
    name = "Deputy county head for agriculture and villages"
    spec = bars([Point(name, Decimal(1), "1", ""), Point("短", Decimal(1), "1", "")], says="x", unit="")
    long, short = spec["data"]["values"]
    assert long["name"].split("\n") == ["Deputy county head for", "agriculture and villages"]
    assert long["whole"] == name
    assert short["name"] == "短"
