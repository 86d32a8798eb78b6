"""``banjie fill FORM.xlsx``: a blank form filled from records, with what stays blank and why."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click
from django.conf import settings

from banjie.bulletins.forms.actions import Answered, confirm_form, fill, keep_form, look
from banjie.bulletins.forms.filling import Filled
from banjie.bulletins.forms.lists import Choice
from banjie.bulletins.forms.matched import Matched
from banjie.bulletins.forms.workbook import place_of, reference
from banjie.cli.account import by_name
from banjie.cli.figure import moment
from banjie.lib.errors import Invalid, Problem
from banjie.lib.periods import Period
from banjie.lib.text import Language, Text, language, reading_in
from banjie.people.models import Account
from banjie.registers.paging import Order
from banjie.registers.queries import Filter

SHOWN = 20  # cells of one reason
NO_HEADING = Text("这张表的 {cell} 不是表头", "{cell} is not a heading of this form")
SHAPE = Text("应写成 单元格=指标，如 C4=projects.planned:万元；留空写 C4=-", "write CELL=FIGURE, e.g. C4=projects.planned:万元, or C4=- to leave it blank")  # fmt: skip
NO_LIST = Text("表中没有名单", "the form has no list")


@click.command("fill")
@click.argument("form", type=click.Path(path_type=Path))
@click.option("--area", help="地区代码，默认为本账号的地区 · code of the area; one's own where not given")
@click.option("--period", help="填报时期，默认取表题所印 · period; as the form's title states where not given")
@click.option("--as-of", "as_of", help="截至时点 · as known then")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="填好的文件 · where the filled form goes")
@click.option(
    "--keep", is_flag=True, help="确认匹配并保留，下月再来时直接沿用 · confirm the matches and keep them for next month"
)
@click.option("--set", "settled", multiple=True, metavar="CELL=FIGURE[:UNIT]", help="更正一个表头（并保留）：C4=projects.planned:万元；不填：C4=- · correct a heading, and keep it")  # fmt: skip
@click.option("--where", "filters", multiple=True, metavar="FIELD=VALUE", help="名单的筛选 · which records a list is filled from")
@click.option("--sort", metavar="[-]FIELD", help="名单的排序 · in which order")
@click.option("--site", help="批注中链接的网址前缀 · the site that comments link to")
@click.option("--json", "as_json", is_flag=True, help="机器可读 · machine-readable")
@click.option("--lang", type=click.Choice(["zh", "en"]), help="语言 · language")
@click.option("--as", "username", metavar="USERNAME", help="以此账号的权限填写 · fill as this account; the system itself where not given")  # fmt: skip
def fill_(
    form: Path,
    area: str | None,
    period: str | None,
    as_of: str | None,
    output: Path | None,
    keep: bool,
    settled: tuple[str, ...],
    filters: tuple[str, ...],
    sort: str | None,
    site: str | None,
    as_json: bool,
    lang: Language | None,
    username: str | None,
) -> None:
    """填写空白表 · fill a blank form (.xlsx) from records; what is not known stays blank and is listed.

    \b
    banjie fill 月报.xlsx --period 2021-01..2021-10 -o 月报（已填）.xlsx
    banjie fill 月报.xlsx --keep --set "C4=projects.planned:万元"
    """
    with reading_in(lang or language()):
        by = by_name(username)
        content = form.read_bytes()
        asked = Period.parse(period) if period else None
        if keep or settled or filters or sort:
            _settle(content, form.name, by, area, asked, settled, filters, sort)
        base = (site or _site()).rstrip("/")
        made = fill(
            content, by=by, link=lambda address: f"{base}/{address}", area=area, period=asked, as_of=moment(as_of), origin="cli"
        )
        goal = output or form.with_name(f"{form.stem}{Text('（已填）', ' (filled)')}{form.suffix}")
        _place(made.content, goal)
        if as_json:
            click.echo(json.dumps({**made.as_json(), "output": str(goal)}, ensure_ascii=False, indent=2))
        else:
            click.echo(_told(made, goal))


def _site() -> str:
    return next(iter(settings.CSRF_TRUSTED_ORIGINS), "http://127.0.0.1:8000")


def _settle(
    content: bytes, name: str, by: Account | None, area: str | None, period: Period | None, settled: tuple[str, ...],
    filters: tuple[str, ...], sort: str | None,
) -> None:  # fmt: skip
    """Confirm the form as it is matched, with the corrections given."""
    mapping = keep_form(content, name=name, by=by, origin="cli")
    matched, _ = look(mapping, by=by, area=area, period=period)
    answers = dict(_answer(matched, text) for text in settled)
    lists = {f.key: _choice(f.choice, filters, sort) for f in matched.lists if filters or sort}
    if (filters or sort) and not lists:
        raise Invalid([Problem("--where", None, NO_LIST)])
    confirm_form(mapping, matched, answers, lists=lists, turn=mapping.turn, by=by, origin="cli")


def _answer(matched: Matched, text: str) -> tuple[str, Answered]:
    cell, separator, said = text.partition("=")
    sheet, _, place = cell.rpartition("!")
    at = place_of(place)
    if not separator or at is None or not said:
        raise Invalid([Problem("--set", text, SHAPE)])
    found = next((m for m in matched.matches.values() if m.head.at == at and _on(matched, m.key, sheet)), None)
    if found is None:
        raise Invalid([Problem("--set", text, NO_HEADING.format(cell=cell))])
    name, _, unit = said.partition(":")
    if name == "-":
        return found.key, Answered(nothing=True)
    of_list = any(found in each.columns for each in matched.lists)
    return found.key, Answered(field=name, unit=unit) if of_list else Answered(figure=name, unit=unit)


def _on(matched: Matched, key: str, sheet: str) -> bool:
    return not sheet or matched.form.sheets[int(key.split("/", 1)[0]) - 1].name == sheet


def _choice(found: Choice, filters: tuple[str, ...], sort: str | None) -> Choice:
    wanted = [Filter(field, "is", value) for field, _, value in (f.partition("=") for f in filters)]
    order = Order(sort.removeprefix("-"), sort.startswith("-")) if sort else found.order
    return Choice(found.register, tuple(wanted) or found.filters, order, found.yearly and not wanted)


def _place(content: bytes, goal: Path) -> None:
    """The whole file, or what was there before."""
    partial = goal.with_name(f"{goal.name}.part")
    try:
        partial.write_bytes(content)
        os.replace(partial, goal)  # noqa: PTH105 - of two paths in one folder
    finally:
        partial.unlink(missing_ok=True)


def _told(made: Filled, goal: Path) -> str:
    form, scope = made.matched.form, made.matched.scope
    head = Text("✓ 已填 {n} 格：{title}（{area}{period}）→ {goal}", "✓ {n} cells filled: {title} ({area}{period}) → {goal}")
    period = f" {scope.period.title}" if scope.period else ""
    lines = [str(head.format(n=len(made.values), title=form.title, area=made.area, period=period, goal=goal))]
    if made.settled:
        again = Text("  沿用已确认的 {n} 个表头", "  {n} headings as they were confirmed before")
        lines.append(str(again.format(n=made.settled)))
    if form.hidden:
        names = Text("、".join(form.hidden), ", ".join(form.hidden))
        lines.append(str(Text("  隐藏的工作表没有动：{names}", "  hidden sheets were left alone: {names}").format(names=names)))
    if made.unanswered:
        lines.append(str(Text("  {n} 格留空：", "  {n} cells stay blank:").format(n=len(made.unanswered))))
    reasons: dict[tuple[str, str], list[str]] = {}
    for blank in made.unanswered:
        reasons.setdefault((form.sheets[blank.page - 1].name, str(blank.because)), []).append(reference(blank.place))
    for (sheet, because), places in reasons.items():
        more = " …" if len(places) > SHOWN else ""
        lines.append(f"    {sheet} {' '.join(places[:SHOWN])}{more}  {because}")
    return "\n".join(lines)
