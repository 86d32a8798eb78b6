"""The README's picture is what the program shows, taken before any story has changed a record."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.desk import Office, await_charts

SCREENSHOTS = Path(__file__).parents[2] / "docs" / "screenshots"
AT_MOST = 400 * 1024  # bytes in the repository


@pytest.mark.skipif(os.environ.get("BANJIE_SCREENSHOTS") != "1", reason="BANJIE_SCREENSHOTS=1 renews docs/screenshots")
def test_the_cockpit_shows_the_published_totals(office: Office) -> None:
    page = office.desk("county_leader")
    page.goto("/cockpit/")
    await_charts(page)
    for total in ("232个", "610.78亿元", "158.93亿元", "209个", "126.5亿元", "79.6%"):
        expect(page.locator("#headline")).to_contain_text(total)
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    picture = page.screenshot(path=SCREENSHOTS / "cockpit.png")
    assert len(picture) < AT_MOST
