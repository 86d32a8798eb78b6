"""``banjie account``: the first account of an installation, and lost passwords."""

from __future__ import annotations

import click

from banjie.lib.errors import NotFound
from banjie.lib.text import Text
from banjie.people import actions
from banjie.people.models import Account


def by_name(username: str | None) -> Account | None:
    """The account that a command acts as; none given means the system itself. Raises NotFound."""
    if username is None:
        return None
    found = Account.objects.filter(username=username, is_active=True).first()
    if found is None:
        raise NotFound(Text(f"没有账号「{username}」", f"there is no account called {username}"))
    return found


@click.group()
def account() -> None:
    """账号 · accounts."""


@account.command()
@click.argument("username")
@click.option("--name", required=True, help="姓名 · the person's name")
@click.password_option()
def admin(username: str, name: str, password: str) -> None:
    """建立系统管理员 · make an administrator, who may do everything."""
    actions.create_account(username=username, name=Text(name, name), password=password, superuser=True, by=None, origin="cli")
    click.echo(Text(f"已建立管理员 {username}", f"made the administrator {username}"))


@account.command()
@click.argument("username")
@click.password_option()
def password(username: str, password: str) -> None:
    """重设密码 · set a new password."""
    found = by_name(username)
    assert found is not None
    actions.set_password(found, password=password, by=None, origin="cli")
    click.echo(Text(f"已重设 {username} 的密码", f"set a new password for {username}"))
