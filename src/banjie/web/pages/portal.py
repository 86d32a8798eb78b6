"""What anybody may do without an account: hand in a request, follow it by its code, add what was asked for, rate it when closed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import BinaryIO, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from banjie.lib.errors import Conflict, Invalid, NotFound, Problem, Refusal
from banjie.lib.text import Text
from banjie.matters import actions
from banjie.matters.catalogue import compiled, in_force, processes
from banjie.matters.compiling import Compiled
from banjie.matters.definition import Process
from banjie.matters.intake import areas_taken
from banjie.matters.models import Ballot, Matter
from banjie.registers.catalogue import catalogue
from banjie.web.display import title_of
from banjie.web.following import NO_CODE, by_code, followed, plain_code, shown_code
from banjie.web.forms import Control
from banjie.web.matter_words import terms_of
from banjie.web.permissions import public
from banjie.web.public_forms import called, public_controls, public_values
from banjie.web.throttle import Limit, allowed

HANDED_IN = Limit("portal-hand-in", 30, 3600)
LOOKED_UP = Limit("portal-follow", 120, 600)
MISSED = Limit("portal-missed", 20, 600)  # codes that are nobody's
LONGEST = 2000
NOT_OPEN = Text("这项业务不在网上受理，或已停办。", "This is not taken in online, or no longer is.")
BE_SURE = Text("请勾选「确认撤回」", "tick the box to say that you mean it")
FILES_AGAIN = Text("文件须重新选择：浏览器不保留已选的文件", "choose the files again: browsers do not keep them")


def page(request: HttpRequest, template: str, context: Mapping[str, object], status: int = 200) -> HttpResponse:
    """A page of the portal: never in a search engine's index."""
    response = render(request, template, dict(context), status=status)
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def too_many(request: HttpRequest) -> HttpResponse:
    return page(request, "portal/too_many.html", {}, status=429)


@require_GET
@public
def portal(request: HttpRequest) -> HttpResponse:
    """What can be asked for here, and the box for a code."""
    offered = [(p, _terms(p)) for p in _offered()]
    return page(request, "portal/portal.html", {"offered": offered, "voting": Ballot.objects.filter(state=Ballot.OPEN).exists()})


def _terms(process: Process) -> list[Text]:
    """By when: the terms of the whole; where it sets none, those of its first stage, which is named."""
    first = process.stages[process.starts]
    says = Text("{stage}：{term}", "{stage}: {term}")
    return terms_of(process) or [says.format(stage=first.title, term=term) for term in terms_of(first)]


def _offered() -> list[Process]:
    return [found.process for found in processes().values() if found.process.public and found.process.public.fields]


def _open_to_all(name: str) -> Process:
    try:
        process = in_force(name).process
    except NotFound:
        raise NotFound(NOT_OPEN) from None
    if process.public is None or not process.public.fields:
        raise NotFound(NOT_OPEN)
    return process


@require_http_methods(["GET", "POST"])
@public
def portal_ask(request: HttpRequest, name: str) -> HttpResponse:
    """The form of a request; handed in, its code."""
    process = _open_to_all(name)
    if request.method == "GET":
        return _ask_form(request, process, {}, [])
    if not allowed(request, HANDED_IN):
        return too_many(request)
    register = catalogue().register(process.of)
    assert process.public is not None  # _open_to_all
    try:
        matter = actions.hand_in(name, public_values(register, process.public, request.POST), files=_files(request))
    except Invalid as refusal:
        return _ask_form(request, process, request.POST, refusal.problems, status=422)
    except Conflict as refusal:
        return _ask_form(request, process, request.POST, [Problem("", None, refusal.says)], status=409)
    except NotFound:
        raise
    except Refusal as refusal:  # a file of a kind that is not taken
        return _ask_form(request, process, request.POST, [Problem("files", None, refusal.says)], status=422)
    messages.success(request, str(Text("已收到。请记下查询码。", "It has arrived. Please keep the code.")))
    return HttpResponseRedirect(reverse("portal-matter", args=[matter.code]))


def _ask_form(
    request: HttpRequest, process: Process, values: Mapping[str, str], problems: list[Problem], *, status: int = 200
) -> HttpResponse:
    register = catalogue().register(process.of)
    assert process.public is not None  # _open_to_all
    problems = list(problems)
    if problems and request.FILES and not any(p.where == "files" for p in problems):
        problems.append(Problem("files", None, FILES_AGAIN))
    labels = process.public.labels
    titles = {n: (f"field-{n}", title_of(called(register.field(n), labels))) for n in process.public.fields}
    titles["files"] = ("files", str(Text("材料", "Documents")))
    context = {
        "process": process,
        "public": process.public,
        "terms": _terms(process),
        "controls": public_controls(
            register, process.public.fields, values, problems, areas_taken(_compiled(process.name)), process.public.labels
        ),
        "problems": [(*titles.get(p.where, ("", "")), str(p.says)) for p in problems],
    }
    return page(request, "portal/ask.html", context, status)


