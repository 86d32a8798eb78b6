"""The workbench lists that packs declare, as one account sees them: what is owed month by month, what is past its day, how
far that has come which I follow. Every list is cut off and counted up to a limit, so a register may be of any size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from urllib.parse import urlencode

from django.db.models import Count
from django.urls import reverse

from banjie.lib.clock import today
from banjie.lib.periods import Period
from banjie.lib.units import unit
from banjie.packs.screens import workbench_lists
from banjie.packs.workbench import Missing, WorkbenchList
from banjie.people.models import Account
from banjie.people.scopes import scope_of
from banjie.people.verbs import Verb
from banjie.registers.catalogue import catalogue
from banjie.registers.columns import FieldValue
from banjie.registers.definition import Register
from banjie.registers.models import Record
from banjie.registers.paging import counted
from banjie.registers.queries import Filter, RecordQuerySet, condition
from banjie.web.answering import Answerable
from banjie.web.display import Reader, title_of
from banjie.web.naming import called, labels

SHOWN = 6  # lines of a list on the workbench; its own page shows more
MONTHS_SHOWN = 6


@dataclass(frozen=True)
class Line:
    """One record. ``late``: days past its day. ``act``: the address where what is missing is entered."""

    record: Record
    name: str
    under: str = ""
    due: date | None = None
    late: int = 0
    act: str = ""
    share: Share | None = None


@dataclass(frozen=True)
class Share:
    """How far: the sum and what it is held against as people read them, each with where it came from; ``percent`` 0 to 100."""

    done: str
    done_link: str
    of: str
    of_link: str
    shown: str
    percent: int


@dataclass(frozen=True)
class Month:
    """A month for which something is missing: ``number`` of ``expected``."""

    code: str
    title: str
    number: int
    expected: int
    link: str


@dataclass(frozen=True)
class Owed:
    """One section. ``number`` is exact unless ``exact`` says otherwise; ``months`` only where children are missing."""

    declared: WorkbenchList
    register: Register
    number: int
    exact: bool
    lines: Sequence[Line] = ()
    months: Sequence[Month] = ()
    month: Month | None = None  # the one whose records stand in ``lines``

    @property
    def link(self) -> str:
        return reverse("workbench-list", args=[self.declared.name])

    @property
    def progress_title(self) -> str:
        """What progress is held against."""
        return title_of(self.register.field(self.declared.progress.of)) if self.declared.progress else ""

    @property
    def more(self) -> int:
        """How many are not among the lines."""
        return max(0, (self.month.number if self.month else self.number) - len(self.lines))


def sections(account: Account) -> list[Owed]:
    """The lists that concern the account, in the order of the packs."""
    me = Answerable.of(account)
    found = [owed(me, declared) for declared in workbench_lists()]
    return [section for section in found if section is not None]


def owed(me: Answerable, declared: WorkbenchList, *, month: str = "", size: int = SHOWN) -> Owed | None:
    """One list; None where it does not concern the account. ``month``: whose missing children are wanted (the newest)."""
    register = catalogue().registers.get(declared.register_name)
    if register is None or register.name not in scope_of(me.account).registers(Verb.VIEW):
        return None
    mine = me.records(declared.mine, register)
    if mine is None:
        return None
    rows = Record.objects.visible_to(me.account).of(register.name).live().filter(mine)
    rows = rows.matching(register, declared.filters(register, today()))
    year = _newest_year(rows, register, declared.year) if declared.year else None
    if declared.year and year:
        rows = rows.matching(register, [Filter(declared.year, "is", year)])
    if declared.missing:
        return _missing(me.account, declared, register, rows, year, declared.missing, month, size)
    number, exact = counted(rows)
    records = _first(rows, register, declared.order, size)
    return Owed(declared, register, number, exact, _lines(me.account, declared, register, records))


def _newest_year(rows: RecordQuerySet, register: Register, name: str) -> int | None:
    """The newest that has begun: next year's plan, entered in autumn, does not hide what this year owes."""
    rows = rows.matching(register, [Filter(name, "at_most", today().year)])
    newest = rows.annotate(position=FieldValue(register.field(name))).order_by("-position", "-id").values_list("data", flat=True)
    value = (newest.first() or {}).get(name)
    return int(value) if value else None


def _first(rows: RecordQuerySet, register: Register, order: str, size: int) -> list[Record]:
    placed = rows.annotate(position=FieldValue(register.field(order))).order_by("position", "id")
    return list(placed.select_related("area").defer("search")[:size])


