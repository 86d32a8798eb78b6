"""``banjie erase REGISTER KEY``: the personal values of one record, erased for good where the law demands it."""

from __future__ import annotations

import click

from banjie.cli.account import by_name
from banjie.lib.errors import NotFound
from banjie.lib.text import Text
from banjie.registers.catalogue import catalogue
from banjie.registers.erasing import NO_RECORD
from banjie.registers.erasing import erase as erase_values
from banjie.registers.models import Record


@click.command("erase")
@click.argument("register")
@click.argument("key")
@click.option(
    "--field",
    "fields",
    multiple=True,
    metavar="FIELD",
    help="字段，可多次；不写则为全部个人信息 · all personal fields where not given",
)
@click.option("--why", required=True, help="清除的依据，写入历史 · on what ground, kept in the history")
@click.option("--yes", is_flag=True, help="不再询问 · do not ask")
@click.option(
    "--as", "username", metavar="USERNAME", help="以此账号的权限执行 · act as this account; the system itself where not given"
)
def erase(register: str, key: str, fields: tuple[str, ...], why: str, yes: bool, username: str | None) -> None:
    """依法清除一条记录的个人信息，包括历史中的 · erase personal values of a record, its history included.

    \b
    banjie erase projects XH2021-001 --why "本人申请删除，个人信息保护法第四十七条"
    banjie erase projects XH2021-001 --field contact_phone --why "…" --as it_officer

    清除后无法恢复；台账仍可核验。 What is erased cannot be brought back; the ledger still verifies.
    """
    by = by_name(username)
    definition = catalogue().register(register)
    held = Record.objects.visible_to(by).of(register).filter(key=key).first()
    if held is None:
        raise NotFound(NO_RECORD)
    chosen = fields or tuple(f.name for f in definition.fields if f.personal)
    titles = [definition.by_name[n].title for n in chosen if n in definition.by_name]
    asked = Text(
        f"将永久清除「{held.label}」的{'、'.join(t.zh for t in titles)}，是否继续？",
        f"erase {', '.join(t.en for t in titles)} of {held.label} for good?",
    )
    if not yes:
        click.confirm(str(asked), abort=True)
    count = erase_values(held, chosen, by=by, why=why, origin="cli")
    click.echo(Text(f"✓ 已清除 {count} 个值", f"✓ erased {count} values"))
