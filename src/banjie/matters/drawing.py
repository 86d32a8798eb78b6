"""The drawing of a process as SVG: in the reader's language, readable without it (a title and a description), styled by classes
and attributes alone, as a strict Content-Security-Policy wants."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from xml.sax.saxutils import escape, quoteattr

from banjie.lib.text import Text
from banjie.matters.definition import Process
from banjie.matters.diagram import BOX_HEIGHT, BOX_WIDTH, Arrow, Box, Diagram, diagram, term_text

ENDINGS = {
    "done": Text("办结", "done"), "rejected": Text("不予办理", "rejected"), "withdrawn": Text("撤回", "withdrawn"),
    "expired": Text("逾期终止", "expired"),
}  # fmt: skip
ROOM = BOX_WIDTH - 14
TITLE, DETAIL = (14, 18), (11, 14)  # size of the letters and height of a line
_WORD = re.compile(r"[\u2e80-\uffef]|[^\s\u2e80-\uffef]+\s*|\s+")
_CLOSING = "，。、；：）」》"


def svg(process: Process, roles: Mapping[str, Text] | None = None, *, present: str = "", identifier: str = "process") -> str:
    """The drawing. ``roles``: the titles of roles by name; ``present``: the stage where a matter is, drawn bold; ``identifier``
    begins the ids, which must differ between two drawings on a page."""
    drawn = diagram(process)
    title, words = escape(str(process.title)), escape(str(in_words(process)))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="process" role="img" font-family="system-ui, sans-serif" viewBox="0 0 {drawn.width} {drawn.height}" '
        f'width="{drawn.width}" height="{drawn.height}" aria-labelledby="{identifier}-title {identifier}-words">',
        f'<title id="{identifier}-title">{title}</title><desc id="{identifier}-words">{words}</desc>',
        f'<defs><marker id="{identifier}-head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" '
        'orient="auto"><path d="M0 0 8 4 0 8z" fill="#495057"/></marker></defs>',
        *(_arrow(arrow, identifier) for arrow in drawn.arrows),
        *(_box(box, roles or {}, present, drawn) for box in drawn.boxes),
        "</svg>",
    ]
    return "".join(parts)


def in_words(process: Process) -> Text:
    """The process as sentences, for those who do not see the drawing."""
    lines = []
    for stage in process.stages.values():
        ways = [process.stages[to].title for to in stage.to]
        zh, en = "、".join(t.zh for t in ways), ", ".join(t.en for t in ways)
        lines.append(Text(f"{stage.title.zh}→{zh}", f"{stage.title.en} → {en}") if ways else stage.title)
    return Text("；".join(line.zh for line in lines) + "。", "; ".join(line.en for line in lines) + ".")


def _box(box: Box, roles: Mapping[str, Text], present: str, drawn: Diagram) -> str:
    here, ends = box.name == present, box.stage.ending
    kind = "process-ending" if ends else "process-stage"
    fill, stroke = ("#f1f3f5", "#868e96") if ends else ("#e7f1ff", "#0b5ed7") if here else ("#ffffff", "#495057")
    middle = box.centre[0]
    said = [str(box.stage.title), *([str(ENDINGS[ends])] if ends else _owner_and_term(box, roles))]
    texts = "".join(
        f'<text x="{middle}" y="{box.y + down}" font-size="{size}" text-anchor="middle" fill="#212529">{escape(text)}</text>'
        for text, size, down in _placed(said)
    )
    current = ' aria-current="step"' if here else ""
    return (
        f'<g class="{kind}{" process-present" if here else ""}"{current} data-stage={quoteattr(box.name)}>'
        f"<title>{escape(' · '.join(said))}</title>"
        f'<rect x="{box.x}" y="{box.y}" width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="{BOX_HEIGHT // 2 if ends else 6}" '
        f'fill="{fill}" stroke="{stroke}" stroke-width="{3 if here else 1.5}"/>{texts}</g>'
    )


def _owner_and_term(box: Box, roles: Mapping[str, Text]) -> list[str]:
    owner = box.stage.owner
    name = owner.role or owner.field or owner.organisation or "" if owner else ""
    who, term = roles.get(name, Text(name, name)), term_text(box.stage)
    return [said for said in (str(who), str(term) if term else "") if said]


def _placed(said: list[str]) -> Iterator[tuple[str, int, int]]:
    """The lines of a box, the title larger, with size and place, as many as it holds, in its middle."""
    lines = [(line, *TITLE) for line in _wrapped(said[0], TITLE[0])[:2]]
    for text in said[1:]:
        lines += [(line, *DETAIL) for line in _wrapped(text, DETAIL[0])]
    while sum(height for *_, height in lines) > BOX_HEIGHT - 6:
        lines.pop()
        lines[-1] = (lines[-1][0].rstrip()[:-1] + "…", *lines[-1][1:])  # the whole of it is in the tooltip
    down = (BOX_HEIGHT - sum(height for *_, height in lines)) // 2
    for text, size, height in lines:
        down += height
        yield text, size, down - height // 4


def _wrapped(text: str, size: int) -> list[str]:
    """Lines that fit into a box. A Chinese character is as wide as it is high, and no line begins with what closes."""
    lines = [""]
    for word in _WORD.findall(text):
        if lines[-1] and _width(lines[-1] + word.rstrip(), size) > ROOM and word not in _CLOSING:
            lines.append("")
        lines[-1] += word
    return [line.strip() for line in lines if line.strip()]


def _width(text: str, size: int) -> float:
    return sum(size * (1.0 if ord(character) > 0x2E7F else 0.56) for character in text)


def _arrow(arrow: Arrow, identifier: str) -> str:
    points = " ".join(f"{x},{y}" for x, y in arrow.points)
    dashes = ' stroke-dasharray="5 4"' if arrow.back else ""
    kind = "process-return" if arrow.back else "process-way"
    said = escape(str(arrow.title))
    return (
        f'<polyline class="{kind}" points="{points}" fill="none" stroke="#495057" stroke-width="1.5"{dashes} '
        f'marker-end="url(#{identifier}-head)"><title>{said}</title></polyline>'
    )
