"""``banjie migrate``: bring the database's schema to this version."""

from __future__ import annotations

import click
from django.core.management import call_command


@click.command()
@click.option("--check", is_flag=True, help="只检查，有未执行的变更时以 1 退出 · only look; exit 1 when changes are due")
def migrate(check: bool) -> None:
    """建立或更新数据库结构 · make or update the database schema."""
    call_command("migrate", interactive=False, verbosity=1, check_unapplied=check)
