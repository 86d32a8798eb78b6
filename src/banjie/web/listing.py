"""What the address of a register page asks for: search, filters, area, order, page. Read once, written back into links."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Self
from urllib.parse import urlencode

from django.http import QueryDict

from banjie.lib.errors import Invalid, Problem
from banjie.lib.text import Text
from banjie.places.models import Area
from banjie.registers.definition import Field, Register
from banjie.registers.models import SavedView
from banjie.registers.paging import Order
from banjie.registers.queries import COMPARISONS, Filter, RecordQuerySet
from banjie.registers.views import filters_of, order_of
from banjie.web.display import NUMERIC, title_of, to_screen, to_typed

SPANS = frozenset({"decimal", "integer", "date", "month", "year", "datetime"})
RESERVED = frozenset({"q", "area", "sort", "after", "before", "view", "removed", "format"})
NO_CONDITION = Text("没有这个筛选条件", "is no condition here")
NO_COLUMN = Text("没有可按之排序的列「{name}」", "there is no column {name} to sort by")
NO_AREA = Text("没有代码为「{code}」的地区", "there is no area with the code {code}")
PLACES = {"sort": Text("排序", "order"), "area": Text("地区", "area"), "format": Text("格式", "format")}


def filterable(register: Register) -> list[Field]:
    """The fields that the filter offers: those indexed or shown in the table; nothing personal, no long notes."""
    shown = {f.name for f in register.table_columns}
    return [
        f for f in register.fields if (f.index or f.name in shown) and not f.personal and f.type not in {"note", "phone", "area"}
    ]


def sortable(register: Register) -> frozenset[str]:
    """By what the rows may be put in order; the empty name: last changed."""
    return frozenset({"", "key", *(f.name for f in register.fields if not f.personal)})


@dataclass(frozen=True)
class Asked:
    """One reading of a register page's address."""

    register: Register
    search: str = ""
    area: str = ""
    filters: tuple[Filter, ...] = ()  # values as typed, in the units of the screen
    order: Order = field(default_factory=Order)
    after: str = ""
    before: str = ""
    removed: str = ""  # "1": those that were taken out of the register

    @classmethod
    def of(cls, register: Register, query: QueryDict) -> Self:
        """Parameters: ``field`` (is), ``field__at_least`` and so on. Raises Invalid for one that is none: a misspelt condition would
        show, and export, other records than were meant."""
        filters, unknown = [], []
        for name in query:
            value = query.get(name, "").strip()
            if name in RESERVED or not value:
                continue
            on, _, comparison = name.partition("__")
            if on in register.by_name and (comparison or "is") in COMPARISONS:
                filters.append(Filter(on, comparison or "is", value))  # type: ignore[arg-type]
            else:
                unknown.append(Problem(name, value, NO_CONDITION))
        sort = query.get("sort", "")
        if sort.removeprefix("-") not in sortable(register):
            unknown.append(Problem("sort", sort, NO_COLUMN.format(name=sort.removeprefix("-"))))
        if unknown:
            raise Invalid(unknown, register.titles | PLACES)
        return cls(
            register,
            query.get("q", "").strip(),
            query.get("area", "").strip(),
            tuple(filters),
            Order(sort.removeprefix("-"), sort.startswith("-")) if sort else Order("", descending=True),
            query.get("after", ""),
            query.get("before", ""),
            "1" if query.get("removed") == "1" else "",
        )

    def rows(self, rows: RecordQuerySet) -> RecordQuerySet:
        """``rows`` narrowed to what was asked. Raises Invalid."""
        if self.area:
            within = Area.objects.codes_within(self.area)
            if not within:
                raise Invalid([Problem("area", self.area, NO_AREA.format(code=self.area))], PLACES)
            rows = rows.filter(area_id__in=within)
        if self.search:
            rows = rows.searching(self.search)
        typed = [replace(f, value=to_typed(self.register.field(f.field), str(f.value))) for f in self.filters]
        return rows.matching(self.register, typed)

    def as_view(self) -> dict[str, object]:
        """What a saved view keeps: filters in base units, the area as a filter on the field that places a record."""
        wanted = [(f.field, f.comparison, to_typed(self.register.field(f.field), str(f.value))) for f in self.filters]
        if self.area and self.register.area:
            wanted.append((self.register.area, "is", self.area))
        filters = [{"field": name, "comparison": comparison, "value": value} for name, comparison, value in wanted]
        return {"search": self.search, "filters": filters, "order": self.order.field, "descending": self.order.descending}

    @classmethod
    def of_view(cls, register: Register, view: SavedView) -> Self:
        """The reading that a saved view stands for. A filter on a field that is gone since is passed over."""
        area, filters = "", []
        for f in filters_of(view):
            field = register.by_name.get(f.field)
            if field is not None and f.field == register.area and f.comparison == "is":
                area = str(f.value)
            elif field is not None:
                filters.append(replace(f, value=to_screen(field, str(f.value))))
        return cls(register, str(view.query.get("search", "")), area, tuple(filters), order_of(view))

    @property
    def narrowed(self) -> bool:
        return bool(self.search or self.area or self.filters)

    def parameters(self, **changes: str) -> dict[str, str]:
        """The address's parameters without paging, with ``changes``; an empty value takes one away."""
        now = {"q": self.search, "area": self.area, "sort": self.sort, "removed": self.removed}
        now |= {self.parameter(f): str(f.value) for f in self.filters}
        return {name: value for name, value in (now | changes).items() if value}

    def link(self, **changes: str) -> str:
        return "?" + urlencode(self.parameters(**changes))

    @property
    def sort(self) -> str:
        if not self.order.field:
            return ""
        return ("-" if self.order.descending else "") + self.order.field

    def sort_link(self, name: str) -> str:
        """Sort by a column; by the same one again: the other way round."""
        down = self.order.field == name and not self.order.descending
        return self.link(sort=("-" if down else "") + name)

    def direction(self, name: str) -> str:
        """The column's ``aria-sort``."""
        if self.order.field != name:
            return "none"
        return "descending" if self.order.descending else "ascending"

    def value(self, name: str) -> str:
        """What stands in the filter's input of this parameter."""
        return self.parameters().get(name, "")

    @staticmethod
    def parameter(wanted: Filter) -> str:
        return wanted.field if wanted.comparison == "is" else f"{wanted.field}__{wanted.comparison}"


