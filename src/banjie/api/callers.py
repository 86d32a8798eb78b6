"""A token becomes the account that it stands for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from banjie.lib import clock
from banjie.people.models import Account, Token
from banjie.people.tokens import opens


@dataclass(frozen=True, slots=True)
class Caller:
    token: int
    account: Account
    read_only: bool
    last_used_at: datetime | None


def caller_of(prefix: str, secret: str) -> Caller | None:
    row = Token.objects.valid(clock.really_now()).select_related("account").filter(prefix=prefix, account__is_active=True).first()
    if row is None or not opens(secret, row.digest):
        return None
    return Caller(row.pk, row.account, row.read_only, row.last_used_at)


def forget() -> None:
    """Nothing is remembered from request to request."""
