"""``banjie export REGISTER FILE``: a register as a sheet that imports again to the same records."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import cast

import click

from banjie.cli.account import by_name
from banjie.lib.text import Language, Text, language
from banjie.registers.exporting import Format
from banjie.registers.exporting import export as export_rows
from banjie.registers.models import Record


@click.command("export")
@click.argument("register")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--lang", type=click.Choice(["zh", "en"]), help="表头语言 · language of the headings")
@click.option("--search", default="", help="只导出含有这些字的记录 · only records that hold these words")
@click.option(
    "--as", "username", metavar="USERNAME", help="以此账号的权限执行 · act as this account; the system itself where not given"
)
def export(register: str, file: Path, lang: str | None, search: str, username: str | None) -> None:
    """导出为 .xlsx 或 .csv · export as .xlsx or .csv, by the file's ending.

    \b
    banjie export projects 重点项目.xlsx
    banjie export projects projects.csv --lang en --as statistician
    """
    wanted = file.suffix.lower().removeprefix(".")
    if wanted not in {"xlsx", "csv"}:
        raise click.UsageError(str(Text("文件名须以 .xlsx 或 .csv 结尾", "the file's name must end in .xlsx or .csv")))
    rows = Record.objects.of(register).live().searching(search)
    made = export_rows(
        register, rows, by=by_name(username), format=cast(Format, wanted), language=cast(Language, lang or language()),
        asked={"search": search} if search else {}, origin="cli",
    )  # fmt: skip
    partial = file.with_name(f"{file.name}.part")
    with made.file, partial.open("wb") as goal:
        shutil.copyfileobj(made.file, goal)
    partial.replace(file)
    click.echo(Text(f"✓ 已导出 {made.rows} 条记录到 {file}", f"✓ exported {made.rows} records to {file}"))
    if made.masked:
        click.echo(
            Text(
                "  部分个人信息已脱敏;再导入时不会覆盖原值",
                "  some personal values are masked; importing the file leaves the real ones as they are",
            )
        )
