"""Other systems that are told of notices."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction

from banjie.ledger.actions import record_entry
from banjie.lib import clock
from banjie.lib.errors import Invalid, NotFound, Problem
from banjie.lib.text import Text
from banjie.matters.models import Delivery, Endpoint
from banjie.matters.notice_wording import TITLES
from banjie.people.models import Account
from banjie.people.scopes import scope_of_actor
from banjie.people.verbs import Verb

ADDRESS = Text("须为 http 或 https 网址，不含用户名和密码", "must be an http or https address without a user name or password")
KINDS = Text("没有名为「{kind}」的通知类型", "there is no kind of notice called {kind}")
NAME = Text("请填写名称", "give it a name")
SHORT = Text("密钥至少 16 个字符", "the secret needs at least 16 characters")
TWICE = Text("该网址已登记", "this address is in use already")
NONE = Text("没有这个接收地址，或已停用", "there is no such endpoint, or it was retired")


def add_endpoint(
    *, name: str, url: str, by: Account | None, kinds: Collection[str] = (), secret: str = "", origin: str = "web"
) -> Endpoint:
    """Tell another system of notices (of these ``kinds``; none: of all) from now on. Takes CONFIGURE.

    ``secret`` signs what is sent; one is made where none is given. It is on the row that comes back and in no log or entry."""
    with transaction.atomic():
        scope_of_actor(by).require(Verb.CONFIGURE, "*", None)
        problems = _problems(name, url, kinds, secret)
        if problems:
            raise Invalid(problems)
        endpoint = Endpoint(
            name=name.strip(), url=url, secret=secret or secrets.token_urlsafe(32), kinds=sorted(set(kinds)),
            added_at=clock.now(), added_by=by,
        )  # fmt: skip
        try:
            with transaction.atomic():
                endpoint.save(force_insert=True)
        except IntegrityError:
            raise Invalid([Problem("url", url, TWICE)]) from None
        said = {"endpoint": endpoint.pk, "name": endpoint.name, "url": url, "kinds": endpoint.kinds}
        record_entry(chain=f"endpoint:{endpoint.pk}", verb="endpoint.add", body=said, by=by, origin=origin, first=True)
    return endpoint


def retire_endpoint(endpoint: Endpoint | int, *, by: Account | None, why: str = "", origin: str = "web") -> Endpoint:
    """Tell it of nothing any more; what still waits for it is dropped. Takes CONFIGURE."""
    pk = endpoint if isinstance(endpoint, int) else endpoint.pk
    with transaction.atomic():
        scope_of_actor(by).require(Verb.CONFIGURE, "*", None)
        found = Endpoint.objects.select_for_update().filter(pk=pk, retired_at=None).first()
        if found is None:
            raise NotFound(NONE)
        found.retired_at = clock.now()
        found.save(update_fields=["retired_at"])
        waiting = Delivery.objects.filter(endpoint=found, state=Delivery.WAITING)
        dropped = waiting.update(state=Delivery.DROPPED, next_at=None)
        said = {"endpoint": found.pk, "name": found.name, "url": found.url, "dropped": dropped}
        record_entry(chain=f"endpoint:{found.pk}", verb="endpoint.retire", body=said, by=by, why=why, origin=origin)
    return found


def _problems(name: str, url: str, kinds: Collection[str], secret: str) -> list[Problem]:
    problems = [Problem("kinds", kind, KINDS.format(kind=kind)) for kind in kinds if kind not in TITLES]
    if not name.strip():
        problems.append(Problem("name", name, NAME))
    if secret and len(secret) < 16:
        problems.append(Problem("secret", None, SHORT))
    if not _is_address(url):
        problems.append(Problem("url", url, ADDRESS))
    return problems


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        port_is_right = parts.port is None or 0 < parts.port < 65536
    except ValueError:
        return False
    plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= 500
    return plain and port_is_right and parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
