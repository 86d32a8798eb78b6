"""The addresses of log-in, password and second factor: those of allauth that an office uses, and no others.

Sign-up, e-mail addresses and password reset by mail are not routed at all. Each says who may call it, as every view
of the site does (see ``banjie.web.permissions``); the names are allauth's own, which its code looks up.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from django.contrib.auth.decorators import login_required
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path

View = Callable[..., HttpResponseBase]


def _public(view: View) -> View:
    def open_to_all(*args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(*args, **kwargs)

    return _declare(open_to_all, "public")


def _logged_in(view: View) -> View:
    return _declare(login_required(view), "logged in")


def _declare(view: View, permission: str) -> View:
    view.permission = permission  # type: ignore[attr-defined]
    return view


urlpatterns: list[URLPattern] = [
    path("login/", _public(account.login), name="account_login"),
    path("logout/", _public(account.logout), name="account_logout"),
    path("inactive/", _public(account.account_inactive), name="account_inactive"),
    path("password/change/", _logged_in(account.password_change), name="account_change_password"),
    path("reauthenticate/", _logged_in(account.reauthenticate), name="account_reauthenticate"),
    path("2fa/", _logged_in(mfa.index), name="mfa_index"),
    path("2fa/authenticate/", _public(mfa.authenticate), name="mfa_authenticate"),  # between password and log-in
    path("2fa/reauthenticate/", _logged_in(mfa.reauthenticate), name="mfa_reauthenticate"),
    path("2fa/totp/activate/", _logged_in(totp.activate_totp), name="mfa_activate_totp"),
    path("2fa/totp/deactivate/", _logged_in(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("2fa/recovery-codes/", _logged_in(recovery_codes.view_recovery_codes), name="mfa_view_recovery_codes"),
    path("2fa/recovery-codes/generate/", _logged_in(recovery_codes.generate_recovery_codes), name="mfa_generate_recovery_codes"),
    path("2fa/recovery-codes/download/", _logged_in(recovery_codes.download_recovery_codes), name="mfa_download_recovery_codes"),
]
