"""Matters: taken in, taken from stage to stage, one's own by due time, and one with its history."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router

from banjie.api import schemas
from banjie.api.mine import mine_of
from banjie.api.once import once
from banjie.api.permissions import Called, permits, with_token
from banjie.api.problems import Unacceptable
from banjie.api.seeing import seen, told, told_whole
from banjie.api.steps import ORIGIN, WAYS, Asked, Step, Way
from banjie.api.writing import answer
from banjie.lib.errors import Conflict, NotFound
from banjie.lib.text import Text
from banjie.matters.actions import open_matter
from banjie.matters.models import Matter
from banjie.people.models import Account
from banjie.people.verbs import Verb

router = Router(tags=["matters"])
VERSION_NEEDED = Text("请以 If-Match 或 version 说明所依据的版本", "say in If-Match, or as version, which version you saw")
VERSION_FORM = Text('If-Match 须为事项的 ETag，如 "3"', 'If-Match is a matter\'s ETag, such as "3"')
VERSIONS_DIFFER = Text("If-Match 与 version 不一致", "If-Match and version differ")
_etag = re.compile(r'"([1-9]\d{0,9})"').fullmatch


@router.post(
    "/matters", url_name="api-matters", operation_id="openMatter", summary="Open a matter · 受理事项",
    by_alias=True, response={201: schemas.Matter, **schemas.refusals(401, 403, 404, 409, 413, 415, 422, 429)},
    openapi_extra=schemas.IDEMPOTENT,
)  # fmt: skip
@permits(Verb.CREATE)
def create(request: Called, body: schemas.NewMatter) -> HttpResponse:
    """Make the record and start its way through the process in force."""

    def act() -> HttpResponse:
        made = open_matter(body.process, body.data, by=request.user, why=body.why, origin=ORIGIN)
        said = told(made, request.user)
        return answer(said, 201, ETag=_tag(made), Location=f"/api/v1/matters/{made.pk}")

    return once(request, request.user, act)


@router.get(
    "/matters/mine", url_name="api-mine", operation_id="myMatters", summary="My open matters by due time · 我的待办",
    by_alias=True, response={200: schemas.Mine, **schemas.refusals(401, 422, 429)},
)  # fmt: skip
@with_token
def mine(request: Called, page: Query[schemas.MinePage]) -> HttpResponse:
    """The open matters whose next step is up to a post or an organisation of the account: what is due first comes first, what has
    no due time comes last. `next` of one page is `after` of the following."""
    return answer(mine_of(request.user, after=page.after, limit=page.limit))


@router.get(
    "/matters/{id:pk}", url_name="api-matter", operation_id="matter", summary="One matter with its history · 事项详情",
    by_alias=True, response={200: schemas.WholeMatter, **schemas.refusals(401, 403, 404, 429)},
)  # fmt: skip
@permits(Verb.VIEW)
def one(request: Called, pk: Path[int]) -> HttpResponse:
    """Where it stands, its record's fields, its clocks, its tasks, the ways out of its stage, and what was done, newest first."""
    row = seen(pk, request.user)
    return answer(told_whole(row, request.user), ETag=_tag(row))


def take(request: Called, pk: int, body: Step, way: Way) -> HttpResponse:
    """Take a step, and tell where the matter stands after it."""
    asked = Asked(pk, version_of(request, body, way), request.user)

    def act() -> HttpResponse:
        try:
            done = way.act(asked, body)
        except Conflict as conflict:
            raise Conflict(conflict.says, theirs=_present(pk, request.user), yours=conflict.yours) from None
        if isinstance(done, Matter):
            return answer(told(done, request.user), ETag=_tag(done))
        try:
            row = seen(pk, request.user)
        except NotFound:  # an invited unit need not see what it helped with
            return answer({"id": pk})
        return answer(told(row, request.user), ETag=_tag(row))

    return once(request, request.user, act)


def version_of(request: HttpRequest, body: Step, way: Way) -> int | None:
    """The version on which the step was decided. Raises Unacceptable where it is not said, or said in two ways."""
    given = request.META.get("HTTP_IF_MATCH")
    version = body.version
    if given is not None:
        form = _etag(given.strip())
        if form is None:
            raise Unacceptable(400, VERSION_FORM)
        if version is not None and version != int(form[1]):
            raise Unacceptable(400, VERSIONS_DIFFER)
        version = int(form[1])
    if version is None and way.versioned:
        raise Unacceptable(428, VERSION_NEEDED)
    return version


def _present(pk: int, reader: Account) -> dict[str, object]:
    return told(seen(pk, reader), reader)


def _tag(row: Matter) -> str:
    return f'"{row.version}"'


def _add(name: str, way: Way) -> None:
    def step(request: Called, pk: Path[int], body: Any) -> HttpResponse:
        return take(request, pk, body, way)

    step.__annotations__["body"] = way.body
    step.__name__ = name.replace("-", "_")
    step.__doc__ = way.body.__doc__
    router.post(
        f"/matters/{{id:pk}}/{name}", url_name=f"api-{name}", operation_id=_camel(name),
        summary=f"{name.replace('-', ' ').capitalize()} · {way.title}",
        by_alias=True, response={200: schemas.Matter, **schemas.refusals(401, 403, 404, 409, 413, 415, 422, 428, 429)},
        openapi_extra=schemas.IDEMPOTENT if not way.versioned else schemas.VERSIONED,
    )(permits(way.verb)(step))  # fmt: skip


def _camel(name: str) -> str:
    first, *rest = name.split("-")
    return first + "".join(word.capitalize() for word in rest) + "Matter" * (not rest)


for _name, _way in WAYS.items():
    _add(_name, _way)
