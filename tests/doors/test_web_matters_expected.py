"""What has to be handed in again and again, on the workbench of whoever owes it and of whoever supervises."""

from __future__ import annotations

import pytest
from django.urls import reverse
from tests.doors.web_world import as_person
from tests.rooms import matters_world as world
from tests.rooms.matters_world import at
from tests.rooms.test_matters_obligations import MONTHLY, REPORTS, SITES

from banjie.lib.dates import parse_moment
from banjie.matters.models import Expected
from banjie.matters.obligations.definition import Obligation
from banjie.matters.obligations.expecting import keep_obligations
from banjie.matters.obligations.installing import install_obligation
from banjie.matters.obligations.items import ITEMS
from banjie.people.models import Account
from banjie.registers.actions import create
from banjie.registers.definition import Register
from banjie.registers.installing import install_register

pytestmark = pytest.mark.django_db
TUESDAY = "2021-09-07 10:00"


@pytest.fixture
def people() -> dict[str, Account]:
    """Two sites, a monthly report from each: that of August was due on the 6th of September and is missing."""
    people = world.build()
    for mapping in (SITES, REPORTS):
        install_register(Register.load(mapping), pack="test", by=None)
    install_register(ITEMS, pack="banjie", by=None)
    with at("2021-07-01 10:00"):
        create("sites", {"code": "S-1", "town": world.YANGXI}, by=None)
        create("sites", {"code": "S-2", "town": world.BAIXI}, by=None)
    with at("2021-08-01 10:00"):
        install_obligation(Obligation.load(MONTHLY), pack="test", by=None)
    with at(TUESDAY):
        keep_obligations(parse_moment(TUESDAY))
    return people


def test_who_owes_sees_it_with_the_form_already_filled(people: dict[str, Account]) -> None:
    with at(TUESDAY):
        for address in (reverse("workbench"), reverse("matters")):
            page = as_person(people["unit"]).get(address).content.decode()
            assert "项目月报" in page
            assert "S-1 · 2021-08" in page
            assert "/registers/reports/new/?site=S-1&amp;month=2021-08" in page
            assert "已超期" in page
            assert "S-2" not in page


def test_a_supervisor_sees_what_is_missing_and_waives_it_with_a_reason(people: dict[str, Account]) -> None:
    item = Expected.objects.get(of_key="S-2", period="2021-08")
    address = reverse("expected-waive", args=[item.pk])
    head = as_person(people["head"])
    with at(TUESDAY):
        assert address in head.get(reverse("matters")).content.decode()
        assert head.get(address).status_code == 200
        assert head.post(address, {"why": " "}).status_code == 422
        assert as_person(people["other"]).post(address, {"why": "停工"}).status_code == 403
        assert as_person(people["unit"]).get(address).status_code == 404
        assert head.post(address, {"why": "停工"}).status_code == 302
        assert address not in head.get(reverse("matters")).content.decode()
    item.refresh_from_db()
    assert item.state == "waived"
