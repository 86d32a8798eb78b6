"""A course goes through its steps in order for each parent: nobody pours foundations after the trial run."""

from __future__ import annotations

from decimal import Decimal
from random import Random

from banjie.packs.demo.generators import Above, Course
from banjie.packs.demo.rows import Row
from banjie.packs.demo.values import Making, fill


def test_the_steps_of_a_course_come_in_their_order_for_each_parent() -> None:
    steps = ("场地平整", "基础施工", "主体施工", "设备安装")
    parents = [Row(1, {}), Row(2, {})]
    months = ["2021-03", "2021-01", "2021-02", "2021-04", "2021-05"]
    rows = [Row(n, {"invested": 1}, parent, month) for n, (parent, month) in enumerate((p, m) for p in parents for m in months)]
    rows.append(Row(99, {"invested": 0}, parents[0], "2021-06"))
    course = Course(make="course", of=steps, where={"invested": Above(above=Decimal(0))})
    fill("progress", course, rows, Making(Random(7), None, None, 1))  # type: ignore[arg-type]
    for parent in parents:
        said = [r.values["progress"] for r in sorted(rows, key=lambda r: r.month) if r.parent is parent and r.values["invested"]]
        assert [steps.index(s) for s in said] == sorted(steps.index(s) for s in said)
        assert len(set(said)) > 1
    assert rows[-1].values["progress"] is None
