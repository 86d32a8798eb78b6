"""What a wording claims of the true value: the rule of each qualifier, by example."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from tests.spec.working_table import cases

from banjie.bulletins.drafts.comparing import RULES, compare
from banjie.bulletins.drafts.qualifiers import AFTER, BEFORE, INSIDE
from banjie.bulletins.drafts.reading import read


@cases("""
text                 | true         | verdict   | right
总产值310亿元        | 30981000000  | agrees    |
总产值310亿元        | 30940000000  | differs   | 309亿元
总产值约310亿元      | 30981000000  | agrees    |
总产值约310亿元      | 31600000000  | differs   | 316亿元
总产值超310亿元      | 30981000000  | differs   | 310亿元
总产值突破310亿元    | 31001000000  | agrees    |
总产值近310亿元      | 30981000000  | agrees    |
总产值近310亿元      | 31020000000  | differs   | 310亿元
比例80%              | 0.7959       | agrees    |
比例80%以上          | 0.7959       | differs   | 80%
比例80%以上          | 0.8          | agrees    |
比例达79.6%          | 0.7959       | agrees    |
比例79.5%            | 0.7959       | differs   | 79.6%
征拆26户             | 26           | agrees    |
征拆26户             | 27           | differs   | 27户
水杯1000余只         | 1043         | agrees    |
水杯1000余只         | 998          | differs   | 998只
企业230多家          | 241          | differs   | 241家
购物袋6万只          | 61234        | agrees    |
购物袋6万只          | 66000        | differs   | 7万只
成灾率控制在4‰以内   | 0.004        | agrees    |
成灾率控制在4‰以内   | 0.0041       | differs   | 4‰
不到500人            | 500          | differs   | 500人
约1000人             | 940          | differs   | 940人
占三分之一           | 0.34         | agrees    |
占三分之一           | 0.29         | differs   |
数十家企业           | 40           | ambiguous |
每村3—5家            | 4            | agrees    |
每村3—5家            | 7            | differs   |
""")
def test_each_qualifier_claims_what_its_rule_says(text: str, true: str, verdict: str, right: str) -> None:
    (item,) = read(text, date(2021, 12, 13)).quantities
    answer = compare(item, Decimal(true))
    assert answer.verdict == verdict, answer.because.zh
    assert not right or answer.right[0] == right
    assert answer.because.zh != answer.because.en


def test_what_is_not_true_of_the_number_gets_a_wording_that_is() -> None:
    (item,) = read("总产值超310亿元", date(2021, 12, 13)).quantities
    assert compare(item, Decimal("30981000000")).right == ("310亿元", "约310亿元", "近310亿元")


def test_every_bound_has_a_rule_and_every_rule_its_words() -> None:
    assert {*BEFORE.values(), *INSIDE.values(), *AFTER.values()} | {"exact"} == set(RULES)
    assert all(rule.words for rule in RULES.values() if rule.bound != "exact")
