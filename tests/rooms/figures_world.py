"""A small county with figures: projects with monthly reports, and stated indicators. Every sum can be done in the head."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from banjie.figures.actions import install_figures
from banjie.figures.answers import Answer, answer
from banjie.figures.definition import Figure
from banjie.lib import clock
from banjie.lib.clock import LOCAL
from banjie.people.models import Organisation
from banjie.registers.actions import create, update
from banjie.registers.definition import Register
from banjie.registers.installing import install_register
from banjie.registers.models import Record
from tests.rooms import county

# On PostgreSQL the store reads only what is committed; SQLite has one writer, and a test may roll back what it wrote.
COMMITTED = connection.vendor == "postgresql"
COUNTY, YANGXI, BAIXI = "431322", "431322102", "431322109"


def title(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}


def choices(name: str, **options: str) -> dict[str, Any]:
    return {
        "name": name,
        "title": title(name, name),
        "options": [{"code": c, "title": title(zh, c)} for c, zh in options.items()],
    }


def field(name: str, type: str, **more: object) -> dict[str, object]:
    return {"name": name, "type": type, "title": title(name, name), **more}


PROJECTS = {
    "name": "projects",
    "title": title("重点项目", "Key projects"),
    "key": "code",
    "area": "town",
    "label": "name",
    "choices": [
        choices("industries", ceramics="先进陶瓷", printing="现代文印", health="中医药"),
        choices("statuses", open="在建", dropped="调出"),
    ],
    "fields": [
        field("code", "text", required=True),
        field("town", "area", required=True),
        field("industry", "choice", of="industries"),
        field("status", "choice", of="statuses"),
        field("plan_year", "year"),
        field("planned", "decimal", unit="CNY"),
        field("started_on", "date"),
        field("visited_at", "datetime"),
        field("listed", "boolean"),
        field("leader", "text", personal=True),
        field("name", "text"),
    ],
}
REPORTS = {
    "name": "reports",
    "title": title("月报", "Monthly reports"),
    "key": ["project", "month"],
    "parent": {"register": "projects", "field": "project"},
    "fields": [
        field("project", "reference", of="projects", required=True),
        field("month", "month", required=True),
        field("invested", "decimal", unit="CNY"),
        field("workers", "integer"),
    ],
}
INDICATORS = {
    "name": "indicators",
    "title": title("主要指标", "Indicators"),
    "key": ["indicator", "area", "year", "sector"],
    "area": "area",
    "choices": [
        choices("sectors", all="全部", primary="一产", secondary="二产", tertiary="三产"),
        choices("statuses", estimated="预计", preliminary="初步核算", final="最终核实"),
    ],
    "fields": [
        field("indicator", "text", required=True),
        field("area", "area", required=True),
        field("year", "year", required=True),
        field("sector", "choice", of="sectors", required=True),
        field("value", "decimal", required=True),
        field("status", "choice", of="statuses"),
        field("basis", "text"),
        field("wording", "text"),
        field("source", "text"),
    ],
}
ALIVE = "status is null or status <> 'dropped'"
STATED = {
    "register": "indicators",
    "value": "value",
    "period": "year",
    "status": "status",
    "basis": "basis",
    "qualifier": "wording",
    "source": "source",
}
FIGURES: list[dict[str, Any]] = [
    {"name": "projects.count", "title": title("项目数", "Projects"), "unit": "project", "of": "projects", "measure": "count(*)",
     "where": ALIVE, "time": "plan_year", "grain": "year", "by": ["town", "industry", "listed"], "basis": "plan"},
    {"name": "projects.planned", "title": title("计划投资", "Planned"), "unit": "CNY", "display": {"unit": "亿元"}, "of": "projects",
     "measure": "sum(planned)", "where": ALIVE, "time": "plan_year", "grain": "year", "by": ["town", "industry"], "basis": "plan"},
    {"name": "projects.invested", "title": title("完成投资", "Invested"), "unit": "CNY", "display": {"unit": "亿元"}, "of": "reports",
     "measure": "sum(invested)", "time": "month", "by": ["town", "parent.industry"]},
    {"name": "projects.started", "title": title("开工", "Started"), "unit": "project", "of": "projects", "measure": "count(*)",
     "time": "started_on", "by": ["town"]},
    {"name": "projects.visited", "title": title("走访", "Visited"), "unit": "project", "of": "projects", "measure": "count(*)", "time": "visited_at"},
    {"name": "projects.average", "title": title("平均计划", "Average plan"), "unit": "CNY", "of": "projects", "measure": "avg(planned)",
     "by": ["town", "industry"]},
    {"name": "projects.reporting", "title": title("有月报的项目", "Projects with reports"), "unit": "project", "of": "reports",
     "measure": "count(distinct project)", "time": "month", "by": ["town"]},
    {"name": "projects.workers", "title": title("在岗人数", "Workers on site"), "unit": "person", "of": "reports", "measure": "sum(workers)",
     "time": "month", "additive": False, "by": ["town"]},
    {"name": "projects.ceramics_invested", "title": title("陶瓷投资", "Ceramics"), "unit": "CNY", "of": "reports",
     "measure": "sum(invested) filter (where parent.industry = 'ceramics')", "time": "month", "by": ["town"]},
    {"name": "projects.completion", "title": title("完成率", "Completion"), "unit": "percent",
     "ratio": {"numerator": "projects.invested", "denominator": "projects.planned"}},
    {"name": "projects.lag", "title": title("序时差", "Schedule lag"), "unit": "percentage_point", "schedule": {"completion": "projects.completion"}},
    {"name": "projects.growth", "title": title("同比", "Year on year"), "unit": "percent", "growth": {"of": "projects.invested"}},
    {"name": "projects.both", "title": title("合计", "Both"), "unit": "CNY", "sum": ["projects.invested", "projects.planned"]},
    {"name": "county.gdp", "title": title("生产总值", "GDP"), "unit": "CNY", "display": {"unit": "亿元"},
     "stated": {**STATED, "where": "indicator = 'gdp'"}},
    {"name": "county.gdp_growth", "title": title("年均增速", "Average growth"), "unit": "percent",
     "growth": {"of": "county.gdp", "kind": "average_annual"}},
    {"name": "county.structure", "title": title("三次产业结构", "Structure"), "unit": "percent",
     "stated": {**STATED, "where": "indicator = 'structure'"}, "by": ["sector"]},
]  # fmt: skip


def build() -> None:
    """Areas, the county's government, registers and figures; no records."""
    county.areas()
    Organisation.objects.create(code="county", area_id=COUNTY, name_zh="县人民政府", name_en="County government")
    for mapping in (PROJECTS, REPORTS, INDICATORS):
        install_register(Register.load(mapping), pack="test", by=None)
    install_figures([Figure.load(f) for f in FIGURES], pack="test", by=None)


