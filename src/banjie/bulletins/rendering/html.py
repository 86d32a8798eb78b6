"""A document as HTML: the body for a page of the site, or a file that stands alone."""

from __future__ import annotations

import base64
from collections.abc import Callable
from html import escape

from banjie.bulletins.charts import svg
from banjie.bulletins.document import Cell, Document, Grid, Heading, Paragraph, Part, Picture, Piece

Link = Callable[[str], str]  # the mark of a number → where it opens, "" for nowhere
CellLink = Callable[[Cell], str]
Source = Callable[[Picture], str]  # where a picture is fetched from


def body(document: Document, *, link: Link, cell_link: CellLink, source: Source) -> str:
    """The text, tables and pictures. Everything is escaped; nothing has a style or script of its own."""
    return "\n".join(_part(part, link, cell_link, source) for part in document.parts)


def as_html(document: Document) -> str:
    """A file that stands alone: its style inside, its pictures inside, no address outside."""
    inner = body(document, link=lambda mark: "", cell_link=lambda cell: "", source=_inside)
    lang = "zh-CN" if document.language == "zh" else "en"
    head = f'<p class="masthead">{escape(document.masthead)}</p>' if document.masthead else ""
    number = f'<p class="number">{escape(document.number)}</p>' if document.number else ""
    foot = "".join(f"<p>{escape(line)}</p>" for line in document.foot)
    draft = (
        f'<p class="draft">{"草稿，未发布" if document.language == "zh" else "Draft, not published"}</p>'
        if document.draft
        else ""
    )
    return (
        f'<!doctype html>\n<html lang="{lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(document.title)} {escape(document.subtitle)}</title><style>{STYLE}</style></head><body><main>{draft}{head}{number}"
        f'<h1>{escape(document.title)}</h1><p class="subtitle">{escape(document.subtitle)}</p>\n{inner}\n'
        f'<p class="signed">{escape(document.issuer)}<br>{escape(document.day)}</p><footer>{foot}</footer></main></body></html>\n'
    )


def _part(part: Part, link: Link, cell_link: CellLink, source: Source) -> str:
    match part:
        case Heading():
            return f"<h{part.level + 1}>{_pieces(part.pieces, link)}</h{part.level + 1}>"
        case Paragraph():
            return f"<p>{escape(part.lead)}{_pieces(part.pieces, link)}</p>"
        case Grid():
            return _grid(part, cell_link)
        case Picture():
            return _picture(part, source)


def _pieces(pieces: tuple[Piece, ...], link: Link) -> str:
    return "".join(_piece(piece, link) for piece in pieces)


def _piece(piece: Piece, link: Link) -> str:
    text = escape(piece.text)
    if piece.number:
        address = link(piece.number)
        text = (
            f'<a class="figure-in-text" id="{piece.number}" href="{escape(address)}">{text}</a>'
            if address
            else f"<span>{text}</span>"
        )
    return f"<strong>{text}</strong>" if piece.strong else text


def _grid(grid: Grid, cell_link: CellLink) -> str:
    head = "".join(f'<th scope="col"{_num(n)}>{escape(h)}</th>' for h, n in zip(grid.head, grid.numeric, strict=True))
    rows = "".join(f"<tr>{_row(grid, row, cell_link)}</tr>" for row in grid.rows)
    notes = "".join(f'<p class="note">{escape(note)}</p>' for note in grid.notes)
    return (
        f'<section class="block" id="block-{grid.name}"><h3 id="title-{grid.name}">{escape(grid.title)}</h3>'
        f'<div class="scroll" role="region" tabindex="0" aria-labelledby="title-{grid.name}"><table class="grid"><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>{notes}</section>"
    )


def _row(grid: Grid, row: tuple[Cell, ...], cell_link: CellLink) -> str:
    """The row's header is the cell that names it: the second of a ranking, where the place stands first."""
    header = 1 if grid.numeric[0] and len(row) == len(grid.head) else 0
    return "".join(_cell(cell, n == header, cell_link) for n, cell in enumerate(row))


def _cell(cell: Cell, header: bool, cell_link: CellLink) -> str:
    text = escape(cell.text)
    if cell.light:
        text = f'<span class="light {cell.light}">{text}</span>'
    address = cell_link(cell) if cell.ask and cell.text != "—" else ""
    if address:
        text = f'<a href="{escape(address)}">{text}</a>'
    return f'<th scope="row">{text}</th>' if header else f"<td{_num(cell.number)}>{text}</td>"


def _num(numeric: bool) -> str:
    return ' class="num"' if numeric else ""


def _picture(picture: Picture, source: Source) -> str:
    notes = "".join(f'<p class="note">{escape(note)}</p>' for note in picture.notes)
    return (
        f'<figure class="block" id="block-{picture.name}"><figcaption>{escape(picture.title)}</figcaption>'
        f'<img src="{escape(source(picture))}" alt="{escape(picture.says)}">{notes}</figure>'
    )


def _inside(picture: Picture) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(svg(picture.spec).encode()).decode()


STYLE = """
body{margin:0;background:#fff;color:#1e2428;font:17px/1.9 FangSong,STFangsong,"Noto Serif SC",serif}
main{max-width:46rem;margin:0 auto;padding:1.5rem 1rem}
h1{font:600 26px/1.4 "FZXiaoBiaoSong-B05S","Noto Serif SC",serif;text-align:center;margin:1rem 0 .25rem}
h2,h3,figcaption{font:600 18px/1.6 SimHei,"Noto Sans SC",sans-serif;margin:1.4rem 0 .4rem}
h3,figcaption{font-size:15px}p{margin:.3rem 0;text-indent:2em}.subtitle,.number,.masthead,.draft{text-align:center;text-indent:0}
.masthead{color:#d7000f;font:600 34px/1.3 "Noto Serif SC",serif;letter-spacing:.1em}.number{border-bottom:2px solid #d7000f;padding-bottom:.4rem}
.draft{color:#9d2a24;font-weight:600}.signed{text-align:right;text-indent:0;margin-top:2rem}.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font:14px/1.5 "Noto Sans SC",sans-serif}th,td{border:1px solid #8a8f94;padding:.2rem .45rem;text-align:left}
.num{text-align:right}.note,footer p{font-size:14px;color:#454b50;text-indent:0}.light.red{color:#9d2a24}.light.yellow{color:#7a5200}.light.green{color:#1d6b3a}
figure{margin:1rem 0}img{max-width:100%;height:auto}
""".replace("\n", "")
