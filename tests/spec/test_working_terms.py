"""How terms and moments may be written, and what is refused."""

from __future__ import annotations

import pytest
from tests.spec.working_table import cases

from banjie.lib.dates import parse_moment
from banjie.lib.errors import Refusal
from banjie.places.terms import parse_term


@cases("""
written            | read             | zh
9 hours            | 9 hours          | 9小时
9小时              | 9 hours          | 9小时
9个小时            | 9 hours          | 9小时
1.5 h              | 1.5 hours        | 1.5小时
1 hour             | 1 hour           | 1小时
6 working hours    | 6 working hours  | 6个工作小时
6个工作小时        | 6 working hours  | 6个工作小时
5 workdays         | 5 workdays       | 5个工作日
5 Working Days     | 5 workdays       | 5个工作日
5 business days    | 5 workdays       | 5个工作日
5工作日            | 5 workdays       | 5个工作日
５个工作日         | 5 workdays       | 5个工作日
十五个工作日       | 15 workdays      | 15个工作日
两个工作日         | 2 workdays       | 2个工作日
30 days            | 30 days          | 30日
30日               | 30 days          | 30日
三十日             | 30 days          | 30日
一百二十天         | 120 days         | 120日
一百零五日         | 105 days         | 105日
30 calendar days   | 30 days          | 30日
30个自然日         | 30 days          | 30日
working_hours 6    | refused          |
five workdays      | refused          |
5                  | refused          |
workdays           | refused          |
0 workdays         | refused          |
-1 days            | refused          |
零日               | refused          |
十百日             | refused          |
1.5 workdays       | refused          |
1.333 hours        | refused          |
1e3 days           | refused          |
99999999999 days   | refused          |
5 workdays or so   | refused          |
5 months           | refused          |
""")
def test_a_term_is_read_as_people_write_it(written: str, read: str, zh: str) -> None:
    if read == "refused":
        with pytest.raises(Refusal) as refused:
            parse_term(written)
        assert refused.value.says.zh != refused.value.says.en
        return
    term = parse_term(written)
    assert (term.title.en, term.title.zh) == (read, zh)
    assert parse_term(str(term)) == term == parse_term(zh)


@cases("""
written                | read
2021-09-30 16:00       | 2021-09-30T16:00:00+08:00
2021-09-30             | 2021-09-30T00:00:00+08:00
2021-09-30T16:00:30    | 2021-09-30T16:00:30+08:00
２０２１－０９－３０ １６：００ | 2021-09-30T16:00:00+08:00
2021/9/30 8:05         | 2021-09-30T08:05:00+08:00
2021年9月30日16时5分   | 2021-09-30T16:05:00+08:00
2021年9月30日 16时     | 2021-09-30T16:00:00+08:00
2021-02-30             | refused
2021-09-30 25:00       | refused
30.9.2021              | refused
21-09-30               | refused
0001-01-01             | refused
9999-12-31             | refused
tomorrow               | refused
""")
def test_a_moment_is_read_as_people_write_it(written: str, read: str) -> None:
    if read == "refused":
        with pytest.raises(Refusal) as refused:
            parse_moment(written)
        assert written in refused.value.says.zh
        assert written in refused.value.says.en
        return
    assert parse_moment(written).isoformat() == read
