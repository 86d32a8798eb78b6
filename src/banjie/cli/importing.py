"""``banjie import REGISTER FILE``: a sheet into a register, with progress, and every bad row by number and reason."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import click

from banjie.cli.account import by_name
from banjie.lib.text import Text
from banjie.registers.bulk import BadRows, Mode, Progress, RowProblem, Written
from banjie.registers.importing import import_sheet

SHOWN_AT_MOST = 200
STAGES = {"checking": Text("检查", "checking"), "writing": Text("写入", "writing")}


@click.command("import")
@click.argument("register")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="只检查，不写入 · check only, write nothing")
@click.option("--partial", is_flag=True, help="跳过有误的行，写入其余 · leave out the bad rows and write the others")
@click.option("--mode", type=click.Choice(["upsert", "create", "update"]), default="upsert", show_default=True,
              help="新增并更新、只新增、只更新 · both, only new records, only known ones")  # fmt: skip
@click.option(
    "--as", "username", metavar="USERNAME", help="以此账号的权限执行 · act as this account; the system itself where not given"
)
@click.option("--why", default="", help="写入历史的原因 · the reason kept in each record's history")
def import_(register: str, file: Path, dry_run: bool, partial: bool, mode: str, username: str | None, why: str) -> None:
    """导入 .xlsx 或 .csv · import a sheet, all or nothing unless --partial.

    \b
    banjie import projects 重点项目.xlsx --dry-run
    banjie import projects 重点项目.csv --as clerk_yangxi
    """
    by = by_name(username)
    with _Bars() as bars:
        try:
            written = import_sheet(
                register,
                file,
                by=by,
                dry_run=dry_run,
                partial=partial,
                mode=cast(Mode, mode),
                origin="cli",
                why=why,
                progress=bars.progress,
            )
        except BadRows as bad:
            bars.close()
            _print_problems(bad.problems)
            click.echo(f"✗ {bad.says}", err=True)
            sys.exit(1)
    _print_problems(written.problems)
    for warning in written.warnings[:SHOWN_AT_MOST]:
        click.echo(
            Text(f"  提示 第 {warning.row} 行：{warning.says.zh}", f"  note: row {warning.row}: {warning.says.en}"), err=True
        )
    click.echo(_summary(written, dry_run))
    if written.problems and not partial:
        sys.exit(1)


def _print_problems(problems: Sequence[RowProblem]) -> None:
    for problem in problems[:SHOWN_AT_MOST]:
        click.echo(f"  {_line(problem)}", err=True)
    if (more := len(problems) - SHOWN_AT_MOST) > 0:
        click.echo(Text(f"  …… 还有 {more} 处", f"  … and {more} more"), err=True)


def _line(problem: RowProblem) -> Text:
    """第 7 行 E 列「总投资(万元)」= 一千二百：应为数字。"""
    column = Text(f" {problem.column} 列" if problem.column else "", f", column {problem.column}" if problem.column else "")
    heading = Text(f"「{problem.heading}」", f" ({problem.heading})") if problem.heading else Text("", "")
    value = f" = {str(problem.value)[:60]}" if problem.value is not None else ""
    return Text(
        f"第 {problem.row} 行{column.zh}{heading.zh}{value}：{problem.says.zh}",
        f"row {problem.row}{column.en}{heading.en}{value}: {problem.says.en}",
    )


def _summary(written: Written, dry_run: bool) -> Text:
    bad = len({p.row for p in written.problems})
    counts = {"created": written.created, "updated": written.updated, "unchanged": written.unchanged, "bad": bad}
    if dry_run:
        return Text(
            "检查完毕，未写入：可新增 {created}，可更新 {updated}，无变化 {unchanged}，有误 {bad}",
            "checked, nothing written: {created} to create, {updated} to update, {unchanged} unchanged, {bad} bad",
        ).format(**counts)
    return Text(
        "✓ 已导入：新增 {created}，更新 {updated}，无变化 {unchanged}，有误未导入 {bad}",
        "✓ imported: {created} created, {updated} updated, {unchanged} unchanged, {bad} bad rows left out",
    ).format(**counts)


class _Bars:
    """One bar for checking, one for writing."""

    def __init__(self) -> None:
        self.stage = ""
        self.bar: Any = None

    def __enter__(self) -> _Bars:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def progress(self) -> Progress:
        return self._tell

    def _tell(self, stage: str, done: int, total: int) -> None:
        if stage != self.stage:
            self.close()
            self.stage = stage
            self.bar = click.progressbar(length=total, label=str(STAGES[stage]), file=sys.stderr).__enter__()
        self.bar.update(done - self.bar.pos)

    def close(self) -> None:
        if self.bar is not None:
            self.bar.render_finish()
            self.bar = None
