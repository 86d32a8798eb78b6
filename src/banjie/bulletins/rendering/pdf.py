"""A document as PDF, set by Typst: tagged, with titles and text for its pictures (PDF/UA-1)."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst

from banjie.bulletins.charts import fonts, svg
from banjie.bulletins.document import Document, Grid, Heading, Paragraph, Part
from banjie.bulletins.rendering import layout
from banjie.bulletins.rendering.widths import widths

TEMPLATE = Path(__file__).parent / "gongwen.typ"
STANDARD = "ua-1"


def as_pdf(document: Document) -> bytes:
    """The file's bytes. The document goes in as data, so that no text in it is read as instructions."""
    return bytes(
        _compiler().compile(
            format="pdf", sys_inputs={"document": json.dumps(_said(document), ensure_ascii=False)}, pdf_standards=[STANDARD]
        )
    )


@lru_cache(maxsize=1)
def _compiler() -> Any:
    return typst.Compiler(str(TEMPLATE), font_paths=[str(fonts())])


def _said(document: Document) -> dict[str, Any]:
    zh = document.language == "zh"
    return {
        "title": document.title, "subtitle": document.subtitle, "issuer": document.issuer, "masthead": document.masthead,
        "number": document.number, "day": document.day, "foot": list(document.foot), "lang": "zh" if zh else "en",
        "region": "cn" if zh else "gb", "draft": "" if not document.draft else "草稿，未发布" if zh else "Draft, not published",
        "top": layout.TOP, "bottom": layout.BOTTOM, "left": layout.LEFT, "right": layout.RIGHT, "line": layout.LINE, "tracking": layout.CHARACTER - layout.BODY if zh else 0,
        "body": layout.BODY, "small": layout.SMALL, "title_size": layout.TITLE, "masthead_size": layout.masthead_size(document.masthead),
        "fonts": {
            "body": layout.FANGSONG, "kai": layout.KAITI, "hei": layout.HEITI, "song": layout.SONGTI, "title": layout.XIAOBIAOSONG,
        },
        "parts": [_part(part) for part in document.parts],
    }  # fmt: skip


def _part(part: Part) -> dict[str, Any]:
    match part:
        case Heading():
            return {"kind": "heading", "level": part.level, "pieces": _pieces(part)}
        case Paragraph():
            return {"kind": "paragraph", "lead": part.lead, "pieces": _pieces(part)}
        case Grid():
            rows = [[{"text": c.text, "number": c.number, "light": c.light} for c in row] for row in part.rows]
            return {
                "kind": "grid", "title": part.title, "head": part.head, "rows": rows, "notes": part.notes, "widths": widths(part),
            }  # fmt: skip
    return {"kind": "picture", "title": part.title, "svg": svg(part.spec), "says": part.says, "notes": part.notes}


def _pieces(part: Heading | Paragraph) -> list[dict[str, Any]]:
    return [{"text": piece.text, "strong": piece.strong} for piece in part.pieces]
