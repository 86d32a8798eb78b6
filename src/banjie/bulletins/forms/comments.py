"""Comments on cells, as Excel and WPS keep them: the text in one member, the little box in another, both named by the sheet.

What was there stays: a comment that a cell already has keeps its text, with ours below it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import quoteattr

from lxml import etree

from banjie.bulletins.forms.packages import Package, parsed, relations_of, serialised
from banjie.bulletins.forms.workbook import Place, reference

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
COMMENTS_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
VML_TYPE = "application/vnd.openxmlformats-officedocument.vmlDrawing"
BLOCK = 1024  # shape numbers are given out to sheets in blocks of so many
_AFTER_DRAWING = {
    "legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "webPublishItems", "tableParts", "extLst",
}  # fmt: skip
_SHAPE = re.compile(rb"_x0000_s(\d{1,8})")
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


class Comments:
    """The comments of a whole workbook, added sheet by sheet."""

    def __init__(self, package: Package, author: str) -> None:
        self.package, self.author = package, author
        self.changed: dict[str, bytes] = {}
        self.types: list[str] = []  # members whose type must be declared
        found = [int(n) for name, xml in package.members.items() if name.endswith(".vml") for n in _SHAPE.findall(xml)]
        self.block = max([8, *(n // BLOCK for n in found)]) + 1  # the next block that nobody has

    def add(self, member: str, sheet: Any, texts: Mapping[Place, str]) -> None:
        """Put comments on cells of a sheet, whose root is changed where it must name the drawing."""
        if not texts:
            return
        related = {kind: (key, path) for key, (kind, path) in self.package.related(member).items()}
        relations = _Relations(self.package.members.get(relations_of(member)))
        strict = "purl.oclc.org" in (etree.QName(sheet).namespace or "")
        comments = self._part(related, "comments", "xl/comments{}.xml", relations, strict)
        root = parsed(self.package.members[comments]) if comments in self.package.members else _no_comments()
        fresh = _say(root, texts, self.author)
        self.changed[comments] = serialised(root)
        drawing = self._part(related, "vmlDrawing", "xl/drawings/vmlDrawing{}.vml", relations, strict)
        self._draw(drawing, fresh)
        _name_drawing(sheet, relations.id_of(drawing), strict)
        self.changed[relations_of(member)] = serialised(relations.root)

    def _part(self, related: Mapping[str, tuple[str, str]], kind: str, pattern: str, relations: _Relations, strict: bool) -> str:
        """The sheet's member of a kind, or a new one."""
        if kind in related and related[kind][1] in self.package.members:
            return related[kind][1]
        taken = self.package.members.keys() | self.changed.keys()
        name = next(n for n in (pattern.format(i) for i in range(1, 10_000)) if n not in taken)
        relations.add(name, kind, strict)
        self.changed[name] = b""
        if kind == "comments":
            self.types.append(name)
        return name

    def _draw(self, member: str, places: list[Place]) -> None:
        held = self.package.members.get(member, b"")
        first = self.block * BLOCK + 1
        blocks = range(self.block, self.block + len(places) // BLOCK + 1)
        self.block = blocks[-1] + 1
        shapes = "".join(_shape(first + n, place) for n, place in enumerate(places)).encode()
        if held:
            head, end, tail = held.rpartition(b"</xml>")
            self.changed[member] = head + shapes + end + tail if end else held
            return
        numbers = ",".join(map(str, blocks))
        self.changed[member] = _DRAWING.format(blocks=numbers).encode() + shapes + b"</xml>"

    def members(self) -> dict[str, bytes]:
        """The members that changed or are new, the list of content types among them."""
        if not self.changed:
            return {}
        root = parsed(self.package.members["[Content_Types].xml"])
        endings = {e.get("Extension", "").lower() for e in root.iterfind("{*}Default")}
        if "vml" not in endings:
            root.insert(0, etree.Element(f"{{{TYPES}}}Default", Extension="vml", ContentType=VML_TYPE))
        for name in self.types:
            etree.SubElement(root, f"{{{TYPES}}}Override", PartName=f"/{name}", ContentType=COMMENTS_TYPE)
        return {**self.changed, "[Content_Types].xml": serialised(root)}


class _Relations:
    """The relations of one sheet."""

    def __init__(self, xml: bytes | None) -> None:
        self.root = parsed(xml) if xml else etree.Element(f"{{{RELATIONS}}}Relationships", nsmap={None: RELATIONS})
        self.added: dict[str, str] = {}

    def add(self, member: str, kind: str, strict: bool) -> None:
        taken = {r.get("Id") for r in self.root}
        number = next(f"rId{n}" for n in range(1, 100_000) if f"rId{n}" not in taken)
        base = "http://purl.oclc.org/ooxml/officeDocument/relationships" if strict else RELATION
        etree.SubElement(self.root, f"{{{RELATIONS}}}Relationship", Id=number, Type=f"{base}/{kind}", Target=f"/{member}")
        self.added[member] = number

    def id_of(self, member: str) -> str:
        """The id of a member that was just added; "" where the sheet named it already."""
        return self.added.get(member, "")


def _no_comments() -> Any:
    root = etree.Element(f"{{{MAIN}}}comments", nsmap={None: MAIN})
    etree.SubElement(root, f"{{{MAIN}}}authors")
    etree.SubElement(root, f"{{{MAIN}}}commentList")
    return root


def _say(root: Any, texts: Mapping[Place, str], author: str) -> list[Place]:
    """Add the texts; the places that had no comment yet, and so need a box."""
    space = etree.QName(root).namespace
    authors, entries = (_child(root, space, name) for name in ("authors", "commentList"))
    names = [a.text for a in authors]
    if author not in names:
        etree.SubElement(authors, f"{{{space}}}author").text = author
        names.append(author)
    held = {c.get("ref"): c for c in entries}
    fresh = []
    for place, text in sorted(texts.items()):
        at = reference(place)
        entry = held.get(at)
        if entry is None:
            entry = etree.SubElement(entries, f"{{{space}}}comment", ref=at, authorId=str(names.index(author)))
            etree.SubElement(entry, f"{{{space}}}text")
            fresh.append(place)
        else:
            text = f"\n{text}"
        body = _child(entry, space, "text")
        run = etree.SubElement(etree.SubElement(body, f"{{{space}}}r"), f"{{{space}}}t")
        run.text = _UNWRITABLE.sub("", text)
        run.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    return fresh


def _child(parent: Any, space: str | None, name: str) -> Any:
    found = parent.find(f"{{*}}{name}")
    return found if found is not None else etree.SubElement(parent, f"{{{space}}}{name}")


def _name_drawing(sheet: Any, number: str, strict: bool) -> None:
    if not number:
        return
    space = etree.QName(sheet).namespace
    base = "http://purl.oclc.org/ooxml/officeDocument/relationships" if strict else RELATION
    made = etree.Element(f"{{{space}}}legacyDrawing", nsmap={"r": base})
    made.set(f"{{{base}}}id", number)
    later = next((c for c in sheet if isinstance(c.tag, str) and etree.QName(c).localname in _AFTER_DRAWING), None)
    if later is None:
        sheet.append(made)
    else:
        later.addprevious(made)


_DRAWING = (
    '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:x="urn:schemas-microsoft-com:office:excel"><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="{blocks}"/>'
    '</o:shapelayout><v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
    '<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)


def _shape(number: int, place: Place) -> str:
    row, column = place[0] - 1, place[1] - 1
    anchor = f"{column + 1}, 15, {max(0, row - 1)}, 10, {column + 5}, 15, {row + 6}, 4"
    return (
        f'<v:shape id={quoteattr(f"_x0000_s{number}")} type="#_x0000_t202" style=\'position:absolute;width:240pt;height:110pt;'
        'z-index:1;visibility:hidden\' fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/>'
        '<v:shadow on="t" color="black" obscured="t"/><v:path o:connecttype="none"/><v:textbox style="mso-direction-alt:auto">'
        '<div style="text-align:left"></div></v:textbox><x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/>'
        f"<x:Anchor>{anchor}</x:Anchor><x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column>"
        "</x:ClientData></v:shape>"
    )
