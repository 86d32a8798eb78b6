"""Bulletins for those who issue them: drafted, edited, published, thrown away."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from banjie.bulletins import actions
from banjie.bulletins.catalogue import bulletin_in_force
from banjie.bulletins.compiling import registers_of
from banjie.bulletins.definition import Bulletin
from banjie.bulletins.models import Issue
from banjie.bulletins.periods import FITS, newest_over
from banjie.figures.catalogue import figures
from banjie.lib.clock import now
from banjie.lib.errors import Conflict, Invalid, NotPermitted, Refusal
from banjie.lib.text import Text
from banjie.people.models import Account
from banjie.people.scopes import scope_of
from banjie.people.verbs import Verb
from banjie.places.models import Area
from banjie.web.asking import Question
from banjie.web.pages.bulletins import issue_for
from banjie.web.pages.errors import status_of
from banjie.web.permissions import SignedIn, permits

AREAS = 400
LONGEST = 400_000  # characters of both texts as they come in; more is refused before it is read
DRAFTED = Text(
    "已起草。请核对正文，数字由记录算出，点开可看来源。",
    "Drafted. Read the text; its numbers were computed from the records and open to them.",
)
SAVED = Text("已保存。", "Saved.")
PUBLISHED = Text("已签名发布。", "Signed and published.")
DISCARDED = Text("草稿已作废。", "The draft was thrown away.")


@require_http_methods(["GET", "POST"])
@permits(Verb.PUBLISH)
def bulletin_draft(request: SignedIn, name: str) -> HttpResponse:
    """Draft the issue of a period: now, or as known at a past moment."""
    _, bulletin = bulletin_in_force(name)
    areas = _areas(request.user, bulletin)
    if not areas:
        raise NotPermitted(Text("您没有起草这份通报的权限", "you may not draft this bulletin"))
    typed = {k: request.POST.get(k, "").strip() for k in ("area", "period", "as_of")}
    problems: list[Text] = []
    status = 200
    if request.method == "POST":
        try:
            question = Question(as_of=typed["as_of"])
            issue = actions.draft(
                name, area=typed["area"] or None, period=typed["period"], as_of=question.moment, by=request.user
            )
        except Refusal as refusal:
            problems, status = [refusal.says], status_of(refusal)
        else:
            messages.success(request, str(DRAFTED))
            return HttpResponseRedirect(reverse("bulletin", args=[issue.pk]))
    context = {
        "here": "bulletins", "bulletin": bulletin, "areas": areas, "area": typed["area"] or bulletin.area or areas[0].code,
        "period": typed["period"] or str(newest_over(now(), bulletin.period)), "fits": FITS[bulletin.period], "as_of": typed["as_of"],
        "problems": problems,
    }  # fmt: skip
    return render(request, "bulletins/draft.html", context, status=status)


@require_http_methods(["GET", "POST"])
@permits(Verb.PUBLISH)
def bulletin_edit(request: SignedIn, pk: int) -> HttpResponse:
    """Change the words of a draft, both languages side by side. What was typed is kept when it cannot be saved."""
    issue = _draft(request.user, pk)
    text_zh, text_en, turn = issue.text_zh, issue.text_en, issue.turn
    problems: list[Text] = []
    theirs: dict[str, Any] = {}
    status = 200
    if request.method == "POST":
        text_zh, text_en = request.POST.get("text_zh", "")[:LONGEST], request.POST.get("text_en", "")[:LONGEST]
        turn = _turn(request.POST.get("turn", ""))
        try:
            actions.edit(issue, text_zh=text_zh, text_en=text_en, turn=turn, by=request.user)
        except Refusal as refusal:
            problems = [p.says for p in refusal.problems] if isinstance(refusal, Invalid) else [refusal.says]
            status = status_of(refusal)
            if isinstance(refusal, Conflict):  # shown beside what was typed; the next save is on top of it
                theirs, turn = refusal.theirs, issue.turn
        else:
            messages.success(request, str(SAVED))
            return HttpResponseRedirect(reverse("bulletin", args=[issue.pk]))
    context = {
        "here": "bulletins", "issue": issue, "text_zh": text_zh, "text_en": text_en, "turn": turn, "problems": problems, "theirs": theirs,
    }  # fmt: skip
    return render(request, "bulletins/edit.html", context, status=status)


@require_http_methods(["GET", "POST"])
@permits(Verb.PUBLISH)
def bulletin_publish(request: SignedIn, pk: int) -> HttpResponse:
    """Ask for the document's number, then sign."""
    issue = _draft(request.user, pk)
    number, problems, status = request.POST.get("number", "").strip(), list[Text](), 200
    if request.method == "POST":
        try:
            actions.publish(issue, number=number, turn=_turn(request.POST.get("turn", "")), by=request.user)
        except Refusal as refusal:
            problems, status = [refusal.says], status_of(refusal)
        else:
            messages.success(request, str(PUBLISHED))
            return HttpResponseRedirect(reverse("bulletin", args=[issue.pk]))
    context = {"here": "bulletins", "issue": issue, "number": number, "problems": problems}
    return render(request, "bulletins/publish.html", context, status=status)


@require_POST
@permits(Verb.PUBLISH)
def bulletin_discard(request: SignedIn, pk: int) -> HttpResponse:
    actions.discard(_draft(request.user, pk), by=request.user, why=request.POST.get("why", "").strip()[:500])
    messages.success(request, str(DISCARDED))
    return HttpResponseRedirect(reverse("bulletins"))


def _draft(account: Account, pk: int) -> Issue:
    """A draft. Raises NotFound, and Refusal where it is published by now."""
    issue = issue_for(account, pk)
    if issue.published:
        raise Refusal(actions.ALREADY_OUT)
    return issue


def _areas(account: Account, bulletin: Bulletin) -> list[Area]:
    """Where the account may publish from all registers of the bulletin."""
    scope, rows = scope_of(account), Area.objects.filter(valid_to__isnull=True)
    for register in sorted(registers_of(bulletin, figures())[0]):
        held = scope.areas(Verb.PUBLISH, register)
        if not held:
            return []
        rows = rows.filter(held.q("code"))
    return list(rows.order_by("code")[:AREAS])


def _turn(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
