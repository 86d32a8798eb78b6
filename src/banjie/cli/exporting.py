"""``banjie export REGISTER FILE``: a register as a sheet that imports again to the same records."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path
from typing import IO, cast

import click

from banjie.cli.account import by_name
from banjie.lib.text import Language, Text, language
from banjie.registers.exporting import Format
from banjie.registers.exporting import export as export_rows
from banjie.registers.models import Record


@click.command("export")
@click.argument("register")
@click.argument("file", type=click.Path(path_type=Path))
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
    _refuse_unwritable(file)
    rows = Record.objects.of(register).live().searching(search)
    made = export_rows(
        register, rows, by=by_name(username), format=cast(Format, wanted), language=cast(Language, lang or language()),
        asked={"search": search} if search else {}, origin="cli",
    )  # fmt: skip
    _place(made.file, file)
    click.echo(Text(f"✓ 已导出 {made.rows} 条记录到 {file}", f"✓ exported {made.rows} records to {file}"))
    if made.masked:
        click.echo(
            Text(
                "  部分个人信息已脱敏；再导入时不会覆盖原值",
                "  some personal values are masked; importing the file leaves the real ones as they are",
            )
        )


def _refuse_unwritable(file: Path) -> None:
    """Raise what would be raised after minutes of reading: the folder is not there, or nothing may be written in it."""
    if file.is_dir():
        raise IsADirectoryError(errno.EISDIR, "is a folder", str(file))
    folder = file.absolute().parent
    if not folder.is_dir():
        raise FileNotFoundError(errno.ENOENT, "no such folder", str(folder))
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, "permission denied", str(folder))


def _place(content: IO[bytes], file: Path) -> None:
    """The whole file, or what was there before."""
    partial = file.with_name(f"{file.name}.part")
    try:
        with content, partial.open("wb") as goal:
            shutil.copyfileobj(content, goal)
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)
