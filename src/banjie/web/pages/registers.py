"""Registers: the list of them, and one as a table with search, filters, order, pages and saved views."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from banjie.people.scopes import scope_of
from banjie.people.verbs import Verb
from banjie.places.models import Area
from banjie.registers.catalogue import catalogue
from banjie.registers.definition import Register
from banjie.registers.models import Record, RegisterVersion
from banjie.registers.paging import counted, page
from banjie.registers.steering import narrowing_index
from banjie.registers.views import views_for
from banjie.web.areas import areas_for
from banjie.web.display import Reader
from banjie.web.frame import registers_for
from banjie.web.listing import Asked, Chip, chips, controls
from banjie.web.pack_names import pack_titles
from banjie.web.permissions import SignedIn, logged_in, permits
from banjie.web.table import table


@require_GET
@logged_in
def registers(request: SignedIn) -> HttpResponse:
    """Every register that the account may see, with the number of its records, those of one pack together."""
    packs, groups = packs_of_registers(), dict[str, list[dict[str, object]]]()
    for register in registers_for(request.user):
        number, exact = counted(Record.objects.visible_to(request.user).of(register.name).live())
        shown = {"register": register, "number": number, "exact": exact}
        groups.setdefault(packs.get(register.name, ""), []).append(shown)
    return render(request, "registers/list.html", {"here": "registers", "groups": list(groups.items())})


def packs_of_registers() -> dict[str, str]:
    """Register → the title of the pack that it came with."""
    titles = pack_titles()
    packs = dict(RegisterVersion.objects.order_by("number").values_list("name", "pack"))  # the newest stays
    return {name: titles.get(pack, "") for name, pack in packs.items()}


@require_GET
@permits(Verb.VIEW)
def register(request: SignedIn, register: str) -> HttpResponse:
    """One register as a table. htmx asks for the table alone."""
    definition = catalogue().register(register)
    asked = Asked.of(definition, request.GET)
    there = Record.objects.visible_to(request.user).of(register)
    if asked.removed:  # for those who may put them back
        there = there.visible_to(request.user, Verb.REMOVE).filter(removed_at__isnull=False)
    rows = asked.rows(there if asked.removed else there.live())
    found = page(
        rows.defer("search"),
        definition,
        asked.order,
        after=asked.after,
        before=asked.before,
        narrowing=None if asked.search or asked.removed else narrowing_index(definition, asked.filters),
        live=not asked.removed,
    )
    context = {
        "here": register,
        "register": definition,
        "asked": asked,
        "table": table(request.user, definition, found.rows),
        "headings": [(f, asked.sort_link(f.name), asked.direction(f.name)) for f in definition.table_columns],
        "next": asked.link(after=found.next) if found.next else "",
        "previous": asked.link(before=found.previous) if found.previous else "",
        "number": found.number,
        "exact": found.exact,
        "chips": _chips(request, asked),
    }
    if request.headers.get("HX-Target") == "table":
        return render(request, "registers/table.html", context)
    return render(request, "registers/register.html", context | _surroundings(request, definition, asked))


def _chips(request: SignedIn, asked: Asked) -> list[Chip]:
    area = Area.objects.filter(code=asked.area).first() if asked.area else None
    reader = Reader(request.user, {}, {})
    read = {}
    for f in asked.filters:
        field = asked.register.field(f.field)
        if field.type in {"choice", "boolean"}:
            read[asked.parameter(f)] = reader.text(
                asked.register, field, _truth(f.value) if field.type == "boolean" else str(f.value)
            )
    return chips(asked, area, read)


def _truth(value: object) -> bool:
    return str(value) in {"true", "1", "是"}


def _surroundings(request: SignedIn, definition: Register, asked: Asked) -> dict[str, object]:
    scope = scope_of(request.user)
    may = {verb.value: definition.name in scope.registers(verb) for verb in (Verb.CREATE, Verb.IMPORT, Verb.EXPORT, Verb.REMOVE)}
    return {
        "may": may,
        "controls": controls(asked),
        "areas": areas_for(request.user, definition) if definition.area or definition.parent else [],
        "views": [
            (v, Asked.of_view(definition, v).link(), v.account_id == request.user.pk)
            for v in views_for(request.user, definition.name)
        ],
        "export_query": asked.link().removeprefix("?"),
    }
