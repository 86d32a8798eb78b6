"""Records of a register."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from ninja import Path, Query, Router

from banjie.api import schemas, shapes
from banjie.api.permissions import Called, permits
from banjie.api.writing import answer, local
from banjie.lib.errors import NotFound
from banjie.lib.text import Text
from banjie.people.models import Account
from banjie.people.verbs import Verb
from banjie.places.models import Area
from banjie.registers.catalogue import catalogue
from banjie.registers.definition import Register
from banjie.registers.models import Record
from banjie.registers.paging import Order, page

router = Router(tags=["records"])
NO_RECORD = Text("没有这条记录", "there is no such record")


@router.get(
    "/registers/{slug:register_name}/records", url_name="api-records", operation_id="records", summary="Records · 记录",
    by_alias=True, response={200: schemas.Records, **schemas.refusals(401, 403, 404, 422, 429)},
)  # fmt: skip
@permits(Verb.VIEW)
def records(request: Called, register_name: Path[str], asked: Query[schemas.RecordsPage]) -> HttpResponse:
    """The records of a register that the account may see, a page at a time."""
    definition = catalogue().register(register_name)
    rows = Record.objects.of(register_name).visible_to(request.user).live()
    if asked.area:
        rows = rows.filter(area_id__in=Area.objects.codes_within(asked.area))
    if asked.q.strip():
        rows = rows.searching(asked.q)
    order = Order(asked.sort.removeprefix("-"), asked.sort.startswith("-")) if asked.sort else Order("", descending=True)
    found = page(rows, definition, order, after=asked.after, before=asked.before, size=asked.limit)
    said = [_told(row, definition, request.user) for row in found.rows]
    return answer({"records": said, "next": found.next, "previous": found.previous})


@router.get(
    "/registers/{slug:register_name}/records/{id:pk}", url_name="api-record", operation_id="record", summary="One record · 一条记录",
    by_alias=True, response={200: schemas.Record, **schemas.refusals(401, 403, 404, 429)},
)  # fmt: skip
@permits(Verb.VIEW)
def record(request: Called, register_name: Path[str], pk: Path[int]) -> HttpResponse:
    """A record as the account may see it."""
    row = Record.objects.of(register_name).visible_to(request.user).live().filter(pk=pk).first()
    if row is None:
        raise NotFound(NO_RECORD)
    return answer(_told(row, catalogue().register(register_name), request.user), ETag=f'"{row.version}"')


def _told(row: Record, register: Register, reader: Account) -> dict[str, Any]:
    head = shapes.record_head(row, reader, register)
    return head | {
        "data": shapes.data(row, reader, register),
        "created_at": local(row.created_at),
        "updated_at": local(row.updated_at),
    }
