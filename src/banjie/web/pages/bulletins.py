"""Bulletins for readers: the list, one issue in which every number opens, what has changed since, and the files."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import quote

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET

from banjie.bulletins.catalogue import bulletins_in_force
from banjie.bulletins.charts import chart_spec, svg
from banjie.bulletins.compiling import registers_of
from banjie.bulletins.definition import Bulletin
from banjie.bulletins.document import Cell, document
from banjie.bulletins.models import Issue
from banjie.bulletins.rendering import TYPES, Format, rendered
from banjie.bulletins.rendering.html import body
from banjie.bulletins.revising import Change, revised
from banjie.bulletins.telling import told
from banjie.figures.catalogue import figures
from banjie.figures.plan import Plan
from banjie.lib.clock import LOCAL
from banjie.lib.errors import NotFound
from banjie.lib.text import Text, language
from banjie.people.models import Account
from banjie.people.scopes import scope_of
from banjie.people.verbs import Verb
from banjie.web.asking import Question
from banjie.web.permissions import SignedIn, logged_in

SHOWN = 60  # issues in the list
CHANGES_SHOWN = 100
NO_ISSUE = Text("没有这份通报", "there is no such bulletin")


@require_GET
@logged_in
def bulletins(request: SignedIn) -> HttpResponse:
    """Drafts that wait for a person, what was published, and what may be drafted."""
    mine = Issue.objects.visible_to(request.user).order_by("-as_of", "-pk")
    context = {
        "here": "bulletins", "drafts": list(mine.drafts().defer("text_zh", "text_en")),
        "published": list(mine.published().defer("text_zh", "text_en")[:SHOWN]),
        "drafted": offered(request.user),
    }  # fmt: skip
    return render(request, "bulletins/list.html", context)


@require_GET
@logged_in
def bulletin(request: SignedIn, pk: int) -> HttpResponse:
    issue = issue_for(request.user, pk)
    shown = document(told(issue), language())
    opens = Opening(issue)
    written = body(
        shown,
        link=opens.number,
        cell_link=opens.cell,
        source=lambda picture: reverse("bulletin-chart", args=[issue.pk, picture.name]),
    )
    others = (
        Issue.objects.visible_to(request.user).of(issue.name, issue.area, issue.period).exclude(pk=issue.pk).order_by("-edition")
    )
    context = {
        "here": "bulletins", "issue": issue, "document": shown,
        "body": mark_safe(written),
        "others": others.defer("text_zh", "text_en", "frozen"), "may_write": may_write(request.user, issue), "formats": ("docx", "pdf", "html"),
    }  # fmt: skip
    return render(request, "bulletins/issue.html", context)


@require_GET
@logged_in
def bulletin_revised(request: SignedIn, pk: int) -> HttpResponse:
    """What the numbers of the issue are now, where they are others: a piece of its page, and a page of its own without scripts."""
    issue = issue_for(request.user, pk)
    found, opens = revised(issue), Opening(issue)
    lines = [(change, opens.change(change)) for change in found.changes[:CHANGES_SHOWN]]
    context = {
        "here": "bulletins", "issue": issue, "lines": lines, "more": max(0, len(found.changes) - CHANGES_SHOWN), "apart": len(found.apart),
        "whole": not request.headers.get("HX-Request"),
    }  # fmt: skip
    return render(request, "bulletins/revised.html" if context["whole"] else "bulletins/revised_part.html", context)


@require_GET
@logged_in
def bulletin_file(request: SignedIn, pk: int, format: str) -> HttpResponse:
    """The issue as a file, in the language of the page (``?lang=`` for the other)."""
    issue = issue_for(request.user, pk)
    if format not in TYPES:
        raise NotFound(Text("没有这种文件格式", "there is no such format"))
    wanted = "en" if request.GET.get("lang", language()) == "en" else "zh"
    made = document(told(issue), cast("Any", wanted))
    response = HttpResponse(rendered(made, cast(Format, format)), content_type=TYPES[format])
    name = f"{made.title} {made.subtitle}.{format}".replace("/", "-").replace(" · ", " ")
    response["Content-Disposition"] = f"attachment; filename=\"bulletin-{issue.pk}.{format}\"; filename*=UTF-8''{quote(name)}"
    return response


@require_GET
@logged_in
def bulletin_chart(request: SignedIn, pk: int, name: str) -> HttpResponse:
    """A chart as a picture."""
    issue = issue_for(request.user, pk)
    block = issue.frozen["blocks"].get(name)
    if block is None or block["kind"] != "chart":
        raise NotFound(Text("没有这幅图", "there is no such chart"))
    return HttpResponse(svg(chart_spec(block, language())), content_type="image/svg+xml")


def issue_for(account: Account, pk: int) -> Issue:
    """Raises NotFound, whether there is none or none that the account may see."""
    found = Issue.objects.visible_to(account).filter(pk=pk).first()
    if found is None:
        raise NotFound(NO_ISSUE)
    return found


def offered(account: Account) -> list[Bulletin]:
    """The bulletins that the account may draft somewhere."""
    scope, known = scope_of(account), figures()
    return [b for _, b in bulletins_in_force() if all(scope.areas(Verb.PUBLISH, r) for r in registers_of(b, known)[0])]


def may_write(account: Account, issue: Issue) -> bool:
    """Whether to show what changes it; the actions ask again."""
    scope = scope_of(account)
    return not issue.published and all(scope.may(Verb.PUBLISH, r, issue.area) for r in issue.counted.split())


class Opening:
    """Where the numbers of an issue open: the very same question, as known then."""

    def __init__(self, issue: Issue) -> None:
        self.issue, self.as_of = issue, issue.as_of.astimezone(LOCAL).isoformat(timespec="milliseconds")[:23].removesuffix(".000")
        self.plans = figures().plans

    def number(self, mark: str) -> str:
        said = self.issue.frozen["numbers"][mark]
        if "figure" not in said:
            return f"#block-{said['block']}"
        return self._link(said["figure"], said["period"], said.get("by", ""), said.get("part", ""), self.as_of)

    def cell(self, cell: Cell) -> str:
        return self._link(*cell.ask, self.as_of) if cell.ask else ""

    def change(self, change: Change) -> str:
        """As known now."""
        return self._link(change.figure, change.period, change.by, change.part, "")

    def _link(self, figure: str, period: str, by: str, part: str, as_of: str) -> str:
        plan: Plan | None = self.plans.get(figure)
        if plan is None:  # a later version of the pack has it no more
            return ""
        question = Question(self.issue.area, period, "", as_of)
        axis = plan.axes.get(by)
        if by in {"year", "quarter", "month"} and part:
            return question.link(figure, period=part)
        if by == "to_month" and part:
            return question.link(figure, period=f"{part[:4]}-01..{part}")
        if axis is not None and axis.level and part:
            return question.link(figure, area=part)
        if axis is None:
            return question.link(figure)
        return Question(self.issue.area, period, by, as_of).link_with(figure, {"part": part}, "rows")
