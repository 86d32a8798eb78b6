"""Every view says who may call it: ``@public``, ``@logged_in`` or ``@permits(Verb.X)``. A test walks all routes.

``@permits(verb)`` lets in whoever holds the verb on the register named in the address (or, without one, on any register);
on which *records* is decided by ``visible_to`` and by the actions, which ask again.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, cast

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from banjie.lib.errors import NotFound, NotPermitted
from banjie.lib.text import Text
from banjie.people.models import Account
from banjie.people.scopes import ALL_REGISTERS, scope_of
from banjie.people.verbs import Verb
from banjie.web.returning import page_before

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


class SignedIn(HttpRequest):
    """A request whose account is known."""

    user: Account


class Declared(Protocol):
    """What the routes test looks for on a view."""

    permission: str


def public(view: View[P]) -> View[P]:
    """Anybody may call it, logged in or not."""
    return _declare(view, "public")


def logged_in(view: Callable[Concatenate[SignedIn, P], HttpResponseBase]) -> View[P]:
    """Anybody with an account; what they see is for ``visible_to`` to say."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return log_in_first(request)
        return view(cast(SignedIn, request), *args, **kwargs)

    return _declare(cast("View[P]", guarded), "logged in")


def permits(verb: Verb, *, everywhere: bool = False) -> Callable[[Callable[Concatenate[SignedIn, P], HttpResponseBase]], View[P]]:
    """Whoever holds ``verb`` on the view's ``register`` somewhere; ``everywhere``: on all registers and the whole installation."""

    def declare(view: Callable[Concatenate[SignedIn, P], HttpResponseBase]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return log_in_first(request)
            _require(request.user, verb, cast("dict[str, Any]", kwargs).get("register"), everywhere)
            return view(cast(SignedIn, request), *args, **kwargs)

        return _declare(cast("View[P]", guarded), f"permits {verb}")

    return declare


def log_in_first(request: HttpRequest) -> HttpResponse:
    """To the log-in page and back. What was sent by somebody whose session ended was not done: they are told, and led back to the
    page they sent it from, where the browser has kept what was typed (banjie.js)."""
    if request.method in {"GET", "HEAD"}:
        return redirect_to_login(request.get_full_path())
    says = Text(
        "登录已过期，刚才的操作没有完成。重新登录后会回到原来的页面，已填的内容还在。",
        "Your session ended, so this was not done. Log in again: you come back to the page, and what you typed is kept.",
    )
    messages.warning(request, str(says))
    return redirect_to_login(page_before(request) or "/")


def _require(account: Account, verb: Verb, register: str | None, everywhere: bool) -> None:
    scope = scope_of(account)
    if everywhere:
        scope.require(verb, ALL_REGISTERS, None)
    elif register is None:
        if not scope.registers(verb):
            raise NotPermitted(Text("您没有“{verb}”的权限。", "You have no grant to {verb}.").format(verb=verb.label))
    elif register not in scope.registers(Verb.VIEW):  # a register that one may not see does not exist for one
        raise NotFound(Text(f"没有名为「{register}」的登记表", f"there is no register called {register}"))
    elif register not in scope.registers(verb):
        says = Text("您没有对本登记表进行“{verb}”的权限。", "You may not {verb} in this register.")
        raise NotPermitted(says.format(verb=verb.label))


def _declare(view: View[P], permission: str) -> View[P]:
    cast(Declared, view).permission = permission
    return view
