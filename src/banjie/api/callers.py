"""A token becomes the account that it stands for, with what the account may do: one statement for each request, so that a token
revoked, an account closed, an appointment ended or a grant taken back counts from the next request on.

Only which areas lie below which, and which registers are confidential, is remembered, for ``AREAS_FOR`` seconds: it changes when
the state redraws a boundary, or a pack is installed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from time import monotonic
from typing import Any

from django.db import connection

from banjie.lib import clock
from banjie.matters.hands import keep_hands
from banjie.matters.statements import run
from banjie.people.models import Account
from banjie.people.reach import Reach, reach_of
from banjie.people.scopes import Scope, confidential_registers, keep_scope, scope_from, top_areas
from banjie.people.tokens import opens

AREAS_FOR = 2.0
SETS_AT_MOST = 1_000
READ = {"id", "username", "name_zh", "name_en", "is_superuser", "is_active"}
ACCOUNT = [f.attname for f in Account._meta.concrete_fields if f.attname in READ]  # in the model's order, as from_db takes them
_WHO = f"""
    SELECT {", ".join(f"account.{name}" for name in ACCOUNT)},
           token.id, token.digest, token.read_only, token.last_used_at,
           post.id, post.organisation_id, granted.verb, granted.register, granted.area_id
    FROM people_token token
    JOIN people_account account ON account.id = token.account_id
    LEFT JOIN people_appointment held ON held.account_id = account.id AND held.begins_on <= %s
         AND (held.ends_on IS NULL OR held.ends_on > %s)
    LEFT JOIN people_post post ON post.id = held.post_id
    LEFT JOIN people_grant granted ON granted.post_id = post.id
    WHERE token.prefix = %s AND token.revoked_at IS NULL AND token.expires_at > %s AND account.is_active
"""  # noqa: S608 - names of columns; the values are parameters
_areas: dict[tuple[frozenset[str], date], tuple[float, Reach, frozenset[str], frozenset[str]]] = {}
_scopes: dict[tuple[frozenset[tuple[str, str, str]], date], tuple[Reach, Scope]] = {}


@dataclass(frozen=True, slots=True)
class Caller:
    """An account that knocks by a token."""

    token: int
    account: Account
    read_only: bool
    last_used_at: datetime | None


def caller_of(prefix: str, secret: str) -> Caller | None:
    """Who shows this token; None where it opens nothing. The account has its scope and its posts with it."""
    day = clock.today()
    at = connection.ops.adapt_datetimefield_value(clock.really_now())
    rows = run(_WHO, [day, day, prefix, at])
    if not rows:
        return None
    width = len(ACCOUNT)
    token, digest, read_only, used = rows[0][width : width + 4]
    if not opens(secret, digest):
        return None
    account = Account.from_db(connection.alias, ACCOUNT, list(rows[0][:width]))
    held = [row[width + 4 :] for row in rows]  # post, organisation, verb, register, area
    keep_scope(account, _scope(account, frozenset(row[2:] for row in held if row[2] is not None), day))
    keep_hands(account, {row[0] for row in held if row[0]}, {row[1] for row in held if row[1]})
    return Caller(token, account, bool(read_only), _moment(used))


def forget() -> None:
    """Read the areas anew."""
    _areas.clear()
    _scopes.clear()


def _scope(account: Account, grants: frozenset[tuple[str, str, str]], day: date) -> Scope:
    if account.is_superuser:
        return Scope(day, {}, unlimited=True)
    if not grants:
        return Scope(day, {})
    reach, tops, confidential = _reach(frozenset(area for _, _, area in grants), day)
    kept = _scopes.get((grants, day))
    if kept is None or kept[0] is not reach:
        if len(_scopes) >= SETS_AT_MOST:
            _scopes.clear()
        kept = _scopes[grants, day] = (reach, scope_from(grants, reach, tops, day, confidential))
    return kept[1]


def _reach(codes: frozenset[str], day: date) -> tuple[Reach, frozenset[str], frozenset[str]]:
    now = monotonic()
    kept = _areas.get((codes, day))
    if kept is None or now - kept[0] >= AREAS_FOR:
        if len(_areas) >= SETS_AT_MOST:
            _areas.clear()
        kept = _areas[codes, day] = (now, reach_of(codes, day), top_areas(), confidential_registers())
    return kept[1], kept[2], kept[3]


def _moment(used: Any) -> datetime | None:
    """SQLite keeps a moment without its zone, and gives it as text or as a moment."""
    if used is None:
        return None
    found: datetime = datetime.fromisoformat(used) if isinstance(used, str) else used
    return found if found.tzinfo else found.replace(tzinfo=UTC)
