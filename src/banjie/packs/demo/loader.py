"""Loading a demonstration: invented records with a real history, through the same door as everything else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from random import Random

from django.db import transaction

from banjie.lib import clock
from banjie.lib.errors import Refusal
from banjie.lib.text import Text
from banjie.matters.actions import put_away_closed
from banjie.packs.definition import Pack
from banjie.packs.demo.acting import ORIGIN, Acting
from banjie.packs.demo.actors import Actors
from banjie.packs.demo.days import OfficeDays
from banjie.packs.demo.definition import DemoSet
from banjie.packs.demo.histories import History, batches
from banjie.packs.demo.making import make_rows
from banjie.packs.demo.rows import Event, Row
from banjie.packs.demo.values import Making, Places
from banjie.people import actions as people_actions
from banjie.people.installation import install_people
from banjie.people.models import Account, Post
from banjie.places.calendars import official_calendar
from banjie.places.models import Area
from banjie.registers.bulk import BadRows, write_many
from banjie.registers.catalogue import catalogue

DEMO_PASSWORD = "banjie-demo-2021"
SEED = "banjie"  # every demonstration is the same

Progress = Callable[[str, int, int], None]  # stage ("accounts", "inventing", "writing"), done, of how many


@dataclass(frozen=True, slots=True)
class Assignment:
    """A post gets a role for a record, on the day on which the record is entered."""

    role: str
    post: str
    register: str
    key: str
    moment: datetime


@transaction.atomic
def load_demo(packs: Sequence[Pack], *, scale: int = 1, progress: Progress | None = None) -> int:
    """Make the accounts and records of the packs' demonstrations: all or nothing. Returns the number of writes.

    The packs must be installed. ``scale`` multiplies counts and totals. Every entry has the time at which it would
    have been recorded and, beside it, that of loading; its origin is ``demo``. Refusal, BadRows or Invalid where the
    declared counts and totals cannot be met.
    """
    tell = progress or _silent
    tell("accounts", 0, 1)
    for pack in packs:
        install_people(pack.people, by=None, password=DEMO_PASSWORD, why="演示", origin=ORIGIN)
    tell("inventing", 0, 1)
    events, assignments = _invent(packs, scale)
    accounts = {account.username: account for account in Account.objects.all()}
    posts = {post.code: post for post in Post.objects.select_related("organisation")}
    waiting = defaultdict(list)
    for assignment in assignments:
        waiting[assignment.register, assignment.key].append(assignment)
    acting, done = Acting(accounts), 0
    for batch in batches(events):
        _write(batch, accounts, acting)
        if batch[0].mode == "open":  # the next step may be up to whoever has the duty for this very record
            _assign(waiting.pop((batch[0].register, batch[0].key), []), posts)
        done += len(batch)
        tell("writing", done, len(events))
    _assign([assignment for left in waiting.values() for assignment in left], posts)
    put_away_closed()
    return len(events)


def demo_accounts() -> Iterator[tuple[str, Text, Text]]:
    """User name, name and posts of every account that has a post: what to log in with."""
    for account in Account.objects.filter(is_active=True, appointments__isnull=False).distinct().order_by("pk"):
        posts = [appointment.post.name for appointment in account.appointments.select_related("post").order_by("pk")]
        yield account.username, account.name, Text("、".join(p.zh for p in posts), ", ".join(p.en for p in posts))


def _silent(stage: str, done: int, total: int) -> None:
    """Nobody watches."""


def _invent(packs: Sequence[Pack], scale: int) -> tuple[list[Event], list[Assignment]]:
    """All writes of all sets up to the present moment. Each set has a lot of its own, so that changing one leaves the others as they were."""
    known, calendar, places = catalogue(), official_calendar(), _places()
    actors = Actors(known)
    earlier: dict[str, list[Row]] = {}
    events: list[Event] = []
    assignments: list[Assignment] = []
    for pack in packs:
        for made in pack.demo:
            random = Random(f"{SEED}/{pack.name}/{made.set_}")
            days = OfficeDays(calendar, random)
            register = known.register(made.register_)
            rows = make_rows(made, register, earlier, Making(random, days, places, scale))
            earlier[made.set_] = rows
            history = History(random, days, scale, actors.of, events)
            history.of_set(made, register, rows)
            assignments += _assignments(made, rows)
    present = clock.now()
    return [e for e in events if e.moment <= present], [a for a in assignments if a.moment <= present]


def _places() -> Places:
    names = dict(Area.objects.values_list("code", "name_zh"))

    @lru_cache
    def within(code: str, level: str) -> list[str]:
        inside = set(Area.objects.codes_within(code))
        return [c for c in Area.objects.on(clock.today()).filter(level=level).values_list("code", flat=True) if c in inside]

    return Places(names, within)


def _assignments(made: DemoSet, rows: list[Row]) -> list[Assignment]:
    return [
        Assignment(role, str(row.get(post)), made.register_, row.key, row.moment)
        for role, post in made.duties.items()
        for row in rows
        if row.get(post) and row.moment
    ]


def _write(batch: list[Event], accounts: Mapping[str, Account], acting: Acting) -> None:
    first = batch[0]
    with clock.simulated(first.moment):
        if first.process:
            acting.act(first, _account(first.by, accounts))
            return
        try:
            write_many(
                first.register,
                [event.values for event in batch],
                by=_account(first.by, accounts),
                origin=ORIGIN,
                why=first.why,
                mode="create" if first.mode == "create" else "update",
            )
        except BadRows as bad:
            fault = bad.problems[0]
            raise Refusal(_BAD.format(register=first.register, where=fault.where, value=fault.value, why=fault.says)) from bad


_BAD = Text(
    "演示数据不合「{register}」：{where} = {value}：{why}", "the demonstration does not fit {register}: {where} = {value}: {why}"
)


def _account(username: str, accounts: Mapping[str, Account]) -> Account | None:
    if username and username not in accounts:
        raise Refusal(
            Text(
                f"演示数据要用账号「{username}」，没有这个账号。",
                f"the demonstration writes as {username}, and there is no such account.",
            )
        )
    return accounts[username] if username else None


def _assign(assignments: Sequence[Assignment], posts: Mapping[str, Post]) -> None:
    for assignment in assignments:
        with clock.simulated(assignment.moment):
            people_actions.assign_duty(
                posts[assignment.post],
                role=assignment.role,
                register=assignment.register,
                key=assignment.key,
                by=None,
                why="演示",
                origin=ORIGIN,
            )
