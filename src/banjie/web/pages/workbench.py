"""The first page of the morning: what I owe, what changed, what I did, where to go. One partial template a section."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from banjie.figures.answers import Answer, many
from banjie.figures.catalogue import figures
from banjie.ledger.models import Entry
from banjie.lib.clock import LOCAL, now, today
from banjie.lib.errors import NotFound
from banjie.lib.text import Text
from banjie.packs.screens import workbench_lists
from banjie.people.models import Account, Appointment, Duty, Role
from banjie.people.scopes import scope_of
from banjie.people.verbs import Verb
from banjie.registers.definition import Register
from banjie.registers.models import ImportRun, Record
from banjie.registers.paging import counted
from banjie.web.answering import Answerable
from banjie.web.asking import PeriodGroup, Question, answer_link, newest_period, period_choices
from banjie.web.cockpits import cockpit_for
from banjie.web.frame import worked_in
from banjie.web.lately import SHOWN, lately
from banjie.web.matter_listing import on_workbench
from banjie.web.owed import owed, sections
from banjie.web.pages.figures import may_ask
from banjie.web.permissions import SignedIn, logged_in

HEADLINE = 6
LISTED = 200  # lines of a list on its own page
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
    for register in worked_in(account):
        number, exact = counted(Record.objects.visible_to(account).of(register.name).live())
        mine.append(Mine(register, number, exact, register.name in scope.registers(Verb.CREATE)))
    context = {
        "here": "workbench",
        "greeting": next(text for until, text in GREETINGS if hour < until),
        "today": today(),
        "posts": [a.post for a in Appointment.objects.on(today()).filter(account=account).select_related("post__organisation")],
        "registers": mine,
        "headline": headline(account, request.GET.get("period", "").strip()),
        "matters": on_workbench(account),
        "owed": sections(account),
        "recent": lately(account, [m.register for m in mine]),
        "duties": _duties(account),
        "done": _done(account),
        "imports": ImportRun.objects.filter(account=account).select_related("file").order_by("-id")[:4],
    }
    return render(request, "workbench/workbench.html", context)


@require_GET
@logged_in
def workbench_list(request: SignedIn, name: str) -> HttpResponse:
    """One of the workbench's lists in full, as far as it concerns me; ``?month=`` where it is kept month by month."""
    declared = next((w for w in workbench_lists() if w.name == name), None)
    me = Answerable.of(request.user)
    found = owed(me, declared, month=request.GET.get("month", ""), size=LISTED) if declared else None
    if found is None:
        raise NotFound(Text("没有这份清单，或与您无关。", "There is no such list, or it does not concern you."))
    return render(request, "workbench/list.html", {"here": "workbench", "o": found})


@dataclass(frozen=True)
class Headline:
    """Figures with their links, for one period."""

    figures: list[tuple[Answer, str]]
    period: str
    title: str
    choices: list[PeriodGroup]


def headline(account: Account, period: str = "") -> Headline | None:
    """The first figures of the cockpit, where there is one and the account may ask for all of them. Raises Refusal for a period
    that is none."""
    screen = cockpit_for(account)
    if screen is None:
        return None
    names = screen.headline[:HEADLINE]
    plans = figures().plans
    leading = screen.trend.figure if screen.trend else names[0]
    if not all(may_ask(account, plans[n]) for n in (*names, leading)):
        return None
    question = Question(period=period or newest_period(account, plans[leading]))
    answers = many([question.request(n) for n in names], account)
    title = next((str(a.period.title) for a in answers if a.period), "")
    return Headline([(a, answer_link(a)) for a in answers], question.period, title, period_choices(question.period))


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
    lately = (
        Entry.objects.filter(at__gte=now() - LATELY, actor_id=account.pk)
        .filter(Q(verb__startswith="record.") | Q(verb__startswith="matter."))
        .order_by("-at", "-id")
    )
    entries = list(lately[: 3 * SHOWN])
    seen = set(Record.objects.visible_to(account).filter(pk__in=[e.body["record"] for e in entries]).values_list("pk", flat=True))
    return [e for e in entries if e.body["record"] in seen][:SHOWN]
