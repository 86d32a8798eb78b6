"""A register's page at 1,000,000 records, over HTTP's whole stack in one process (test client, SQLite).

Named alternative, measured in the same run: the same rows with Django's own Paginator (exact COUNT, OFFSET), as its admin pages do.
Say ``BANJIE_BENCH_RECORDS=100000`` for a smaller run.
"""

from __future__ import annotations

import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "banjie.settings")
os.environ["BANJIE_DATA"] = tempfile.mkdtemp(prefix="banjie-bench-")
os.environ.pop("BANJIE_DATABASE", None)

import django

django.setup()

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.core.paginator import Paginator
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from banjie.lib import clock
from banjie.people.models import Account, Appointment, Grant, Organisation, Post
from banjie.people.verbs import Verb
from banjie.places.models import Area
from banjie.registers import search
from banjie.registers.catalogue import catalogue
from banjie.registers.definition import Register
from banjie.registers.installing import install_register
from banjie.registers.models import Record
from banjie.registers.paging import Order, in_order

RECORDS = int(os.environ.get("BANJIE_BENCH_RECORDS", "1000000"))
TOWNS = [f"4313221{n:02}" for n in range(30)]
REGISTER = Register.load(
    {
        "name": "projects",
        "title": {"zh": "项目", "en": "Projects"},
        "key": "code",
        "label": "name",
        "area": "town",
        "choices": [
            {
                "name": "kinds",
                "title": {"zh": "类别", "en": "Kinds"},
                "options": [{"code": f"k{n}", "title": {"zh": f"第{n}类", "en": f"Kind {n}"}} for n in range(10)],
            }
        ],
        "fields": [
            {"name": "code", "type": "text", "required": True, "title": {"zh": "代码", "en": "Code"}},
            {"name": "name", "type": "text", "required": True, "title": {"zh": "名称", "en": "Name"}},
            {"name": "town", "type": "area", "required": True, "title": {"zh": "乡镇", "en": "Town"}},
            {"name": "kind", "type": "choice", "of": "kinds", "index": True, "title": {"zh": "类别", "en": "Kind"}},
            {"name": "total", "type": "decimal", "unit": "CNY", "index": True, "title": {"zh": "总投资", "en": "Total"}},
            {"name": "started_on", "type": "date", "index": True, "title": {"zh": "开工", "en": "Started"}},
        ],
    }
)


def fill() -> None:
    """A county with that many records, written straight into the tables: it is the page that is measured."""
    county = Area.objects.create(code="431322", level="county", name_zh="新化县", name_en="Xinhua")
    for town in TOWNS:
        Area.objects.create(code=town, parent=county, level="town", name_zh=f"镇{town[-2:]}", name_en=f"Town {town[-2:]}")
    install_register(REGISTER, pack="bench", by=None)
    now = connection.ops.adapt_datetimefield_value(clock.now())
    statement = (
        "INSERT INTO registers_record (register, key, label, area_id, data, search, version, created_at, updated_at) "
        "VALUES ('projects', %s, %s, %s, %s, %s, 1, %s, %s)"
    )
    for start in range(0, RECORDS, 20_000):
        rows, found = [], []
        for n in range(start, min(start + 20_000, RECORDS)):
            code, name, town = f"P-{n:07}", f"第{n % 977}号陶瓷文印项目", TOWNS[n * 7919 % 30]
            data = {"code": code, "name": name, "town": town, "kind": f"k{n % 10}", "total": str(n * 7919 % 1000003)}
            data["started_on"] = f"2021-{n % 12 + 1:02}-{n % 28 + 1:02}"
            text = search.text_of(REGISTER, code, dict(data))
            rows.append((code, name, town, json.dumps(data, ensure_ascii=False), text, now, now))
            found.append((n + 1, text))
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(statement, rows)
            search.keep(found, new=True)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def person(username: str, area: str) -> Client:
    account = Account.objects.create_user(username=username, name_zh=username)
    organisation = Organisation.objects.create(code=username, area_id=area, name_zh="单位", name_en="Office")
    post = Post.objects.create(organisation=organisation, code=username, name_zh="专干", name_en="Clerk")
    Appointment.objects.create(account=account, post=post, begins_on="2020-01-01")
    Grant.objects.create(post=post, verb=Verb.VIEW, register="*", area_id=area)
    session = SessionStore()
    session[SESSION_KEY] = str(account.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    session[HASH_SESSION_KEY] = account.get_session_auth_hash()
    session.save()
    client = Client(SERVER_NAME="localhost")
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    return client


def timed(act: Callable[[], object], runs: int = 40) -> list[float]:
    act()
    taken = []
    for _ in range(runs):
        begun = time.perf_counter()
        act()
        taken.append((time.perf_counter() - begun) * 1000)
    return sorted(taken)


def main() -> None:
    call_command("migrate", verbosity=0)
    begun = time.perf_counter()
    fill()
    print(f"{RECORDS:,} records in {time.perf_counter() - begun:.0f} s")
    people = {"county": person("county", "431322"), "town": person("town", TOWNS[3])}
    pages = {
        "newest first": "/registers/projects/",
        "sorted by total": "/registers/projects/?sort=-total",
        "filtered by kind, sorted by total": "/registers/projects/?kind=k3&sort=-total",
        "filtered by total, sorted by start": "/registers/projects/?total__at_least=50&sort=started_on",
        "filtered by total, few left": "/registers/projects/?total__at_least=99.99&sort=started_on",
        "filtered by total, none left": "/registers/projects/?total__at_least=500000&sort=started_on",
        "search, two characters": "/registers/projects/?q=陶瓷",
        "search, a code": "/registers/projects/?q=0777777",
    }
    print(f"{'page':<40}{'who':<8}{'median ms':>10}{'p95 ms':>9}{'queries':>9}")
    for title, url in pages.items():
        for who, client in people.items():
            with CaptureQueriesContext(connection) as seen:
                response = client.get(url)
            assert response.status_code == 200, (url, response.status_code)
            queries = len(seen)
            taken = timed(lambda client=client, url=url: client.get(url))
            print(f"{title:<40}{who:<8}{statistics.median(taken):>10.1f}{taken[int(len(taken) * 0.95)]:>9.1f}{queries:>9}")
    against_paginator(people["county"])


def against_paginator(client: Client) -> None:
    """The same question by key and by OFFSET: page 1 and a page in the middle."""
    definition = catalogue().register("projects")
    rows = in_order(Record.objects.of("projects").live(), definition, Order("total"))
    ours = timed(lambda: client.get("/registers/projects/?sort=total"), 10)
    middle = RECORDS // 100

    def offset() -> list[Record]:
        return list(Paginator(rows, 50).page(middle).object_list)

    theirs = timed(offset, 5)
    print(
        f"page {middle} by OFFSET with an exact COUNT (Django's Paginator, rows only): {statistics.median(theirs):.0f} ms; "
        f"our whole page by key: {statistics.median(ours):.0f} ms; ratio {statistics.median(theirs) / statistics.median(ours):.1f}"
    )


if __name__ == "__main__":
    main()
