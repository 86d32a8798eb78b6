"""``banjie figure`` and ``banjie publish``: ask for a figure, sign one."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import click

from banjie.cli.account import by_name
from banjie.figures import actions
from banjie.figures.answers import Answer, answers_to
from banjie.figures.asking import Request, asking
from banjie.figures.catalogue import figures
from banjie.figures.tracing import ROWS, ROWS_AT_MOST, Trace, trace_of
from banjie.lib.clock import LOCAL
from banjie.lib.dates import parse_moment
from banjie.lib.signing import fingerprint
from banjie.lib.text import Language, Text, language, reading_in
from banjie.lib.units import unit

PAIR = Text("{name}：{value}", "{name}: {value}")
_DAY = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{4}年\d{1,2}月\d{1,2}日")


def moment(text: str | None) -> datetime | None:
    """A moment as typed: "2021-12-13 09:00" (local), ISO with a zone, or a day, which means the end of that day: all that
    was recorded on it is known. Raises Refusal."""
    if text is None:
        return None
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        given = None
    if given is not None and given.tzinfo is not None:
        return given
    begin = parse_moment(text)
    return begin.replace(hour=23, minute=59, second=59, microsecond=999999) if _DAY.fullmatch(text.strip()) else begin


@click.command()
@click.argument("name")
@click.option("--area", help="地区代码，默认为本账号的地区 · code of the area; one's own where not given")
@click.option("--period", help="时期 · period: 2021、2021-10、2021Q3、2021H1、2021-01..2021-10、2021-10 ytd")
@click.option("--as-of", "as_of", help='截至时点，如 2021-12-13（当日结束时）或 "2021-12-13 09:00" · as known then')
@click.option("--by", help="分组 · breakdown: town, industry, month, to_month …")
@click.option("--trace", "with_trace", is_flag=True, help="数据溯源：公式、记录和历次版次 · formula, rows and vintages")
@click.option("--offset", type=click.IntRange(min=0), default=0, help="溯源从第几条记录之后列起 · rows of the trace to pass over")
@click.option(
    "--limit",
    type=click.IntRange(1, ROWS_AT_MOST),
    default=ROWS,
    show_default=True,
    help="溯源列多少条记录 · rows of the trace to list",
)
@click.option("--places", type=click.IntRange(0, 6), help="小数位数，如 0 即整数百分比 · decimals: 0 for whole per cent")
@click.option("--json", "as_json", is_flag=True, help="机器可读 · machine-readable")
@click.option("--lang", type=click.Choice(["zh", "en"]), help="语言 · language")
@click.option(
    "--as", "username", metavar="USERNAME", help="以此账号的权限查询 · ask as this account; the system itself where not given"
)
def figure(
    name: str,
    area: str | None,
    period: str | None,
    as_of: str | None,
    by: str | None,
    with_trace: bool,
    offset: int,
    limit: int,
    places: int | None,
    as_json: bool,
    lang: Language | None,
    username: str | None,
) -> None:
    """查询指标 · ask for a figure, as known now or at a past moment.

    \b
    banjie figure projects.invested --area 431322 --period 2021-01..2021-10 --by town
    banjie figure county.gdp --period 2021 --as-of 2021-12-13 --json
    banjie figure projects.completion --period 2021-01..2021-10 --places 0
    banjie figure projects.invested --period 2021 --trace --offset 100 --limit 100
    """
    with reading_in(lang or language()):
        request = Request(name, area, period, by, moment(as_of))
        with asking(by_name(username)) as asked:
            (given,) = answers_to(asked, [request])
            if with_trace:
                given = replace(given, trace=trace_of(asked, request, offset=offset, limit=limit))
        if places is not None:
            given = at_places(given, places)
        click.echo(json.dumps(given.as_json(), ensure_ascii=False, indent=2) if as_json else _told(given))


def at_places(given: Answer, places: int) -> Answer:
    """The answer with its values at so many decimals; those of other units, such as a ratio's parts, stay as they are."""
    figure = figures().figures[given.figure]

    def shown(value: Decimal | None, display: Text) -> Text:
        return display if value is None else unit(given.unit).display(value, places=places, scale=figure.display.unit)

    parts = tuple(replace(part, display=shown(part.value, part.display)) for part in given.parts)
    return replace(given, display=given.shown(places) if given.value is not None else given.display, parts=parts)


