"""A small county for tests: two towns, three people, two registers."""

from __future__ import annotations

from datetime import date
from typing import Any

from banjie.lib.text import Text
from banjie.people.models import Account, Appointment, Grant, Organisation, Post
from banjie.people.verbs import Verb
from banjie.places.models import Area
from banjie.registers.definition import Register
from banjie.registers.installing import install_register

BEGIN = date(2021, 1, 1)


def areas() -> None:
    county = Area.objects.create(code="431322", level="county", name_zh="新化县", name_en="Xinhua County")
    for code, zh, en in (("431322102", "洋溪镇", "Yangxi Town"), ("431322109", "白溪镇", "Baixi Town")):
        Area.objects.create(code=code, parent=county, level="town", name_zh=zh, name_en=en)


def person(username: str, area: str, verbs: list[Verb], register: str = "*") -> Account:
    """An account in a post of its own with these verbs in an area."""
    account = Account.objects.create(username=username, name_zh=f"{username} 甲", name_en=username)
    organisation = Organisation.objects.create(code=f"org-{username}", area_id=area, name_zh="单位", name_en="Office")
    post = Post.objects.create(organisation=organisation, code=f"post-{username}", name_zh="专干", name_en="Clerk")
    Appointment.objects.create(account=account, post=post, begins_on=BEGIN)
    for verb in verbs:
        Grant.objects.create(post=post, verb=verb, register=register, area_id=area)
    return account


CLERK = [Verb.VIEW, Verb.CREATE, Verb.UPDATE, Verb.REMOVE, Verb.IMPORT, Verb.EXPORT]

INDUSTRIES = {
    "name": "industries",
    "title": {"zh": "产业", "en": "Industries"},
    "options": [
        {"code": "ceramics", "title": {"zh": "先进陶瓷", "en": "Advanced ceramics"}},
        {"code": "printing", "title": {"zh": "现代文印", "en": "Printing equipment"}},
    ],
}

PROJECTS: dict[str, Any] = {
    "name": "projects",
    "title": {"zh": "重点项目", "en": "Key projects"},
    "key": "code",
    "label": "name",
    "area": "town",
    "choices": [INDUSTRIES],
    "fields": [
        {"name": "code", "type": "text", "required": True, "title": {"zh": "项目代码", "en": "Code"}},
        {"name": "name", "type": "text", "required": True, "title": {"zh": "项目名称", "en": "Name"}},
        {"name": "town", "type": "area", "required": True, "title": {"zh": "乡镇", "en": "Town"}},
        {"name": "industry", "type": "choice", "of": "industries", "index": True, "title": {"zh": "产业", "en": "Industry"}},
        {
            "name": "total",
            "type": "decimal",
            "unit": "CNY",
            "index": True,
            "required": True,
            "title": {"zh": "总投资", "en": "Total"},
        },
        {"name": "planned", "type": "decimal", "unit": "CNY", "title": {"zh": "年度计划", "en": "Planned"}},
        {"name": "started_on", "type": "date", "title": {"zh": "开工日期", "en": "Started on"}},
        {"name": "phone", "type": "phone", "personal": True, "title": {"zh": "联系电话", "en": "Phone"}},
        {"name": "left_over", "type": "decimal", "formula": "total - planned", "title": {"zh": "以后年度", "en": "Later years"}},
    ],
    "rules": [
        {
            "name": "plan_within_total",
            "check": "planned <= total",
            "says": {"zh": "年度计划不得超过总投资", "en": "the year's plan exceeds the total"},
        },
        {
            "name": "plan_is_there",
            "check": "planned is not null",
            "severity": "warning",
            "says": {"zh": "未填年度计划", "en": "the year's plan is missing"},
        },
    ],
}

REPORTS: dict[str, Any] = {
    "name": "reports",
    "title": {"zh": "月报", "en": "Monthly reports"},
    "key": ["project", "month"],
    "parent": {"register": "projects", "field": "project"},
    "fields": [
        {"name": "project", "type": "reference", "of": "projects", "required": True, "title": {"zh": "项目", "en": "Project"}},
        {"name": "month", "type": "month", "required": True, "title": {"zh": "月份", "en": "Month"}},
        {"name": "invested", "type": "decimal", "unit": "CNY", "required": True, "title": {"zh": "完成投资", "en": "Invested"}},
    ],
}


def registers() -> None:
    for mapping in (PROJECTS, REPORTS):
        install_register(Register.load(mapping), pack="test", by=None)


def project(code: str = "XH-001", **values: object) -> dict[str, object]:
    return {"code": code, "name": "电子陶瓷扩建", "town": "431322102", "total": "12000000", "planned": "3000000", **values}


def label(text: str) -> Text:
    return Text(text, text)
