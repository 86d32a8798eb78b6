"""The files of a bulletin: layout of GB/T 9704-2012 in DOCX and PDF, charts with words, and text that stays text."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from docx import Document as read_docx

from banjie.bulletins.charts import png, svg
from banjie.bulletins.document import Document, Picture, document
from banjie.bulletins.rendering import layout, rendered
from banjie.bulletins.rendering.widths import widths
from banjie.bulletins.telling import told
from banjie.lib.text import Language
from banjie.registers.models import Record
from tests.rooms.bulletins_world import composed, county
from tests.rooms.figures_world import COMMITTED, change

pytestmark = pytest.mark.django_db(transaction=COMMITTED)


@pytest.fixture(autouse=True)
def _county() -> None:
    county()


def made(language: Language = "zh") -> Document:
    return document(told(composed(as_of="2021-11-06 09:00")), language)


def test_the_docx_has_the_page_of_the_standard() -> None:
    file = rendered(made(), "docx")
    opened = read_docx(io.BytesIO(file))
    section = opened.sections[0]
    assert [round(length.mm, 1) for length in (section.page_width, section.page_height)] == [210, 297]
    assert [round(length.mm, 1) for length in (section.top_margin, section.left_margin)] == [37, 28]
    assert [round(length.mm, 1) for length in (section.right_margin, section.bottom_margin)] == [26, 35]
    grid = section._sectPr.find("{*}docGrid")
    attributes = {k.split("}")[1]: v for k, v in grid.attrib.items()}
    assert attributes["type"] == "linesAndChars"
    assert int(attributes["linePitch"]) * 22 <= round(225 / 25.4 * 72 * 20) < (int(attributes["linePitch"]) + 1) * 22
    character = 16 + int(attributes["charSpace"]) / 4096
    assert abs(character * 28 - 156 / 25.4 * 72) < 0.1
    assert opened.styles["Normal"].font.size.pt == 16
    assert opened.styles["Heading 1"].font.size.pt == 22
    assert opened.settings.odd_and_even_pages_header_footer


def test_the_docx_names_the_prescribed_fonts_and_what_stands_in_for_them() -> None:
    with zipfile.ZipFile(io.BytesIO(rendered(made(), "docx"))) as archive:
        styles, fonts = archive.read("word/styles.xml").decode(), archive.read("word/fontTable.xml").decode()
    assert 'w:eastAsia="仿宋_GB2312"' in styles
    assert 'w:eastAsia="方正小标宋简体"' in styles
    assert re.search('w:name="仿宋_GB2312"><w:altName w:val="仿宋,', fonts)


def test_the_docx_has_text_tables_and_a_picture_with_its_words() -> None:
    opened = read_docx(io.BytesIO(rendered(made(), "docx")))
    text = "\n".join(p.text for p in opened.paragraphs)
    assert "项目办文件" in text
    assert "完成投资260亿元，完成率65.0%。" in text
    assert "⟦" not in text
    towns = opened.tables[0]
    assert [cell.text for cell in towns.rows[0].cells] == ["名次", "名称", "计划投资", "完成投资", "完成率"]
    assert [cell.text for cell in towns.rows[1].cells] == ["1", "白溪镇", "200亿元", "160亿元", "80.0%"]
    described = opened.element.body.findall(".//{*}docPr")
    assert described
    assert "260亿元" in described[0].get("descr")


def test_the_pdf_is_tagged_has_a_title_and_a_page_of_a4() -> None:
    file = rendered(made(), "pdf")
    assert file.startswith(b"%PDF-")
    box = re.search(rb"/MediaBox ?\[0 0 ([\d.]+) ([\d.]+)\]", file)
    assert box
    assert [round(float(side) / 72 * 25.4) for side in box.groups()] == [210, 297]
    assert b"/StructTreeRoot" in file
    assert b"pdfuaid:part" in file


def test_html_stands_alone_and_escapes_what_records_say() -> None:
    hostile = "<script>alert(1)</script>"
    change(Record.objects.get(register="projects", key="A"), "2021-11-05 10:00", leader=hostile)
    html = rendered(made(), "html").decode()
    assert "http" not in html.replace("http://www.w3.org", "")
    assert hostile not in html
    assert '<html lang="zh-CN">' in html
    assert '<html lang="en">' in rendered(made("en"), "html").decode()


def test_text_in_a_document_is_never_read_as_typst() -> None:
    said = composed(as_of="2021-11-06 09:00")
    hostile = '#panic("x") $ \\ ] #import "/etc/passwd" * _ @here <label>'
    said.frozen["title"]["zh"] = hostile
    said.text["zh"] = hostile
    assert rendered(document(told(said), "zh"), "pdf").startswith(b"%PDF-")


def test_a_picture_is_drawn_and_said() -> None:
    picture = next(part for part in made().parts if isinstance(part, Picture))
    assert "<svg" in svg(picture.spec)
    assert png(picture.spec).startswith(b"\x89PNG")
    assert "2021年10月 260亿元" in picture.says


def test_lines_of_a_chart_differ_in_more_than_colour() -> None:
    picture = next(part for part in made().parts if isinstance(part, Picture))
    dashes = picture.spec["encoding"]["strokeDash"]["scale"]["range"]
    assert len(dashes) == len({tuple(d) for d in dashes}) == 2


def test_a_light_is_a_shape_and_a_word() -> None:
    grid = next(part for part in made().parts if getattr(part, "name", "") == "projects")
    lights = {cell.text for row in grid.rows for cell in row if cell.light}  # type: ignore[union-attr]
    assert lights == {"●绿", "▲红"}


def test_the_columns_of_a_table_fill_the_text_area() -> None:
    for part in made().parts:
        if hasattr(part, "head"):
            assert abs(sum(widths(part)) - layout.WIDTH / 25.4 * 72) < 0.01
