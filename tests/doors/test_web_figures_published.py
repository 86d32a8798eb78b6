"""Figures: which period the list is of, and what stands between a number and its signature."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from tests.doors.web_world import as_person
from tests.rooms import county
from tests.rooms import figures_world as world

from banjie.figures.models import Publication
from banjie.ledger.models import Entry
from banjie.lib.text import reading_in
from banjie.people.models import Account
from banjie.people.verbs import Verb
from banjie.registers.actions import create
from banjie.registers.definition import Register
from banjie.web.formula_words import Reader

pytestmark = pytest.mark.django_db(transaction=world.COMMITTED)
PUBLISH = "/figures/projects.invested/publish/"


@pytest.fixture
def statistician() -> Account:
    world.build()
    world.project("A", planned="100000000")
    world.report("A", "2019-03", "10000000", on="2019-04-03 09:00")
    world.report("A", "2021-01", "30000000", on="2021-02-03 09:00")
    return county.person("statistician", world.COUNTY, [Verb.VIEW, Verb.PUBLISH])


@pytest.fixture
def browser(statistician: Account) -> Client:
    return as_person(statistician)


def see(browser: Client, address: str) -> str:
    response = browser.get(address)
    assert response.status_code == 200
    return str(response.content.decode())


def test_the_list_begins_with_the_newest_period_that_has_records(browser: Client) -> None:
    said = see(browser, "/figures/")
    assert re.findall(r'<option value="([^"]+)" selected>', said)[0].startswith("2021")


def test_the_list_offers_every_year_that_has_records(browser: Client) -> None:
    said = see(browser, "/figures/?period=2026")
    years = set(re.findall(r'<option value="(\d{4})"', said))
    assert {"2019", "2020", "2021"} <= years


def test_figures_without_records_in_the_period_stand_together_at_the_end(browser: Client) -> None:
    listed, without = see(browser, "/figures/?period=2019-03").split("这一时期没有记录的指标")
    assert "/figures/projects.invested/?" in listed
    folded = set(re.findall(r'href="/figures/([a-z.]+)/', without))
    assert folded
    assert "projects.invested" not in folded
    assert not folded & set(re.findall(r'href="/figures/([a-z.]+)/', listed))


def test_before_a_figure_is_signed_its_number_scope_and_moment_are_shown(browser: Client) -> None:
    page = see(browser, "/figures/projects.invested/?period=2021")
    (link,) = re.findall(r'href="(/figures/projects.invested/publish/[^"]*)"', page)
    said = see(browser, link.replace("&amp;", "&"))
    for word in ("0.3亿元", "新化县", "2021年", "截至", "发布的依据或原因", "不能撤回"):
        assert word in said, word
    assert not Publication.objects.exists()


def test_without_a_reason_nothing_is_signed(browser: Client) -> None:
    response = browser.post(PUBLISH, {"area": world.COUNTY, "period": "2021", "why": " "})
    assert response.status_code == 422
    assert "请写明发布的依据或原因" in response.content.decode()
    assert not Publication.objects.exists()


def test_what_is_signed_is_what_was_shown_though_it_has_changed_since(browser: Client) -> None:
    said = see(browser, f"{PUBLISH}?period=2021")
    sent = dict(re.findall(r'name="(area|period|as_of)" value="([^"]*)"', said))
    create("reports", {"project": "A", "month": "2021-02", "invested": "50000000"}, by=None)
    assert browser.post(PUBLISH, {**sent, "why": "月报"}).status_code == 302
    assert str(Publication.objects.get().display) == "0.3亿元"
    assert Entry.objects.filter(verb="figure.publish").get().why == "月报"


def test_a_formula_is_read_with_titles_and_stands_there_as_it_is(browser: Client) -> None:
    said = see(browser, "/figures/projects.invested/?period=2021")
    words = re.findall(r'class="formula-words">([^<]*)<', said)
    assert any(w.startswith("合计（") for w in words)
    assert "公式原文" in said
    assert "sum(invested)" in said


def test_a_breakdown_that_there_is_not_is_refused_with_the_titles_of_those_that_there_are(browser: Client) -> None:
    answer = browser.get("/figures/projects.invested/?period=2021&by=nope")
    said = answer.content.decode().split('class="refusal"')[1]
    assert answer.status_code == 400
    assert "按乡镇" in said
    assert "to_month" not in said


@pytest.mark.parametrize(
    ("formula", "zh", "en"),
    [
        ("sum(total - planned)", "合计（总投资 - 年度计划）", "sum(Total - Planned)"),
        ("industry = 'ceramics' and phone is not null", "产业 = 「先进陶瓷」且联系电话不为空", 'Industry = "Advanced ceramics" and Phone is filled in'),
        ("industry in ('ceramics', 'printing')", "产业属于（「先进陶瓷」、「现代文印」）", 'Industry is one of: ("Advanced ceramics", "Printing equipment")'),
        ("count(*)", "记录数", "number of records"),
    ],
)  # fmt: skip
def test_formulas_read_as_people_say_them(formula: str, zh: str, en: str) -> None:
    register = Register.load(county.PROJECTS)
    with reading_in("zh"):
        assert Reader(register, None).read(formula) == zh
    with reading_in("en"):
        assert Reader(register, None).read(formula) == en
