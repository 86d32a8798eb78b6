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


IN_MENU = 8
WORK = (Verb.CREATE, Verb.UPDATE, Verb.HANDLE)


def worked_in(account: Account | AnonymousUser) -> list[Register]:
    """The registers in which an account may enter, change or handle something, eight at most: those without a parent before those that
    are reached through one. Where it may only read, all that it sees, if they are few."""
    seen, scope = registers_for(account), scope_of(account)
    wanted = [scope.registers(verb) for verb in WORK]
    mine = [r for r in seen if any(r.name in registers for registers in wanted)]
    if len(mine) > IN_MENU:
        chosen = sorted(mine, key=lambda r: r.parent is not None)[:IN_MENU]
        mine = [r for r in mine if r in chosen]
    return mine or (seen if len(seen) <= IN_MENU else [])


def frame(request: HttpRequest) -> dict[str, object]:
    """Context for ``base.html``; nothing is read from the database unless the template asks."""
    account: Account | AnonymousUser = getattr(request, "user", AnonymousUser())
    known = account.is_authenticated
    return {
        "language": language(),
        "product_version": PRODUCT_VERSION,
        "my_registers": SimpleLazyObject(lambda: worked_in(account) if known else []),
        "cockpit_open": SimpleLazyObject(lambda: isinstance(account, Account) and cockpit_for(account) is not None),
        "may_configure": SimpleLazyObject(lambda: known and scope_of(account).may(Verb.CONFIGURE, ALL_REGISTERS, None)),
        "unseen_notices": SimpleLazyObject(lambda: unseen(account) if isinstance(account, Account) else 0),
        "worker_silent": SimpleLazyObject(is_silent),
    }
