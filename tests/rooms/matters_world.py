"""A small county with a service desk: requests that are received, dispatched, handled and closed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from banjie.lib import clock
from banjie.lib.dates import parse_moment
from banjie.matters.definition import Process
from banjie.matters.installing import install_process
from banjie.people.models import Account, Duty, Post, Role
from banjie.people.verbs import Verb
from banjie.registers.definition import Register
from banjie.registers.installing import install_register
from tests.rooms import county

COUNTY, YANGXI, BAIXI = "431322", "431322102", "431322109"
MONDAY = "2021-09-06 10:00"
WORKS = [Verb.VIEW, Verb.CREATE, Verb.HANDLE]


def title(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}


def field(name: str, type: str, **more: object) -> dict[str, object]:
    return {"name": name, "type": type, "title": title(f"{name}项", name), **more}


REQUESTS: dict[str, Any] = {
    "name": "requests",
    "title": title("诉求", "Requests"),
    "key": "code",
    "area": "town",
    "fields": [
        field("code", "text", required=True),
        field("town", "area", required=True),
        field("kind", "text"),
        field("result", "text"),
        field("amount", "decimal"),
        field("unit", "text"),
        field("phone", "phone", personal=True),
    ],
}
VISITS: dict[str, Any] = {
    "name": "visits",
    "title": title("走访", "Visits"),
    "key": ["request", "number"],
    "parent": {"register": "requests", "field": "request"},
    "fields": [field("request", "reference", of="requests", required=True), field("number", "integer", required=True)],
}
PROCESS: dict[str, Any] = {
    "name": "request",
    "title": title("诉求办理", "Request"),
    "of": "requests",
    "starts": "received",
    "category": "kind",
    "public_code": True,
    "withdraw": {"by": ["opener", "owner", "supervisor"]},
    "stages": {
        "received": {
            "title": title("受理", "Received"),
            "owner": "desk",
            "within": "2 hours",
            "warn": "1 hour",
            "to": {"handling": {"needs": ["kind"]}, "rejected": {"needs": ["result"]}, "noticed": {}, "joint": {}},
        },
        "handling": {
            "title": title("办理", "Handling"),
            "owner": "lead_unit",
            "within": "5 workdays",
            "warn": "1 workday",
            "to": {
                "closed": {
                    "needs": ["result"],
                    "when": "amount is null or amount <= 1000",
                    "says": title("金额超过一千元的须会签", "amounts above 1000 need a joint decision"),
                },
                "received": {"returns": True},
                "proven": {"files": 2, "photos": 1, "when": "children.visits >= 1"},
            },
        },
        "noticed": {
            "title": title("公告", "Notice"),
            "owner": "desk",
            "at_least": "10 workdays",
            "to": {"handling": None},
        },
        "joint": {
            "title": title("会签", "Joint decision"),
            "owner": "desk",
            "within": "10 workdays",
            "tasks": [
                {
                    "name": "fire",
                    "title": title("消防", "Fire"),
                    "owner": "lead_unit",
                    "within": "3 workdays",
                    "needs": ["result"],
                },
                {"name": "health", "title": title("卫生", "Health"), "owner": "desk", "within": "2 workdays"},
                {"name": "big", "title": title("大额", "Large"), "owner": "desk", "when": "amount > 1000"},
            ],
            "to": {"closed": {}, "received": {"returns": True}},
        },
        "proven": {"title": title("已核实", "Proven"), "ending": "done"},
        "closed": {"title": title("办结", "Closed"), "ending": "done"},
        "rejected": {"title": title("不予受理", "Rejected"), "ending": "rejected"},
    },
}


def worker(username: str, area: str, verbs: list[Verb], *roles: str) -> Account:
    """An account whose post has these verbs and duties in an area."""
    account = county.person(username, area, verbs)
    post = Post.objects.get(code=f"post-{username}")
    for role in roles:
        Duty.objects.create(post=post, role=role, area_id=area, begins_on=county.BEGIN)
    return account


def build(*processes: dict[str, Any]) -> dict[str, Account]:
    """Areas, people, registers and processes. Returns the people by name."""
    county.areas()
    for name, zh in (("desk", "窗口"), ("lead_unit", "主办单位"), ("unit_head", "单位负责人")):
        Role.objects.create(name=name, title_zh=zh, title_en=name)
    people = {
        "desk": worker("desk", COUNTY, [*WORKS, Verb.UPDATE], "desk"),
        "unit": worker("unit", YANGXI, WORKS, "lead_unit"),
        "other": worker("other", BAIXI, WORKS, "lead_unit"),
        "head": worker("head", COUNTY, [Verb.VIEW, Verb.SUPERVISE], "unit_head"),
        "reader": worker("reader", COUNTY, [Verb.VIEW]),
    }
    for mapping in (REQUESTS, VISITS):
        install_register(Register.load(mapping), pack="test", by=None)
    for mapping in processes or (PROCESS,):
        install_process(Process.load(mapping), pack="test", by=None)
    return people


def request(code: str = "Q-1", **values: object) -> dict[str, object]:
    return {"code": code, "town": YANGXI, **values}


@contextmanager
def at(moment: str) -> Iterator[None]:
    """Do something at a local time."""
    with clock.simulated(parse_moment(moment)):
        yield
