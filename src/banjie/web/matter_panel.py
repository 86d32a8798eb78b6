"""A matter on its record's page: where it stands, by when and why, and what the reader can do about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F
from django.urls import reverse

from banjie.ledger.models import Entry
from banjie.lib.clock import now
from banjie.lib.definition import Sourced
from banjie.lib.text import Text
from banjie.matters.actions.applying import wanted
from banjie.matters.definition import Process, Stage
from banjie.matters.models import Ballot, Clock, Invitation, Matter
from banjie.matters.page import ClockShown, Page, page
from banjie.people.models import Account
from banjie.places.terms import parse_term
from banjie.registers.attachments import attachments_of
from banjie.registers.models import Attachment, Record
from banjie.web.matter_forms import TITLES
from banjie.web.matter_listing import Row, listed, my_invitations, with_names
from banjie.web.matter_words import ENDINGS, STATES, Remaining, remaining

KINDS = {
    (True, False): Text("须届满", "must have run"),
    (False, True): Text("承诺期限", "promised"),
    (False, False): Text("期限", "limit"),
}


@dataclass(frozen=True)
class Station:
    """A stage in the strip. ``state``: done, here, next (it can follow), ahead. ``at``: when the matter last came to it."""

    stage: Stage
    state: str
    at: datetime | None


@dataclass(frozen=True)
class ClockRow:
    """A clock as a line. ``term`` and ``kind`` say what it is, ``tag`` how it stands."""

    shown: ClockShown
    kind: Text
    term: Text
    left: Remaining
    stands: Text
    sourced: Sourced


@dataclass(frozen=True)
class Offer:
    """A button: what it does, and its form."""

    title: Text
    link: str


@dataclass(frozen=True)
class Panel:
    page: Page
    state: Text
    left: Remaining
    strip: list[Station]
    running: list[ClockRow]
    stopped: list[ClockRow]
    offers: list[Offer]
    branches: list[Row]
    main: Row | None
    awaited: list[str]  # what the applicant is asked for, by this matter or by its branches, while it stands still
    shared: list[Attachment]  # what was handed in with the main matter: it serves this branch too
    promised: list[tuple[Text, Text, str]]
    answerable: frozenset[int]  # invitations that the reader may answer
    code: str
    ballots: list[Ballot]  # those taken so far, the newest first
    ballot_to_open: bool  # the matter is at its ballot, none runs, and the reader conducts it

    @property
    def matter(self) -> Matter:
        return self.page.matter


def panel(account: Account, record: Record) -> Panel | None:
    """The matter of a record that the account may see; None where the record runs through no process."""
    found = Matter.objects.filter(record=record).values_list("pk", flat=True).first()
    if found is None or record.removed_at is not None:
        return None
    shown = page(found, by=account)
    matter, at = shown.matter, now()
    state = ENDINGS[matter.ending] if matter.state == "closed" else STATES[matter.state]
    left = remaining(matter.due_at, at, suspended=matter.state == "suspended")
    clocks = [_clock(c, at) for c in shown.clocks]
    ballots = list(Ballot.objects.filter(matter=matter).order_by("-pk")) if shown.process.ballot else []
    return Panel(
        page=shown,
        state=state,
        left=Remaining(Text("", "")) if matter.state == "closed" else left,
        strip=strip_of(shown.process, matter),
        running=[c for c in clocks if c.shown.clock.state != Clock.STOPPED],
        stopped=[c for c in clocks if c.shown.clock.state == Clock.STOPPED],
        offers=[Offer(_offered(shown, verb), step_link(matter.pk, verb)) for verb in TITLES if verb in shown.may],
        branches=listed(account, list(_named(shown.branches))) if shown.branches else [],
        main=_main(account, shown.main),
        awaited=(wanted(matter) or "").splitlines(),
        shared=attachments_of(shown.main.record) if shown.main else [],
        promised=promised(shown),
        answerable=frozenset(my_invitations(account).filter(matter=matter).values_list("pk", flat=True)),
        code=f"{matter.code[:5]}-{matter.code[5:]}" if matter.code else "",
        ballots=ballots,
        ballot_to_open=_ballot_to_open(shown, ballots),
    )


def _ballot_to_open(shown: Page, ballots: list[Ballot]) -> bool:
    definition = shown.process.ballot
    here = definition is not None and shown.matter.stage == definition.stage and shown.matter.state == "open"
    return here and shown.yours and not any(b.state == Ballot.OPEN for b in ballots)


def _offered(shown: Page, verb: str) -> Text:
    """What the button of a step is called: a process may have its own word for being withdrawn."""
    own = shown.process.withdraw.title if verb == "withdraw" else None
    return own or TITLES[verb]


def step_link(pk: int, verb: str, item: str = "") -> str:
    return reverse("matter-step-of", args=[pk, verb, item]) if item else reverse("matter-step", args=[pk, verb])


def _named(branches: tuple[Matter, ...]) -> list[Matter]:
    return list(with_names(Matter.objects.filter(pk__in=[b.pk for b in branches]).order_by("pk")))


def _main(account: Account, main: Matter | None) -> Row | None:
    if main is None:
        return None
    rows = list(with_names(Matter.objects.visible_to(account).filter(pk=main.pk)))
    return listed(account, rows)[0] if rows else None


def strip_of(process: Process, matter: Matter, *, ahead: bool = True) -> list[Station]:
    """The stages in the order of the definition: those reached, and those that can be without going back. Of the endings only
    those reached or (``ahead``) one step away."""
    steps = Entry.objects.of(matter.record.chain).filter(verb__startswith="matter.")
    been: dict[str, datetime] = {}
    last = ""
    for stage, at in steps.values_list("body__matter__stage", "at"):
        if stage and stage != last:
            been[stage] = at
            last = stage
    here = process.stages.get(matter.stage)
    following = set(here.to) if here and ahead and matter.state != "closed" else set()
    reachable = _reachable(process, matter.stage) if matter.state != "closed" else set()
    found = []
    for name, declared in process.stages.items():
        state = "here" if name == matter.stage else "done" if name in been else "next" if name in following else "ahead"
        if state != "ahead" or (name in reachable and not declared.ending):
            found.append(Station(declared, state, been.get(name)))
    return found


def _reachable(process: Process, start: str) -> set[str]:
    """The stages that lie ahead of one, along ways that are no returns."""
    found, ahead = set[str](), [start]
    while ahead:
        stage = process.stages.get(ahead.pop())
        for to, way in stage.to.items() if stage else ():
            if not way.returns and to not in found:
                found.add(to)
                ahead.append(to)
    return found


def _clock(shown: ClockShown, at: datetime) -> ClockRow:
    clock = shown.clock
    paused = clock.state == Clock.PAUSED
    if clock.state == Clock.STOPPED:
        says = Text("超期停止", "stopped late") if clock.late else Text("已停止", "stopped")
        left = Remaining(says, "bad" if clock.late else "")
    elif clock.at_least and clock.due_at is not None and clock.due_at <= at:
        left = Remaining(Text("已届满", "has run"), "good", clock.due_at)
    else:
        left = remaining(clock.due_at, at, suspended=paused)
        if clock.at_least:
            left = Remaining(left.says, "", left.due)
    kind = KINDS[clock.at_least, clock.promise and not clock.at_least]
    stands = Text("暂停", "paused") if paused else Text("", "")
    return ClockRow(shown, kind, parse_term(clock.term).title, left, stands, shown.sourced)


def promised(shown: Page) -> list[tuple[Text, Text, str]]:
    """What was promised when it began: of which stage, what term, until when (UTC as the promise keeps it)."""
    stages = dict(shown.stages)
    found = []
    for said in shown.matter.promised.get("clocks", ()):
        of = stages[said["stage"]].title if said["stage"] in stages else Text("全程", "the matter as a whole")
        term = Text("{kind} {term}", "{kind} {term}").format(
            kind=KINDS[said["at_least"], said["promise"] and not said["at_least"]], term=parse_term(said["term"]).title
        )
        found.append((of, term, said["due_at"] or ""))
    return found


def invitation_for(account: Account, pk: int) -> Invitation | None:
    """An invitation that the account may answer, whether or not it may see the record."""
    return my_invitations(account).filter(pk=pk).annotate(digest=F("matter__definition__digest")).first()
