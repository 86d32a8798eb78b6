"""A bulletin over the small county of figures. Three projects in two towns; every number can be done in the head."""

from __future__ import annotations

from typing import Any

from banjie.bulletins.actions import install_bulletin
from banjie.bulletins.composing import Composed, compose
from banjie.bulletins.definition import Bulletin
from banjie.bulletins.models import BulletinVersion
from banjie.figures.actions import install_figures
from banjie.figures.definition import Figure
from tests.rooms.figures_world import COUNTY, FIGURES, at, build, project, report, title

BY_CODE = {"projects.count": "code", "projects.planned": "code", "projects.invested": "parent.code"}
LIGHT = {
    "inputs": {"lag": "projects.lag"},
    "red": "lag < -0.30",
    "yellow": "lag < -0.10",
    "says": title("落后超过三成亮红灯", "red where more than 30 points behind"),
    "source": "示例规则",
    "effective_from": "2021-01-01",
}
TEXT = """## 一、进度

{{ to_date }}，{{ area }}完成投资{{ value("projects.invested", over="to_date") }}，完成率{{ value("projects.completion", over="to_date") }}。

{{ show("towns") }}

红灯{{ lights("projects", colour="red") }}个。缺报：{{ names(missing("projects")) }}。

{{ show("projects") }}

{{ show("picture") }}
"""
BULLETIN: dict[str, Any] = {
    "name": "monthly",
    "title": title("项目通报", "Projects"),
    "period": "month",
    "issuer": title("项目办", "Projects office"),
    "masthead": {"body": title("项目办文件", "Projects office")},
    "schedule": {"every": "month", "day": 6},
    "rankings": [
        {"name": "towns", "title": title("各镇", "Towns"), "by": "town", "over": "to_date", "order": "projects.completion",
         "columns": ["projects.planned", "projects.invested", "projects.completion"]},
    ],
    "lists": [
        {"name": "projects", "title": title("一览", "Every project"), "of": "projects.count", "by": "code", "over": "to_date",
         "fields": ["town", "industry"], "columns": ["projects.planned", "projects.completion"], "light": [LIGHT],
         "reports": {"expected": "projects.count", "received": "projects.reports"}},
    ],
    "charts": [{"name": "picture", "title": title("逐月", "By month"), "figure": "projects.invested", "by": "to_month", "over": "to_date",
                "kind": "line", "against": "projects.planned"}],
    "template": {"zh": TEXT, "en": TEXT},
}  # fmt: skip


def figures() -> list[Figure]:
    """Those of the county, by project as well, and how many reports came."""
    wanted = [{**f, "by": [*f.get("by", []), BY_CODE[f["name"]]]} if f["name"] in BY_CODE else f for f in FIGURES]
    reports = {"name": "projects.reports", "title": title("月报数", "Reports"), "unit": "record", "of": "reports", "measure": "count(*)",
               "time": "month", "by": ["town", "parent.code"]}  # fmt: skip
    return [Figure.load(f) for f in [*wanted, reports]]


def county(**changes: Any) -> BulletinVersion:
    """The bulletin installed. 洋溪镇 has A (planned 100, invested 80) and B (100, 20); 白溪镇 has C (200, 160), whose October is missing."""
    build()
    install_figures(figures(), pack="test", by=None)
    million = 100_000_000
    for code, town, planned in (("A", "431322102", 100), ("B", "431322102", 100), ("C", "431322109", 200)):
        project(code, town, planned=str(planned * million))
    for code, months in (("A", {9: 40, 10: 40}), ("B", {9: 10, 10: 10}), ("C", {9: 160})):
        for month, invested in months.items():
            report(code, f"2021-{month:02}", str(invested * million))
    return install_bulletin(definition(**changes), pack="test", by=None)


def definition(**changes: Any) -> Bulletin:
    return Bulletin.load({**BULLETIN, **changes})


def composed(period: str = "2021-10", as_of: str | None = None, **changes: Any) -> Composed:
    """As the system."""
    return compose(definition(**changes), area=COUNTY, period=period, as_of=at(as_of) if as_of else None, by=None)
