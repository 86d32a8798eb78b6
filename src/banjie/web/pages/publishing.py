"""Signing and publishing a figure, and what was published of it before."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST

from banjie.figures.actions import publish
from banjie.figures.answers import Answer
from banjie.figures.catalogue import plan
from banjie.figures.models import Publication
from banjie.figures.plan import Plan
from banjie.lib.text import Text
from banjie.people.models import Account
from banjie.people.scopes import scope_of
from banjie.people.verbs import Verb
from banjie.web.asking import Question
from banjie.web.permissions import SignedIn, permits


def may_publish(account: Account, plan: Plan, area: str | None) -> bool:
    """Whether to show the button; the action asks again."""
    scope = scope_of(account)
    return all(scope.may(Verb.PUBLISH, register, area) for register in plan.registers)


def published(given: Answer) -> list[Publication]:
    """What was published of the same figure, area and period, the newest first."""
    rows = Publication.objects.filter(figure=given.figure, area=given.area or "", period=str(given.period or ""))
    return list(rows.order_by("-vintage"))


@require_POST
@permits(Verb.PUBLISH)
def figure_publish(request: SignedIn, name: str) -> HttpResponse:
    """Publish the figure as asked for; back to its page, where the snapshot stands."""
    plan(name)  # that there is one
    question = Question.of(request.POST)
    made = publish(
        name,
        area=question.area or None,
        period=question.period or None,
        as_of=question.moment,
        by=request.user,
        why=request.POST.get("why", "").strip(),
    )
    messages.success(
        request, str(Text("已签名发布：{display}。", "Signed and published: {display}.").format(display=made.display))
    )
    return HttpResponseRedirect(f"{question.link(name)}#published")
