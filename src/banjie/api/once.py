"""A request that comes twice is done once. A program that lost the answer sends its request again under the same
``Idempotency-Key`` and gets the answer that was given; a second matter or step does not come of it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import datetime, timedelta

import orjson
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from banjie.api.models import KeptAnswer
from banjie.api.problems import Unacceptable
from banjie.api.writing import JSON
from banjie.lib import clock
from banjie.lib.text import Text
from banjie.matters.statements import run
from banjie.people.models import Account

KEPT_FOR = timedelta(days=7)
TIDIED_EVERY = timedelta(hours=1)
OTHER_REQUEST = Text("此 Idempotency-Key 已用于另一个请求", "this Idempotency-Key belongs to another request: use a new one")
KEY_FORM = Text("Idempotency-Key 须为 1 至 100 个可见的 ASCII 字符", "an Idempotency-Key is 1 to 100 visible ASCII characters")
KEPT_HEADERS = ("ETag", "Location")

_fits = re.compile(r"[\x21-\x7e]{1,100}").fullmatch
_tidied: datetime | None = None
_CLAIM = (
    "INSERT INTO api_keptanswer (account_id, key, request, headers, body, kept_at) VALUES (%s, %s, %s, '{}', '', %s) "
    "ON CONFLICT (account_id, key) DO NOTHING RETURNING id"
)
_KEEP = "UPDATE api_keptanswer SET status = %s, headers = %s, body = %s WHERE id = %s RETURNING id"


def once(request: HttpRequest, account: Account, act: Callable[[], HttpResponse]) -> HttpResponse:
    """The answer of ``act``, or the one that was given before. What is refused is not kept: it changed nothing and may be tried
    again. A second request that comes while the first is at work waits for it."""
    key = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if key is None:
        return act()
    if not _fits(key):
        raise Unacceptable(400, KEY_FORM)
    _tidy()
    digest = _digest(request)
    with transaction.atomic():
        claimed = run(_CLAIM, [account.pk, key, digest, clock.really_now()])
        if claimed:
            response = act()
            headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
            run(_KEEP, [response.status_code, orjson.dumps(headers).decode(), response.content.decode(), claimed[0][0]])
            return response
    return _again(KeptAnswer.objects.get(account=account, key=key), digest)


def _again(kept: KeptAnswer, digest: str) -> HttpResponse:
    if kept.request != digest:
        raise Unacceptable(422, OTHER_REQUEST)
    headers = {**kept.headers, "Idempotency-Replayed": "true"}
    return HttpResponse(kept.body.encode(), status=kept.status, content_type=JSON, headers=headers)


def _digest(request: HttpRequest) -> str:
    parts = (request.method or "", request.path, request.META.get("HTTP_IF_MATCH", ""))
    return hashlib.sha256("\n".join(parts).encode() + b"\n" + request.body).hexdigest()


def _tidy() -> None:
    """Let go of old answers, now and then."""
    global _tidied
    now = clock.really_now()
    if _tidied is None or now - _tidied >= TIDIED_EVERY:
        _tidied = now
        KeptAnswer.objects.filter(kept_at__lt=now - KEPT_FOR).delete()
