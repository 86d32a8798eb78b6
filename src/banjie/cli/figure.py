"""``banjie figure`` and ``banjie publish``: ask for a figure, sign one."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta

import click

from banjie.cli.account import by_name
from banjie.figures import actions
from banjie.figures.answers import Answer, answer
from banjie.figures.tracing import Trace
from banjie.lib.clock import LOCAL
from banjie.lib.dates import parse_moment
from banjie.lib.signing import fingerprint
from banjie.lib.text import Language, Text, language, reading_in

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
    return begin + timedelta(days=1, microseconds=-1) if _DAY.fullmatch(text.strip()) else begin


@click.command()
@click.argument("name")
@click.option("--area", help="地区代码 · code of the area; one's own where not given")
@click.option("--period", help="时期 · period: 2021、2021-10、2021Q3、2021H1、2021-01..2021-10、2021-10 ytd")
@click.option("--as-of", "as_of", help="当时所知:2021-12-13(当日结束时)或 2021-12-13 09:00 · as known then")
@click.option("--by", help="分组 · breakdown: town, industry, month, to_month …")
@click.option("--trace", "with_trace", is_flag=True, help="列出公式、记录和历次数值 · formula, rows and vintages")
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
    as_json: bool,
    lang: Language | None,
    username: str | None,
) -> None:
    """查询指标 · ask for a figure, as known now or at a past moment.

    \b
    banjie figure projects.invested --area 431322 --period 2021-01..2021-10 --by town
    banjie figure county.gdp --period 2021 --as-of 2021-12-13 --json
    """
    with reading_in(lang or language()):
        given = answer(name, account=by_name(username), area=area, period=period, by=by, as_of=moment(as_of), trace=with_trace)
        click.echo(json.dumps(given.as_json(), ensure_ascii=False, indent=2) if as_json else _told(given))


@click.command()
@click.argument("name")
@click.option("--area", help="地区代码 · code of the area")
@click.option("--period", help="时期 · period")
@click.option("--as-of", "as_of", help="当时所知 · as known then")
@click.option("--why", default="", help="原因,如更正说明 · the reason, e.g. of a correction")
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
        Text(f",更正第 {made.vintage - 1} 版", f", correcting vintage {made.vintage - 1}") if made.corrects_id else Text("", "")
    )
    click.echo(
        Text(
            "已发布 {title} {display}(第 {n} 版{corrected});密钥 {key}",
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
    lines = [f"{given.title}({given.area_title}{period}): {given.display}"]
    if given.no_value:
        lines.append(f"  {given.no_value}")
    lines += [f"  {note}" for note in given.notes]
    for made in (given.numerator, given.denominator):
        if made is not None:
            lines.append(f"  {made.title}: {made.display}")
    as_of = given.as_of.astimezone(LOCAL).strftime("%Y-%m-%d %H:%M")
    rests = Text("  截至 {at} 所知 · {rows} 条记录 · {basis} · {status}", "  as known at {at} · {rows} rows · {basis} · {status}")
    lines.append(str(rests.format(at=as_of, rows=given.rows, basis=given.basis_title, status=given.status_title)))
    if given.source:
        lines.append(f"  {Text('出处', 'source')}: {given.source}")
    lines += [f"    {part.title}: {part.display}" + (f"  ({part.no_value})" if part.no_value else "") for part in given.parts]
    if given.trace is not None:
        lines += _opened(given.trace)
    return "\n".join(lines)


def _opened(trace: Trace) -> list[str]:
    lines = [str(Text("公式", "formulas"))]
    lines += [
        f"  {made.figure} = {made.formula}  [{made.definition[:12]}, v{made.number}, {made.pack}]" for made in trace.formulas
    ]
    for source in trace.sources:
        lines.append(f"{source.title}: {source.display} · {source.register_title} · {source.total}")
        lines += [
            f"  {r.key}  {r.label}  v{r.version}  #{r.entry}  {'' if r.value is None else f'{r.value:f}'}" for r in source.rows
        ]
        if source.next_offset is not None:
            lines.append(f"  … {source.total - source.next_offset}")
    lines.append(str(Text("历次数值", "vintages")))
    for vintage in trace.vintages:
        lines.append(f"  {vintage.known_from.astimezone(LOCAL):%Y-%m-%d %H:%M}  {vintage.display}")
        lines += [f"    #{c.entry} {c.actor} {c.verb} {c.register}/{c.key} {c.why}" for c in vintage.changes]
    return lines
