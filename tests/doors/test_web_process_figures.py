"""The figures of a process in the browser: asked of the newest month with matters, opening into the records."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from tests.doors.web_world import as_person
from tests.rooms import matters_world as world
from tests.rooms.figures_world import COMMITTED

from banjie.figures.actions import install_figures
from banjie.figures.processes import process_figures
from banjie.matters.actions import open_matter
from banjie.matters.catalogue import in_force
from banjie.registers.catalogue import catalogue

pytestmark = pytest.mark.django_db(transaction=COMMITTED)


@pytest.fixture
def browser() -> Client:
    people = world.build()
    made = process_figures(in_force("request").process, register=catalogue().register("requests"))
    install_figures(list(made), pack="test", by=None)
    with world.at("2021-09-06 10:00"):
        open_matter("request", world.request("A"), by=None)
    return as_person(people["reader"])


def test_each_opens_into_the_records_of_its_matters(browser: Client) -> None:
    said = browser.get("/figures/request.opened/").content.decode()
    assert "2021年1—9月" in said
    assert re.search(r'id="figure-value"><a[^>]*>1件<', said)
    assert re.search(r'href="/records/\d+/#entry-\d+"', said)
    by_unit = browser.get("/figures/request.opened/?by=organisation").content.decode()
    assert "org-desk" not in re.sub(r'(href|data-[a-z]+)="[^"]*"', "", by_unit.split('id="parts-table"')[1].split("</table>")[0])


def test_all_of_them_stand_in_the_list(browser: Client) -> None:
    said = browser.get("/figures/").content.decode()
    for title in ("收件数", "办结数", "按期办结率", "超期数", "办理用时中位数", "办理用时九成分位数", "退回次数", "重新办理次数"):
        assert f"诉求办理：{title}" in said
