"""A real newspaper page whose columns are interleaved. It lies beside the repository, never in it; without it these tests are skipped."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from banjie.bulletins.drafts.consistency import Report, check
from banjie.bulletins.drafts.reading import Draft, read

PAGE = Path(__file__).parents[3] / "shared" / "source" / "page.txt"
pytestmark = pytest.mark.skipif(not PAGE.exists(), reason="the page lies outside the project")


@pytest.fixture(scope="module")
def page() -> Draft:
    return read(PAGE.read_text(encoding="utf-8"), date(2021, 12, 13))


@pytest.fixture(scope="module")
def report(page: Draft) -> Report:
    return check(page)


def line(page: Draft, at: int) -> int:
    return page.text.count("\n", 0, at) + 1


def found(page: Draft, number: int, text: str) -> str:
    """The place of a quantity, by line and words."""
    return next(i.scope.place for i in page.items if line(page, i.start) == number and i.text == text)


def test_every_digit_of_the_page_lies_in_something_that_was_found(page: Draft) -> None:
    covered = {at for item in page.items for at in range(item.start, item.end)}
    digits = {at for at, sign in enumerate(page.text) if sign.isdigit()}
    assert len(digits) > 200
    assert digits <= covered


def test_the_words_of_each_item_are_those_of_the_page(page: Draft) -> None:
    assert all(page.text[i.start : i.end] == i.text for i in page.items)


@pytest.mark.parametrize(
    ("number", "text", "kind"),
    [
        (11, "第十二次", "ordinal"), (17, "两委", "name"), (19, "两次", "quantity"), (19, "四风", "name"), (19, "十种表现", "name"), (19, "十个有没有", "name"),
        (23, "之一", "name"), (27, "二次", "ordinal"), (29, "二期", "ordinal"), (35, "首个", "ordinal"), (35, "三位一体", "name"), (35, "两项", "quantity"),
        (35, "三类", "quantity"), (35, "四种", "quantity"), (35, "五大", "quantity"), (37, "第一", "ordinal"), (39, "三分之一", "quantity"),
        (47, "一个", "quantity"), (47, "一居一品", "name"), (47, "一湾红潭", "name"), (47, "睦邻一家", "name"), (55, "两岸", "name"), (59, "两个多月", "quantity"),
        (59, "一个", "quantity"), (61, "百里画廊", "name"), (65, "三管齐下", "name"), (71, "双减", "name"), (81, "一校一品", "name"), (87, "两个全覆盖", "name"),
        (95, "十四五", "name"), (111, "两家", "quantity"), (121, "双星闪耀", "name"), (123, "两大", "quantity"), (123, "双引擎", "name"),
        (117, "一件事一次办", "name"), (133, "两大", "quantity"), (133, "千亿", "quantity"), (141, "首批", "ordinal"), (141, "首家", "ordinal"), (149, "千亿", "quantity"),
        (163, "一主一特一新", "name"), (167, "五好园区", "name"), (167, "一区多园", "name"), (171, "三强", "name"), (171, "一是", "ordinal"), (171, "三是", "ordinal"),
    ],
)  # fmt: skip
def test_what_is_written_in_chinese_numerals_is_found_and_classed(page: Draft, number: int, text: str, kind: str) -> None:
    assert [i.kind for i in page.items if line(page, i.start) == number and i.text == text][:1] == [kind]


def test_the_articles_are_put_back_in_order(page: Draft) -> None:
    order = [[line(page, p) for p in article.paragraphs] for article in page.articles]
    assert order[1:5] == [[55, 57, 59, 61, 63], [65, 67, 69, 77, 79, 83], [71, 73, 75, 81, 85, 87], [89]]
    assert [a.place for a in page.articles] == ["常德市武陵区南坪街道", "枞冲镇", "宁远县", "祁阳市", "", "新化县"]
    assert [a.headless for a in page.articles] == [False, True, False, False, True, False]


def test_joins_and_gaps_are_marked(page: Draft) -> None:
    joins = [(line(page, j.start), line(page, j.end) if j.end is not None else None) for j in page.joins]
    assert joins == [(23, 25), (69, 77), (75, 81), (81, 85), (99, 101), (105, None), (125, 141), (135, None), (155, 161)]
    assert [line(page, j.start) for j in page.joins if not j.sure] == [105, 125, 135]


@pytest.mark.parametrize(
    ("number", "text", "place"),
    [(29, "104户", "常德市武陵区南坪街道"), (79, "6万只", "宁远县"), (83, "35人次", "宁远县"), (87, "95.69%", "祁阳市"), (89, "1%", ""), (101, "75.3亿元", "新化县"),
     (133, "20个", "湖南省"), (133, "10条", "娄底市"), (145, "170亿元", "新化县")],
)  # fmt: skip
def test_each_quantity_has_the_place_of_its_article(page: Draft, number: int, text: str, place: str) -> None:
    assert found(page, number, text) == place


@pytest.mark.parametrize(
    ("rule", "verdict", "words"),
    [
        ("rates", "holds", "104户 104名 100%"),  # K1
        ("shares", "holds", "20.3:31.2:48.5"),  # K2
        ("shares", "holds", "19.5:28.6:51.9"),
        ("rates", "holds", "126.5亿元 158.93亿元 80%"),  # K3
        ("parts", "holds", "232个 209个"),  # K4
        ("repeats", "holds", "232个 232个"),  # K5
        ("repeats", "holds", "610.78亿元 610.78亿元"),
        ("repeats", "holds", "158.93亿元 158.93亿元"),
        ("lists", "holds", "6大"),  # K6
        ("lists", "holds", "两项"),
        ("lists", "holds", "三类"),
        ("lists", "holds", "四种"),
        ("lists", "holds", "五大"),
        ("lists", "holds", "三管齐下"),
        ("whole_numbers", "holds", "217家 70%"),  # K7
        ("officers", "fails", "35人次 23户 10家"),  # K8
        ("permille", "suspect", "1%"),  # K9
        ("households", "fails", "104名 104户"),  # K10
        ("parts", "holds", "310亿元 19.5:28.6:51.9 75.3亿元"),  # K13
        ("pace", "suspect", "25.6亿元 31亿元"),  # K14
        ("outputs", "holds", "223.32亿元 170亿元 25.6亿元"),  # K15
        ("parts", "holds", "230多家 60余家"),  # K16
        ("averages", "undecidable", "37岁 23人 23人"),  # K17
        ("floor_area", "holds", "116亩 10万余平方米"),  # K18
        ("implied_base", "holds", "2.1亿美元 56.6%"),  # K19
    ],
)
def test_the_checks_come_out_as_the_inventory_lists_them(report: Report, rule: str, verdict: str, words: str) -> None:
    assert verdict in [
        r.verdict for r in report.remarks if r.rule == rule and sorted(i.text for i in r.items) == sorted(words.split())
    ]


def test_nothing_else_is_objected_to(report: Report) -> None:
    assert sorted(r.rule for r in report.remarks if r.verdict in {"fails", "suspect"}) == [
        "households",
        "officers",
        "pace",
        "permille",
    ]
