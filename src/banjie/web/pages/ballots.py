"""Ballots for those who conduct them: opened, codes handed out, paper entered, extended, counted. No page tells what a household
chose, nor which household has not voted; while a ballot runs none tells how it goes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, BinaryIO, cast

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from banjie.lib.clock import LOCAL, now
from banjie.lib.dates import parse_moment
from banjie.lib.errors import Invalid, NotFound, Problem, Refusal
from banjie.lib.text import Text
from banjie.matters import actions
from banjie.matters.ballots import ballot_for, ballots_for
from banjie.matters.models import Ballot
from banjie.matters.page import Page, page
from banjie.web.ballot_showing import choices, households, shown
from banjie.web.naming import called
from banjie.web.pages.errors import status_of
from banjie.web.permissions import SignedIn, logged_in

ENDS_AT = 18  # o'clock, as is suggested
NO_BALLOT_HERE = Text("这项流程没有表决", "this process has no ballot")
NO_STUB = Text("请附签名存根的照片", "attach a picture of the signed stub")
Do = Callable[[Ballot], object]


@require_GET
@logged_in
def ballots(request: SignedIn) -> HttpResponse:
    """The ballots of matters that one may see, the newest first."""
    found = ballots_for(request.user)
    names = called(request.user, [b.matter.record for b in found])
    rows = [(b, names[b.matter.record_id], shown(b)) for b in found]
    return render(request, "ballots/list.html", {"here": "matters", "rows": rows})


@require_http_methods(["GET", "POST"])
@logged_in
def ballot_open(request: SignedIn, pk: int) -> HttpResponse:
    """Open the ballot of a matter: what is voted on, under which rule, until when."""
    about = page(pk, by=request.user)
    definition = about.process.ballot
    if definition is None:
        raise NotFound(NO_BALLOT_HERE)
    typed, refusal = request.POST.get("closes_at", ""), None
    if request.method == "POST":
        try:
            made = actions.open_ballot(pk, closes_at=_moment(typed), by=request.user)
        except Refusal as said:
            refusal = said
        else:
            messages.success(
                request,
                str(Text("表决已开始。规则和名册自此不变。", "The ballot is open. Rule and list stand still from now on.")),
            )
            return HttpResponseRedirect(reverse("ballot", args=[made.pk]))
    kind = str(about.record.data.get(definition.kind) or "")
    context = {
        "here": about.record.register, "page": about, "record": about.record, "name": _name(request, about),
        "question": about.record.data.get(definition.question), "rule": definition.rule_for(kind, now().astimezone(LOCAL).date()),
        "days": definition.at_least_days, "closes_at": typed or _suggested(definition.at_least_days), **_refused(refusal),
    }  # fmt: skip
    return render(request, "ballots/open.html", context, status=status_of(refusal) if refusal else 200)


@require_GET
@logged_in
def ballot(request: SignedIn, pk: int) -> HttpResponse:
    """Where a ballot stands: its rule, the turnout, and once it is counted its result."""
    return _shown(request, ballot_for(pk, request.user))


@require_POST
@logged_in
@sensitive_variables("codes")
def ballot_codes(request: SignedIn, pk: int) -> HttpResponse:
    """One code for each household, shown this once, to be printed and handed over sealed."""
    found = ballot_for(pk, request.user)
    try:
        codes = actions.issue_codes(found, by=request.user)
    except Refusal as refusal:
        return _shown(request, found, refusal)
    return _slips(request, found, codes)


@require_POST
@logged_in
@sensitive_variables("code")
def ballot_code(request: SignedIn, pk: int) -> HttpResponse:
    """A new code for a household that lost its own."""
    found, household = ballot_for(pk, request.user), request.POST.get("household", "")
    try:
        code = actions.issue_code(found, household, by=request.user, why=request.POST.get("why", ""))
    except Refusal as refusal:
        return _shown(request, found, refusal, part="code")
    return _slips(request, found, {household: code})


@sensitive_variables("codes", "named")
def _slips(request: SignedIn, found: Ballot, codes: dict[str, str]) -> HttpResponse:
    about = page(found.matter_id, by=request.user)
    named = dict(households(request.user, found, about.process, only=list(codes)))
    slips = [(named.get(household, household), f"{code[:5]}-{code[5:]}") for household, code in codes.items()]
    context = {
        "here": about.record.register, "ballot": found, "record": about.record, "name": _name(request, about), "slips": slips,
        "address": request.build_absolute_uri(reverse("portal-vote")),
    }  # fmt: skip
    return render(request, "ballots/codes.html", context)


@require_POST
@logged_in
@sensitive_post_parameters("choice")
def ballot_paper(request: SignedIn, pk: int) -> HttpResponse:
    """Enter a paper ballot, with a picture of its signed stub."""

    def enter(found: Ballot) -> None:
        if "evidence" not in request.FILES:
            raise Invalid([Problem("evidence", None, NO_STUB)])
        stub = cast(BinaryIO, request.FILES["evidence"])
        household, choice = request.POST.get("household", ""), request.POST.get("choice", "")
        actions.record_paper(found, household, choice, evidence=stub, by=request.user)

    return _act(request, pk, enter, Text("纸质票已计入。", "The paper ballot is counted in."), part="paper")


@require_POST
@logged_in
def ballot_extend(request: SignedIn, pk: int) -> HttpResponse:
    """Give people more time."""

    def extend(found: Ballot) -> None:
        closes_at, why = _moment(request.POST.get("closes_at", "")), request.POST.get("why", "")
        actions.extend_ballot(found, closes_at=closes_at, why=why, by=request.user)

    return _act(request, pk, extend, Text("表决已延期。", "The ballot is extended."), part="extend")


@require_POST
@logged_in
def ballot_close(request: SignedIn, pk: int) -> HttpResponse:
    """Close a ballot whose time is over, and count it."""
    done = Text("已计票，结果如下。", "It is counted: here is the result.")
    return _act(request, pk, lambda found: actions.close_ballot(found, by=request.user), done)


def _act(request: SignedIn, pk: int, do: Do, done: Text, *, part: str = "") -> HttpResponse:
    found = ballot_for(pk, request.user)
    try:
        do(found)
    except Refusal as refusal:
        return _shown(request, ballot_for(pk, request.user), refusal, part=part)
    messages.success(request, str(done))
    return HttpResponseRedirect(reverse("ballot", args=[pk]))


def _shown(request: SignedIn, found: Ballot, refusal: Refusal | None = None, *, part: str = "") -> HttpResponse:
    """``part``: the form that was sent; what was typed into it is shown again."""
    about = page(found.matter_id, by=request.user)
    conducts = about.yours and found.state == Ballot.OPEN
    over = now() >= found.closes_at
    context = {
        "here": about.record.register, "record": about.record, "name": _name(request, about), "process": about.process,
        "b": shown(found), "ballot": found, "conducts": conducts, "over": over, "running": conducts and not over,
        "households": households(request.user, found, about.process) if conducts and not over else [],
        "choices": choices(), "typed": {part: request.POST.dict()} if part else {}, **_refused(refusal),
    }  # fmt: skip
    return render(request, "ballots/ballot.html", context, status=status_of(refusal) if refusal else 200)


def _name(request: SignedIn, about: Page) -> str:
    return called(request.user, [about.record])[about.record.pk]


def _refused(refusal: Refusal | None) -> dict[str, Any]:
    if refusal is None:
        return {"problems": []}
    return {"problems": [str(p.says) for p in refusal.problems] if isinstance(refusal, Invalid) else [str(refusal.says)]}


def _moment(text: str) -> datetime:
    """Raises Refusal, naming what cannot be read."""
    return parse_moment(text.replace("T", " "))


def _suggested(days: int) -> str:
    """The first evening that is late enough."""
    soonest = now().astimezone(LOCAL) + timedelta(days=days)
    evening = soonest.replace(hour=ENDS_AT, minute=0)
    return f"{evening if evening > soonest else evening + timedelta(days=1):%Y-%m-%d %H:%M}"
