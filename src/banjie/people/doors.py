"""How django-allauth and django-axes are told to log people in: by the name and password an office gave them.

There is no sign-up, no e-mail and no password reset by mail: an IT officer makes accounts and sets passwords, so the
log-in works in an office without a network beyond its own. Who has a phone may add a second factor (TOTP).
"""

from __future__ import annotations

import base64
from typing import Any, cast

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.adapter import get_adapter as account_adapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import lazy

from banjie.lib.text import Text
from banjie.people import actions
from banjie.people.models import Account


def _wording(zh: str, en: str) -> str:
    return str(Text(zh, en))


_says = lazy(_wording, str)  # chosen when it is shown, not when it is declared


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """No sign-up; passwords change through the action, so that the ledger knows of it; messages in both languages."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": _says("用户名或密码不正确。", "The username or the password is not right."),
        "too_many_login_attempts": _says("尝试次数过多，请五分钟后再试。", "Too many attempts. Try again in five minutes."),
        "rate_limited": _says("操作过于频繁，请稍后再试。", "Too many attempts. Try again in a while."),
        "enter_current_password": _says("当前密码不正确。", "This is not your present password."),
        "incorrect_password": _says("密码不正确。", "The password is not right."),
        "incorrect_code": _says("验证码不正确。", "The code is not right."),
        "account_inactive": _says("此账号已停用。", "This account is closed."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def set_password(self, user: Account, password: str) -> None:
        actions.set_password(user, password=password, by=user)


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets of second factors are kept encrypted: a copy of the database alone does not give them away."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": AccountAdapter.error_messages["incorrect_code"],
        "cannot_delete_authenticator": _says("不能停用两步验证。", "The second factor cannot be turned off."),
        "cannot_generate_recovery_codes": _says("启用两步验证后才能生成恢复码。", "Recovery codes need a second factor first."),
    }

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher().decrypt(encrypted_text.encode()).decode()


def _cipher() -> Fernet:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"banjie second factor").derive(settings.SECRET_KEY.encode())
    return Fernet(base64.urlsafe_b64encode(key))


# --- what django-axes counts failures by, and what it answers ------------------------------------------------------


def typed_username(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """The username under which failures are counted. Log-in does not mind the case of letters, so neither may this."""
    typed = (credentials or {}).get("username") or request.POST.get("login", "")
    return Account.normalize_username(str(typed).strip()).casefold()


def client_address(request: HttpRequest) -> str:
    """The address under which failures are counted: the same that allauth's limits see, proxies considered."""
    return cast(str, account_adapter(request).get_client_ip(request))


def locked_out(request: HttpRequest, original_response: HttpResponse | None, credentials: dict[str, Any] | None) -> HttpResponse:
    """The answer to one attempt too many: how long to wait and whom to ask."""
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    context = {"failures": settings.AXES_FAILURE_LIMIT, "minutes": minutes}
    return render(request, "account/locked.html", context, status=429)
