"""A document as DOCX in the layout of GB/T 9704-2012."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from docx import Document as new_document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from banjie.bulletins.charts import png
from banjie.bulletins.document import Document, Grid, Heading, Paragraph, Picture, Piece
from banjie.bulletins.rendering import layout
from banjie.bulletins.rendering.widths import widths

TWIPS = 20  # in a point
COLOURS = {"red": "9D2A24", "yellow": "7A5200", "green": "1D6B3A"}


def as_docx(document: Document) -> bytes:
    """The file's bytes."""
    made = new_document()
    _Writer(made, document).write()
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


class _Writer:
    def __init__(self, made: Any, document: Document) -> None:
        self.made, self.document = made, document

    def write(self) -> None:
        document, made = self.document, self.made
        properties = made.core_properties
        properties.title, properties.author = f"{document.title} {document.subtitle}", document.issuer
        properties.language = "zh-CN" if document.language == "zh" else "en-GB"
        _page(made)
        _styles(made)
        _page_numbers(made)
        self._head()
        for part in document.parts:
            match part:
                case Heading():
                    self._runs(made.add_paragraph(style=f"Heading {part.level + 1}"), part.pieces)
                case Paragraph():
                    paragraph = made.add_paragraph()
                    if part.lead:
                        paragraph.add_run(part.lead)
                    self._runs(paragraph, part.pieces)
                case Grid():
                    self._grid(part)
                case Picture():
                    self._picture(part)
        self._foot()

    def _head(self) -> None:
        document = self.document
        if document.draft:
            said = "草稿，未发布" if document.language == "zh" else "Draft, not published"
            _set(self._line(said, WD_ALIGN_PARAGRAPH.CENTER), layout.HEITI, 12, "9D2A24")
        if document.masthead:
            _set(
                self._line(document.masthead, WD_ALIGN_PARAGRAPH.CENTER, exact=False),
                layout.XIAOBIAOSONG,
                layout.masthead_size(document.masthead),
                layout.RED,
            )
            self._line("", WD_ALIGN_PARAGRAPH.CENTER)
            _red_line(self._line(document.number, WD_ALIGN_PARAGRAPH.CENTER))
            self._line("", WD_ALIGN_PARAGRAPH.CENTER)
        title = self.made.add_paragraph(document.title, style="Heading 1")
        title.alignment = WD_ALIGN_PARAGRAPH.CENTER
        _set(self._line(document.subtitle, WD_ALIGN_PARAGRAPH.CENTER), layout.KAITI, layout.BODY)
        self._line("", WD_ALIGN_PARAGRAPH.CENTER)

    def _foot(self) -> None:
        """Two lines below the text the issuer, below it the day, four characters from the right (§7.3.5.2)."""
        self._line("", WD_ALIGN_PARAGRAPH.RIGHT)
        for text, characters in ((self.document.issuer, 2), (self.document.day, 4)):
            line = self._line(text, WD_ALIGN_PARAGRAPH.RIGHT)
            line.paragraph_format.right_indent = Pt(characters * layout.BODY)
            line.paragraph_format.keep_together = True
        for text in self.document.foot:
            _set(self._line(text, WD_ALIGN_PARAGRAPH.LEFT), layout.FANGSONG, layout.SMALL)

    def _line(self, text: str, alignment: Any, *, exact: bool = True) -> Any:
        paragraph = self.made.add_paragraph(text)
        paragraph.alignment = alignment
        paragraph.paragraph_format.first_line_indent = Pt(0)
        if not exact:
            paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
        return paragraph

    def _runs(self, paragraph: Any, pieces: Sequence[Piece]) -> None:
        for piece in pieces:
            paragraph.add_run(piece.text).bold = True if piece.strong else None

    def _caption(self, text: str) -> None:
        line = self._line(text, WD_ALIGN_PARAGRAPH.CENTER)
        line.paragraph_format.keep_with_next = True
        _set(line, layout.HEITI, 12)

    def _notes(self, notes: Sequence[str]) -> None:
        for note in notes:
            line = self._line(note, WD_ALIGN_PARAGRAPH.LEFT, exact=False)
            _set(line, layout.FANGSONG, layout.SMALL)

    def _grid(self, grid: Grid) -> None:
        """Written as XML: python-docx finds each cell anew to set its width, alignment and type, which takes long over hundreds of rows."""
        self._caption(grid.title)
        table = self.made.add_table(rows=0, cols=0)
        table.style, table.alignment = "Table Grid", WD_TABLE_ALIGNMENT.CENTER
        twips = [int(points * TWIPS) for points in widths(grid)]
        for width in twips:
            table._tbl.tblGrid.append(_element("w:gridCol", w=str(width)))
        _no_autofit(table._tbl)
        table._tbl.append(_row([(text, True, "") for text in grid.head], twips, head=True))
        for row in grid.rows:
            table._tbl.append(_row([(c.text, c.number, c.light) for c in row], twips))
        self._notes(grid.notes)

    def _picture(self, picture: Picture) -> None:
        self._caption(picture.title)
        line = self._line("", WD_ALIGN_PARAGRAPH.CENTER, exact=False)
        shape = line.add_run().add_picture(io.BytesIO(png(picture.spec)), width=Mm(layout.WIDTH))
        shape._inline.docPr.set("descr", picture.says)
        shape._inline.docPr.set("title", picture.title)
        self._notes(picture.notes)