@dataclass(frozen=True)
class Chip:
    """One condition in force, in words, and the address without it."""

    says: str
    without: str


def chips(asked: Asked, area: Area | None, read: dict[str, str]) -> list[Chip]:
    """The conditions in force. ``read``: parameter → its value as people read it."""
    found = []
    if asked.search:
        found.append(Chip(f"“{asked.search}”", asked.link(q="")))
    if asked.area:
        found.append(Chip(str(area.name if area else asked.area), asked.link(area="")))
    for f in asked.filters:
        parameter = asked.parameter(f)
        title, how = title_of(asked.register.field(f.field)), COMPARISONS[f.comparison]
        value = "" if f.comparison in {"empty", "filled"} else read.get(parameter, str(f.value))
        found.append(Chip(f"{title} {how} {value}".strip(), asked.link(**{parameter: ""})))
    return found


@dataclass(frozen=True)
class Control:
    """One filter as a form control. ``kind``: choice, truth, span, text."""

    field: Field
    kind: str
    options: list[tuple[str, Text]]
    value: str
    low: str = ""
    high: str = ""
    input_type: str = "text"


def controls(asked: Asked) -> list[Control]:
    """The filter form of a register."""
    return [_control(asked, f) for f in filterable(asked.register)]


INPUT_TYPES = {"date": "date", "month": "month", "datetime": "date", "year": "number"}


def _control(asked: Asked, f: Field) -> Control:
    if f.type == "choice":
        return Control(f, "choice", [(o.code, o.title) for o in asked.register.options(f)], asked.value(f.name))
    if f.type == "boolean":
        return Control(f, "choice", [("true", Text("是", "Yes")), ("false", Text("否", "No"))], asked.value(f.name))
    if f.type in SPANS:
        low, high = asked.value(f"{f.name}__at_least"), asked.value(f"{f.name}__at_most")
        input_type = "text" if f.type in NUMERIC else INPUT_TYPES[f.type]
        return Control(f, "span", [], "", low, high, input_type)
    return Control(f, "text", [], asked.value(f"{f.name}__contains"))
