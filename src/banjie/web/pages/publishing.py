"""Signing and publishing a figure, and what was published of it before."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from banjie.figures.actions import publish
from banjie.figures.answers import Answer, answer
from banjie.figures.catalogue import plan
from banjie.figures.models import Publication
from banjie.figures.plan import Plan
from banjie.lib.text import Text
from banjie.people.models import Account
from banjie.people.scopes import scope_of
from banjie.people.verbs import Verb
from banjie.web.asking import Question, newest_period, stamp
from banjie.web.permissions import SignedIn, permits

REASON = Text("请写明发布的依据或原因。", "Say on what ground it is published.")


def may_publish(account: Account, plan: Plan, area: str | None) -> bool:
    """Whether to show the button; the action asks again."""
    scope = scope_of(account)
    return all(scope.may(Verb.PUBLISH, register, area) for register in plan.registers)


def published(given: Answer) -> list[Publication]:
    """What was published of the same figure, area and period, the newest first."""
    rows = Publication.objects.filter(figure=given.figure, area=given.area or "", period=str(given.period or ""))
    return list(rows.order_by("-vintage"))


@require_http_methods(["GET", "POST"])
@permits(Verb.PUBLISH)
def figure_publish(request: SignedIn, name: str) -> HttpResponse:
    """The number as it would be signed, to be looked at once more; sent with a reason, it is signed as it was known when it was
    shown, and one is back on its page, where the snapshot stands."""
    asked = plan(name)
    question = replace(Question.of(request.GET if request.method == "GET" else request.POST), by="")
    if not question.period:
        question = replace(question, period=newest_period(request.user, asked))
    why = request.POST.get("why", "").strip()
    if request.method == "GET" or not why:
        return _confirmation(request, asked, question, problem=REASON if request.method == "POST" else None)
    made = publish(
        name,
        area=question.area or None,
        period=question.period or None,
        as_of=question.moment,
        by=request.user,
        why=why,
    )
    messages.success(
        request, str(Text("已签名发布：{display}。", "Signed and published: {display}.").format(display=made.display))
    )
    return HttpResponseRedirect(f"{replace(question, as_of='').link(name)}#published")


def _confirmation(request: SignedIn, asked: Plan, question: Question, problem: Text | None) -> HttpResponse:
    name, area, period = asked.figure.name, question.area or None, question.period or None
    given = answer(name, account=request.user, area=area, period=period, as_of=question.moment)
    before = published(given)
    context = {
        "here": "figures",
        "figure": asked.figure,
        "answer": given,
        "question": question,
        "as_of": stamp(given.as_of),
        "may_publish": may_publish(request.user, asked, given.area),
        "last": before[0] if before else None,
        "back": question.link(name),
        "problem": problem,
    }
    return render(request, "figures/publish.html", context, status=422 if problem else 200)
