"""A ballot by household: who votes, which rule holds for which kind of item, and whether an item is carried.

No database here, and no floating-point number: areas are decimals, thresholds and shares exact fractions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, model_validator
from pydantic import Field as Slot

from banjie.lib.definition import BilingualError, Definition, Label, Name, Sourced
from banjie.lib.text import Text

Choice = Literal["for", "against", "abstain"]
CHOICES: dict[Choice, Text] = {
    "for": Text("同意", "For"),
    "against": Text("不同意", "Against"),
    "abstain": Text("弃权", "Abstain"),
}
Outcome = Literal["passed", "not_passed", "no_quorum"]
OUTCOMES: dict[Outcome, Text] = {
    "passed": Text("通过", "carried"),
    "not_passed": Text("未通过", "not carried"),
    "no_quorum": Text("参与表决的不足法定比例，未通过", "not carried: too few took part"),
}
_THRESHOLD = re.compile(r"(?P<how>at least|more than) (?P<part>[1-9]\d{0,3})/(?P<whole>[1-9]\d{0,3})")


@dataclass(frozen=True, slots=True)
class Threshold:
    """A share that has to be reached, or exceeded (``over``)."""

    share: Fraction
    over: bool

    def met(self, part: Fraction | int, whole: Fraction | int) -> bool:
        """Whether ``part`` of ``whole`` is enough. Of nothing, nothing is enough."""
        if whole <= 0:
            return False
        return part > self.share * whole if self.over else part >= self.share * whole

    @property
    def title(self) -> Text:
        """As a notice says it: 不少于三分之二 is written 「≥ 2/3」, 过半数 「> 1/2」."""
        text = f"{self.share.numerator}/{self.share.denominator}"
        return Text(f"超过 {text}", f"more than {text}") if self.over else Text(f"{text} 以上（含）", f"at least {text}")


def parse_threshold(text: str) -> Threshold:
    """Read "at least 2/3" or "more than 1/2". Raises ValueError."""
    found = _THRESHOLD.fullmatch(text)
    if found is None or int(found["part"]) > int(found["whole"]):
        raise ValueError(text)
    return Threshold(Fraction(int(found["part"]), int(found["whole"])), found["how"] == "more than")


def _threshold(text: str) -> str:
    try:
        parse_threshold(text)
    except ValueError:
        raise BilingualError(
            f"看不懂「{text}」。请写成 at least 2/3 或 more than 1/2",
            f'"{text}" is no threshold: write "at least 2/3" or "more than 1/2"',
        ) from None
    return text


ThresholdText = Annotated[str, AfterValidator(_threshold)]


class Both(Definition):
    """What has to be reached by exclusive ``area`` and by ``heads``, each for itself."""

    area: ThresholdText
    heads: ThresholdText


class BallotRule(Sourced):
    """The ``quorum`` (of all who may vote) and the ``majority`` (of those who took part) for some ``kinds`` of item."""

    name: Name
    title: Label
    kinds: tuple[str, ...] = Slot(min_length=1)
    quorum: Both
    majority: Both
    source: str = Slot(min_length=1)
    uncertain: bool = False


class Electorate(Definition):
    """Who may vote: the units of ``register`` that lie where the matter does (their field ``by`` holds what the matter's field
    ``of`` holds) and for which ``where`` holds. Units with the same ``household`` have one ballot, with their ``area`` added."""

    register_name: Name = Slot(alias="register")
    by: Name
    of: Name
    household: Name
    area: Name
    where: str = ""


class BallotDefinition(Definition):
    """The ballot of a process: taken in ``stage``, over what the field ``question`` says, under the rule for the item's ``kind``,
    open for ``at_least_days``. ``results``: the register below the process's own that gets the published numbers."""

    stage: Name
    question: Name
    kind: Name
    electorate: Electorate
    at_least_days: int = Slot(default=1, ge=1, le=365)
    rules: tuple[BallotRule, ...] = Slot(min_length=1)
    results: Name | None = None

    @model_validator(mode="after")
    def _one_rule_at_a_time(self) -> Self:
        seen: set[tuple[str, date | None]] = set()
        for rule in self.rules:
            for kind in rule.kinds:
                if (kind, rule.effective_from) in seen:
                    raise BilingualError(f"事项类别「{kind}」有两条规则", f"two rules hold for the kind {kind}")
                seen.add((kind, rule.effective_from))
        return self

    def rule_for(self, kind: str, on: date) -> BallotRule | None:
        """The rule in force for a kind of item on a day: the one that came into force last."""
        found = [r for r in self.rules if kind in r.kinds and (r.effective_from is None or r.effective_from <= on)]
        return max(found, key=lambda rule: rule.effective_from or date.min, default=None)


@dataclass(frozen=True, slots=True)
class Sum:
    """So many households with so much exclusive area."""

    heads: int
    area: Decimal

    def __add__(self, other: Sum) -> Sum:
        return Sum(self.heads + other.heads, self.area + other.area)


NOTHING = Sum(0, Decimal(0))


@dataclass(frozen=True, slots=True)
class Test:
    """One of the four conditions: of what, which threshold, and whether it was met."""

    of: str  # "quorum.area", "quorum.heads", "majority.area", "majority.heads"
    threshold: str
    met: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    outcome: Outcome
    tests: tuple[Test, ...]


def decide(rule: BallotRule, electorate: Sum, cast: Mapping[Choice, Sum]) -> Verdict:
    """Whether an item is carried. Who abstains has taken part; a tie is no majority; of no votes nothing is carried."""
    voted = sum(cast.values(), NOTHING)
    favour = cast.get("for", NOTHING)
    sides = [("quorum", rule.quorum, voted, electorate), ("majority", rule.majority, favour, voted)]
    tests = []
    for name, both, part, whole in sides:
        tests.append(Test(f"{name}.area", both.area, parse_threshold(both.area).met(Fraction(part.area), Fraction(whole.area))))
        tests.append(Test(f"{name}.heads", both.heads, parse_threshold(both.heads).met(part.heads, whole.heads)))
    if not all(test.met for test in tests[:2]):
        return Verdict("no_quorum", tuple(tests))
    return Verdict("passed" if all(test.met for test in tests) else "not_passed", tuple(tests))


FEWEST = 3  # households behind a published area: with fewer, its size would tell whose it is


def published(electorate: Sum, cast: Mapping[Choice, Sum]) -> dict[str, int | None]:
    """The numbers of a result as they are made public. Heads are exact; areas are whole per cent, rounded down, and left out
    where they would let somebody work out how, or that, one or two households voted (ADR 14)."""
    voted = sum(cast.values(), NOTHING)
    favour = cast.get("for", NOTHING)
    few = any(0 < cast.get(choice, NOTHING).heads < FEWEST for choice in CHOICES)
    absent = electorate.heads - voted.heads
    return {
        "households": electorate.heads,
        "voted": voted.heads,
        "in_favour": favour.heads,
        "against": cast.get("against", NOTHING).heads,
        "abstained": cast.get("abstain", NOTHING).heads,
        "area_voted_share": None if 0 < voted.heads < FEWEST or 0 < absent < FEWEST else percent(voted.area, electorate.area),
        "area_in_favour_share": None if few or not voted.heads else percent(favour.area, voted.area),
    }


def percent(part: Decimal, whole: Decimal) -> int | None:
    """Whole per cent, rounded down; None of nothing."""
    return None if whole <= 0 else int(Fraction(part) * 100 // Fraction(whole))
