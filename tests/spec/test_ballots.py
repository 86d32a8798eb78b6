"""When an item is carried: quorum and majority by area and by heads, at their very borders (民法典第278条; 「以上」 includes: 第1259条)."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banjie.lib.errors import DefinitionError
from banjie.matters.ballot_rules import BallotDefinition, BallotRule, Choice, Sum, decide, parse_threshold, published

LAW = {
    "title": {"zh": "规则", "en": "Rule"},
    "source": "民法典第278条",
    "quorum": {"area": "at least 2/3", "heads": "at least 2/3"},
}
HALF, QUARTERS = {"area": "more than 1/2", "heads": "more than 1/2"}, {"area": "at least 3/4", "heads": "at least 3/4"}
ORDINARY = BallotRule.load({**LAW, "name": "ordinary", "kinds": ["fund_use"], "majority": HALF})
MAJOR = BallotRule.load({**LAW, "name": "major", "kinds": ["change_of_use"], "majority": QUARTERS})
ALL = Sum(90, Decimal("9000.00"))  # 90 households, 9,000 m²


def cast(favour: tuple[int, str], against: tuple[int, str], abstain: tuple[int, str] = (0, "0")) -> dict[Choice, Sum]:
    sums = [Sum(heads, Decimal(area)) for heads, area in (favour, against, abstain)]
    return {"for": sums[0], "against": sums[1], "abstain": sums[2]}


TABLE = [
    # rule      for                 against            abstain          outcome
    # quorum: two thirds of 90 are 60, of 9,000 m² are 6,000 m²
    (ORDINARY, (60, "6000.00"), (0, "0"), (0, "0"), "passed"),  # two thirds exactly, of both
    (ORDINARY, (59, "6000.00"), (0, "0"), (0, "0"), "no_quorum"),  # one head short
    (ORDINARY, (60, "5999.99"), (0, "0"), (0, "0"), "no_quorum"),  # a hundredth of a square metre short
    (ORDINARY, (31, "3001.00"), (0, "0"), (29, "2999.00"), "passed"),  # who abstains has taken part
    (ORDINARY, (30, "4000.00"), (0, "0"), (30, "2000.00"), "not_passed"),  # ... and counts in the whole: half is no majority
    # ordinary items: more than half of those who took part
    (ORDINARY, (30, "3000.00"), (30, "3000.00"), (0, "0"), "not_passed"),  # a tie
    (ORDINARY, (31, "3000.00"), (29, "3000.00"), (0, "0"), "not_passed"),  # half of the area exactly
    (ORDINARY, (30, "3000.01"), (30, "2999.99"), (0, "0"), "not_passed"),  # half of the heads exactly
    (ORDINARY, (31, "3000.01"), (29, "2999.99"), (0, "0"), "passed"),
    (ORDINARY, (80, "2000.00"), (10, "7000.00"), (0, "0"), "not_passed"),  # many small flats against few large ones
    # items 6 to 8: three quarters of those who took part
    (MAJOR, (60, "6000.00"), (20, "2000.00"), (0, "0"), "passed"),  # three quarters exactly, of both
    (MAJOR, (59, "6000.00"), (21, "2000.00"), (0, "0"), "not_passed"),
    (MAJOR, (60, "5999.99"), (20, "2000.01"), (0, "0"), "not_passed"),
    (MAJOR, (45, "4500.00"), (15, "1500.00"), (0, "0"), "passed"),  # three quarters of two thirds
    (MAJOR, (90, "9000.00"), (0, "0"), (0, "0"), "passed"),
    # nobody
    (ORDINARY, (0, "0"), (0, "0"), (0, "0"), "no_quorum"),
    (MAJOR, (0, "0"), (0, "0"), (0, "0"), "no_quorum"),
    (ORDINARY, (0, "0"), (0, "0"), (90, "9000.00"), "not_passed"),
]


@pytest.mark.parametrize(("rule", "favour", "against", "abstain", "outcome"), TABLE)
def test_the_outcome_is_what_the_law_says(
    rule: BallotRule, favour: tuple[int, str], against: tuple[int, str], abstain: tuple[int, str], outcome: str
) -> None:
    assert decide(rule, ALL, cast(favour, against, abstain)).outcome == outcome


def test_the_verdict_names_each_of_the_four_conditions() -> None:
    verdict = decide(MAJOR, ALL, cast((60, "5999.99"), (20, "2000.01")))
    assert [(t.of, t.met) for t in verdict.tests] == [
        ("quorum.area", True), ("quorum.heads", True), ("majority.area", False), ("majority.heads", True)
    ]  # fmt: skip


def test_thirds_are_exact_where_a_decimal_would_not_be() -> None:
    third = Sum(3, Decimal("100.0000"))
    assert decide(ORDINARY, third, cast((2, "66.6666"), (0, "0"))).outcome == "no_quorum"
    assert decide(ORDINARY, third, cast((2, "66.6667"), (0, "0"))).outcome == "passed"


@pytest.mark.parametrize("text", ["2/3", "at least 4/3", "at least 0/3", "over 1/2", "at least 0.66", "more than half", "0"])
def test_what_is_no_threshold_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(text)):
        parse_threshold(text)
    with pytest.raises(DefinitionError):
        BallotRule.load({**LAW, "name": "x", "kinds": ["y"], "majority": {"area": text, "heads": text}})


@given(st.integers(0, 400), st.integers(1, 400), st.sampled_from(["at least 2/3", "more than 1/2", "at least 3/4"]))
def test_a_threshold_is_met_exactly_where_the_fraction_is(part: int, whole: int, text: str) -> None:
    threshold, share = parse_threshold(text), Fraction(part, whole)
    assert threshold.met(part, whole) == (share > threshold.share if threshold.over else share >= threshold.share)


def rules(*froms: str | None) -> BallotDefinition:
    made = [
        {**LAW, "name": f"r{n}", "kinds": ["fund_use"], "majority": HALF, **({"effective_from": since} if since else {})}
        for n, since in enumerate(froms)
    ]
    voters = {"register": "units", "by": "estate", "of": "estate", "household": "household", "area": "area"}
    return BallotDefinition.load({"stage": "voting", "question": "item", "kind": "kind", "electorate": voters, "rules": made})


def test_the_rule_that_came_into_force_last_holds() -> None:
    from_two = rules("2021-01-01", "2022-07-01")
    assert from_two.rule_for("fund_use", date(2020, 12, 31)) is None
    assert from_two.rule_for("fund_use", date(2022, 6, 30)) == from_two.rules[0]
    assert from_two.rule_for("fund_use", date(2022, 7, 1)) == from_two.rules[1]
    assert from_two.rule_for("rebuild", date(2022, 7, 1)) is None


def test_two_rules_for_one_kind_at_one_time_are_refused() -> None:
    with pytest.raises(DefinitionError):
        rules("2021-01-01", "2021-01-01")


# --- what is made public ---------------------------------------------------------------------------------------------


def test_shares_of_area_are_whole_per_cent_rounded_down() -> None:
    numbers = published(ALL, cast((60, "6000.00"), (7, "700.00")))
    assert numbers["area_in_favour_share"] == 89  # 89.55
    assert numbers["area_voted_share"] == 74  # 74.44


@pytest.mark.parametrize(
    ("favour", "against", "abstain", "turnout_shown", "favour_shown"),
    [
        ((70, "7000.00"), (3, "300.00"), (0, "0"), True, True),
        ((70, "7000.00"), (2, "231.40"), (5, "500"), True, False),  # the size of two flats would tell whose they are
        ((70, "7000.00"), (5, "500.00"), (1, "112.35"), True, False),
        ((2, "200.00"), (0, "0"), (0, "0"), False, False),
        ((50, "5000.00"), (38, "3800.00"), (0, "0"), False, True),  # two are missing: their size would tell who they are
        ((50, "5000.00"), (40, "4000.00"), (0, "0"), True, True),  # nobody is missing
        ((0, "0"), (0, "0"), (0, "0"), True, False),
    ],
)
def test_an_area_behind_which_stand_one_or_two_households_is_not_published(
    favour: tuple[int, str], against: tuple[int, str], abstain: tuple[int, str], turnout_shown: bool, favour_shown: bool
) -> None:
    numbers = published(ALL, cast(favour, against, abstain))
    assert (numbers["area_voted_share"] is not None) == turnout_shown
    assert (numbers["area_in_favour_share"] is not None) == favour_shown
    assert numbers["in_favour"] == favour[0]
