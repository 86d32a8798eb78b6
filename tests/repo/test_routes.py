"""Every address of the site says who may call it, and keeps to it: for a stranger, a clerk of the next town, an administrator."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from tests.doors import web_world
from tests.doors.web_world import World, as_person

from banjie.people.verbs import Verb
from banjie.web.bundles import VERSION

# Called by whom, by route. A new route is added here with a thought, or the first test below fails.
PUBLIC = {"api-openapi", "language", "charts", "account_login", "account_logout", "account_inactive", "mfa_authenticate"}
PUBLIC |= {
    "portal",
    "portal-follow",
    "portal-ask",
    "portal-matter",
    "portal-supply",
    "portal-rate",
    "portal-withdraw",
    "portal-vote",
    "portal-ballot",
}
# What belongs to one record, file, view or import of another town: as if it were not there.
OF_THE_RECORD = {"record", "record-sheet", "record-edit", "record-remove", "record-restore", "file-add", "file", "file-remove"}
OF_A_PERSON = {"view-forget", "import-run", "import-write", "import-problems"}
ONLY_SENT = {
    "language", "record-remove", "record-restore", "file-add", "file-remove", "view-save", "view-forget", "import-write",
    "pack-install", "notices-seen", "migration-undo", "portal-supply", "portal-rate", "portal-withdraw",
    "ballot-codes", "ballot-code", "ballot-paper", "ballot-extend", "ballot-close", "bulletin-discard",
    "form-confirm", "form-fill", "form-forget",
}  # fmt: skip
OF_A_CODE = {"portal-ask", "portal-matter", "portal-supply", "portal-rate", "portal-withdraw", "portal-ballot"}  # nor a code
OF_A_MATTER = {"matter-step", "matter-step-of", "invitation", "expected-waive"}  # this world has no matter
OF_A_MATTER |= {"ballot-open", "ballot", "ballot-codes", "ballot-code", "ballot-paper", "ballot-extend", "ballot-close"}
OF_A_BULLETIN = {
    "bulletin-draft",
    "bulletin",
    "bulletin-revised",
    "bulletin-file",
    "bulletin-chart",
    "bulletin-edit",
}  # and no bulletin
OF_A_BULLETIN |= {"bulletin-publish", "bulletin-discard"}
OF_A_MATTER |= {"form", "form-confirm", "form-fill", "form-forget"}  # and no blank form was brought in
OF_A_PROCESS = {"process", "process-bpmn", "process-open", "process-migrate", "migration-undo"}  # and no process
NOT_INSTALLED = {"figure", "figure-publish", "pack", "pack-install", "workbench-list"}  # this world has none of that name


def routes(patterns: list[URLPattern | URLResolver] | None = None) -> Iterator[URLPattern]:
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns)
        else:
            yield pattern


ROUTES = list(routes())
OURS = [r for r in ROUTES if not r.callback.__module__.startswith(("allauth", "banjie.people", "ninja"))]
NAMES = [str(r.name) for r in OURS]


def test_every_route_has_a_name_of_its_own() -> None:
    names = [r.name for r in ROUTES]
    assert None not in names
    assert len(names) == len(set(names))


@pytest.mark.parametrize("route", ROUTES, ids=lambda r: str(r.name))
def test_every_route_declares_its_permission(route: URLPattern) -> None:
    permission = getattr(route.callback, "permission", None)
    allowed = {"public", "logged in", *(f"permits {verb}" for verb in Verb)}
    assert permission in allowed, f"{route.name}: put @public, @logged_in or @permits(Verb.X) on it"
    assert (permission == "public") == (route.name in PUBLIC)


@pytest.fixture
def world(db: None) -> World:
    return web_world.build()


def address(name: str, world: World) -> str:
    """The route's address, about the project of 洋溪镇 and what hangs on it."""
    keys = {
        "charts": {"version": VERSION}, "file": {"pk": world.file.pk}, "file-remove": {"pk": world.file.pk},
        "view-forget": {"pk": world.view.pk}, "import-run": {"pk": world.run.pk}, "import-write": {"pk": world.run.pk},
        "import-problems": {"pk": world.run.pk}, "figure": {"name": "projects.count"}, "figure-publish": {"name": "projects.count"},
        "pack": {"name": "key_projects_2"}, "pack-install": {"name": "key_projects_2"},
    }  # fmt: skip
    if name in keys:
        return reverse(name, kwargs=keys[name])
    wanted = next(r for r in OURS if r.name == name).pattern.converters
    given = {
        "pk": world.record.pk, "register": "projects", "verb": "accept", "item": "one", "name": "complaint",
        "code": "ABCDE23456", "format": "pdf",
    }  # fmt: skip
    return reverse(name, kwargs={k: given[k] for k in wanted})


@pytest.mark.parametrize("name", NAMES)
def test_a_stranger_is_sent_to_the_log_in(name: str, world: World, client: Client) -> None:
    call = client.post if name in ONLY_SENT else client.get
    response = call(address(name, world))
    if name in PUBLIC:
        assert response.status_code in {200, 302} or (name in OF_A_CODE and response.status_code == 404)
        assert "/accounts/login" not in response.headers.get("Location", "")
    else:
        assert response.status_code == 302
        assert response.headers["Location"].startswith("/accounts/login/?next=")


@pytest.mark.parametrize("name", NAMES)
def test_the_clerk_of_the_next_town_learns_nothing(name: str, world: World) -> None:
    client = as_person(world.neighbour)
    call = client.post if name in ONLY_SENT else client.get
    response = call(address(name, world))
    said = b"".join(response) if response.streaming else response.content
    for secret in ("电子陶瓷扩建", "现场.png", "XH-001", "13800001234"):
        assert secret.encode() not in said
    if name in OF_THE_RECORD | OF_A_PERSON | OF_A_MATTER | OF_A_CODE | OF_A_BULLETIN:
        assert response.status_code == 404
    elif name in NOT_INSTALLED | OF_A_PROCESS | {"packs"}:
        assert response.status_code in {403, 404}
    else:
        assert response.status_code in {200, 302, 422}
    world.record.refresh_from_db()
    assert world.record.removed_at is None
    assert world.record.version == 1


@pytest.mark.parametrize("name", NAMES)
def test_an_administrator_gets_every_page(name: str, world: World) -> None:
    client = as_person(world.admin)
    if name in ONLY_SENT:
        assert client.get(address(name, world)).status_code == 405
        return
    expected = 404 if name in NOT_INSTALLED | OF_A_PERSON | OF_A_MATTER | OF_A_PROCESS | OF_A_CODE | OF_A_BULLETIN else 200
    response = client.get(address(name, world))
    _ = b"".join(response) if response.streaming else b""  # a file that is not read to its end stays open
    assert response.status_code == expected


HUGE = "99999999999999999999"  # more than a database's number holds


@pytest.mark.parametrize("route", [r for r in ROUTES if "pk" in r.pattern.converters], ids=lambda r: str(r.name))
def test_an_id_that_no_database_holds_is_not_found(route: URLPattern, world: World) -> None:
    known = {"register": "projects", "register_name": "projects"}
    arguments = {name: HUGE if name == "pk" else known.get(name, "anything") for name in route.pattern.converters}
    path = re.sub(r"<\w+:(\w+)>", lambda m: arguments[m[1]], str(route.pattern))
    client = as_person(world.admin)
    prefix = "/api/v1/" if route.callback.__module__.startswith("ninja") else "/"
    assert client.get(f"{prefix}{path}").status_code == 404
    assert client.post(f"{prefix}{path}").status_code == 404