@click.command()
@click.argument("name")
@click.option("--area", help="地区代码 · code of the area")
@click.option("--period", help="时期 · period")
@click.option("--as-of", "as_of", help="截至时点 · as known then")
@click.option("--why", default="", help="原因，如更正说明 · the reason, e.g. of a correction")
@click.option("--json", "as_json", is_flag=True, help="机器可读 · machine-readable")
@click.option("--as", "username", metavar="USERNAME", help="以此账号发布 · publish as this account")
def publish(
    name: str, area: str | None, period: str | None, as_of: str | None, why: str, as_json: bool, username: str | None
) -> None:
    """签名发布指标 · sign and publish a figure; a changed value becomes a new vintage that names the old one."""
    made = actions.publish(name, area=area, period=period, as_of=moment(as_of), by=by_name(username), why=why, origin="cli")
    if as_json:
        said = {"publication": made.pk, "statement": made.body, "public_key": made.public_key, "signature": made.signature}
        click.echo(json.dumps(said, ensure_ascii=False, indent=2))
        return
    corrected = (
        Text(f"，更正第{made.vintage - 1}版次", f", correcting vintage {made.vintage - 1}") if made.corrects_id else Text("", "")
    )
    click.echo(
        Text(
            "已发布：{title} {display}（第{n}版次{corrected}），签名密钥 {key}",
            "published {title}: {display} (vintage {n}{corrected}); key {key}",
        ).format(
            title=Text.of(made.body["title"]),
            display=made.display,
            n=made.vintage,
            corrected=corrected,
            key=fingerprint(made.public_key),
        )
    )


def _told(given: Answer) -> str:
    """The answer for people: value first, then what it rests on."""
    period = f" {given.period.title}" if given.period else ""
    head = Text("{title}（{area}{period}）：{display}", "{title} ({area}{period}): {display}")
    lines = [str(head.format(title=given.title, area=given.area_title, period=period, display=given.display))]
    if given.no_value:
        lines.append(f"  {given.no_value}")
    lines += [f"  {note}" for note in given.notes]
    for made in (given.numerator, given.denominator):
        if made is not None:
            lines.append(f"  {PAIR.format(name=made.title, value=made.display)}")
    as_of = given.as_of.astimezone(LOCAL).strftime("%Y-%m-%d %H:%M")
    rests = Text("  截至 {at} · {rows} 条记录 · 口径：{basis}", "  as known at {at} · {rows} rows · {basis}")
    said = str(rests.format(at=as_of, rows=given.rows, basis=given.basis_title))
    lines.append(said if given.status == "missing" else f"{said} · {given.status_title}")
    if given.source:
        lines.append(f"  {PAIR.format(name=Text('来源', 'source'), value=given.source)}")
    for part in given.parts:
        shown = (
            Text("{value}（{why}）", "{value} ({why})").format(value=part.display, why=part.no_value)
            if part.no_value
            else part.display
        )
        lines.append(f"    {PAIR.format(name=part.title, value=shown)}")
    if given.trace is not None:
        lines += _opened(given.trace)
    return "\n".join(lines)


def _opened(trace: Trace) -> list[str]:
    lines = [str(Text("数据溯源", "where it comes from"))]
    version = Text("  {title} = {formula}（机制包 {pack}，定义第{n}版）", "  {title} = {formula} (pack {pack}, definition {n})")
    lines += [str(version.format(title=m.title, formula=m.formula, pack=m.pack, n=m.number)) for m in trace.formulas]
    for source in trace.sources:
        total = Text("{n} 条记录", "{n} records").format(n=source.total)
        lines.append(f"{PAIR.format(name=source.title, value=source.display)} · {source.register_title} · {total}")
        row = Text(
            "  {key} {label}：{value}（第{n}版，台账条目 {entry}）", "  {key} {label}: {value} (version {n}, entry {entry})"
        )
        for r in source.rows:
            value = "—" if r.value is None else unit(source.unit).display(r.value)
            lines.append(str(row.format(key=r.key, label=r.label, value=value, n=r.version, entry=r.entry)))
        if source.next_offset is not None:
            lines.append(str(Text("  另有 {n} 条", "  {n} more").format(n=source.total - source.next_offset)))
    lines.append(str(Text("历次版次", "vintages")))
    for vintage in trace.vintages:
        lines.append(f"  {vintage.known_from.astimezone(LOCAL):%Y-%m-%d %H:%M}  {vintage.display}")
        change = Text("    台账条目 {entry}：{actor}，{label} {why}", "    entry {entry}: {actor}, {label} {why}")
        lines += [str(change.format(entry=c.entry, actor=c.actor, label=c.label, why=c.why)).rstrip() for c in vintage.changes]
    return lines
