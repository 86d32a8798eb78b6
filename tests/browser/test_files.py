"""Evidence lies with its record: it comes back as it was sent, and never runs as a page."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk import Office, find_record

PDF = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>endobj
trailer<</Root 1 0 R>>
%%EOF
"""


@pytest.fixture
def page(office: Office) -> Page:
    opened = office.desk("clerk_baixi")
    opened.goto(find_record(opened, "progress_reports", "2021-08"))
    return opened


def send(page: Page, name: str, content: bytes) -> None:
    page.set_input_files("#file", {"name": name, "mimeType": "application/octet-stream", "buffer": content})
    page.get_by_role("button", name="上传").click()


def test_a_pdf_is_kept_with_the_record_and_comes_back_as_an_attachment(page: Page) -> None:
    send(page, "施工许可证.pdf", PDF)
    expect(page.locator(".note-success")).to_contain_text("施工许可证.pdf")
    link = page.get_by_role("link", name="施工许可证.pdf")
    with page.expect_download() as started:
        link.click()
    assert started.value.suggested_filename == "施工许可证.pdf"
    assert Path(started.value.path()).read_bytes() == PDF
    answer = page.request.get(str(link.get_attribute("href")))
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"
    expect(page.locator(".history li").first).to_contain_text("添加了文件《施工许可证.pdf》")


def test_a_web_page_is_refused_or_at_least_never_shown(page: Page) -> None:
    record = page.url
    send(page, "note.html", b"<!doctype html><html><body><script>alert(1)</script></body></html>")
    if page.get_by_role("link", name="note.html").count() == 0:
        expect(page.locator(".refusal-says, .note-error")).to_be_visible()
        return
    answer = page.request.get(str(page.get_by_role("link", name="note.html").get_attribute("href")))
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["content-security-policy"]
    assert page.url == record


def test_somebody_from_another_town_cannot_fetch_the_file(office: Office, page: Page) -> None:
    send(page, "会议纪要.pdf", PDF + b"%1")
    address = page.get_by_role("link", name="会议纪要.pdf").get_attribute("href")
    assert office.desk("clerk_yangxi").request.get(str(address)).status == 404
