"""An issue as a document: headings, paragraphs, tables and pictures in one language, before it becomes HTML, DOCX or PDF."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from banjie.bulletins.charts import chart_spec, read_out
from banjie.bulletins.freezing import LIGHTS, moment_said
from banjie.bulletins.marks import MARK
from banjie.lib.clock import LOCAL
from banjie.lib.dates import parse_moment
from banjie.lib.periods import Period
from banjie.lib.text import Language, Text

SHAPES = {"red": "▲", "yellow": "◆", "green": "●"}  # a light is told by its shape and its word, not by its colour alone
_MARKDOWN = MarkdownIt("zero").enable(["heading", "list", "emphasis", "escape", "newline"])


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text. ``number``: the mark of the number that it is."""

    text: str
    strong: bool = False
    number: str = ""


Pieces = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    level: int  # 1 to 3
    pieces: Pieces


@dataclass(frozen=True, slots=True)
class Paragraph:
    """``lead``: what stands before an item of a list."""

    pieces: Pieces
    lead: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """``number``: whether it holds a figure and is set to the right; ``ask``: figure, period, breakdown and part by which it opens;
    ``light``: the colour of a light."""

    text: str
    number: bool = False
    ask: tuple[str, str, str, str] | None = None
    light: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table. ``notes`` stand beneath it."""

    name: str
    title: str
    head: tuple[str, ...]
    numeric: tuple[bool, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart: its Vega-Lite specification, and in words what it shows."""

    name: str
    title: str
    spec: Mapping[str, Any]
    says: str
    notes: tuple[str, ...]


Part = Heading | Paragraph | Grid | Picture


@dataclass(frozen=True, slots=True)
class Document:
    """``masthead``: the issuing body in red; ``number``: the document's, "" where none was given; ``signed``: who issues it, and
    the day."""

    language: Language
    title: str
    subtitle: str
    masthead: str
    number: str
    issuer: str
    day: str
    draft: bool
    parts: tuple[Part, ...]
    foot: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """What a document is made from: an issue, or one that is not kept."""

    frozen: Mapping[str, Any]
    text: Mapping[Language, str]
    period: Period
    as_of: datetime
    published_at: datetime | None = None
    number: str = ""
    fingerprint: str = ""


def document(told: Told, language: Language) -> Document:
    """The document in one language."""
    frozen = told.frozen
    parts = tuple(_parts(told.text[language], frozen, language))
    said = {key: _in(frozen[key], language) for key in ("title", "issuer", "area_title")}
    known = Text("数据截至{at}", "as known at {at}").format(at=moment_said(told.as_of))
    joined = Text("{area} · {period}", "{area} · {period}").format(area=said["area_title"], period=told.period.title)
    day = (told.published_at or told.as_of).astimezone(LOCAL)
    foot = [getattr(known, language)]
    if told.fingerprint:
        foot.append(getattr(Text("签名密钥 {key}", "signed with key {key}").format(key=told.fingerprint), language))
    return Document(
        language, said["title"], getattr(joined, language), _in(frozen["masthead"], language) if "masthead" in frozen else "",
        told.number, said["issuer"], f"{day.year}年{day.month}月{day.day}日" if language == "zh" else f"{day.day} {day:%B %Y}",
        told.published_at is None, parts, tuple(foot),
    )  # fmt: skip


def _parts(text: str, frozen: Mapping[str, Any], language: Language) -> Iterator[Part]:
    lead: list[str] = []
    tokens = _MARKDOWN.parse(text)
    for n, token in enumerate(tokens):
        if token.type == "list_item_open":
            lead.append(f"{token.info}{'．' if language == 'zh' else '.'} " if token.info else "· ")
        if token.type != "inline":
            continue
        opened = tokens[n - 1]
        for pieces in _split(token, frozen):
            if isinstance(pieces, str):
                yield from _placed(pieces, frozen, language)
            elif opened.type == "heading_open":
                yield Heading(min(max(int(opened.tag[1]) - 1, 1), 3), pieces)
            else:
                yield Paragraph(pieces, lead.pop() if lead else "")


def _split(inline: Token, frozen: Mapping[str, Any]) -> Iterator[Pieces | str]:
    """The runs of a paragraph; a block's name where one is placed, which ends the paragraph before it."""
    pieces: list[Piece] = []
    strong = 0
    for token in inline.children or ():
        if token.type in {"strong_open", "em_open"}:
            strong += 1
        elif token.type in {"strong_close", "em_close"}:
            strong -= 1
        elif token.type in {"softbreak", "hardbreak"}:
            pieces.append(Piece(" " if _latin(pieces) else "", strong > 0))
        elif token.content:
            for found in _runs(token.content, strong > 0, frozen):
                if isinstance(found, str):
                    if any(p.text.strip() for p in pieces):
                        yield tuple(pieces)
                    pieces = []
                    yield found
                else:
                    pieces.append(found)
    if any(p.text.strip() for p in pieces):
        yield tuple(p for p in pieces if p.text)


