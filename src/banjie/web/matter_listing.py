"""Matters and tasks by due time: what the address asks for, one page of it, and how each row reads.

What is overdue comes first, what has no due time (suspended, no limit, closed) last. Pages go by key, so that page 1,000 costs
what page 1 costs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from urllib.parse import urlencode

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.http import QueryDict
from django.urls import reverse

from banjie.lib.clock import now
from banjie.lib.errors import Invalid, Problem
from banjie.lib.ids import number
from banjie.lib.text import Text
from banjie.matters.catalogue import process_of
from banjie.matters.definition import Process
from banjie.matters.hands import hands_of
from banjie.matters.models import Clock, Extension, Invitation, Matter, ProcessVersion, Task
from banjie.matters.owners import Ownership
from banjie.matters.queries import MatterQuerySet
from banjie.people.models import Account
from banjie.people.verbs import Verb
from banjie.places.calendar import Calendar
from banjie.places.calendars import official_calendar
from banjie.web.expected import Owed, owed_items
from banjie.web.matter_history import stage_title
from banjie.web.matter_words import ENDINGS, STATES, Remaining, remaining
from banjie.web.naming import called

SIZE = 50
COUNTED_AT_MOST = 10_000
ON_WORKBENCH = 6
WHOSE = {
    "mine": Text("由我办理", "Up to me"),
    "unit": Text("本单位", "My unit"),
    "all": Text("我可查看的全部", "All I may see"),
}
NOTICE_RUNS, NOTICE_RUN = Text("公告期中，届满于", "notice runs until"), Text("公告期已满", "notice has run")
STATES_ASKED = {
    "live": Text("未办结", "Not closed"),
    "open": STATES["open"],
    "suspended": STATES["suspended"],
    "closed": STATES["closed"],
}


@dataclass(frozen=True)
class Asked:
    """One reading of the address of the list. ``state`` is one of STATES_ASKED."""

    whose: str = "mine"
    process: str = ""
    stage: str = ""
    state: str = "live"
    overdue: bool = False
    after: str = ""
    before: str = ""

    @classmethod
    def of(cls, query: QueryDict) -> Self:
        """Unknown words are passed over."""
        whose, state = query.get("whose", "mine"), query.get("state", "live")
        return cls(
            whose if whose in WHOSE else "mine",
            query.get("process", ""),
            query.get("stage", ""),
            state if state in STATES_ASKED else "live",
            query.get("overdue") == "1",
            query.get("after", ""),
            query.get("before", ""),
        )

    def rows(self, account: Account) -> MatterQuerySet:
        """The matters asked for, as far as the account may see them."""
        rows = Matter.objects.visible_to(account)
        if self.whose == "mine":
            rows = rows.owned_by(account)
        elif self.whose == "unit":
            rows = rows.filter(organisation__in=sorted(hands_of(account).organisations))
        rows = rows.live() if self.state == "live" else rows.filter(state=self.state)
        if self.process:
            rows = rows.filter(process=self.process)
        if self.process and self.stage:
            rows = rows.filter(stage=self.stage)
        return rows.overdue() if self.overdue else rows

    def link(self, *, after: str = "", before: str = "", **changes: str) -> str:
        """The address of the list asked this way, from its first page on unless told otherwise. ``overdue``: "1" or empty."""
        now = {
            "whose": self.whose if self.whose != "mine" else "", "process": self.process, "stage": self.stage,
            "state": self.state if self.state != "live" else "", "overdue": "1" if self.overdue else "",
        }  # fmt: skip
        given = now | changes | {"after": after, "before": before}
        if given["whose"] == "mine":
            given["whose"] = ""
        query = urlencode({n: v for n, v in given.items() if v})
        return reverse("matters") + (f"?{query}" if query else "")


# --- pages -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cut:
    """Some rows, and the cursors of the pages around them."""

    rows: list[Any]
    next: str = ""
    previous: str = ""


def cut(rows: QuerySet[Any], *, after: str = "", before: str = "", by: str = "due_at", size: int = SIZE) -> Cut:
    """One page of rows by ``due_at``, the earliest first and those without one last; or by ``closed_at``, the latest first.
    Raises Invalid for a cursor that is none."""
    backwards, latest_first = bool(before), by == "closed_at"
    falling = backwards != latest_first
    at = F(by).desc(nulls_first=True) if falling else F(by).asc(nulls_last=True)
    if cursor := before or after:
        rows = rows.filter(_beyond(by, *_read(cursor), falling=falling))
    found = list(rows.order_by(at, "-pk" if falling else "pk")[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    following = more if not backwards else True
    preceding = more if backwards else bool(after)
    return Cut(found, _write(found[-1], by) if found and following else "", _write(found[0], by) if found and preceding else "")


def _beyond(by: str, moment: datetime | None, pk: int, *, falling: bool) -> Q:
    """What stands behind a row, in an order in which no moment is the latest of all."""
    same = Q(**{by: moment, "pk__lt" if falling else "pk__gt": pk})
    if moment is None:
        return Q(**{f"{by}__isnull": False}) | same if falling else same
    if falling:
        return Q(**{f"{by}__lt": moment}) | same
    return Q(**{f"{by}__gt": moment}) | same | Q(**{f"{by}__isnull": True})


def _write(row: Any, by: str) -> str:
    moment: datetime | None = getattr(row, by)
    return f"{moment.isoformat() if moment else ''}~{row.pk}"


def _read(cursor: str) -> tuple[datetime | None, int]:
    moment, _, pk = cursor.partition("~")
    try:
        at = datetime.fromisoformat(moment) if moment else None
        if at is not None and at.tzinfo is None:
            raise ValueError(moment)
        if (found := number(pk)) is None:
            raise ValueError(pk)
        return at, found
    except ValueError:
        says = Text("翻页标记无效，请回到第一页", "the page marker is not valid: go back to the first page")
        raise Invalid([Problem("after", cursor, says)]) from None


def counted(rows: QuerySet[Any]) -> tuple[int, bool]:
    """How many there are, and whether that is exact: counting stops at ``COUNTED_AT_MOST``."""
    number = rows.order_by()[: COUNTED_AT_MOST + 1].count()
    return min(number, COUNTED_AT_MOST), number <= COUNTED_AT_MOST


# --- rows --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """A matter, or a task of one, as a line of a list. ``state`` stands where it is not simply open."""

    matter: Matter
    name: str
    process: Text
    stage: Text
    owner: Text
    remaining: Remaining
    state: str
    task: Text | None = None


def listed(account: Account, matters: Sequence[Matter]) -> list[Row]:
    """The lines for matters read by ``with_names``: a few queries, however many they are."""
    if not matters:
        return []
    names, at, calendar = called(account, [m.record for m in matters]), now(), official_calendar()
    return [_row(m, names[m.record_id], at, calendar) for m in matters]


def with_names(rows: MatterQuerySet) -> MatterQuerySet:
    """With what a line shows, in the same query."""
    shown: MatterQuerySet = rows.select_related("record__area", "owner_post", "organisation").defer("record__search", "promised")
    notice = Clock.objects.standing().filter(matter=OuterRef("pk"), at_least=True, task=None).order_by("-due_at")
    annotated: MatterQuerySet = shown.annotate(digest=F("definition__digest"), notice=Subquery(notice.values("due_at")[:1]))
    return annotated


def _row(matter: Matter, name: str, at: datetime, calendar: Calendar) -> Row:
    process: Process = process_of(matter.digest)  # type: ignore[attr-defined]  # annotated by with_names
    closed = matter.state == "closed"
    state = ENDINGS[matter.ending] if closed else STATES[matter.state] if matter.state != "open" else ""
    left = Remaining(Text("", ""))
    if not closed:
        left = remaining(matter.due_at, at, suspended=matter.state == "suspended", calendar=calendar)
        runs_until = matter.notice  # type: ignore[attr-defined]  # annotated by with_names
        if matter.due_at is None and runs_until is not None:
            left = Remaining(NOTICE_RUN if runs_until <= at else NOTICE_RUNS, "", runs_until)
    owner = Ownership(matter.owner_post, matter.organisation).name
    return Row(matter, name, process.title, stage_title(process, matter.stage), owner, left, str(state))


def my_tasks(account: Account) -> QuerySet[Task]:
    """The open tasks that are up to the account, of matters that are not suspended and that it may see."""
    rows = Task.objects.mine(account).filter(matter__state="open", matter__in=Matter.objects.visible_to(account).order_by())
    return rows.select_related("matter__record__area", "owner_post", "organisation").annotate(
        digest=F("matter__definition__digest")
    )


def listed_tasks(account: Account, tasks: Sequence[Task]) -> list[Row]:
    if not tasks:
        return []
    names, at, calendar = called(account, [t.matter.record for t in tasks]), now(), official_calendar()
    found = []
    for task in tasks:
        process = process_of(task.digest)  # type: ignore[attr-defined]  # annotated by my_tasks
        stage = process.stages.get(task.stage)
        title = next((t.title for t in stage.tasks if t.name == task.name), None) if stage else None
        found.append(
            Row(
                task.matter, names[task.matter.record_id], process.title, stage_title(process, task.stage),
                Ownership(task.owner_post, task.organisation).name, remaining(task.due_at, at, calendar=calendar), "",
                title or Text(task.name, task.name),
            )
        )  # fmt: skip
    return found


def my_invitations(account: Account) -> QuerySet[Invitation]:
    """What other units ask of the account's posts and organisations and is not answered; what is due first comes first."""
    hands = hands_of(account)
    asked = Q(post__in=sorted(hands.posts)) | Q(post=None, organisation__in=sorted(hands.organisations))
    rows = Invitation.objects.filter(asked, state="open").exclude(matter__state="closed")
    return rows.select_related("matter__record", "matter__organisation", "organisation").order_by(
        F("due_at").asc(nulls_last=True), "pk"
    )


