"""Figures, computed from the records when they are asked for."""

from __future__ import annotations

from django.http import HttpResponse
from ninja import Path, Query, Router

from banjie.api import schemas
from banjie.api.permissions import Called, permits
from banjie.api.writing import answer
from banjie.figures.answers import answer as figure_of
from banjie.lib.errors import Invalid, Problem
from banjie.lib.text import Text
from banjie.people.verbs import Verb

router = Router(tags=["figures"])
NO_ZONE = Text("须带时区，如 2021-10-31T18:00:00+08:00", "needs a time zone: 2021-10-31T18:00:00+08:00")


@router.get(
    "/figures/{str:name}", url_name="api-figure", operation_id="figure", summary="A figure · 指标",
    response={200: schemas.Figure, **schemas.refusals(400, 401, 403, 404, 422, 429)},
)  # fmt: skip
@permits(Verb.VIEW)
def figure(request: Called, name: Path[str], asked: Query[schemas.FigureAsked]) -> HttpResponse:
    """A figure for an area and a period, as known now or at a moment, whole or broken down."""
    if asked.as_of is not None and asked.as_of.tzinfo is None:
        raise Invalid([Problem("as_of", asked.as_of, NO_ZONE)])
    found = figure_of(name, account=request.user, area=asked.area, period=asked.period, by=asked.by, as_of=asked.as_of)
    return answer(found.as_json())