def _runs(text: str, strong: bool, frozen: Mapping[str, Any]) -> Iterator[Piece | str]:
    at = 0
    for found in MARK.finditer(text):
        if found.start() > at:
            yield Piece(text[at : found.start()], strong)
        if found[2] in frozen["blocks"]:
            yield found[2]
        else:
            yield Piece(found[1], strong, found[2])
        at = found.end()
    if at < len(text):
        yield Piece(text[at:], strong)


def _latin(pieces: list[Piece]) -> bool:
    return bool(pieces) and pieces[-1].text[-1:].isascii()


def _placed(name: str, frozen: Mapping[str, Any], language: Language) -> Iterator[Part]:
    block = frozen["blocks"][name]
    title = _in(block["title"], language)
    period = getattr(Period.parse(block["period"]).title, language)
    title = f"{title}（{period}）" if language == "zh" else f"{title} ({period})"
    if block["kind"] == "chart":
        yield Picture(name, title, chart_spec(block, language), read_out(block, language), tuple(_notes(block, language)))
    else:
        yield _grid(name, title, block, language)


def _grid(name: str, title: str, block: Mapping[str, Any], language: Language) -> Grid:
    """The columns: place, name, fields, figures, light, missing reports, as far as the block has them."""
    first = _in(block["label"], language) if "label" in block else str(_say(Text("名称", "Name"), language))
    head, numeric = [first], [False]
    if block["kind"] == "ranking":
        head, numeric = [_say(Text("名次", "Place"), language), *head], [True, *numeric]
    for title_of in block.get("fields", ()):
        head.append(_in(title_of, language))
        numeric.append(False)
    for column in block["columns"]:
        head.append(_in(column["title"], language))
        numeric.append(True)
    if "light" in block:
        head.append(_say(Text("亮灯", "Light"), language))
        numeric.append(False)
    if "reports" in block:
        head.append(_say(Text("缺报", "Missing"), language))
        numeric.append(True)
    rows = [_cells(row, block, language) for row in block["rows"]]
    if block.get("whole"):
        rows.append(_whole(block, language))
    return Grid(name, title, tuple(head), tuple(numeric), tuple(rows), tuple(_notes(block, language)))


def _cells(row: Mapping[str, Any], block: Mapping[str, Any], language: Language) -> tuple[Cell, ...]:
    cells = [Cell(_in(row["title"], language))]
    if block["kind"] == "ranking":
        cells.insert(0, Cell(str(row["place"]) if row["place"] else "—", True))
    cells += [Cell(_in(field, language)) for field in row.get("fields", ())]
    for column, cell in zip(block["columns"], row["cells"], strict=True):
        cells.append(Cell(cell[language], True, (column["figure"], column["period"], block["by"], row["code"])))
    if "light" in block:
        colour = row.get("light", "")
        cells.append(Cell(f"{SHAPES.get(colour, '')}{_say(LIGHTS[colour], language)}", light=colour))
    if "reports" in block:
        cells.append(Cell("—" if row.get("missing") is None else str(row["missing"]), True))
    return tuple(cells)


def _whole(block: Mapping[str, Any], language: Language) -> tuple[Cell, ...]:
    cells = [Cell(_say(Text("合计", "Total"), language))]
    for column, cell in zip(block["columns"], block["whole"], strict=True):
        cells.append(Cell(cell[language], True, (column["figure"], column["period"], "", "")))
    return tuple(cells + [Cell("")] * (("light" in block) + ("reports" in block)))


def _notes(block: Mapping[str, Any], language: Language) -> Iterator[str]:
    """What must stand beneath: how a ranking is ordered, by which rule lights burn, what a missing report is."""
    if block["kind"] == "ranking":
        order = block["order"]
        says = Text(
            "按“{title}”{way}排列，并列者同名次；{title} = {formula}。", "Ordered by {title}, {way}; ties share a place. {title} = {formula}."
        ).format(
            title=Text.of(order["title"]), formula=Text.of(order["formula"]),
            way=Text("由低到高", "lowest first") if block["lowest_first"] else Text("由高到低", "highest first"),
        )  # fmt: skip
        yield _say(says, language)
    if "light" in block:
        rule = block["light"]
        says = Text("亮灯规则（{day}起施行）：{says}", "Lights (in effect from {day}): {says}").format(
            day=_day(rule["effective_from"]), says=Text.of(rule["says"])
        )
        source = rule["source"]
        yield _say(says, language) + (f"（{source}）" if source and language == "zh" else f" ({source})" if source else "")
    if "reports" in block:
        says = Text(
            "缺报 = 应报份数（每月一份，共 {n} 个月）减已报份数。",
            "Missing = reports due (one a month, {n} months) less those received.",
        )
        yield _say(says.format(n=block["reports"]["months"]), language)
    if "note" in block:
        yield _in(block["note"], language)


def _day(text: str) -> Text:
    day = parse_moment(text)
    return Text(f"{day.year}年{day.month}月{day.day}日", text)


def _in(said: Mapping[str, str], language: Language) -> str:
    return said[language]


def _say(text: Text, language: Language) -> str:
    return text.zh if language == "zh" else text.en
