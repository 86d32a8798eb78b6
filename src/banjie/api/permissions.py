"""Every route says who may call it, as on the site's pages: the verb, held on the register in the address or on any. On which
records is decided by ``visible_to`` and by the actions, which ask again."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.http import HttpRequest, HttpResponse

from banjie.lib.errors import NotFound, NotPermitted
from banjie.lib.text import Text
from banjie.people.models import Account
from banjie.people.scopes import scope_of
from banjie.people.verbs import Verb

View = TypeVar("View", bound=Callable[..., HttpResponse])


class Called(HttpRequest):
    """A request whose account is known by its token."""

    user: Account


def with_token(view: View) -> View:
    """Whoever shows a valid token; what they see is for ``visible_to`` to say."""
    return _declared(view, view, "logged in")


def public(view: View) -> View:
    return _declared(view, view, "public")


def permits(verb: Verb) -> Callable[[View], View]:
    """Whoever holds ``verb`` on the view's ``register_name``, or on any register where it names none."""

    def declare(view: View) -> View:
        @wraps(view)
        def guarded(request: Called, *args: Any, **kwargs: Any) -> HttpResponse:
            _require(request.user, verb, kwargs.get("register_name"))
            return view(request, *args, **kwargs)

        return _declared(cast(View, guarded), view, f"permits {verb}")

    return declare


def _declared(door: View, view: View, permission: str) -> View:
    """The signature is resolved where the view was written: ninja would look for its names here."""
    door.permission = permission  # type: ignore[attr-defined]
    door.__signature__ = inspect.signature(view, eval_str=True)  # type: ignore[attr-defined]
    return door


def _require(account: Account, verb: Verb, register: str | None) -> None:
    scope = scope_of(account)
    if register is not None and register not in scope.registers(Verb.VIEW):
        raise NotFound(Text(f"没有名为「{register}」的登记表", f"there is no register called {register}"))
    if not (scope.registers(verb) if register is None else register in scope.registers(verb)):
        raise NotPermitted(Text("您没有“{verb}”的权限。", "You have no grant to {verb}.").format(verb=verb.label))
