"""A ballot as its pages show it: the rule line by line, the turnout without choices, the result with what each condition asked."""

from __future__ import annotations

from dataclasses import dataclass

from banjie.lib.text import Text, language
from banjie.matters.ballot_rules import CHOICES, FEWEST, OUTCOMES, BallotRule, parse_threshold
from banjie.matters.ballots import Progress, progress, rule_of
from banjie.matters.definition import Process
from banjie.matters.models import Ballot
from banjie.people.models import Account
from banjie.registers.catalogue import catalogue
from banjie.registers.models import Record
from banjie.web.naming import called

CONDITIONS = {
    "quorum.area": Text("参与表决的专有部分面积", "Area that takes part"),
    "quorum.heads": Text("参与表决的户数", "Households that take part"),
    "majority.area": Text("同意的面积（占参与表决的）", "Area for, of that which takes part"),
    "majority.heads": Text("同意的户数（占参与表决的）", "Households for, of those that take part"),
}
WITHHELD = Text("不公布：会看出个别住户", "not published: it would tell of single households")


@dataclass(frozen=True)
class Line:
    """One of the four conditions: what it asks, what there was, and whether that was enough (None while nothing is counted)."""

    title: Text
    asks: Text
    there: str = ""
    met: bool | None = None


@dataclass(frozen=True)
class Shown:
    """``turnout_area``: whole per cent, or why it is withheld. ``votes``: title and number of each choice, once it is counted."""

    ballot: Ballot
    rule: BallotRule
    lines: list[Line]
    progress: Progress
    turnout_area: str
    outcome: Text | None
    votes: list[tuple[Text, int]]

    @property
    def passed(self) -> bool:
        return bool(self.ballot.result and self.ballot.result["outcome"] == "passed")


def shown(ballot: Ballot) -> Shown:
    rule, so_far = rule_of(ballot), progress(ballot)
    few = 0 < so_far.voted < FEWEST or 0 < so_far.households - so_far.voted < FEWEST
    result = ballot.result
    asked = {
        "quorum.area": rule.quorum.area, "quorum.heads": rule.quorum.heads,
        "majority.area": rule.majority.area, "majority.heads": rule.majority.heads,
    }  # fmt: skip
    met = {test["of"]: test["met"] for test in result["tests"]} if result else {}
    there = _there(result["numbers"]) if result else {}
    return Shown(
        ballot=ballot,
        rule=rule,
        lines=[Line(CONDITIONS[n], parse_threshold(text).title, there.get(n, ""), met.get(n)) for n, text in asked.items()],
        progress=so_far,
        turnout_area=str(WITHHELD) if few else f"{so_far.area_share}%",
        outcome=OUTCOMES[result["outcome"]] if result else None,
        votes=_votes(result["numbers"]) if result else [],
    )


def _votes(numbers: dict[str, int]) -> list[tuple[Text, int]]:
    named = {"for": "in_favour", "against": "against", "abstain": "abstained"}
    return [(title, numbers[named[choice]]) for choice, title in CHOICES.items()]


def _there(numbers: dict[str, int | None]) -> dict[str, str]:
    return {
        "quorum.area": _share(numbers["area_voted_share"]),
        "quorum.heads": f"{numbers['voted']} / {numbers['households']}",
        "majority.area": _share(numbers["area_in_favour_share"]),
        "majority.heads": f"{numbers['in_favour']} / {numbers['voted']}",
    }


def _share(value: int | None) -> str:
    return str(WITHHELD) if value is None else f"{value}%"


def households(account: Account, ballot: Ballot, process: Process, *, only: list[str] | None = None) -> list[tuple[str, str]]:
    """Key and name of every household on the list (or of those in ``only``), for whoever may see the register of households; for
    others none. Who has voted is not told: it would tell who has not."""
    definition = process.ballot
    assert definition is not None  # the process has a ballot
    field = catalogue().register(definition.electorate.register_name).field(definition.electorate.household)
    keys = list(ballot.electors.order_by("household").values_list("household", flat=True)) if only is None else only
    if not field.of:
        return [(key, key) for key in keys]
    rows = list(Record.objects.visible_to(account).of(field.of).filter(key__in=keys).order_by("key"))
    names = called(account, rows)
    return [(row.key, f"{names[row.pk]} · {row.key}" if names[row.pk] != row.key else row.key) for row in rows]


def choices() -> list[tuple[str, str]]:
    """Code and title of each choice; nothing is suggested."""
    english = language() == "en"
    return [(code, title.en if english else title.zh) for code, title in CHOICES.items()]
