"""How the draft check reads a number: each row is a text, what is found in it, and what it is worth in the base unit."""

from __future__ import annotations

from datetime import date

import pytest
from tests.spec.working_table import cases

from banjie.bulletins.drafts.reading import read
from banjie.lib.units import plain

TODAY = date(2021, 12, 13)


def only(text: str):  # type: ignore[no-untyped-def]
    items = [i for i in read(text, TODAY).items if i.kind == "quantity"]
    assert len(items) == 1, [i.text for i in items]
    return items[0]


@cases("""
text                              | found          | value          | unit
今年发放购物袋6万只               | 6万只          | 60000          | 只
完成投资126.5亿元                 | 126.5亿元      | 12650000000    | 元
完成比例80%                       | 80%            | 0.8            | %
成灾率为3.2‰                      | 3.2‰           | 0.0032         | ‰
比上年提高0.92个百分点            | 0.92个百分点   | 0.0092         | 个百分点
出口4000万美元                    | 4000万美元     | 40000000       | 美元
营业额达162万                     | 162万          | 1620000        |
清运垃圾1,236吨                   | 1,236吨        | 1236           | 吨
清运垃圾１２３６吨                | １２３６吨     | 1236           | 吨
参与率９８．５％                  | ９８．５％     | 0.985          | %
改造三百二十一户                  | 三百二十一户   | 321            | 户
占地十余亩                        | 十余亩         | 10             | 亩
补助两万元                        | 两万元         | 20000          | 元
占全区三分之一                    | 三分之一       |                | %
占比七成                          | 七成           | 0.7            | %
占比八成五                        | 八成五         | 0.85           | %
产值翻一番                        | 翻一番         | 2              | 倍
产值翻了两番                      | 翻了两番       | 4              | 倍
比例达百分之八十                  | 百分之八十     | 0.8            | %
误差不超过千分之五                | 千分之五       | 0.005          | ‰
是去年的2.5倍                     | 2.5倍          | 2.5            | 倍
谈了6个多小时                     | 6个多小时      | 6              | 小时
历时两个多月                      | 两个多月       | 2              | 个月
历时一年半                        | 一年半         | 1.5            | 年
每亩补偿1200元                    | 1200元         | 1200           | 元/亩
租金12元/平方米                   | 12元/平方米    | 12             | 元/平方米
迎接千亿级园区                    | 千亿           | 100000000000   |
近百家企业                        | 百家           | 100            | 家
打造一个精品菜园                  | 一个           | 1              | 个
产品有5000余个品种                | 5000余个品种   | 5000           | 个
气温零下，降幅-3.2%               | -3.2%          | -0.032         | %
invested 6.23 billion yuan        | 6.23 billion yuan | 6230000000  | 元
with 168 projects in all          | 168 projects   | 168            | 个
""")
def test_a_quantity_is_read_with_its_unit_in_the_base_unit(text: str, found: str, value: str, unit: str) -> None:
    item = only(text)
    assert (item.text, item.sign) == (found, unit)
    assert not value or plain(item.value) == value


@cases("""
text                              | found            | parts
产业结构为20.3:31.2:48.5          | 20.3:31.2:48.5   | 20.3 31.2 48.5
生师比为14.7：1                   | 14.7：1          | 14.7 1
推行“5+2”模式                     | 5+2              | 5 2
每村3—5家                         | 3—5家            | 3 5
占30%至50%                        | 30%至50%         | 0.3 0.5
投资5亿至10亿元                   | 5亿至10亿元      | 500000000 1000000000
""")
def test_ratios_sums_and_ranges_keep_their_parts(text: str, found: str, parts: str) -> None:
    item = only(text)
    assert item.text == found
    assert [plain(p) for p in item.parts] == parts.split()
    assert item.value is None


