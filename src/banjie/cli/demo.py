"""``banjie demo``: a demonstration county with invented records, then the server."""

from __future__ import annotations

import shutil
import time

import click
from django.conf import settings
from django.db import connection

from banjie.cli.addresses import require_free, url_of
from banjie.cli.migrate import bring_up_to_date
from banjie.cli.serve import PORT, run_server
from banjie.lib.errors import Refusal
from banjie.lib.text import Text
from banjie.packs.actions import install
from banjie.packs.demo.loader import DEMO_PASSWORD, demo_accounts, load_demo
from banjie.packs.reader import shipped
from banjie.registers.models import Record
from banjie.registers.statistics import refresh_statistics

UNFINISHED = "demo.unfinished"  # there while a demonstration is being loaded


@click.command()
@click.option(
    "--serve/--no-serve", "then_serve", default=True, show_default=True, help="随后启动网站 · start the server afterwards"
)
@click.option(
    "--scale", default=1, show_default=True, type=click.IntRange(1, 10_000), help="记录数量的倍数 · how many times the records"
)
@click.option("--host", default="127.0.0.1", show_default=True, help="监听的地址 · the address to listen on")
@click.option("--port", default=8000, show_default=True, type=PORT, help="端口 · the port")
def demo(then_serve: bool, scale: int, host: str, port: int) -> None:
    """示范县（数据均为虚构）· a demonstration county of invented records."""
    started = time.monotonic()
    if then_serve:
        require_free(host, port)  # not after minutes of loading
    _clear_what_was_cut_short()
    _say("建立数据库结构", "making the database schema")
    bring_up_to_date()
    if Record.objects.exists():
        _say("数据已在，不再重复载入", "records are there already; nothing is loaded again")
    else:
        _load(scale)
    _say(f"就绪，用时 {time.monotonic() - started:.0f} 秒", f"ready after {time.monotonic() - started:.0f} s")
    _introduce(host, port)
    if then_serve:
        run_server(host, port)


def _load(scale: int) -> None:
    """Packs, then records. A load that is cut short is noticed at the next start and begun anew."""
    marker = settings.DATA / UNFINISHED
    marker.touch()
    packs = shipped()
    for pack in packs:
        _say(f"安装机制包「{pack.title.zh}」", f"installing the pack {pack.name}")
        install(pack, by=None)
    _say("载入示范数据（虚构，合计与公布数字一致）", "loading the demonstration (invented; its totals meet the published ones)")
    with click.progressbar(length=1000, label="  ") as bar:
        reached = 0

        def progress(stage: str, done: int, total: int) -> None:
            nonlocal reached
            place = 1000 * done // max(total, 1)
            bar.update(max(0, place - reached))
            reached = max(reached, place)

        load_demo(packs, scale=scale, progress=progress)
    refresh_statistics()
    marker.unlink()


def _clear_what_was_cut_short() -> None:
    marker = settings.DATA / UNFINISHED
    if not marker.exists():
        return
    if connection.vendor != "sqlite":
        raise Refusal(
            Text(
                "上次载入示范数据时中断：请清空该 PostgreSQL 数据库后重试",
                "loading the demonstration was cut short: empty the database and try again",
            )
        )
    _say("上次载入中断，重新开始", "the last load was cut short; beginning anew")
    connection.close()
    for leftover in settings.DATA.glob("banjie.sqlite3*"):
        leftover.unlink()
    shutil.rmtree(settings.LAKE_ROOT, ignore_errors=True)
    marker.unlink()


def _say(zh: str, en: str) -> None:
    click.echo(f"· {Text(zh, en)}")


def _introduce(host: str, port: int) -> None:
    click.echo()
    click.echo(f"  {url_of(host, port)}    {Text('密码均为', 'the password of all is')} {DEMO_PASSWORD}")
    for username, name, what in demo_accounts():
        click.echo(f"    {username:<16} {name}  {what}")
    click.echo()
