"""Voting without an account: a one-time code, a choice, a confirmation. The code is in no address, cookie or log, and the page after
the vote does not say what was chosen. Beside it the public notice of a ballot."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods

from banjie.lib.errors import Invalid, NotFound, Refusal
from banjie.lib.text import Text
from banjie.matters import actions
from banjie.matters.ballot_rules import CHOICES
from banjie.matters.ballots import by_notice
from banjie.matters.models import Ballot
from banjie.web.ballot_showing import choices, shown
from banjie.web.following import plain_code
from banjie.web.pages.portal import page, too_many
from banjie.web.permissions import public
from banjie.web.throttle import Limit, allowed

LOOKED_UP = Limit("portal-vote", 300, 600)  # a whole estate may share one address
MISSED = Limit("portal-vote-missed", 10, 600)  # codes that are nobody's
CHOOSE = Text("请选择同意、不同意或弃权", "Choose: for, against or abstain")
DONE = Text("您的票已计入。谢谢参与。", "Your vote is counted. Thank you.")


@require_http_methods(["GET", "POST"])
@public
@sensitive_post_parameters("code", "choice")
@sensitive_variables("code", "choice")
def portal_vote(request: HttpRequest) -> HttpResponse:
    """The box for a code; then the question; then the choice once more, to be confirmed; then it is cast."""
    if request.method == "GET":
        return _box(request, [])
    if not allowed(request, LOOKED_UP) or not allowed(request, MISSED, count=False):
        return too_many(request)
    code, step, choice = (
        plain_code(request.POST.get("code", "")[:40]),
        request.POST.get("step", ""),
        request.POST.get("choice", ""),
    )
    try:
        if step == "cast" and choice in CHOICES:
            ballot = actions.cast_vote(code, choice)
            messages.success(request, str(DONE))
            return HttpResponseRedirect(reverse("portal-ballot", args=[ballot.code]))
        ballot = actions.to_vote_in(code)
    except NotFound as refusal:
        allowed(request, MISSED)
        return _box(request, [str(refusal.says)], 404)
    except Refusal as refusal:
        return _box(
            request, [str(p.says) for p in refusal.problems] if isinstance(refusal, Invalid) else [str(refusal.says)], 422
        )
    if step == "choose" and choice in CHOICES:
        return _confirm(request, ballot, code, choice)
    return _choose(request, ballot, code, choice, missing=step in ("choose", "cast"))


def _box(request: HttpRequest, problems: list[str], status: int = 200) -> HttpResponse:
    return page(request, "portal/vote.html", {"problems": problems}, status)


@sensitive_variables("code", "choice")
def _choose(request: HttpRequest, ballot: Ballot, code: str, choice: str, *, missing: bool) -> HttpResponse:
    context = {
        "b": shown(ballot), "ballot": ballot, "code": code, "choice": choice, "choices": choices(),
        "problem": str(CHOOSE) if missing else "",
    }  # fmt: skip
    return page(request, "portal/choose.html", context, 422 if missing else 200)


@sensitive_variables("code", "choice")
def _confirm(request: HttpRequest, ballot: Ballot, code: str, choice: str) -> HttpResponse:
    chosen = str(dict(choices())[choice])
    return page(request, "portal/confirm.html", {"ballot": ballot, "code": code, "choice": choice, "chosen": chosen})


@require_GET
@public
def portal_ballot(request: HttpRequest, code: str) -> HttpResponse:
    """The public notice of a ballot: what is asked, under which rule, how many have voted; once it is counted, the result."""
    if not allowed(request, LOOKED_UP) or not allowed(request, MISSED, count=False):
        return too_many(request)
    try:
        ballot = by_notice(code)
    except NotFound as refusal:
        allowed(request, MISSED)
        return _box(request, [str(refusal.says)], 404)
    return page(request, "portal/ballot.html", {"b": shown(ballot), "ballot": ballot})
