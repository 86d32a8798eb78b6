"""``banjie migrate`` and ``banjie restored``: bring a database to this version, or take up one that came from a backup."""

from __future__ import annotations

import click
from django.core.management import call_command

from banjie.figures import store
from banjie.ledger.actions import accept_restored, settle_in
from banjie.lib.text import Text

SETTLED = Text(
    "台账来自另一 PostgreSQL 集群的备份：已重新编排事务号并封存（检查点 {n}）",
    "the trail comes from a dump of another PostgreSQL cluster: its transactions were counted anew and sealed (checkpoint {n})",
)


@click.command()
@click.option("--check", is_flag=True, help="只检查，有未执行的变更时以 1 退出 · only look; exit 1 when changes are due")
def migrate(check: bool) -> None:
    """建立或更新数据库结构 · make or update the database schema.

    \b
    也用于把备份恢复到另一台 PostgreSQL 之后。
    Also after a dump was restored into another PostgreSQL.
    """
    if check:
        call_command("migrate", interactive=False, verbosity=1, check_unapplied=True)
    else:
        bring_up_to_date(verbosity=1)


def bring_up_to_date(*, verbosity: int = 0) -> None:
    """The schema of this version; and a trail that came from another cluster settled in. Before any server or worker runs."""
    call_command("migrate", interactive=False, verbosity=verbosity)
    if (made := settle_in(by=None, origin="cli")) is not None:
        store.reset()  # made from the trail of another place, and perhaps restored in pieces
        click.echo(SETTLED.format(n=made.number))


@click.command()
@click.option("--why", required=True, help="恢复备份的原因，写入台账 · why a backup was restored; kept in the trail")
def restored(why: str) -> None:
    """恢复备份之后执行一次 · once, after a backup was restored.

    \b
    备份之后的检查点已不在数据库中，banjie verify 会报告；此命令把损失写入台账并封存，并让指标库重新生成。
    The checkpoints made since the backup are gone and banjie verify says so; this writes the loss into the trail and seals it,
    and lets the store of figures be made anew.
    """
    call_command("migrate", interactive=False, verbosity=0)
    made = accept_restored(by=None, why=why, origin="cli")
    store.reset()
    number = made.number if made else 0
    click.echo(Text(f"✓ 已写入台账，检查点 {number}", f"✓ written into the trail, checkpoint {number}"))
