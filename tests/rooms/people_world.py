"""A small county for the tests of the room: areas, organisations, posts, and the people in them."""

from __future__ import annotations

from datetime import date, timedelta

from banjie.people.models import Account, Appointment, Grant, Organisation, Post
from banjie.people.verbs import Verb
from banjie.places.models import Area

TODAY = date(2021, 11, 15)
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)

CITY, COUNTY = "431300", "431322"
SHANGMEI, FENGJIA = "431322100", "431322101"
VILLAGE = "431322100001"  # below Shangmei
AREAS = [  # code, parent, level
    (CITY, None, "city"),
    (COUNTY, CITY, "county"),
    (SHANGMEI, COUNTY, "town"),
    (FENGJIA, COUNTY, "town"),
    (VILLAGE, SHANGMEI, "village"),
]

READ = [Verb.VIEW, Verb.EXPORT]
WRITE = [Verb.VIEW, Verb.CREATE, Verb.UPDATE, Verb.EXPORT]


def build() -> None:
    for code, parent, level in AREAS:
        Area.objects.create(code=code, parent_id=parent, level=level, name_zh=f"区{code}", name_en=f"Area {code}")
    county = Organisation.objects.create(code="county", area_id=COUNTY, name_zh="县人民政府", name_en="County government")
    town = Organisation.objects.create(code="shangmei", parent=county, area_id=SHANGMEI, name_zh="上梅街道", name_en="Shangmei")
    _post(town, "clerk", WRITE, "projects", SHANGMEI)
    statistician = _post(county, "statistician", [*WRITE, Verb.PUBLISH], "*", COUNTY)
    Grant.objects.create(post=statistician, verb=Verb.IMPORT, register="indicators", area_id=COUNTY)
    _post(county, "leader", READ, "*", COUNTY)
    _post(county, "it", [Verb.CONFIGURE], "*", COUNTY)
    _post(county, "nothing", [], "*", COUNTY)


def person(username: str, *posts: str, begins: date = date(2020, 1, 1), ends: date | None = None, **values: object) -> Account:
    account = Account.objects.create(username=username, name_zh=username, **values)
    for code in posts:
        Appointment.objects.create(account=account, post=Post.objects.get(code=code), begins_on=begins, ends_on=ends)
    return account


def _post(organisation: Organisation, code: str, verbs: list[Verb], register: str, area: str) -> Post:
    post = Post.objects.create(organisation=organisation, code=code, name_zh=code, name_en=code)
    Grant.objects.bulk_create([Grant(post=post, verb=verb, register=register, area_id=area) for verb in verbs])
    return post
