"""The first page of the morning: what changed, what I did, where to go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from banjie.figures.answers import Answer, many
from banjie.figures.catalogue import figures
from banjie.ledger.models import Entry
from banjie.lib.clock import LOCAL, now, today
from banjie.lib.text import Text
from banjie.people.models import Account, Appointment, Duty, Role
from banjie.people.scopes import scope_of
from banjie.people.verbs import Verb
from banjie.registers.definition import Register
from banjie.registers.models import ImportRun, Record
from banjie.registers.paging import counted
from banjie.web.asking import Question, answer_link, newest_period
from banjie.web.frame import registers_for
from banjie.web.naming import called
from banjie.web.pages.cockpit import installed_cockpits
from banjie.web.pages.figures import may_ask
from banjie.web.permissions import SignedIn, logged_in

SHOWN = 8
HEADLINE = 6
LATELY = timedelta(days=14)  # keeps the look into the ledger within its index
GREETINGS = (
    (11, Text("早上好", "Good morning")),
    (14, Text("中午好", "Good day")),
    (18, Text("下午好", "Good afternoon")),
    (24, Text("晚上好", "Good evening")),
)


@dataclass(frozen=True)
class Mine:
    """A register of mine, with the number of its records; ``exact``: not cut off."""

    register: Register
    number: int
    exact: bool
    may_create: bool


@require_GET
@logged_in
def workbench(request: SignedIn) -> HttpResponse:
    """My registers, the records last changed, what I myself did, my duties and imports."""
    account = request.user
    hour = now().astimezone(LOCAL).hour
    mine: list[Mine] = []
    scope = scope_of(account)
    for register in registers_for(account):
        number, exact = counted(Record.objects.visible_to(account).of(register.name).live())
        mine.append(Mine(register, number, exact, register.name in scope.registers(Verb.CREATE)))
    recent = list(_recent(account, [m.register.name for m in mine]))
    names = called(account, recent)
    context = {
        "here": "workbench",
        "greeting": next(text for until, text in GREETINGS if hour < until),
        "today": today(),
        "posts": [a.post for a in Appointment.objects.on(today()).filter(account=account).select_related("post__organisation")],
        "registers": mine,
        "headline": headline(account),
        "titles": {m.register.name: m.register.title for m in mine},
        "recent": [(r, names[r.pk]) for r in recent],
        "duties": _duties(account),
        "done": _done(account),
        "imports": ImportRun.objects.filter(account=account).select_related("file").order_by("-id")[:4],
    }
    return render(request, "workbench/workbench.html", context)


def headline(account: Account) -> list[tuple[Answer, str]]:
    """The first figures of the cockpit, where there is one and the account may ask for all of them."""
    screen = next(iter(installed_cockpits()), None)
    if screen is None:
        return []
    names = screen.headline[:HEADLINE]
    plans = figures().plans
    leading = screen.trend.figure if screen.trend else names[0]
    if not all(may_ask(account, plans[n]) for n in (*names, leading)):
        return []
    question = Question(period=newest_period(account, plans[leading]))
    return [(a, answer_link(a)) for a in many([question.request(n) for n in names], account)]


def _recent(account: Account, registers: list[str]) -> QuerySet[Record]:
    rows = Record.objects.visible_to(account).live().filter(register__in=registers)
    return rows.select_related("area").defer("search").order_by("-updated_at", "-id")[:SHOWN]


def _duties(account: Account) -> list[tuple[str, Duty, Record | None]]:
    """My duties, each with its title and, for one record, that record."""
    titles = {role.name: str(role.title) for role in Role.objects.all()}
    duties = list(Duty.objects.of_account(account.pk, today()).select_related("area", "post")[:30])
    wanted = [d.key for d in duties if d.key]
    seen = Record.objects.visible_to(account).filter(key__in=wanted).defer("search", "data") if wanted else ()
    there = {(r.register, r.key): r for r in seen}
    return [(titles.get(d.role, d.role), d, there.get((d.register, d.key))) for d in duties]


def _done(account: Account) -> list[Entry]:
    """What I wrote lately, as far as I may still see the record."""
    lately = Entry.objects.filter(at__gte=now() - LATELY, actor_id=account.pk, verb__startswith="record.").order_by("-at", "-id")
    entries = list(lately[: 3 * SHOWN])
    seen = set(Record.objects.visible_to(account).filter(pk__in=[e.body["record"] for e in entries]).values_list("pk", flat=True))
    return [e for e in entries if e.body["record"] in seen][:SHOWN]
