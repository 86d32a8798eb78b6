"""Somebody sitting at a screen: a browser context of their own, logged in, in one language, of one width."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page

from banjie.packs.demo.loader import DEMO_PASSWORD
from tests.browser.county_server import CountyServer
from tests.browser.watching import Watch

WIDE, NARROW = 1440, 360
HEIGHTS = {WIDE: 900, NARROW: 740}
PATIENCE = 30_000  # milliseconds; two busy cores are slow


class Office:
    """Hands out desks, and collects what was wrong at any of them."""

    def __init__(self, county: CountyServer, browser: Browser, logins: dict[str, Any]) -> None:
        self.county = county
        self.browser = browser
        self.logins = logins
        self.watches: list[Watch] = []

    @contextmanager
    def open(self) -> Iterator[Office]:
        already = set(self.browser.contexts)
        try:
            yield self
        finally:
            for context in set(self.browser.contexts) - already:
                context.close()

    @property
    def faults(self) -> list[str]:
        return [fault for watch in self.watches for fault in watch.faults]

    def desk(self, username: str | None = None, *, language: str = "zh", width: int = WIDE) -> Page:
        """A page in a context of its own. With ``username`` that account is logged in; the first time through the form."""
        context = self.browser.new_context(
            base_url=self.county.address,
            viewport={"width": width, "height": HEIGHTS[width]},
            storage_state=self.logins.get(username) if username else None,
            locale="zh-CN" if language == "zh" else "en-GB",
            timezone_id="Asia/Shanghai",
            accept_downloads=True,
        )
        context.set_default_timeout(PATIENCE)
        self.watches.append(Watch(context, self.county.address))
        page = context.new_page()
        if username and username not in self.logins:
            log_in(page, username)
            self.logins[username] = context.storage_state()
        context.add_cookies([{"name": "banjie_language", "value": language, "url": self.county.address}])
        return page


def log_in(page: Page, username: str, password: str = DEMO_PASSWORD) -> None:
    """Through the form, as everybody does."""
    page.goto("/accounts/login/")
    page.fill("[name=login]", username)
    page.fill("[name=password]", password)
    page.press("[name=password]", "Enter")
    page.wait_for_selector(".side-name")


def find_record(page: Page, register: str, wanted: str) -> str:
    """The address of the first record of a register page's search; the page stays open on the list."""
    page.goto(f"/registers/{register}/?q={wanted}")
    address = page.locator("#table tbody th a").first.get_attribute("href")
    assert address is not None
    return address


def scrolls_sideways(page: Page) -> bool:
    return bool(page.evaluate("document.scrollingElement.scrollWidth > window.innerWidth"))


def await_charts(page: Page) -> None:
    page.wait_for_function("[...document.querySelectorAll('[data-chart]')].every((place) => place.querySelector('svg'))")
