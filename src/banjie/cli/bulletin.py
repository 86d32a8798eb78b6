"""``banjie bulletin``: write one to a file, keep it as a draft, or sign it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import click

from banjie.bulletins import actions
from banjie.bulletins.catalogue import bulletin_in_force
from banjie.bulletins.composing import compose
from banjie.bulletins.document import document
from banjie.bulletins.marks import MARK
from banjie.bulletins.models import Issue
from banjie.bulletins.periods import newest_over
from banjie.bulletins.rendering import TYPES, Format, rendered
from banjie.bulletins.revising import revised
from banjie.bulletins.telling import told
from banjie.cli.account import by_name
from banjie.cli.figure import moment
from banjie.lib.clock import now
from banjie.lib.errors import NotFound, Refusal
from banjie.lib.periods import Period
from banjie.lib.text import Language, Text, language, reading_in
from banjie.people.models import Account


@click.command()
@click.argument("name")
@click.option("--area", help="地区代码 · code of the area")
@click.option("--period", help="时期，默认为最近已结束的一期 · the period; the newest that is over where not given")
@click.option("--as-of", "as_of", help='截至时点，如 2021-12-13 或 "2021-12-13 09:00" · as known then')
@click.option(
    "--format",
    "format",
    type=click.Choice(["docx", "pdf", "html"]),
    help="格式，默认按文件名 · by the file's name where not given",
)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="写入的文件 · the file to write")
@click.option("--draft", "keep", is_flag=True, help="存为草稿，等人发布 · keep it as a draft for a person to publish")
@click.option("--publish", "publish", is_flag=True, help="发布这一期的草稿 · sign the draft of this period")
@click.option("--number", default="", help="发文字号 · the document's number")
@click.option(
    "--published",
    "published",
    is_flag=True,
    help="取已发布的一版，并列出其后的更正 · the published edition, with what was revised since",
)
@click.option("--lang", type=click.Choice(["zh", "en"]), help="语言 · language")
@click.option("--as", "username", metavar="USERNAME", help="以此账号的权限 · as this account; the system itself where not given")
def bulletin(
    name: str,
    area: str | None,
    period: str | None,
    as_of: str | None,
    format: str | None,
    output: Path | None,
    keep: bool,
    publish: bool,
    number: str,
    published: bool,
    lang: Language | None,
    username: str | None,
) -> None:
    """生成通报 · write a bulletin.

    \b
    banjie bulletin key_projects_monthly --period 2021-10 -o 通报.docx
    banjie bulletin key_projects_monthly --period 2021-10 --draft
    banjie bulletin key_projects_monthly --period 2021-10 --publish --number "新重项办〔2021〕11号"
    """
    by = by_name(username)
    with reading_in(lang or language()):
        wanted = _format(format, output)
        version, definition = bulletin_in_force(name)
        span = Period.parse(period) if period else newest_over(now(), definition.period)
        if publish or published:
            source: Any = _there(name, area or definition.area, str(span), by, published=published)
            if publish:
                source = actions.publish(source, number=number, by=by, origin="cli")
                click.echo(
                    Text("已发布：{title} {period}", "published: {title}, {period}").format(title=source.title, period=span.title)
                )
        else:
            source = compose(definition, area=area, period=span, as_of=moment(as_of), by=by)
            if keep:
                source = actions.keep(version, source, by=by, origin="cli")
                click.echo(
                    Text("已存为草稿：{title} {period}", "kept as a draft: {title}, {period}").format(
                        title=source.title, period=span.title
                    )
                )
        made = document(told(source), language())
        if output is not None:
            output.write_bytes(rendered(made, wanted))
            click.echo(Text("已写入 {file}", "written to {file}").format(file=output))
        elif not (keep or publish):
            click.echo(MARK.sub(r"\1", told(source).text[language()]))
        if published:
            _tell_revised(source)


def _format(format: str | None, output: Path | None) -> Format:
    """As asked, or as the file's name says. Raises Refusal."""
    found = format or (output.suffix.lstrip(".").lower() if output else "html")
    if found not in TYPES:
        raise Refusal(
            Text(
                f"不知道格式「{found}」，请用 --format docx、pdf 或 html", f"{found} is no format: use --format docx, pdf or html"
            )
        )
    return cast(Format, found)


def _there(name: str, area: str, period: str, by: Account | None, *, published: bool) -> Issue:
    """The newest issue of the period, published or a draft. Raises NotFound."""
    rows = Issue.objects.all() if by is None else Issue.objects.visible_to(by)
    rows = rows.filter(name=name, period=period, state=Issue.State.PUBLISHED if published else Issue.State.DRAFT)
    found = (rows.filter(area=area) if area else rows).order_by("-edition").first()
    if found is None:
        what = (
            Text("这一期没有已发布的通报", "nothing is published of this period")
            if published
            else Text("这一期没有草稿", "there is no draft of this period")
        )
        raise NotFound(what)
    return found


def _tell_revised(issue: Issue) -> None:
    changes = revised(issue).changes
    if not changes:
        click.echo(Text("发布后没有更正", "nothing was revised since"))
    for change in changes:
        line = Text("更正：{title}（{period}）{then} → {now}", "revised: {title} ({period}) {then} → {now}")
        click.echo(line.format(title=change.title, period=change.period, then=change.then, now=change.now))
