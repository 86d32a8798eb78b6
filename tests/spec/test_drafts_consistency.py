"""What a draft can be held to without records: for each rule a text that holds and one that does not."""

from __future__ import annotations

from datetime import date

import pytest

from banjie.bulletins.drafts.consistency import RULES, check
from banjie.bulletins.drafts.reading import read

CASES = [
    ("shares", "holds", "三次产业结构为18.2:31.0:50.8。"),
    ("shares", "fails", "三次产业结构为18.2:33.0:50.8。"),
    ("shares", "holds", "甲类占33.3%，乙类占33.3%，丙类占33.3%。"),
    ("shares", "fails", "甲类占38.2%，乙类占27.5%，丙类占44.4%。"),
    ("rates", "holds", "年度计划投资158.93亿元，累计完成投资126.5亿元，完成比例80%。"),
    ("rates", "fails", "年度计划投资158.93亿元，累计完成投资126.5亿元，完成比例85%。"),
    ("rates", "holds", "共有住户86户，已签约73户，签约率84.9%。"),
    ("rates", "fails", "共有住户86户，已签约73户，签约率91%。"),
    ("rates", "holds", "已完成投资1.86亿元，占总投资3.1亿元的60%。"),
    ("rates", "fails", "已完成投资1.86亿元，占总投资3.1亿元的70%。"),
    ("repeats", "holds", "全县计划实施重点项目232个。今年全县计划实施重点项目232个，任务重。"),
    ("repeats", "fails", "全县计划实施重点项目232个。今年全县计划实施重点项目223个，任务重。"),
    ("households", "fails", "涉及104名征拆户。"),
    ("households", "fails", "培训护林员60人，慰问30户党员。"),
    ("growth", "holds", "企业由20家增加到25家，增长25%。"),
    ("growth", "fails", "企业由20家增加到25家，增长35%。"),
    ("growth", "holds", "合格率由80%提高到92%，提高12个百分点。"),
    ("growth", "fails", "合格率由80%提高到92%，提高15个百分点。"),
    ("growth", "fails", "2020年，实现旅游收入8.02亿元。2021年，实现旅游收入10.05亿元，同比增长35%。"),
    ("growth", "holds", "早稻面积42.96万亩，比上年增加9.94万亩，增长30.1%。"),
    ("growth", "fails", "早稻面积42.96万亩，比上年增加9.94万亩，增长23.1%。"),
    ("growth", "holds", "事故172起，比上年减少43起，下降20%。"),
    ("pace", "suspect", "2020年，文印总产值约25.6亿元。今年上半年，文印总产值已超31亿元。"),
    ("parts", "holds", "完成收入12亿元，其中税收8亿元，非税4亿元。"),
    ("parts", "fails", "完成收入12亿元，其中税收13亿元。"),
    ("parts", "fails", "完成收入12亿元，其中税收8亿元、非税5.5亿元。"),
    ("parts", "fails", "医保参保率102.3%。"),
    ("outputs", "holds", "去年工业总产值200亿元。电子产业产值120亿元。"),
    ("outputs", "suspect", "去年工业总产值200亿元。电子产业产值220亿元。"),
    ("permille", "suspect", "林业有害生物成灾率控制在1%左右。"),
    ("permille", "holds", "林业有害生物成灾率控制在1‰左右。"),
    ("lists", "holds", "提升自治、共治、智治、法治四种治理能力。"),
    ("lists", "fails", "提升自治、共治、法治四种治理能力。"),
    ("lists", "holds", "发展五大产业：陶瓷、建材、农业、能源、文印。"),
    ("lists", "fails", "发展六大产业：陶瓷、建材、农业、能源、文印。"),
    ("lists", "fails", "采取三项措施：一是抓投入。二是抓管理。"),
    ("achieved", "suspect", "项目建成后可实现年产值45亿元。如今产业园已实现年产值45亿元。"),
    ("officers", "fails", "出动执法人员35人次，检查经营户23户，进出口企业10家。"),
    ("officers", "holds", "出动执法人员70人次，检查经营户23户，进出口企业10家。"),
    ("whole_numbers", "holds", "有217家商户，为70%的商户开通支付。"),
    ("whole_numbers", "fails", "有7家商户，为80%的商户开通支付。"),
    ("floor_area", "holds", "项目占地116亩，提供10万平方米的标准厂房。"),
    ("floor_area", "suspect", "项目占地1亩，提供10万平方米的标准厂房。"),
    ("averages", "undecidable", "成员平均年龄37岁，本科以上学历23人、25岁以下23人。"),
    ("implied_base", "holds", "2021年，与2016年相比，进出口总额2.1亿美元，年均增长56.6%。"),
]


@pytest.mark.parametrize(("rule", "verdict", "text"), CASES, ids=[f"{r} {v} {i}" for i, (r, v, _) in enumerate(CASES)])
def test_a_rule_judges_as_its_table_says(rule: str, verdict: str, text: str) -> None:
    remarks = [r for r in check(read(text, date(2021, 12, 13))).remarks if r.rule == rule]
    assert [r.verdict for r in remarks] == [verdict], [r.because.zh for r in remarks]
    assert all(r.because.zh != r.because.en for r in remarks)


def test_every_rule_has_a_case_and_every_case_a_rule() -> None:
    assert {rule for rule, _, _ in CASES} == set(RULES)


@pytest.mark.parametrize(
    "text",
    [
        "城关镇完成投资5亿元。石塘镇完成投资6亿元。",
        "发放贷款3亿元，惠及农户1200户，其中50万元以上的大户4户。",
        "完成收入比上年增长5%，支出比上年增长7%，存款比上年增长9%。",
        "甲项目总投资5亿元。乙项目总投资6亿元。",
        "发展陶瓷、建材等六大产业。",
        "计划投资5亿元，已完成投资5亿元。",
        "走访企业、商户、农户12家次，惠及2个村。",
        "成灾率3‰，覆盖率100%。",
    ],
)
def test_what_is_in_order_is_left_alone(text: str) -> None:
    assert [r.because.zh for r in check(read(text, date(2021, 12, 13))).remarks if r.verdict in {"fails", "suspect"}] == []


@pytest.mark.parametrize(
    "text",
    [
        "重点项目共30项，其中：建设项目27项（省级6项、市级5项、县级16项），前期项目3项（市级2项、县级1项）。",
        "省级6项，当年计划投资19亿元，完成投资28.5亿元，投资完成率150%。\n县级16项，当年计划投资20亿元，完成投资25亿元，投资完成率125%。",
        "重点项目91宗，年度投资计划300亿元。完成投资90亿元，完成年度计划投资的30%。其中续建项目35宗，完成投资48亿元，完成年度计划投资的24%。",
        "计划开工255项（其中前三季度计划开工223项），实际已开工206项，完成年度计划开工的80.8%。",
        "31宗未开工项目中，县重点项目有18宗。另有县重点项目55宗。",
    ],
)
def test_bulletins_by_level_are_in_order(text: str) -> None:
    """The shapes of monthly bulletins: the same words for every level of projects, parts within parts, a plan printed for some only."""
    assert [r.because.zh for r in check(read(text, date(2021, 12, 13))).remarks if r.verdict in {"fails", "suspect"}] == []
