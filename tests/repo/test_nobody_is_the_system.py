"""``None`` acts as the system, which sees and may do everything. Nobody who comes through a browser or the API ever is ``None``."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.urls import URLPattern, reverse
from tests.doors import web_world
from tests.doors.web_world import World, as_person
from tests.repo.test_routes import OURS

from banjie.people import scopes
from banjie.registers.models import Record
from banjie.registers.queries import RecordQuerySet

DOORS = Path(__file__).parents[2] / "src" / "banjie"
FILES = [path for door in ("web", "api") for path in sorted((DOORS / door).rglob("*.py"))]
AS_WHOM = {"by", "account", "actor"}
ASKED_FOR = {"visible_to", "scope_of_actor", "scope_of"}


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(DOORS)))
def test_no_door_names_the_system_as_who_acts(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        named = {k.arg: k.value for k in node.keywords if k.arg in AS_WHOM}
        first = node.args[0] if called in ASKED_FOR and node.args else None
        for value in [*named.values(), first]:
            assert not (isinstance(value, ast.Constant) and value.value is None), f"{path.name}:{node.lineno} acts as the system"
        assert called != "visible_to" or node.args or named, f"{path.name}:{node.lineno}: visible to whom?"


class Watch:
    """What was asked for in the name of the system."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def taken(self) -> list[str]:
        """What was asked for since the last look."""
        asked, self.asked = self.asked, []
        return asked


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    """Notes each time that the system's eyes or hands are lent, wherever in the program they were imported."""
    seen, see, act = Watch(), RecordQuerySet.visible_to, scopes.scope_of_actor

    def visible_to(rows: RecordQuerySet, account: Any, *more: Any, **named: Any) -> RecordQuerySet:
        if account is None:
            seen.asked.append("visible_to(None)")
        return see(rows, account, *more, **named)

    def scope_of_actor(by: Any) -> scopes.Scope:
        if by is None:
            seen.asked.append("scope_of_actor(None)")
        return act(by)

    monkeypatch.setattr(RecordQuerySet, "visible_to", visible_to)
    for name, module in list(sys.modules.items()):
        if name.startswith("banjie.") and getattr(module, "scope_of_actor", None) is act:
            monkeypatch.setattr(module, "scope_of_actor", scope_of_actor)
    return seen


@pytest.fixture
def world(db: None) -> World:
    return web_world.build()


def address(route: URLPattern, world: World) -> str:
    """The route's address, about the project of 洋溪镇 where it is about a record, else about something that is not there."""
    given = {"pk": world.record.pk, "register": "projects"}
    odd = {"int": 1, "str": "nothing", "slug": "nothing", "uuid": "00000000-0000-0000-0000-000000000000"}
    kinds = {
        name: type(converter).__name__.removesuffix("Converter").lower() for name, converter in route.pattern.converters.items()
    }
    return reverse(str(route.name), kwargs={name: given.get(name, odd.get(kind, "nothing")) for name, kind in kinds.items()})


def test_the_watch_sees_the_system(world: World, watch: Watch) -> None:
    Record.objects.visible_to(None)
    scopes.scope_of_actor(None)
    assert watch.taken() == ["visible_to(None)", "scope_of_actor(None)"]


def call(client: Client, route: URLPattern, world: World) -> bytes:
    said = b" "
    for send in (client.get, client.post):
        answer: Any = send(address(route, world))
        said += b"".join(answer) if answer.streaming else answer.content
    return said


BEHIND_THE_LOG_IN = [r for r in OURS if getattr(r.callback, "permission", "") != "public"]  # residents act through the portal


def test_without_an_account_no_route_shows_a_record(world: World, client: Client) -> None:
    assert [r.name for r in OURS if "电子陶瓷扩建".encode() in call(client, r, world)] == []


def test_without_an_account_no_route_becomes_the_system(world: World, client: Client, watch: Watch) -> None:
    assert [r.name for r in BEHIND_THE_LOG_IN if call(client, r, world) and watch.taken()] == []


def test_nor_does_a_route_that_the_clerk_of_the_next_town_calls(world: World, watch: Watch) -> None:
    neighbour = as_person(world.neighbour)
    assert [r.name for r in BEHIND_THE_LOG_IN if call(neighbour, r, world) and watch.taken()] == []


def test_a_stranger_sees_no_record_and_may_do_nothing(world: World) -> None:
    assert not Record.objects.visible_to(AnonymousUser()).exists()  # type: ignore[arg-type]
    assert not scopes.scope_of_actor(AnonymousUser()).held  # type: ignore[arg-type]
    assert not scopes.scope_of_actor(AnonymousUser()).unlimited  # type: ignore[arg-type]