@cases("""
text                              | bound    | words
总产值约310亿元                   | about    | 约
总产值310亿元左右                 | about    | 左右
总产值超310亿元                   | above    | 超
总产值已超过310亿元               | above    | 已超过
销售额突破10亿元                  | above    | 突破
近2000户居民                      | nearly   | 近
不到500人                         | below    | 不到
占有80%以上份额                   | at_least | 以上
每月不少于两次                    | at_least | 每月 不少于
每月至少开展一次                  | at_least | 每月 至少
年出口额稳定在4000万美元以上      | at_least | 稳定在 以上
60岁以下人员                      | at_most  | 以下
成灾率控制在4‰                    | at_most  | 控制在
成灾率控制在1%左右                | about    | 控制在 左右
10日内办结                        | at_most  | 内
水杯1000余只                      | more     | 余
企业230多家                       | more     | 多
企业达230多家                     | more     | 达 多
数十家企业                        | vague    | 数
累计完成投资126.5亿元             | exact    | 累计
年均增长7.3%                      | exact    | 年均增长
同比增长11.4%                     | exact    | 同比
平均年龄37岁                      | exact    | 平均
节约120万元                       | exact    |
""")
def test_the_words_around_a_number_are_its_qualifier(text: str, bound: str, words: str) -> None:
    qualifier = only(text).qualifier
    assert (qualifier.bound, set(qualifier.words)) == (bound, set(words.split()))


@cases("""
text                              | kind     | found
2021年完成                        | date     | 2021年
去年10月启动                      | date     | 去年10月
1至10月累计                       | date     | 1至10月
12月7日上午                       | date     | 12月7日
学校8:30前                        | date     | 8:30
三季度以来                        | date     | 三季度以来
二〇二一年全县                    | date     | 二〇二一年
“绿盾2019”行动                    | date     | 2019
第十二次党代会                    | ordinal  | 第十二次
综合治理二期                      | ordinal  | 二期
全省首个商圈                      | ordinal  | 首个
位列全省第一                      | ordinal  | 第一
一是抓项目                        | ordinal  | 一是
奋进新征程（一）                  | ordinal  | （一）
走5号楼                           | ordinal  | 5号
“十四五”开局                      | name     | 十四五
推行一件事一次办                  | name     | 一件事一次办
坚持三管齐下                      | name     | 三管齐下
聚焦“四风”问题                    | name     | 四风
社区“两委”班子                    | name     | 两委
打造“一居一品”品牌                | name     | 一居一品
国发〔2020〕5号文件               | name     | 国发〔2020〕5号
G60高速                           | name     | G60
拨打12345热线                     | name     | 12345
""")
def test_dates_ordinals_and_names_are_found_and_not_checked(text: str, kind: str, found: str) -> None:
    items = read(text, TODAY).items
    assert [(i.kind, i.text, i.value) for i in items] == [(kind, found, None)]


@pytest.mark.parametrize(
    "text",
    [
        "统一部署，进一步做好工作",
        "千方百计稳就业",
        "一批好项目",
        "万达商圈",
        "服务千家万户",
        "四处走访",
        "十分重视",
        "一线指挥",
        "甘当“店小二”",
        "每一个家庭",
    ],
)
def test_idioms_count_nothing(text: str) -> None:
    assert read(text, TODAY).items == ()


@cases("""
text                                                        | found    | place  | period          | basis
青岭县：2021年，全县完成投资5亿元                           | 5亿元    | 青岭县 | 2021            | actual
青岭县通报。1至10月，累计完成投资5亿元                      | 5亿元    | 青岭县 | 2021-01..2021-10 | actual
2020年，全县投资不大。今年上半年，完成投资5亿元             | 5亿元    |        | 2021H1          | actual
截至10月底，完成投资5亿元                                   | 5亿元    |        | 2021-01..2021-10 | actual
与2016年相比，增加投资5亿元                                 | 5亿元    |        |                 | actual
年度计划投资5亿元                                           | 5亿元    |        |                 | plan
力争投资5亿元                                               | 5亿元    |        |                 | target
预计投资5亿元                                               | 5亿元    |        |                 | estimate
项目建成后可实现产值5亿元                                   | 5亿元    |        |                 | capacity
已与20家企业达成入园意向                                    | 20家     |        |                 | intention
达到10亿元产能                                              | 10亿元   |        |                 | capacity
完成年度计划的80%                                           | 80%      |        |                 | actual
青岭县通报：石塘镇完成投资5亿元                             | 5亿元    | 石塘镇 |                 | actual
""")
def test_place_period_and_basis_are_carried_to_the_number(text: str, found: str, place: str, period: str, basis: str) -> None:
    item = only(text)
    scope = item.scope
    assert (item.text, scope.place, "" if scope.period is None else str(scope.period), scope.basis) == (
        found,
        place,
        period,
        basis,
    )