def _compiled(name: str) -> Compiled:
    return compiled(in_force(name).version.digest)


def _files(request: HttpRequest) -> list[tuple[str, BinaryIO]]:
    return [(sent.name or "file", cast(BinaryIO, sent)) for sent in request.FILES.getlist("files")]


# --- following -------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@public
def portal_follow(request: HttpRequest) -> HttpResponse:
    """The box for a code; typed, its matter."""
    typed = request.POST.get("code", "")
    if request.method == "GET":
        return page(request, "portal/follow.html", {"typed": "", "problem": ""})
    if not allowed(request, LOOKED_UP) or not allowed(request, MISSED, count=False):
        return too_many(request)
    try:
        matter = by_code(typed)
    except NotFound:
        allowed(request, MISSED)
        return page(request, "portal/follow.html", {"typed": typed[:40], "problem": str(NO_CODE)}, status=404)
    return HttpResponseRedirect(reverse("portal-matter", args=[matter.code]))


def _found(request: HttpRequest, code: str) -> Matter | HttpResponse:
    """The matter with the code of an address; or the page that says no, which counts the miss."""
    if not allowed(request, LOOKED_UP) or not allowed(request, MISSED, count=False):
        return too_many(request)
    try:
        return by_code(code)
    except NotFound:
        allowed(request, MISSED)
        return page(request, "portal/follow.html", {"typed": code[:40], "problem": str(NO_CODE)}, status=404)


@require_GET
@public
def portal_matter(request: HttpRequest, code: str) -> HttpResponse:
    """Where the matter is. An address written otherwise than the code is led to the one that is right."""
    found = _found(request, code)
    if isinstance(found, HttpResponse):
        return found
    if plain_code(code) != code:
        return HttpResponseRedirect(reverse("portal-matter", args=[found.code]))
    return _shown(request, found)


def _shown(request: HttpRequest, matter: Matter, problems: list[str] | None = None, status: int = 200) -> HttpResponse:
    context = {
        "f": followed(matter),
        "code": shown_code(matter.code or ""),
        "problems": problems or [],
        "answer": request.POST.get("answer", ""),
        "comment": request.POST.get("comment", ""),
        "grade": request.POST.get("grade", ""),
        "controls": _also(request, matter),
    }
    return page(request, "portal/matter.html", context, status)


def _also(request: HttpRequest, matter: Matter) -> list[Control]:
    """What else is asked with a rating, nothing suggested."""
    shown = followed(matter)
    if not shown.grades or not shown.also:
        return []
    register = catalogue().register(shown.process.of)
    labels = shown.process.public.labels if shown.process.public else {}
    return public_controls(register, shown.also, request.POST, [], labels=labels)


def _done(request: HttpRequest, matter: Matter, act: Callable[[], object], says: Text) -> HttpResponse:
    """Take an applicant's step and lead back to the matter; where it is refused, its page says why."""
    code = matter.code or ""
    try:
        act()
    except Refusal as refusal:
        return _shown(request, by_code(code), _told(refusal), 422)
    messages.success(request, str(says))
    return HttpResponseRedirect(reverse("portal-matter", args=[code]))


@require_POST
@public
def portal_supply(request: HttpRequest, code: str) -> HttpResponse:
    """Add what was asked for; the clocks run on."""
    found = _found(request, code)
    if isinstance(found, HttpResponse):
        return found
    if not allowed(request, HANDED_IN):
        return too_many(request)
    answer = request.POST.get("answer", "")[:LONGEST]
    supply = partial(actions.supply, found, answer=answer, files=_files(request))
    return _done(request, found, supply, Text("已补交，继续办理。", "Handed in; work goes on."))


@require_POST
@public
def portal_rate(request: HttpRequest, code: str) -> HttpResponse:
    """Rate what became of it, once."""
    found = _found(request, code)
    if isinstance(found, HttpResponse):
        return found
    grade, comment = request.POST.get("grade", ""), request.POST.get("comment", "")[:LONGEST]
    rate = partial(actions.rate, found, grade=grade, comment=comment, also=request.POST.dict())
    return _done(request, found, rate, Text("感谢评价。", "Thank you."))


@require_POST
@public
def portal_withdraw(request: HttpRequest, code: str) -> HttpResponse:
    """Take it back, where its process lets the applicant and it is not too late. Asked twice: a slip of the finger ends nothing."""
    found = _found(request, code)
    if isinstance(found, HttpResponse):
        return found
    if request.POST.get("sure") != "yes":
        return _shown(request, found, [str(BE_SURE)], 422)
    return _done(request, found, partial(actions.take_back, found), Text("已撤回。", "Withdrawn."))


def _told(refusal: Refusal) -> list[str]:
    return [str(p.says) for p in refusal.problems] if isinstance(refusal, Invalid) else [str(refusal.says)]
