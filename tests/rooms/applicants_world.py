"""The small county of ``matters_world`` with a process that applicants use without an account."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from banjie.matters.definition import Process
from banjie.matters.installing import install_process
from banjie.people.models import Account
from banjie.registers.definition import Register
from banjie.registers.installing import install_register
from tests.rooms import matters_world
from tests.rooms.matters_world import field, title

GRADES = {
    "name": "grades",
    "title": title("评价等级", "Grades"),
    "options": [
        {"code": code, "title": title(zh, en)}
        for code, zh, en in (
            ("excellent", "非常满意", "very satisfied"), ("good", "满意", "satisfied"), ("fair", "基本满意", "fairly satisfied"),
            ("bad", "不满意", "dissatisfied"), ("worst", "非常不满意", "very dissatisfied"),
        )
    ],
}  # fmt: skip
REQUESTS: dict[str, Any] = deepcopy(matters_world.REQUESTS)
REQUESTS["choices"] = [GRADES]
REQUESTS["fields"] += [field("grade", "choice", of="grades"), field("comment", "note")]
CALLS: dict[str, Any] = {
    "name": "calls",
    "title": title("回访", "Call-backs"),
    "key": "request",
    "area": "town",
    "fields": [field("request", "text", required=True), field("town", "area", required=True), field("outcome", "note")],
}
CALL_BACK: dict[str, Any] = {
    "name": "call_back",
    "title": title("差评回访", "Call-back"),
    "of": "calls",
    "starts": "calling",
    "stages": {
        "calling": {
            "title": title("回访", "Calling"), "owner": "desk", "within": "3 workdays",
            "to": {"called": {"needs": ["outcome"]}},
        },
        "called": {"title": title("已回访", "Called"), "ending": "done"},
    },
}  # fmt: skip
PROCESS: dict[str, Any] = deepcopy(matters_world.PROCESS) | {
    "public": {
        "intro": title("企业和居民的诉求，一次提交，全程可查。", "Ask once, follow it to the end."),
        "fields": ["town", "amount", "phone"],
        "sets": {"kind": "'online'"},
        "answer": "unit",
        "rating": {
            "grade": "grade",
            "comment": "comment",
            "call_back": {
                "process": "call_back",
                "when": "grade in ('bad', 'worst')",
                "fields": {"request": "code", "town": "town"},
            },
        },
    }
}


def build() -> dict[str, Account]:
    """The people of ``matters_world``, with the registers and processes that applicants use."""
    people = matters_world.build()
    for register in (REQUESTS, CALLS):
        install_register(Register.load(register), pack="test", by=None)
    for process in (CALL_BACK, PROCESS):
        install_process(Process.load(process), pack="test", by=None)
    return people
