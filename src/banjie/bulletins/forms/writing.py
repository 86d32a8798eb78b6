"""Values and comments put into the cells of a form, and nothing else changed.

Formulas stay. The results that were saved with them are taken out, since they were reckoned over blank cells, and the workbook is
marked to be reckoned anew when it is opened.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lxml import etree

from banjie.bulletins.forms.amounts import digits
from banjie.bulletins.forms.comments import Comments
from banjie.bulletins.forms.packages import Package, parsed, serialised
from banjie.bulletins.forms.workbook import Place, place_of, reference

_BEFORE_RECKONING = ("sheets", "functionGroups", "externalReferences", "definedNames")
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


@dataclass(frozen=True)
class Entry:
    """What goes into one cell. ``like``: the cell whose style it takes where it has none of its own."""

    content: Decimal | int | str
    comment: str = ""
    like: Place | None = None


def write(package: Package, entries: Mapping[str, Mapping[Place, Entry]], *, author: str) -> bytes:
    """The filled file. ``entries``: by the sheet's member."""
    changed: dict[str, bytes] = {}
    comments = Comments(package, author)
    for part in package.sheets:
        wanted = entries.get(part.member, {})
        root = parsed(package.members[part.member])
        formulas = _forget_results(root)
        if not wanted and not formulas:
            continue
        _write_cells(root, wanted)
        comments.add(part.member, root, {place: e.comment for place, e in wanted.items() if e.comment})
        changed[part.member] = serialised(root)
    changed |= comments.members()
    changed[package.workbook] = _reckon_anew(package.members[package.workbook])
    return package.with_members(changed)


def _forget_results(root: Any) -> int:
    count = 0
    for cell in root.iterfind("{*}sheetData/{*}row/{*}c"):
        if cell.find("{*}f") is not None and (value := cell.find("{*}v")) is not None:
            cell.remove(value)
            cell.attrib.pop("t", None)
            count += 1
    return count


def _write_cells(root: Any, entries: Mapping[Place, Entry]) -> None:
    data = root.find("{*}sheetData")
    space = etree.QName(data).namespace
    rows = {int(r.get("r")): r for r in data.iterfind("{*}row") if r.get("r")}
    by_row: dict[int, dict[Place, Entry]] = {}
    for place, entry in entries.items():
        by_row.setdefault(place[0], {})[place] = entry
    for number in sorted(by_row):
        row = rows.get(number)
        if row is None:
            row = rows[number] = _new_row(data, space, number)
        row.attrib.pop("spans", None)
        cells = {p: c for c in row.iterfind("{*}c") if (p := place_of(c.get("r", "")))}
        for place, entry in sorted(by_row[number].items()):
            cell = cells.get(place)
            if cell is None:
                cell = cells[place] = _new_cell(row, space, place)
                if entry.like is not None and (style := _style_at(rows, entry.like)):
                    cell.set("s", style)
            _fill(cell, space, entry.content)


def _new_row(data: Any, space: str, number: int) -> Any:
    made = etree.Element(f"{{{space}}}row", r=str(number))
    last = data[-1] if len(data) else None
    if last is not None and (last.get("r") or "").isdigit() and int(last.get("r")) < number:
        data.append(made)  # the common case: a list that goes on below
        return made
    after = [r for r in data.iterfind("{*}row") if r.get("r") and int(r.get("r")) < number]
    if after:
        after[-1].addnext(made)
    else:
        data.insert(0, made)
    return made


def _new_cell(row: Any, space: str, place: Place) -> Any:
    made = etree.Element(f"{{{space}}}c", r=reference(place))
    before = [c for c in row.iterfind("{*}c") if (p := place_of(c.get("r", ""))) and p[1] < place[1]]
    if before:
        before[-1].addnext(made)
    else:
        row.insert(0, made)
    return made


def _style_at(rows: Mapping[int, Any], place: Place) -> str:
    row = rows.get(place[0])
    if row is None:
        return ""
    wanted = reference(place)
    return next((c.get("s", "") for c in row.iterfind("{*}c") if c.get("r") == wanted), "")


def _fill(cell: Any, space: str, content: Decimal | int | str) -> None:
    for child in list(cell):
        cell.remove(child)
    cell.attrib.pop("t", None)
    if isinstance(content, str):
        cell.set("t", "inlineStr")
        text = etree.SubElement(etree.SubElement(cell, f"{{{space}}}is"), f"{{{space}}}t")
        text.text = content
        text.set(_SPACE, "preserve")
    else:
        etree.SubElement(cell, f"{{{space}}}v").text = digits(Decimal(content))


def _reckon_anew(xml: bytes) -> bytes:
    root = deepcopy(parsed(xml))
    found = root.find("{*}calcPr")
    if found is None:
        found = etree.Element(f"{{{etree.QName(root).namespace}}}calcPr")
        last = [child for child in root if isinstance(child.tag, str) and etree.QName(child).localname in _BEFORE_RECKONING][-1]
        last.addnext(found)
    found.set("fullCalcOnLoad", "1")
    return serialised(root)
