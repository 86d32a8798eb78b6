"""``banjie due MOMENT TERM``: the deadline, line by line, with what happened to the clock on the way."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import click
from django.conf import settings
from django.db import OperationalError, connection

from banjie.lib.dates import parse_moment
from banjie.lib.errors import Refusal
from banjie.lib.text import Language, Text, language, reading_in
from banjie.matters.clocks import Event, Explained, due_time
from banjie.places.calendar import Calendar, NoCalendar
from banjie.places.calendars import official_calendar, shipped_calendar
from banjie.places.deadline import Due
from banjie.places.models import CalendarDay
from banjie.places.terms import Term, parse_term
from banjie.places.working_time import due as due_of

OFFICE = Text("本机数据库的日历", "the office's calendar, from the database")
SHIPPED = Text("程序自带日历（未找到数据库）", "the calendar shipped with the program: no database was found")


NOT_A_PAUSE = Text(
    "看不懂中止「{text}」。请写成「2021-09-28 10:00..2021-10-09 09:00」；尚未恢复的写成「2021-09-28 10:00..」",
    "{text} is no pause: write 2021-09-28 10:00..2021-10-09 09:00, and 2021-09-28 10:00.. for one that lasts",
)
NOT_AN_EXTENSION = Text(
    "看不懂延期「{text}」。请写成「2021-10-12 09:00 + 3个工作日」",
    "{text} is no extension: write 2021-10-12 09:00 + 3 workdays",
)
TURNED_ROUND = Text("中止「{text}」的恢复早于开始", "the pause {text} ends before it begins")
AT_LEAST = re.compile(r"(?:at least|不少于|至少)\s*", re.IGNORECASE)
Found = Due | Explained


@click.command()
@click.argument("moment")
@click.argument("term")
@click.option("--pause", "pauses", multiple=True, metavar="FROM..TO", help="中止计时，可多次 · a suspension; may be repeated")
@click.option("--extend", "extensions", multiple=True, metavar="AT+TERM", help="批准延期，可多次 · an extension; may be repeated")
@click.option("--at-least", is_flag=True, help="期限须届满（如法定公告期） · a notice that must have run before the next step")
@click.option("--estimate", is_flag=True, help="允许使用估计日历 · allow years whose official calendar is not out yet")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
@click.option("--lang", type=click.Choice(["zh", "en"]), help="语言 · language")
def due(
    moment: str,
    term: str,
    pauses: tuple[str, ...],
    extensions: tuple[str, ...],
    at_least: bool,
    estimate: bool,
    as_json: bool,
    lang: Language | None,
) -> None:
    """推算期限 · the deadline of a TERM from a MOMENT, with its calculation.

    \b
    banjie due "2021-09-30 16:00" "5 workdays"
    banjie due 2021-09-01 30日 --at-least
    banjie due "2021-09-24 10:00" 5个工作日 --pause "2021-09-27 15:00..2021-10-08 09:00"
    banjie due "2021-09-24 10:00" "5 workdays" --extend "2021-09-29 09:00 + 3 workdays"
    """
    with reading_in(lang or language()):
        calendar, origin = calendar_in_force()
        said = AT_LEAST.match(term)
        term, at_least = (term[said.end() :], True) if said else (term, at_least)
        try:
            begun, length = parse_moment(moment), parse_term(term)
            events = sorted([*_paused(pauses), *_extended(extensions)], key=lambda event: event.at)
            found = _reckon(begun, length, events, calendar, at_least=at_least, estimate=estimate)
        except NoCalendar as missing:
            hint = Text("（加 --estimate）", " (add --estimate)") if missing.can_be_estimated else Text("", "")
            raise click.ClickException(f"{missing}{hint}") from missing
        except Refusal as refusal:
            raise click.UsageError(str(refusal)) from refusal
        click.echo(_as_json(found, origin) if as_json else _as_text(found, origin))


def _reckon(begun: datetime, term: Term, events: list[Event], calendar: Calendar, *, at_least: bool, estimate: bool) -> Found:
    """As a matter's clock does; a year that is only estimated is used where that was asked for. Refusal; NoCalendar."""
    if not events:
        return due_of(begun, term, calendar, at_least, estimate)
    found = due_time([Event("start", begun), *events], term, calendar, at_least=at_least)
    if found.estimated and not estimate and found.moment:
        calendar.require(found.start.year, found.moment.year, estimate=False)
    return found


