"""``banjie due MOMENT TERM``: the deadline, line by line."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import click
from django.conf import settings
from django.db import OperationalError, connection

from banjie.lib.dates import parse_moment
from banjie.lib.errors import Refusal
from banjie.lib.text import Language, Text, language, reading_in
from banjie.places.calendar import Calendar, NoCalendar
from banjie.places.calendars import official_calendar, shipped_calendar
from banjie.places.deadline import Due
from banjie.places.models import CalendarDay
from banjie.places.terms import parse_term
from banjie.places.working_time import due as due_of

OFFICE = Text("本机数据库的日历", "the office's calendar, from the database")
SHIPPED = Text("程序自带日历（未找到数据库）", "the calendar shipped with the program: no database was found")


@click.command()
@click.argument("moment")
@click.argument("term")
@click.option("--at-least", is_flag=True, help="期限须届满（如法定公告期） · a notice that must have run before the next step")
@click.option("--estimate", is_flag=True, help="允许使用估计日历 · allow years whose official calendar is not out yet")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · print JSON")
@click.option("--lang", type=click.Choice(["zh", "en"]), help="语言 · language")
def due(moment: str, term: str, at_least: bool, estimate: bool, as_json: bool, lang: Language | None) -> None:
    """推算期限 · the deadline of a TERM from a MOMENT, with its calculation.

    \b
    banjie due "2021-09-30 16:00" "5 workdays"
    banjie due 2021-09-01 30日 --at-least
    """
    with reading_in(lang or language()):
        calendar, origin = calendar_in_force()
        try:
            found = due_of(parse_moment(moment), parse_term(term), calendar, at_least, estimate)
        except NoCalendar as missing:
            hint = Text("(加 --estimate)", " (add --estimate)") if missing.can_be_estimated else Text("", "")
            raise click.ClickException(f"{missing}{hint}") from missing
        except Refusal as refusal:
            raise click.UsageError(str(refusal)) from refusal
        click.echo(_as_json(found, origin) if as_json else _as_text(found, origin))


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


def _as_text(found: Due, origin: Text) -> str:
    kind = Text("最早可进行下一步", "next step allowed from") if found.at_least else Text("截止", "due")
    if found.estimated:
        kind = Text(kind.zh + "(估计)", kind.en + " (estimate)")
    rows = [f"{kind}  {_moment(found)}", f"  {found.start:%Y-%m-%d %H:%M} + {found.term.title}"]
    rows += [f"  {_amount(line.amount):>6}  {line.says}" for line in found.lines]
    rows.append(f"  {Text('日历', 'calendar')}: {origin} ({found.calendar.version})")
    return "\n".join(rows)


def _moment(found: Due) -> str:
    return f"{found.moment:%Y-%m-%d %H:%M:%S}" if found.moment.second else f"{found.moment:%Y-%m-%d %H:%M}"


def _amount(amount: Fraction) -> str:
    """Exact where it has few decimals ("3.5"), else rounded to four: for reading, the sum is kept exactly."""
    return "·" if not amount else f"{float(amount):.4f}".rstrip("0").rstrip(".")


def _exact(amount: Fraction) -> str:
    """A decimal ("1.25"); a fraction ("1/3") where a decimal would not be exact, so that a reader's sum is."""
    decimal = Decimal(amount.numerator) / Decimal(amount.denominator)
    return f"{decimal:f}" if Fraction(decimal) == amount else str(amount)


def _as_json(found: Due, origin: Text) -> str:
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
        "due": found.moment.isoformat(),
        "estimated": found.estimated,
        "calendar": {"version": found.calendar.version, "from": origin.as_dict()},
        "lines": lines,
    }
    return json.dumps(answer, ensure_ascii=False, indent=2)