def _page(made: Any) -> None:
    section = made.sections[0]
    section.page_width, section.page_height = Mm(layout.PAGE[0]), Mm(layout.PAGE[1])
    section.top_margin, section.bottom_margin = Mm(layout.TOP), Mm(layout.BOTTOM)
    section.left_margin, section.right_margin = Mm(layout.LEFT), Mm(layout.RIGHT)
    section.footer_distance = Mm(layout.BOTTOM - 7 - 5)  # the number stands 7 mm below the text area, in a line of 5 mm
    for old in section._sectPr.findall(qn("w:docGrid")):
        section._sectPr.remove(old)
    # §5.2.2: 22 lines of 28 characters. The grid's character space is what is added to the size, in 4096ths of a point.
    space = round((layout.CHARACTER - layout.BODY) * 4096)
    section._sectPr.append(
        _element("w:docGrid", type="linesAndChars", linePitch=str(int(layout.LINE * TWIPS)), charSpace=str(space))
    )


def _styles(made: Any) -> None:
    normal = made.styles["Normal"]
    _font(normal, layout.FANGSONG, layout.BODY)
    body = normal.paragraph_format
    body.line_spacing_rule, body.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(layout.LINE)
    body.space_before = body.space_after = Pt(0)
    body.first_line_indent = Pt(2 * layout.BODY)
    for level, fonts, size in (
        (1, layout.XIAOBIAOSONG, layout.TITLE),
        *((n + 1, f, layout.BODY) for n, f in layout.HEADINGS.items()),
    ):
        style = made.styles[f"Heading {level}"]
        _font(style, fonts, size)
        style.font.bold = style.font.italic = False
        style.font.color.rgb = RGBColor(0, 0, 0)
        shape = style.paragraph_format
        shape.space_before = shape.space_after = Pt(0)
        shape.first_line_indent = Pt(0 if level == 1 else 2 * layout.BODY)
        shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(layout.LINE * (1.25 if level == 1 else 1))
    _stand_ins(made)


def _font(style: Any, fonts: Sequence[str], size: float) -> None:
    style.font.name, style.font.size = layout.LATIN, Pt(size)
    _name(style.element.get_or_add_rPr(), fonts)


def _name(properties: Any, fonts: Sequence[str]) -> None:
    found = properties.find(qn("w:rFonts"))
    if found is None:
        found = OxmlElement("w:rFonts")
        properties.insert(0, found)
    for attribute in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        found.attrib.pop(qn(f"w:{attribute}"), None)
    found.set(qn("w:ascii"), layout.LATIN)
    found.set(qn("w:hAnsi"), layout.LATIN)
    found.set(qn("w:eastAsia"), fonts[0])