def _lines(account: Account, declared: WorkbenchList, register: Register, records: Sequence[Record]) -> list[Line]:
    names = called(account, records)
    parents = labels(account, (r.parent_id for r in records))
    shares = _shares(account, declared, register, records)
    found = []
    for r in records:
        due = date.fromisoformat(str(r.data[declared.due])) if declared.due and r.data.get(declared.due) else None
        late = max(0, (today() - due).days) if due else 0
        under = parents.get(r.parent_id or 0, "") or (str(r.area) if r.area else "")
        found.append(Line(r, names[r.pk], under, due, late, share=shares.get(r.pk)))
    return found


def _shares(account: Account, declared: WorkbenchList, register: Register, records: Sequence[Record]) -> dict[int, Share]:
    progress = declared.progress
    if progress is None or not records or progress.register_name not in scope_of(account).registers(Verb.VIEW):
        return {}
    child = catalogue().register(progress.register_name)
    assert child.parent is not None  # the pack's check saw to it
    sums: dict[int, Decimal] = {}
    below = Record.objects.visible_to(account).of(child.name).live().filter(parent_id__in=[r.pk for r in records])
    for parent, data in below.values_list("parent_id", "data"):
        sums[parent or 0] = sums.get(parent or 0, Decimal(0)) + Decimal(str(data.get(progress.sum) or 0))
    reader, found = Reader(account, {}, {}), {}
    for r in records:
        whole = Decimal(str(r.data.get(progress.of) or 0))
        if not whole:
            continue
        done = sums.get(r.pk, Decimal(0))
        children = f"{reverse('register', args=[child.name])}?{urlencode({child.parent.field: r.key})}"
        found[r.pk] = Share(
            reader.text(child, child.field(progress.sum), str(done), unit=True), children,
            reader.text(register, register.field(progress.of), str(whole), unit=True),
            f"{reverse('record', args=[r.pk])}?field={progress.of}#history",
            str(unit("percent").display(done / whole, places=1)), int(min(done / whole, Decimal(1)) * 100),
        )  # fmt: skip
    return found


def _missing(
    account: Account, declared: WorkbenchList, register: Register, rows: RecordQuerySet, year: int | None,
    missing: Missing, wanted: str, size: int,
) -> Owed | None:  # fmt: skip
    child = catalogue().registers.get(missing.register_name)
    if child is None or child.parent is None or child.name not in scope_of(account).registers(Verb.VIEW):
        return None
    expected, exact = counted(rows)
    months = _months(account, declared, child, rows, expected, year, missing) if exact else []
    month = next((m for m in months if m.code == wanted), months[0] if months else None)
    lines: list[Line] = []
    if month is not None:
        came = _children(account, child).filter(condition(child, Filter(missing.month, "is", month.code)))
        without = rows.exclude(pk__in=came.values("parent_id"))
        records = _first(without, register, declared.order, size)
        may = scope_of(account)
        for line in _lines(account, declared, register, records):
            query = urlencode({child.parent.field: line.record.key, missing.month: month.code})
            act = f"{reverse('record-new', args=[child.name])}?{query}"
            allowed = may.may(Verb.CREATE, child.name, line.record.area_id)
            lines.append(Line(line.record, line.name, line.under, act=act if allowed else ""))
    return Owed(declared, register, sum(m.number for m in months), exact, lines, months, month)


def _children(account: Account, child: Register) -> RecordQuerySet:
    return Record.objects.visible_to(account).of(child.name).live().filter(parent_id__isnull=False)


def _months(
    account: Account, declared: WorkbenchList, child: Register, rows: RecordQuerySet, expected: int, year: int | None,
    missing: Missing,
) -> list[Month]:  # fmt: skip
    """The months with something missing, newest first. Of a year gone by only those for which anybody reported at all: a plan
    that was closed in October is not owed a November."""
    if not year or not expected:
        return []
    below = (
        _children(account, child).filter(parent_id__in=rows.values("pk")).annotate(month=FieldValue(child.field(missing.month)))
    )
    came = dict(below.order_by().values("month").annotate(n=Count("parent_id", distinct=True)).values_list("month", "n"))
    found = []
    for number in range(12, 0, -1):
        code = f"{year}-{number:02}"
        begun = code in came if year < today().year else _is_due(year, number, missing.by_day)
        lacking = expected - came.get(code, 0)
        if begun and lacking > 0:
            link = f"{reverse('workbench-list', args=[declared.name])}?month={code}"
            found.append(Month(code, str(Period.parse(code).title), lacking, expected, link))
    return found


def _is_due(year: int, month: int, by_day: int) -> bool:
    """Whether the day in the month after, by which a report is due, has gone by."""
    after = date(year + month // 12, month % 12 + 1, by_day)
    return today() > after
