"""What the database itself refuses, whoever writes."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from banjie.people.models import Account, Appointment, Duty, Grant, Post
from banjie.places.models import Area
from tests.rooms import people_world as world
from tests.rooms.people_world import COUNTY, SHANGMEI, TODAY, TOMORROW, YESTERDAY, person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def county(db: None) -> None:
    world.build()


def duty(**values: object) -> Duty:
    return Duty.objects.create(post=Post.objects.get(code="clerk"), role="reporter", **({"begins_on": TODAY} | values))


@pytest.mark.parametrize(
    ("begins", "ends", "kept"),
    [
        (TODAY, None, True),
        (TODAY, TOMORROW, True),
        (TODAY, TODAY, True),  # taken back on its first day: never in force
        (TODAY, YESTERDAY, False),
    ],
)
def test_nothing_ends_before_it_begins(begins: date, ends: date | None, kept: bool) -> None:
    clerk = person("someone")
    for make in (
        lambda: Appointment.objects.create(account=clerk, post=Post.objects.get(code="clerk"), begins_on=begins, ends_on=ends),
        lambda: duty(area_id=SHANGMEI, begins_on=begins, ends_on=ends),
    ):
        if kept:
            make()
        else:
            with pytest.raises(IntegrityError), transaction.atomic():
                make()


@pytest.mark.parametrize(
    ("values", "kept"),
    [
        ({"area_id": SHANGMEI}, True),
        ({"area_id": SHANGMEI, "register": "projects"}, True),  # an area's duty on one register
        ({"register": "projects", "key": "XH-1"}, True),
        ({}, False),  # for nothing
        ({"register": "projects"}, False),  # for no record of it
        ({"key": "XH-1"}, False),  # a record of no register
        ({"area_id": SHANGMEI, "register": "projects", "key": "XH-1"}, False),  # both
    ],
)
def test_a_duty_is_for_an_area_or_for_one_record(values: dict[str, object], kept: bool) -> None:
    if kept:
        assert duty(**values).pk
    else:
        with pytest.raises(IntegrityError), transaction.atomic():
            duty(**values)


@pytest.mark.parametrize("values", [{"area_id": SHANGMEI}, {"register": "projects", "key": "XH-1"}])
def test_a_post_has_a_duty_once_at_a_time(values: dict[str, object]) -> None:
    first = duty(**values)
    with pytest.raises(IntegrityError), transaction.atomic():
        duty(**values)
    first.ends_on = TOMORROW
    first.save()
    assert duty(**values).pk


def test_a_person_holds_a_post_once_at_a_time() -> None:
    person("someone", "clerk", ends=YESTERDAY)
    account = Account.objects.get(username="someone")
    post = Post.objects.get(code="clerk")
    Appointment.objects.create(account=account, post=post, begins_on=TODAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        Appointment.objects.create(account=account, post=post, begins_on=TOMORROW)


def test_a_grant_is_given_once() -> None:
    given = Grant.objects.filter(area_id=COUNTY).first()
    assert given is not None
    with pytest.raises(IntegrityError), transaction.atomic():
        Grant.objects.create(post=given.post, verb=given.verb, register=given.register, area=Area.objects.get(code=COUNTY))
