"""Figures: the list of them, and one opened to where it comes from."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from banjie.figures.answers import Answer, Part, answers_to, many
from banjie.figures.asking import asking
from banjie.figures.catalogue import figures as catalogue
from banjie.figures.catalogue import plan as plan_of
from banjie.figures.plan import Measure, Observation, Plan
from banjie.figures.processes import ProcessRegister
from banjie.figures.tracing import trace_of
from banjie.figures.wording import leaves
from banjie.lib.clock import today
from banjie.lib.errors import Refusal
from banjie.lib.periods import Period
from banjie.lib.text import Text
from banjie.people.models import Account
from banjie.people.scopes import scope_of
from banjie.web.areas import areas_of_figures
from banjie.web.asking import (
    STEPS,
    Question,
    answer_link,
    breakdown_title,
    breakdowns,
    newest_period,
    part_link,
    period_choices,
    periods_offered,
    stamp,
    years_recorded,
)
from banjie.web.bundles import VERSION
from banjie.web.charts import bars, trend
from banjie.web.cockpits import cockpit_for
from banjie.web.drawing import points, scale_for, scale_name
from banjie.web.pages.publishing import may_publish, published
from banjie.web.permissions import SignedIn, logged_in
from banjie.web.tracing import defined, shown

BARS_AT_MOST = 40
ROWS_SHOWN = 20  # of each register, on one page


@require_GET
@logged_in
def figures(request: SignedIn) -> HttpResponse:
    """Every figure whose registers the account may view, all of one period: ``?period=``, or the newest with records. Those without
    a record in it are told at the end."""
    mine = [plan for plan in catalogue().plans.values() if may_ask(request.user, plan)]
    period = request.GET.get("period", "").strip() or usual_period(request.user, mine)
    values = {a.figure: a for a in many([Question(period=period).request(plan.figure.name) for plan in mine], request.user)}
    groups: dict[str, list[tuple[Plan, Answer, str]]] = {}
    without: list[tuple[Plan, Answer, str]] = []
    titles: dict[str, str] = {}  # a group is called by the register of its first figure
    for plan in mine:
        family, given = plan.figure.name.split(".")[0], values[plan.figure.name]
        title = titles.setdefault(family, str(leaves(plan)[0].register.title))
        line = (plan, given, answer_link(given))
        if given.value is None and not given.rows:
            without.append(line)
        else:
            groups.setdefault(title, []).append(line)
    context = {
        "here": "figures",
        "groups": list(groups.items()),
        "without": without,
        "none": not mine,
        "period": period,
        "period_title": Period.parse(period).title,
        "choices": period_choices(period, years_recorded(request.user, mine)),
    }
    return render(request, "figures/list.html", context)


def may_ask(account: Account, plan: Plan) -> bool:
    """Whether there is an area in which all the figure's registers may be viewed, or at least counted."""
    scope = scope_of(account)
    return all(scope.counts(register) for register in plan.registers)


def usual_period(account: Account, plans: list[Plan]) -> str:
    """The period with which the cockpit and the workbench begin, where the account has one; else that of most figures of records,
    or of processes where there are no others."""
    screen = cockpit_for(account)
    if screen is not None:
        return newest_period(account, catalogue().plans[screen.trend.figure if screen.trend else screen.headline[0]])
    of_records = [p for p in plans if not any(isinstance(leaf.register, ProcessRegister) for leaf in leaves(p))]
    return common_period(account, of_records or plans)


def common_period(account: Account, plans: list[Plan]) -> str:
    """The period that is the newest with records for most of some figures; of several, the latest."""
    newest: dict[frozenset[str], str] = {}
    for plan in plans:
        if plan.registers not in newest:
            newest[plan.registers] = newest_period(account, plan)
    votes = Counter(newest[plan.registers] for plan in plans)
    return max(votes, key=lambda p: (votes[p], Period.parse(p).end), default=str(today().year))


