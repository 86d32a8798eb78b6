"""A county to look at through the browser's door: a clerk in each of two towns, an administrator, one project with all that hangs on it."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.test import Client
from tests.rooms import county

from banjie.people.models import Account, Organisation
from banjie.people.verbs import Verb
from banjie.registers.actions import create
from banjie.registers.attachments import attach
from banjie.registers.models import Attachment, ImportRun, Record, SavedView
from banjie.registers.views import save_view

YANGXI, BAIXI = "431322102", "431322109"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 32


@dataclass(frozen=True)
class World:
    """``record``, ``report``, ``file``, ``view`` and ``run`` all belong to the clerk's town, 洋溪镇."""

    clerk: Account
    neighbour: Account
    admin: Account
    record: Record
    report: Record
    file: Attachment
    view: SavedView
    run: ImportRun


def build() -> World:
    county.areas()
    Organisation.objects.create(code="county", area_id="431322", name_zh="县人民政府", name_en="County government")
    county.registers()
    clerk = county.person("clerk", YANGXI, county.CLERK)
    neighbour = county.person("neighbour", BAIXI, [*county.CLERK, Verb.PUBLISH])
    admin = Account.objects.create(username="admin", name_zh="管理员", is_superuser=True)
    record = create("projects", county.project(phone="13800001234"), by=clerk)
    report = create("reports", {"project": record.key, "month": "2021-10", "invested": "500000"}, by=clerk)
    file = attach(record, PNG, "现场.png", by=clerk)
    view = save_view("projects", "陶瓷", {"filters": [{"field": "industry", "comparison": "is", "value": "ceramics"}]}, by=clerk)
    run = ImportRun.objects.create(
        register="projects",
        account=clerk,
        file=file.file,
        name="项目.xlsx",
        state=ImportRun.DONE,
        created=3,
        asked_at=record.created_at,
    )
    return World(clerk, neighbour, admin, record, report, file, view, run)


def as_person(account: Account) -> Client:
    """A browser in which the account is logged in. Made by hand: the test client's own log-in has no network address to count."""
    client = Client()
    session = client.session
    session[SESSION_KEY] = str(account.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    session[HASH_SESSION_KEY] = account.get_session_auth_hash()
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    return client
