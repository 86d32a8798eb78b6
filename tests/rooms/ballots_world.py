"""An estate of six households: one with two units, one large. Their secretary opens ballots; a neighbour may only look."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from banjie.lib.dates import parse_moment
from banjie.matters import actions
from banjie.matters.definition import Process
from banjie.matters.installing import install_process
from banjie.matters.models import Ballot, Matter
from banjie.people.models import Account, Role
from banjie.people.verbs import Verb
from banjie.registers.actions import create
from banjie.registers.definition import Register
from banjie.registers.installing import install_register
from tests.rooms import county
from tests.rooms.matters_world import YANGXI, at, field, title, worker

OPENED, DURING, ENDS, AFTER = "2021-09-06 10:00", "2021-09-10 10:00", "2021-09-20 18:00", "2021-09-21 09:00"
KINDS = [{"code": c, "title": title(c, c)} for c in ("fund_use", "change_of_use", "unruled")]
UNITS: dict[str, Any] = {
    "name": "units", "title": title("专有部分", "Units"), "key": "code", "area": "town",
    "fields": [
        field("code", "text", required=True), field("town", "area", required=True), field("estate", "text", required=True, index=True),
        field("household", "text"), field("size", "decimal"), field("delivered", "boolean"),
    ],
}  # fmt: skip
ISSUES: dict[str, Any] = {
    "name": "issues", "title": title("议题", "Issues"), "key": "code", "area": "town",
    "choices": [{"name": "kinds", "title": title("类别", "Kinds"), "options": KINDS}],
    "fields": [
        field("code", "text", required=True), field("town", "area", required=True), field("estate", "text", required=True),
        field("item", "text"), field("kind", "choice", of="kinds"),
    ],
}  # fmt: skip
NUMBERS = ["households", "voted", "in_favour", "against", "abstained", "area_voted_share", "area_in_favour_share"]
RESULTS: dict[str, Any] = {
    "name": "results", "title": title("表决结果", "Results"), "key": ["issue", "number"],
    "parent": {"register": "issues", "field": "issue"},
    "fields": [
        field("issue", "reference", of="issues", required=True), field("number", "integer", required=True),
        *(field(name, "integer") for name in NUMBERS), field("outcome", "text"), field("opened_on", "date"), field("closed_on", "date"),
    ],
}  # fmt: skip
QUORUM = {"area": "at least 2/3", "heads": "at least 2/3"}
BALLOT: dict[str, Any] = {
    "stage": "voting", "question": "item", "kind": "kind", "at_least_days": 7, "results": "results",
    "electorate": {
        "register": "units", "by": "estate", "of": "estate", "household": "household", "area": "size", "where": "delivered is not false",
    },
    "rules": [
        {"name": "ordinary", "title": title("一般事项", "Ordinary"), "kinds": ["fund_use"], "source": "民法典第278条",
         "quorum": QUORUM, "majority": {"area": "more than 1/2", "heads": "more than 1/2"}},
        {"name": "major", "title": title("重大事项", "Major"), "kinds": ["change_of_use"], "source": "民法典第278条",
         "quorum": QUORUM, "majority": {"area": "at least 3/4", "heads": "at least 3/4"}, "effective_from": "2021-01-01"},
    ],
}  # fmt: skip
PROCESS: dict[str, Any] = {
    "name": "issue", "title": title("民事民议", "Issue"), "of": "issues", "starts": "talked_over", "ballot": BALLOT,
    "stages": {
        "talked_over": {"title": title("协商", "Talked over"), "owner": "secretary", "within": "5 workdays", "to": {"voting": {}}},
        "voting": {
            "title": title("表决", "Voting"), "owner": "secretary", "untimed": title("截止时间另定", "the ballot has its own end"),
            "to": {
                "done": {"when": "ballot = 'passed'", "says": title("表决未通过", "the ballot did not carry it")},
                "dropped": {"when": "ballot in ('not_passed', 'no_quorum')"},
                "talked_over": {"returns": True},
            },
        },
        "done": {"title": title("办结", "Done"), "ending": "done"},
        "dropped": {"title": title("未通过", "Dropped"), "ending": "rejected"},
    },
}  # fmt: skip
SIZES = {"H1": ["100", "20"], "H2": ["100"], "H3": ["100"], "H4": ["100"], "H5": ["100"], "H6": ["80"]}  # 600 in all


def build() -> dict[str, Account]:
    """The county with its registers and process, two accounts, and the units of the estate E1 (and one of E2)."""
    county.areas()
    for register in (UNITS, ISSUES, RESULTS):
        install_register(Register.load(register).compile(), pack="test", by=None)
    Role.objects.create(name="secretary", title_zh="秘书", title_en="Secretary")
    install_process(process(), pack="test", by=None)
    works = [Verb.VIEW, Verb.CREATE, Verb.UPDATE, Verb.HANDLE]
    people = {
        "secretary": worker("secretary", YANGXI, [*works, Verb.SUPERVISE], "secretary"),
        "neighbour": worker("neighbour", YANGXI, [Verb.VIEW]),
    }
    number = 0
    for household, sizes in SIZES.items():
        for size in sizes:
            number += 1
            unit(f"U{number}", household, size)
    unit("U90", "H90", "500", estate="E2")
    unit("U91", "H91", "500", delivered=False)
    return people


def process(**changes: Any) -> Process:
    """The process, its ballot changed."""
    return Process.load({**PROCESS, "ballot": {**BALLOT, **changes}})


def unit(code: str, household: str | None, size: str | None, *, estate: str = "E1", delivered: bool | None = None) -> None:
    values = {"code": code, "town": YANGXI, "estate": estate, "household": household, "size": size, "delivered": delivered}
    create("units", {n: v for n, v in values.items() if v is not None}, by=None)


def issue(people: dict[str, Account], code: str = "I-1", kind: str = "fund_use", item: str = "维修木栈道") -> Matter:
    """An issue that has come to its ballot."""
    by = people["secretary"]
    with at("2021-09-06 09:00"):
        matter = actions.open_matter("issue", {"code": code, "town": YANGXI, "estate": "E1", "item": item, "kind": kind}, by=by)
        return actions.advance(matter, "voting", version=matter.version, by=by)


def opened(people: dict[str, Account], kind: str = "fund_use") -> tuple[Ballot, dict[str, str]]:
    """An open ballot of six households, and their codes."""
    matter = issue(people, kind=kind)
    with at(OPENED):
        ballot = actions.open_ballot(matter, closes_at=moment(ENDS), by=people["secretary"])
        return ballot, actions.issue_codes(ballot, by=people["secretary"])


def vote(codes: dict[str, str], **choices: str) -> None:
    """H1="for" and so on, while the ballot runs."""
    with at(DURING):
        for household, choice in choices.items():
            actions.cast_vote(codes[household], choice)


def counted(ballot: Ballot, people: dict[str, Account]) -> Ballot:
    with at(AFTER):
        return actions.close_ballot(ballot, by=people["secretary"])


def moment(text: str) -> datetime:
    return parse_moment(text)
