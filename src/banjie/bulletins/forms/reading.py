"""A blank form read: its sheets, what each asks for, and by what it is known again. Pure: no database, nothing changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from banjie.bulletins.forms.fingerprint import fingerprint
from banjie.bulletins.forms.layout import Layout, lay_out
from banjie.bulletins.forms.packages import CELLS_AT_MOST, TOO_MANY_CELLS, Package, open_package
from banjie.bulletins.forms.when import printed_period
from banjie.bulletins.forms.workbook import Sheet, read_sheets
from banjie.lib.errors import Refusal
from banjie.lib.periods import Period
from banjie.lib.text import Text

NOTHING_ASKED = Text(
    "没有找到要填的空格：请确认这是一张空白表（表头下有空格）",
    "no blank cells to fill were found: is this a blank form, with empty cells under its headings?",
)


@dataclass(frozen=True)
class Page:
    """A visible sheet with its layout; ``number`` counts all sheets of the file from 1."""

    number: int
    sheet: Sheet
    layout: Layout


@dataclass(frozen=True)
class Form:
    package: Package
    sheets: tuple[Sheet, ...]
    pages: tuple[Page, ...]
    fingerprint: str

    @property
    def title(self) -> str:
        """What the form calls itself."""
        return next((p.layout.title for p in self.pages if p.layout.title), self.pages[0].sheet.name)

    @property
    def printed(self) -> Period | None:
        """The period that a title states."""
        return next((found for p in self.pages if (found := printed_period(p.layout.title))), None)

    @property
    def hidden(self) -> tuple[str, ...]:
        """The sheets that are hidden: nothing is filled in there."""
        return tuple(s.name for s in self.sheets if s.hidden)


def read_form(content: bytes) -> Form:
    """Raises Refusal, with advice, for what is no blank .xlsx form."""
    package = open_package(content)
    sheets = read_sheets(package)
    pages = tuple(_pages(sheets))
    if not any(table.slots or table.rows_free or table.open_ended for p in pages for table in p.layout.tables):
        raise Refusal(NOTHING_ASKED)
    return Form(package, sheets, pages, fingerprint(sheets))


def _pages(sheets: tuple[Sheet, ...]) -> Iterator[Page]:
    asked = 0
    for number, sheet in enumerate(sheets, start=1):
        if not sheet.hidden:
            page = Page(number, sheet, lay_out(sheet))
            asked += sum(len(table.slots) for table in page.layout.tables)
            if asked > CELLS_AT_MOST:
                raise Refusal(TOO_MANY_CELLS.format(n=f"{asked:,}", most=f"{CELLS_AT_MOST:,}"))
            yield page
