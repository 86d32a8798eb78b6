"""``banjie token``: what programs show to the API."""

from __future__ import annotations

import click

from banjie.cli.account import by_name
from banjie.lib import clock
from banjie.lib.clock import LOCAL
from banjie.lib.text import Text
from banjie.people import tokens
from banjie.people.models import Token

ONCE = Text("请立即保存，此后不再显示。可用至 {day}。", "Keep it now: it is not shown again. It opens the API until {day}.")
STATES = {
    "revoked": Text("已撤销", "revoked"),
    "expired": Text("已过期", "expired"),
    "reads": Text("只读", "read-only"),
    "works": Text("读写", "read and write"),
}


@click.group()
def token() -> None:
    """接口令牌 · tokens of the API."""


@token.command()
@click.argument("username")
@click.option("--name", required=True, help="用途 · what it is for")
@click.option("--days", default=90, show_default=True, help="有效天数 · days until it expires")
@click.option("--read-only", is_flag=True, help="只能读取 · may read and change nothing")
def create(username: str, name: str, days: int, read_only: bool) -> None:
    """签发令牌 · make a token of an account."""
    account = by_name(username)
    assert account is not None
    shown = tokens.create_token(account, name=name, days=days, read_only=read_only, by=None, origin="cli")
    click.echo(shown.secret)
    click.echo(ONCE.format(day=f"{shown.token.expires_at.astimezone(LOCAL):%Y-%m-%d %H:%M}"), err=True)


@token.command("list")
@click.argument("username", required=False)
def list_(username: str | None) -> None:
    """列出令牌 · the tokens, newest first."""
    rows = Token.objects.select_related("account").order_by("-pk")
    if username is not None:
        rows = rows.filter(account=by_name(username))
    for row in rows:
        used = f"{row.last_used_at.astimezone(LOCAL):%Y-%m-%d %H:00}" if row.last_used_at else "—"
        until = f"{row.expires_at.astimezone(LOCAL):%Y-%m-%d}"
        click.echo(f"{row.prefix}  {row.account.username}  {STATES[_state(row)]}  → {until}  {used}  {row.name}")


@token.command()
@click.argument("prefix")
@click.option("--why", default="", help="原因 · why")
def revoke(prefix: str, why: str) -> None:
    """撤销令牌 · close a token for good."""
    gone = tokens.revoke_token(prefix, by=None, why=why, origin="cli")
    click.echo(Text(f"已撤销 {gone.prefix}（{gone.name}）", f"revoked {gone.prefix} ({gone.name})"))


def _state(row: Token) -> str:
    if row.revoked_at is not None:
        return "revoked"
    if row.expires_at <= clock.really_now():
        return "expired"
    return "reads" if row.read_only else "works"