def at(text: str) -> datetime:
    """A local moment."""
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL)


def project(code: str, town: str = YANGXI, on: str = "2021-01-04 09:00", **values: object) -> Record:
    with clock.simulated(at(on)):
        return create("projects", {"code": code, "town": town, "plan_year": 2021, "industry": "ceramics", **values}, by=None)


def report(code: str, month: str, invested: object, on: str = "2021-11-04 09:00", **values: object) -> Record:
    with clock.simulated(at(on)):
        return create("reports", {"project": code, "month": month, "invested": invested, **values}, by=None)


def stated(indicator: str, year: int, value: str, on: str, sector: str = "all", area: str = COUNTY, **more: object) -> Record:
    with clock.simulated(at(on)):
        row = {"indicator": indicator, "area": area, "year": year, "sector": sector, "value": value, **more}
        return create("indicators", row, by=None)


def change(record: Record, on: str, why: str = "", **values: object) -> Record:
    with clock.simulated(at(on)):
        return update(record, values, version=record.version, by=None, why=why)


def ask(name: str, period: str | None = None, **more: Any) -> Answer:
    """As the system."""
    return answer(name, account=None, period=period, **more)


def value(name: str, period: str | None = None, **more: Any) -> Decimal | None:
    return ask(name, period, **more).value


def parts(name: str, period: str | None = None, **more: Any) -> dict[str, Decimal | None]:
    return {p.code: p.value for p in ask(name, period, **more).parts}
