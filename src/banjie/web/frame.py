"""What the frame around every page shows: the registers to choose from, the language, the version."""

from __future__ import annotations

from importlib.metadata import version

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from banjie.jobs.heartbeat import is_silent
from banjie.lib.text import language
from banjie.people.models import Account
from banjie.people.scopes import ALL_REGISTERS, scope_of
from banjie.people.verbs import Verb
from banjie.registers.catalogue import catalogue
from banjie.registers.definition import Register
from banjie.web.cockpits import cockpit_for
from banjie.web.told import unseen

PRODUCT_VERSION = version("banjie")


def registers_for(account: Account | AnonymousUser) -> list[Register]:
    """The registers that an account may see, those without a parent first in their order."""
    seen = scope_of(account).registers(Verb.VIEW)
    return [r for r in catalogue().registers.values() if r.name in seen] if seen else []


def frame(request: HttpRequest) -> dict[str, object]:
    """Context for ``base.html``; nothing is read from the database unless the template asks."""
    account: Account | AnonymousUser = getattr(request, "user", AnonymousUser())
    known = account.is_authenticated
    return {
        "language": language(),
        "product_version": PRODUCT_VERSION,
        "my_registers": SimpleLazyObject(lambda: registers_for(account) if known else []),
        "cockpit_open": SimpleLazyObject(lambda: isinstance(account, Account) and cockpit_for(account) is not None),
        "may_configure": SimpleLazyObject(lambda: known and scope_of(account).may(Verb.CONFIGURE, ALL_REGISTERS, None)),
        "unseen_notices": SimpleLazyObject(lambda: unseen(account) if isinstance(account, Account) else 0),
        "worker_silent": SimpleLazyObject(is_silent),
    }
