"""What holds for every answer of the server: a number, nothing kept by a browser, a fault that is logged without values."""

from __future__ import annotations

import io
import logging
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.doors import web_world
from tests.doors.web_world import PNG, World, as_person

from banjie.lib.log_lines import WITHHELD, Lines
from banjie.web.pages import workbench
from banjie.web.statics import hashed

SECRET = "13800001234"


@pytest.fixture
def world(db: None) -> World:
    return web_world.build()


@pytest.fixture
def log() -> io.StringIO:
    """What would go to standard error."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(Lines())
    root = logging.getLogger()
    root.addHandler(handler)
    yield written
    root.removeHandler(handler)


def broken(*args: object, **rest: object) -> None:
    try:
        int(SECRET + "张三")
    except ValueError as error:
        raise KeyError(SECRET) from error


def test_a_fault_shows_its_number_in_both_languages_and_the_log_has_number_and_traceback(
    world: World, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbench, "render", broken)
    browser = as_person(world.clerk)
    browser.raise_request_exception = False
    response = browser.get(f"/?phone={SECRET}")
    page = response.content.decode()
    assert response.status_code == 500
    (number,) = set(re.findall(r"<strong>([0-9A-F]{4}-[0-9A-F]{4})</strong>", page))
    assert page.count(number) == 2
    assert "系统出错" in page
    assert "Something went wrong" in page
    said = log.getvalue()
    assert f"ERROR django.request {number} GET / 500" in said
    assert "in broken" in said
    assert f"KeyError: {WITHHELD}" in said
    assert f"ValueError: {WITHHELD}" in said


def test_no_value_that_somebody_entered_reaches_the_log(world: World, log: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbench, "render", broken)
    browser = as_person(world.clerk)
    browser.raise_request_exception = False
    browser.get(f"/?phone={SECRET}&name=张三")
    assert log.getvalue()
    assert SECRET not in log.getvalue()
    assert "张三" not in log.getvalue().replace('int(SECRET + "张三")', "")  # a line of the source is no value


def test_an_address_cannot_forge_a_line(world: World, log: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    logging.getLogger("banjie").error("asked for %s", "/a\n2026-01-01 ERROR django.request all is well")
    assert log.getvalue().count("\n") == 1


def test_the_page_of_a_fault_needs_no_database(client: Client) -> None:
    """No ``db`` fixture: a query would be refused."""
    client.raise_request_exception = False
    client.cookies["sessionid"] = "x" * 32
    response = client.get("/registers/")
    assert (response.status_code, "系统出错" in response.content.decode()) == (500, True)


def test_a_refused_request_is_no_event(world: World, log: io.StringIO) -> None:
    assert as_person(world.clerk).get("/packs/").status_code == 403
    assert as_person(world.clerk).get("/nothing/").status_code == 404
    assert log.getvalue() == ""


@pytest.mark.parametrize("address", ["/", "/registers/", "/registers/projects/", "/search/?q=x", "/nothing/"])
def test_no_page_is_kept_by_a_browser(world: World, address: str) -> None:
    assert as_person(world.clerk).get(address).headers["Cache-Control"] == "private, no-store"


def test_a_static_file_is_kept_for_ever_under_the_hash_of_its_content(client: Client) -> None:
    address = "/static/" + hashed("banjie/banjie.css")
    response = client.head(address)
    assert re.search(r"banjie\.[0-9a-f]{12}\.css$", address)
    assert "immutable" in response.headers["Cache-Control"]
    assert int(response.headers["Content-Length"]) > 1000
    other = re.sub(r"[0-9a-f]{12}", "0" * 12, address)
    assert "immutable" not in Client(raise_request_exception=False).head(other).headers.get("Cache-Control", "")
    assert "immutable" not in client.head("/static/banjie/banjie.css").headers["Cache-Control"]


def test_an_expired_form_is_called_that(world: World) -> None:
    page = Client(enforce_csrf_checks=True).post("/language/", {"language": "en"}).content.decode()
    assert "<h1>页面已过期</h1>" in page
    assert "没有权限" not in page


def test_the_same_file_twice_is_called_that_and_not_somebody_elses_change(world: World) -> None:
    sent = SimpleUploadedFile("现场.png", PNG)
    response = as_person(world.clerk).post(f"/records/{world.record.pk}/files/", {"file": sent}, follow=True)
    assert "内容已被他人修改" not in response.content.decode()
    assert "已有同样的文件" in response.content.decode()
