"""``banjie packs``: check a folder of definitions, see what it would change, install it."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from django.db import DatabaseError
from django.utils.timezone import localtime

from banjie.lib.errors import Refusal
from banjie.lib.text import Text
from banjie.packs import installation
from banjie.packs.actions import install as install_pack
from banjie.packs.definition import Pack
from banjie.packs.known import Known
from banjie.packs.models import InstalledPack
from banjie.packs.plans import Plan, plan
from banjie.packs.problems import PackError
from banjie.packs.reader import read, shipped

FOLDER = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))


@click.group()
def packs() -> None:
    """机制包 · packs: registers, figures and screens as YAML."""


@packs.command()
@FOLDER
def check(folder: Path) -> None:
    """检查，不安装 · find every problem, change nothing."""
    pack = _read(folder, _known_to_check())
    counts = Text(
        f"「{pack.head.title.zh}」{pack.head.version} 没有问题：{len(pack.registers)} 个登记表，{len(pack.figures)} 个指标。",
        f"{pack.name} {pack.head.version} has no problems: {len(pack.registers)} registers, {len(pack.figures)} figures.",
    )
    click.echo(counts)


@packs.command()
@FOLDER
@click.option("--yes", is_flag=True, help="不再询问 · do not ask")
def install(folder: Path, yes: bool) -> None:
    """先列出变化，再安装 · show what would change, then install."""
    pack = _read(folder, installation.known())
    todo = plan(pack)
    _show(todo)
    if todo.refused:
        click.echo(Text("未安装任何内容。", "Nothing was installed."), err=True)
        sys.exit(1)
    if todo.nothing_to_do:
        return
    if not yes and not click.confirm(str(Text("安装？", "Install?"))):
        click.echo(Text("未安装。", "Not installed."))
        return
    install_pack(pack, by=None, accept=todo)
    click.echo(Text(f"已安装「{pack.head.title.zh}」{pack.head.version}。", f"Installed {pack.name} {pack.head.version}."))


@packs.command(name="list")
def list_() -> None:
    """已安装的机制包 · what is installed."""
    rows = list(InstalledPack.objects.in_force())
    if not rows:
        click.echo(Text("尚未安装机制包。", "No pack is installed yet."))
    for row in rows:
        click.echo(
            f"{row.name:<24} {row.version:<8} {localtime(row.installed_at):%Y-%m-%d %H:%M}  {row.digest[:12]}  {row.title}"
        )


def _known_to_check() -> Known:
    """What is installed; where there is no database yet, what the shipped packs declare."""
    try:
        known = installation.known()
    except DatabaseError:
        known = Known()
    if known.packs:
        return known
    for pack in shipped():
        known = known.and_pack(pack)
    return known


def _read(folder: Path, known: Known) -> Pack:
    if folder.is_file():
        raise Refusal(Text(f"{folder}：这是文件；请给出它所在的机制包文件夹", f"{folder} is a file: name the folder of the pack"))
    if not folder.is_dir():
        raise Refusal(Text(f"{folder}：没有这个文件夹", f"{folder}: there is no such folder"))
    try:
        return read(folder, known)
    except PackError as error:
        for problem in error.problems:
            click.echo(f"{folder.name}/{problem}", err=True)
        count = len(error.problems)
        click.echo(Text(f"{count} 处问题，未安装任何内容。", f"{count} problems; nothing was installed."), err=True)
        sys.exit(1)


def _show(todo: Plan) -> None:
    if todo.nothing_to_do:
        click.echo(Text(f"「{todo.pack.head.title.zh}」没有变化。", f"{todo.pack.name}: nothing to do."))
    for heading, line in todo.lines():
        click.echo(f"{heading}  {line.text}")
