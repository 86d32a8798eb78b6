"""A document as HTML, DOCX and PDF."""

from __future__ import annotations

from typing import Literal

from banjie.bulletins.document import Document
from banjie.bulletins.rendering.docx import as_docx
from banjie.bulletins.rendering.html import as_html
from banjie.bulletins.rendering.pdf import as_pdf

Format = Literal["html", "docx", "pdf"]
TYPES = {
    "html": "text/html; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}


def rendered(document: Document, format: Format) -> bytes:
    """The file's bytes."""
    match format:
        case "docx":
            return as_docx(document)
        case "pdf":
            return as_pdf(document)
        case _:
            return as_html(document).encode()
