"""``banjie move OLD NEW``: the records of an area that is gone, to an area that took over from it."""

from __future__ import annotations

import sys

import click

from banjie.cli.account import by_name
from banjie.lib.text import Text
from banjie.registers.bulk import BadRows
from banjie.registers.catalogue import catalogue
from banjie.registers.succeeding import move_to_successor


@click.command("move")
@click.argument("old")
@click.argument("new")
@click.option("--register", help="只移动此登记表的记录 · records of this register only")
@click.option("--key", "keys", multiple=True, help="只移动此记录，可多次 · this record only; may be given more than once")
@click.option("--dry-run", is_flag=True, help="只检查，不写入 · check only, write nothing")
@click.option("--why", default="", help="写入历史的原因 · the reason kept in each record's history")
@click.option(
    "--as", "username", metavar="USERNAME", help="以此账号的权限执行 · act as this account; the system itself where not given"
)
def move(old: str, new: str, register: str | None, keys: tuple[str, ...], dry_run: bool, why: str, username: str | None) -> None:
    """区划拆分后，把旧区划的记录移入后继区划 · after a split, move records of the old area to a successor.

    \b
    banjie move 431322102 431322211 --register projects --key XH2021-001
    banjie move 431322102 431322212 --dry-run
    """
    try:
        done = move_to_successor(
            old, new, by=by_name(username), register=register, keys=keys or None, why=why, origin="cli", dry_run=dry_run
        )
    except BadRows as bad:
        for problem in bad.problems[:20]:
            click.echo(f"  {problem.value}: {problem.says}", err=True)
        click.echo(f"✗ {bad.says}", err=True)
        sys.exit(1)
    for name, written in done.items():
        title, bad_rows = catalogue().register(name).title, len({p.row for p in written.problems})
        if dry_run:
            says = Text("{title}：可移动 {n} 条，有误 {bad} 条", "{title}: {n} can be moved, {bad} cannot")
        else:
            says = Text("✓ {title}：已移动 {n} 条", "✓ {title}: {n} moved")
        click.echo(says.format(title=title, n=written.updated, bad=bad_rows))
    if not done:
        click.echo(Text("没有需要移动的记录", "there is nothing to move"))