@require_GET
@logged_in
def figure(request: SignedIn, name: str) -> HttpResponse:
    """The trace of one answer: ``?area=&period=&by=&as_of=``."""
    plan = plan_of(name)
    question = Question.of(request.GET)
    if not question.period:
        question = replace(question, period=newest_period(request.user, plan))
    _require_offered(plan, question.by)
    asked = question.request(name)
    part = request.GET.get("part") if question.by else None
    offset, before = number_in(request.GET.get("offset", "")), Question(as_of=request.GET.get("before", "")).moment
    with asking(request.user) as store:
        (given,) = answers_to(store, [asked])
        opened = trace_of(store, asked, part=part, offset=offset, limit=ROWS_SHOWN, before=before)
    traced = shown(request.user, name, question, opened)
    further = [s.next_offset for s in opened.sources if s.next_offset is not None]
    extra = {"part": part} if part is not None else {}
    context = {
        "here": "figures",
        "plan": plan,
        "figure": plan.figure,
        "kind": kind_of(plan),
        "answer": given,
        "question": question,
        "periods": periods_offered(question.period, years_recorded(request.user, [plan])),
        "areas": areas_of_figures(request.user, [plan]),
        "breakdowns": breakdowns(plan),
        "by_title": breakdown_title(plan, question.by) if question.by else "",
        "parts": [(p, part_link(question, name, plan, p)) for p in given.parts],
        "part_title": next((str(p.title) for p in given.parts if p.code == part), "") if part is not None else "",
        "drawing": drawing(plan, question, given),
        "inputs": [(a, answer_link(a, as_of=question.as_of)) for a in (given.numerator, given.denominator) if a],
        "made": defined(opened.formulas),
        "trace": traced,
        "next": question.link_with(name, extra | {"offset": str(further[0])}, "rows") if further else "",
        "previous": question.link_with(name, extra | {"offset": str(max(0, offset - ROWS_SHOWN))}, "rows") if offset else "",
        "older": question.link_with(name, extra | {"before": stamp(traced.older)}, "vintages") if traced.older else "",
        "publications": published(given),
        "may_publish": may_publish(request.user, plan, given.area),
        "publishing": urlencode({"area": given.area or "", "period": question.period, "as_of": question.as_of}),
        "charts_version": VERSION,
    }
    return render(request, "figures/figure.html", context)


def _require_offered(plan: Plan, by: str) -> None:
    """Raise Refusal for a breakdown that there is not, naming those that there are as people call them."""
    offered = dict(breakdowns(plan))
    if by and by not in offered:
        says = Text("「{figure}」不能按“{by}”分组。可以：{offered}。", "{figure} has no breakdown {by}. There are: {offered}.")
        named = str(Text("、", ", ")).join(offered.values()) or str(Text("无", "none"))
        raise Refusal(says.format(figure=plan.figure.title, by=by, offered=named))


def number_in(text: str) -> int:
    """An offset in an address; what is none is the beginning."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def kind_of(plan: Plan) -> str:
    """What sort of figure it is, in words."""
    if isinstance(plan, Measure):
        return str(Text("由记录汇总", "computed over records"))
    if isinstance(plan, Observation):
        return str(Text("引用公布数", "a stated observation"))
    kinds = {
        "ratio": Text("比率", "a ratio"),
        "schedule": Text("与序时进度比较", "a comparison with the schedule"),
        "year_on_year": Text("同比增长", "growth on the year before"),
        "average_annual": Text("年均增长", "average annual growth"),
        "sum": Text("合计", "a sum of figures"),
    }
    return str(kinds[plan.kind])


def drawing(plan: Plan, question: Question, given: Answer) -> dict[str, object] | None:
    """The chart of a breakdown; none for a single value or for more parts than one can read."""
    parts = [p for p in given.parts if p.value is not None]
    if len(parts) < 2 or len(parts) > BARS_AT_MOST:
        return None
    scale = scale_for(given.unit, [p.value for p in parts])

    def link(part: Part) -> str:
        return part_link(question, given.figure, plan, part)

    says = f"{given.title} {breakdown_title(plan, question.by)}"
    if question.by in STEPS:
        return trend([(str(given.title), points(parts, given.unit, scale, link))], says=says, unit=scale_name(scale))
    return bars(points(sorted(parts, key=lambda p: -(p.value or 0)), given.unit, scale, link), says=says, unit=scale_name(scale))
