"""My open matters by due time, a page at a time. For each owner that an account stands for, a post or a whole organisation, the
page begins in the index of that owner's matters: with twenty thousand open ones it reads a page, not twenty thousand.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

import orjson
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BooleanField, DateTimeField, F, Func, Q, Value

from banjie.api import shapes
from banjie.api.seeing import whole
from banjie.lib.errors import Invalid, Problem
from banjie.lib.text import Text
from banjie.matters.hands import hands_of
from banjie.matters.models import Matter
from banjie.matters.queries import MatterQuerySet
from banjie.matters.statements import Prepared
from banjie.people.models import Account
from banjie.people.scopes import scope_of
from banjie.registers.catalogue import catalogue

NO_MARKER = Text("翻页标记无效，请回到第一页", "the page marker is not valid: go back to the first page")
AFTER_PK, AFTER_DUE = (
    -4_096_079,
    datetime(1949, 10, 1, 4, 9, 6, 79, tzinfo=UTC),
)  # stand in a prepared query for the last row seen


class Place(NamedTuple):
    """The last row of the page before: its due time (None: it had none) and its id."""

    due_at: datetime | None
    pk: int


def mine_of(reader: Account, *, after: str, limit: int) -> dict[str, Any]:
    """One page as the API answers it. Raises Invalid for a marker that is none."""
    rows = page(reader, _read(after) if after else None, limit + 1)
    more, rows = len(rows) > limit, rows[:limit]
    known = catalogue()
    return {
        "matters": [shapes.matter(row, reader, known.register(row.record.register)) for row in rows],
        "next": _write(rows[-1]) if more else None,
    }


def page(reader: Account, after: Place | None, size: int) -> list[Matter]:
    """The first rows after a place; those without a due time follow all that have one."""
    scope, hands = scope_of(reader), hands_of(reader)
    visible = scope.visible_q(register="record__register", area="record__area_id")
    owners = [("post", pk) for pk in sorted(hands.posts)] + [("organisation", pk) for pk in sorted(hands.organisations)]
    rows: list[Matter] = []
    if after is None or after.due_at is not None:
        rows = _merged([_query(visible, kind, True, after is not None, size)(pk, _instead(after)) for kind, pk in owners], size)
    if len(rows) < size:
        place = after if after is not None and after.due_at is None else None
        undated = [_query(visible, kind, False, place is not None, size)(pk, _instead(place)) for kind, pk in owners]
        rows += _merged(undated, size - len(rows))
    return rows


def _merged(found: list[list[Matter]], size: int) -> list[Matter]:
    rows = [((row.due_at or AFTER_DUE, row.pk), row) for part in found for row in part]
    return [row for _, row in sorted(rows, key=itemgetter(0))[:size]]


@lru_cache(maxsize=512)
def _query(visible: Q, owner: str, dated: bool, continued: bool, size: int) -> Callable[[int, dict[Any, Any]], list[Matter]]:
    """The query for one owner's matters that satisfy ``visible``; composed once for each form that is asked for."""

    def build(owner_pk: int) -> MatterQuerySet:
        rows = whole(Matter.objects.live().filter(visible)).defer("promised", "record__data", "record__search")
        rows = rows.filter(owner_post=owner_pk) if owner == "post" else rows.filter(owner_post=None, organisation=owner_pk)
        rows = rows.filter(due_at__isnull=not dated)
        if continued and dated:
            rows = rows.filter(_Beyond(F("due_at"), F("pk"), Value(AFTER_DUE, DateTimeField()), Value(AFTER_PK)))
        elif continued:
            rows = rows.filter(pk__gt=AFTER_PK)
        return rows.order_by(*([F("due_at").asc()] if dated else []), "pk")[:size]

    prepared = Prepared(build)

    def found(pk: int, instead: dict[Any, Any]) -> list[Matter]:
        try:
            return prepared(pk, instead)
        except EmptyResultSet:  # no register and no area at all: Django knows before it asks
            return []

    return found


class _Beyond(Func):
    """``(due_at, id) > (the last row's)``: a comparison of rows, which both databases answer from the index, however many matters
    are due at the same moment."""

    template = "(%(expressions)s)"
    arity = 4
    output_field = BooleanField()
    conditional = True

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        (due, _), (pk, _), (last_due, first), (last_pk, second) = (compiler.compile(e) for e in self.source_expressions)
        return f"({due}, {pk}) > ({last_due}, {last_pk})", [*first, *second]


def _instead(place: Place | None) -> dict[Any, Any]:
    if place is None:
        return {}
    stored = connection.ops.adapt_datetimefield_value
    return {AFTER_PK: place.pk, stored(AFTER_DUE): stored(place.due_at)}


def _write(row: Matter) -> str:
    said = [row.due_at.isoformat() if row.due_at else None, row.pk]
    return base64.urlsafe_b64encode(orjson.dumps(said)).decode().rstrip("=")


def _read(marker: str) -> Place:
    try:
        due_at, pk = orjson.loads(base64.b64decode(marker + "=" * (-len(marker) % 4), altchars=b"-_", validate=True))
        moment = None if due_at is None else datetime.fromisoformat(due_at)
        if type(pk) is not int or not 0 < pk < 2**63 or (moment is not None and moment.tzinfo is None):
            raise ValueError(marker)
    except (ValueError, TypeError):
        raise Invalid([Problem("after", marker, NO_MARKER)]) from None
    return Place(moment, pk)