def _stand_ins(made: Any) -> None:
    """What Word takes where a prescribed font is not installed: the font table's alternative names."""
    for part in made.part.package.iter_parts():
        if str(part.partname) != "/word/fontTable.xml":
            continue
        entries = "".join(
            f'<w:font w:name="{fonts[0]}"><w:altName w:val="{",".join(fonts[1:])}"/><w:charset w:val="86"/></w:font>'
            for fonts in (layout.FANGSONG, layout.KAITI, layout.HEITI, layout.SONGTI, layout.XIAOBIAOSONG)
        )
        part._blob = part.blob.replace(b"</w:fonts>", entries.encode() + b"</w:fonts>")


def _page_numbers(made: Any) -> None:
    """Between dashes, on the right of odd pages and the left of even ones, one character in."""
    made.settings.odd_and_even_pages_header_footer = True
    section = made.sections[0]
    for footer, alignment in ((section.footer, WD_ALIGN_PARAGRAPH.RIGHT), (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT)):
        footer.is_linked_to_previous = False
        paragraph = footer.paragraphs[0]
        paragraph.alignment = alignment
        shape = paragraph.paragraph_format
        shape.first_line_indent = Pt(0)
        shape.left_indent = shape.right_indent = Pt(layout.NUMBER)
        for text in ("— ", None, " —"):
            run = paragraph.add_run(text or "")
            run.font.size = Pt(layout.NUMBER)
            _name(run._r.get_or_add_rPr(), layout.SONGTI)
            if text is None:
                run._r.append(_element("w:fldChar", fldCharType="begin"))
                code = OxmlElement("w:instrText")
                code.text = "PAGE"
                run._r.append(code)
                run._r.append(_element("w:fldChar", fldCharType="end"))


def _set(paragraph: Any, fonts: Sequence[str], size: float, colour: str = "") -> None:
    for run in paragraph.runs:
        run.font.size = Pt(size)
        _name(run._r.get_or_add_rPr(), fonts)
        if colour:
            run.font.color.rgb = RGBColor.from_string(colour)


def _red_line(paragraph: Any) -> None:
    """The red line that parts the head from the text (§7.2.7)."""
    borders = OxmlElement("w:pBdr")
    borders.append(_element("w:bottom", val="single", sz="12", space="4", color=layout.RED))
    paragraph._p.get_or_add_pPr().append(borders)


def _element(tag: str, **attributes: str) -> Any:
    made = OxmlElement(tag)
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), value)
    return made


def _no_autofit(table: Any) -> None:
    table.tblPr.append(_element("w:tblLayout", type="fixed"))


def _row(cells: Sequence[tuple[str, bool, str]], twips: Sequence[int], *, head: bool = False) -> Any:
    row = OxmlElement("w:tr")
    properties = OxmlElement("w:trPr")
    properties.append(OxmlElement("w:cantSplit"))
    if head:
        properties.append(OxmlElement("w:tblHeader"))
    row.append(properties)
    for (text, number, light), width in zip(cells, twips, strict=True):
        row.append(
            _cell(
                text, width, "center" if head else "right" if number else "left", layout.HEITI if head else layout.FANGSONG, light
            )
        )
    return row


def _cell(text: str, width: int, alignment: str, fonts: Sequence[str], light: str) -> Any:
    cell, paragraph, run, shown = (OxmlElement(tag) for tag in ("w:tc", "w:p", "w:r", "w:t"))
    properties = OxmlElement("w:tcPr")
    properties.append(_element("w:tcW", w=str(width), type="dxa"))
    shape = OxmlElement("w:pPr")
    shape.append(_element("w:spacing", before="20", after="20", line="260", lineRule="atLeast"))
    shape.append(_element("w:ind", firstLine="0", firstLineChars="0"))
    shape.append(_element("w:jc", val=alignment))
    look = OxmlElement("w:rPr")
    _name(look, fonts)
    if light:
        look.append(_element("w:color", val=COLOURS[light]))
    look.append(_element("w:sz", val=str(int(layout.SMALL * 2))))
    shown.text = text
    shown.set(qn("xml:space"), "preserve")
    for outer, inner in ((run, look), (run, shown), (paragraph, shape), (paragraph, run), (cell, properties), (cell, paragraph)):
        outer.append(inner)
    return cell
