"""What one was told: the newest first, marked as seen one by one or all at once."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from banjie.lib.errors import Invalid, Problem
from banjie.lib.ids import number
from banjie.lib.text import Text
from banjie.matters.actions import mark_seen
from banjie.matters.models import Invitation, Matter, Notice
from banjie.matters.notice_wording import text_of, title_of
from banjie.people.models import Account
from banjie.web.permissions import SignedIn, logged_in
from banjie.web.told import unseen

SIZE = 50


@dataclass(frozen=True)
class Told:
    """A notice as a line. ``link`` is empty where the reader may not open what it is about."""

    notice: Notice
    title: Text
    says: Text
    link: str
    new: bool


@require_GET
@logged_in
def notices(request: SignedIn) -> HttpResponse:
    """The notices delivered so far, 50 at a time; ``?all=1`` with those that were seen."""
    everything = request.GET.get("all") == "1"
    rows = Notice.objects.visible_to(request.user)
    rows = rows.delivered() if everything else rows.unseen()
    before = request.GET.get("before", "")
    if (earlier := number(before)) is not None:
        rows = rows.filter(pk__lt=earlier)
    found = list(rows.select_related("matter", "seen_by")[: SIZE + 1])
    more, found = len(found) > SIZE, found[:SIZE]
    context = {
        "here": "notices",
        "told": told(request.user, found),
        "everything": everything,
        "next": f"?{'all=1&' if everything else ''}before={found[-1].pk}" if more else "",
        "waiting": unseen(request.user),
    }
    return render(request, "notices/list.html", context)


def told(account: Account, found: list[Notice]) -> list[Told]:
    """The lines for these notices, in three queries: which matters the account may open, which invitations it may answer, and which
    of them still ask for something."""
    wanted = {n.matter_id for n in found if n.matter_id}
    seen = dict(Matter.objects.visible_to(account).filter(pk__in=wanted).values_list("pk", "record_id")) if wanted else {}
    asked = {n.matter_id for n in found if n.kind == "invited"}
    open_ones = dict(Invitation.objects.filter(matter__in=asked, state="open").values_list("matter", "pk")) if asked else {}
    rows = Notice.objects.visible_to(account).unseen().filter(pk__in=[n.pk for n in found])
    waiting = set(rows.values_list("pk", flat=True)) if found else set()
    return [Told(n, title_of(n), text_of(n), _link(n, seen, open_ones), n.pk in waiting) for n in found]


def _link(notice: Notice, seen: dict[int, int], invitations: dict[int, int]) -> str:
    if notice.matter_id in seen:
        return f"{reverse('record', args=[seen[notice.matter_id]])}#matter"
    if notice.kind == "invited" and notice.matter_id in invitations:
        return reverse("invitation", args=[invitations[notice.matter_id]])
    return ""


@require_POST
@logged_in
def notices_seen(request: SignedIn) -> HttpResponse:
    """Mark the notices named as seen, or (``every``) all of them."""
    named = [number(n) for n in request.POST.getlist("notice")]
    if None in named:
        raise Invalid([Problem("notice", None, Text("没有这条通知", "there is no such notice"))])
    mark_seen(None if request.POST.get("every") else [n for n in named if n is not None], by=request.user)
    to = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(to, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(to if safe else reverse("notices"))
