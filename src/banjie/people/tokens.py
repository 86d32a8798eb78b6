"""Tokens: what a program shows instead of a name and a password.

    banjie_7HK2M9QX4TBC_f3Zr…            prefix (names the token, may be shown) and secret (256 random bits)

The secret is shown once. What is kept is its SHA-256: of 256 random bits nobody finds them again, so no slow hash is needed.
A token can do what its account can, or, read-only, see what it can see; who closes the account closes its tokens.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from banjie.ledger.actions import record_entry
from banjie.ledger.hashing import moment
from banjie.lib import clock
from banjie.lib.errors import Invalid, NotFound, Problem
from banjie.lib.text import Text
from banjie.people.actions import require_over
from banjie.people.models import Account, Token

MARK = "banjie"  # so that a token is recognised where it should not lie
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
PREFIX_LENGTH = 12
LONGEST = timedelta(days=366)
USED_EVERY = timedelta(hours=1)  # how exactly the last use is kept

NO_NAME = Text("请写明令牌用途", "say what the token is for")
TOO_LONG = Text("有效期须在 1 至 {days} 天之间", "a token lasts from 1 to {days} days")
CLOSED = Text("账号已停用", "the account is closed")
NO_TOKEN = Text("没有令牌「{prefix}」，或已撤销", "there is no token {prefix}, or it has been revoked")


@dataclass(frozen=True, slots=True)
class Shown:
    """A new token with its secret, for the one time that it is shown."""

    token: Token
    secret: str


@transaction.atomic
def create_token(
    account: Account, *, name: str, days: int, read_only: bool = False, by: Account | None, why: str = "", origin: str = "web"
) -> Shown:
    """A token of an account, for itself or by whoever is over it. Raises Invalid, NotPermitted."""
    if by is None or by.pk != account.pk:
        require_over(by, account)
    if not name.strip():
        raise Invalid([Problem("name", name, NO_NAME)])
    if not 1 <= days <= LONGEST.days:
        raise Invalid([Problem("days", days, TOO_LONG.format(days=LONGEST.days))])
    if not account.is_active:
        raise Invalid([Problem("account", account.username, CLOSED)])
    prefix = "".join(secrets.choice(ALPHABET) for _ in range(PREFIX_LENGTH))
    secret = f"{MARK}_{prefix}_{secrets.token_urlsafe(32)}"
    now = clock.now()
    token = Token.objects.create(
        account=account, name=name.strip()[:100], prefix=prefix, digest=digest_of(secret), read_only=read_only, created_at=now,
        expires_at=now + timedelta(days=days),
    )  # fmt: skip
    body = {
        "username": account.username, "prefix": prefix, "name": token.name, "read_only": read_only, "days": days,
        "sha256": token.digest, "expires_at": moment(token.expires_at),
    }  # fmt: skip
    record_entry(chain=f"account:{account.pk}", verb="token.create", body=body, by=by, why=why, origin=origin)
    return Shown(token, secret)


@transaction.atomic
def revoke_token(prefix: str, *, by: Account | None, why: str = "", origin: str = "web") -> Token:
    """Close a token for good; the next request that shows it is refused. Raises NotFound, NotPermitted."""
    token = Token.objects.select_for_update(of=("self",)).select_related("account").filter(prefix=prefix, revoked_at=None).first()
    if token is None:
        raise NotFound(NO_TOKEN.format(prefix=prefix))
    if by is None or by.pk != token.account_id:
        require_over(by, token.account)
    token.revoked_at = clock.now()
    token.save(update_fields=["revoked_at"])
    body = {"username": token.account.username, "prefix": prefix, "name": token.name}
    record_entry(chain=f"account:{token.account_id}", verb="token.revoke", body=body, by=by, why=why, origin=origin)
    return token


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def prefix_of(secret: str) -> str | None:
    """The prefix in what was shown; None where it has not the form of a token."""
    parts = secret.split("_", 2)
    fits = len(parts) == 3 and parts[0] == MARK and len(parts[1]) == PREFIX_LENGTH and secret.isascii() and len(secret) <= 100
    return parts[1] if fits else None


def opens(secret: str, digest: str) -> bool:
    """Whether what was shown is what was given out."""
    return hmac.compare_digest(digest_of(secret), digest)


def note_use(pk: int, last_used_at: datetime | None) -> None:
    """Remember when a token was last used, to the hour: a statement an hour, not one a request."""
    now = clock.really_now()
    if last_used_at is None or now - last_used_at >= USED_EVERY:
        Token.objects.filter(pk=pk).update(last_used_at=now.replace(minute=0, second=0, microsecond=0))