def to_decide(account: Account) -> QuerySet[Extension]:
    """The extensions that wait for a supervisor's decision, where the account supervises; the oldest first."""
    supervised = Matter.objects.visible_to(account, Verb.SUPERVISE).live().order_by()
    rows = Extension.objects.filter(state="asked", matter__in=supervised).exclude(asked_by=account)
    return rows.select_related("matter__record", "asked_by").order_by("asked_at", "pk")


# --- the workbench -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OnWorkbench:
    """The first of what is up to me."""

    rows: list[Row]
    number: int
    exact: bool
    overdue: int
    tasks: list[Row]
    invitations: list[Invitation]
    extensions: list[Extension]
    owed: list[Owed]

    @property
    def nothing(self) -> bool:
        return not (self.rows or self.tasks or self.invitations or self.extensions or self.owed)


def on_workbench(account: Account) -> OnWorkbench | None:
    """What is up to the account now: matters, tasks and invitations, the most urgent of each. None where no process runs here."""
    owed = owed_items(account, ON_WORKBENCH)
    if not owed and not ProcessVersion.objects.filter(retired=False).exists():
        return None
    mine = Matter.objects.visible_to(account).mine(account)
    number, exact = counted(mine)
    rows = listed(account, list(with_names(mine)[:ON_WORKBENCH])) if number else []
    late = counted(mine.overdue())[0] if number else 0
    tasks = listed_tasks(account, list(my_tasks(account)[:ON_WORKBENCH]))
    invitations, extensions = my_invitations(account)[:ON_WORKBENCH], to_decide(account)[:ON_WORKBENCH]
    return OnWorkbench(rows, number, exact, late, tasks, list(invitations), list(extensions), owed)