def _paused(texts: tuple[str, ...]) -> Iterator[Event]:
    for text in texts:
        begins, between, ends = text.partition("..")
        if not between or not begins.strip():
            raise Refusal(NOT_A_PAUSE.format(text=text))
        began = parse_moment(begins.strip())
        yield Event("pause", began)
        if ends.strip():
            ended = parse_moment(ends.strip())
            if ended < began:
                raise Refusal(TURNED_ROUND.format(text=text))
            yield Event("resume", ended)


def _extended(texts: tuple[str, ...]) -> Iterator[Event]:
    for text in texts:
        at, plus, amount = text.partition("+")
        if not plus:
            raise Refusal(NOT_AN_EXTENSION.format(text=text))
        yield Event("extend", parse_moment(at.strip()), parse_term(amount.strip()))


def calendar_in_force() -> tuple[Calendar, Text]:
    """The database's calendar if there is a database with its tables, else the shipped one; and which it is."""
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3") and not _exists(str(connection.settings_dict["NAME"])):
        return shipped_calendar(), SHIPPED  # looking would create an empty file
    try:
        if CalendarDay._meta.db_table in connection.introspection.table_names():
            return official_calendar(), OFFICE
    except OperationalError:
        pass  # not running, or not reachable from here: the origin printed below the result says so
    return shipped_calendar(), SHIPPED


def _exists(name: str) -> bool:
    return name.startswith("file:") or name == ":memory:" or Path(name).exists()


def _as_text(found: Found, origin: Text) -> str:
    kind = Text("最早可进行下一步", "next step allowed from") if found.at_least else Text("截止", "due")
    if found.estimated:
        kind = Text(kind.zh + "（估计）", kind.en + " (estimate)")
    rows = [f"{kind}  {_moment(found.moment)}", f"  {found.start:%Y-%m-%d %H:%M} + {found.term.title}"]
    rows += [f"  {_amount(line.amount):>6}  {line.says}" for line in found.lines]
    rows.append(f"  {Text('日历：', 'calendar: ')}{origin} ({found.calendar.version})")
    return "\n".join(rows)


def _moment(moment: datetime | None) -> str:
    if moment is None:
        return str(Text("（中止计时中，恢复后再推算）", "(suspended: it is reckoned when that ends)"))
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment.second else f"{moment:%Y-%m-%d %H:%M}"


def _amount(amount: Fraction) -> str:
    """Exact where it has few decimals ("3.5"), else rounded to four: for reading, the sum is kept exactly."""
    return "·" if not amount else f"{float(amount):.4f}".rstrip("0").rstrip(".")


def _exact(amount: Fraction) -> str:
    """A decimal ("1.25"); a fraction ("1/3") where a decimal would not be exact, so that a reader's sum is."""
    decimal = Decimal(amount.numerator) / Decimal(amount.denominator)
    return f"{decimal:f}" if Fraction(decimal) == amount else str(amount)


def _as_json(found: Found, origin: Text) -> str:
    lines = [
        {
            "begins": line.begins.isoformat(),
            "ends": line.ends.isoformat(),
            "amount": str(line.amount),
            "says": line.says.as_dict(),
        }
        for line in found.lines
    ]
    answer = {
        "start": found.start.isoformat(),
        "term": str(found.term),
        "at_least": found.at_least,
        "due": found.moment.isoformat() if found.moment else None,
        "estimated": found.estimated,
        "calendar": {"version": found.calendar.version, "from": origin.as_dict()},
        "lines": lines,
    }
    return json.dumps(answer, ensure_ascii=False, indent=2)
