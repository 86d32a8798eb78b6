"""Accounts: made, closed and opened, their passwords and second factors."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.db import transaction

from banjie.lib.text import Text
from banjie.people.actions.entries import chain, record, taken, wrong
from banjie.people.actions.permission import require_over, require_superuser
from banjie.people.models import Account
from banjie.people.passwords import faults_of_account, faults_of_password
from banjie.people.scopes import ALL_REGISTERS, forget_scope, scope_of_actor
from banjie.people.verbs import Verb


@transaction.atomic
def create_account(
    *,
    username: str,
    name: Text,
    password: str | None = None,
    superuser: bool = False,
    alike: Account | None = None,
    by: Account | None,
    why: str = "",
    origin: str = "web",
) -> Account:
    """A person who can log in once a password is set. Without an appointment they may do nothing.

    ``alike``: an account made with this very password, as those of a demonstration are: it is hashed once for all of them.
    """
    if superuser:
        require_superuser(by)
    if not scope_of_actor(by).areas(Verb.CONFIGURE, ALL_REGISTERS):
        scope_of_actor(by).require(Verb.CONFIGURE, ALL_REGISTERS, None)
    username = Account.normalize_username(username.strip())
    if Account.objects.filter(username__iexact=username).exists():
        raise taken("username", username)
    account = Account(username=username, name_zh=name.zh, name_en=name.en, is_superuser=superuser)
    _set_password(account, password, alike)
    if faults := faults_of_account(account):
        raise wrong("username", username, faults)
    account.save()
    names = {field: {"after": getattr(account, field)} for field in ("name_zh", "name_en") if getattr(account, field)}
    record(chain(account), "account.create", {"username": username, "superuser": superuser}, names, by=by, why=why, origin=origin)
    return account


@transaction.atomic
def set_password(account: Account, *, password: str, by: Account | None, why: str = "", origin: str = "web") -> None:
    """Give an account a new password: its owner, or who may configure everywhere the account may act."""
    if by is None or by.pk != account.pk:
        require_over(by, account)
    _set_password(account, password)
    account.save(update_fields=["password"])
    record(chain(account), "account.password", {"username": account.username}, by=by, why=why, origin=origin)


@transaction.atomic
def set_active(account: Account, *, active: bool, by: Account | None, why: str = "", origin: str = "web") -> bool:
    """Close an account (it can no longer log in, and every session ends) or open it again. Whether anything changed."""
    require_over(by, account)
    if account.is_active == active:
        return False
    account.is_active = active
    account.save(update_fields=["is_active"])
    record(
        chain(account),
        "account.open" if active else "account.close",
        {"username": account.username},
        by=by,
        why=why,
        origin=origin,
    )
    forget_scope(account, by)
    return True


@transaction.atomic
def remove_second_factor(account: Account, *, by: Account | None, why: str = "", origin: str = "web") -> bool:
    """Let a person whose phone is lost log in by password alone, until they add a second factor again."""
    require_over(by, account)
    removed, _ = Authenticator.objects.filter(user=account).delete()
    if removed:
        record(chain(account), "account.second_factor_removed", {"username": account.username}, by=by, why=why, origin=origin)
    return bool(removed)


def _set_password(account: Account, password: str | None, alike: Account | None = None) -> None:
    if password is None:
        account.set_unusable_password()
        return
    if faults := faults_of_password(password, account):
        raise wrong("password", "", faults)
    if alike is None:
        account.set_password(password)
    else:
        account.password = alike.password
