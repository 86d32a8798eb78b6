"""``banjie endpoint``: other systems that are told of what happens (webhooks)."""

from __future__ import annotations

import click
from django.db.models import Count, Q, QuerySet

from banjie.lib import clock
from banjie.lib.clock import LOCAL
from banjie.lib.text import Text
from banjie.matters.actions import add_endpoint, retire_endpoint
from banjie.matters.models import Delivery, Endpoint
from banjie.matters.notice_wording import TITLES

ONCE = Text(
    "地址编号 {pk}。以上是签名密钥，请立即保存，此后不再显示。",
    "Endpoint {pk}. Above is its secret: keep it now, it is not shown again.",
)
COUNTS = Text("待送 {waiting}，已送 {sent}", "{waiting} waiting, {sent} sent")
ALL = Text("全部通知", "all notices")
DOWN = Text("无应答，{at} 后重试", "no answer, tried again after {at}")
RETIRED = Text("已停用", "retired")
RUNS = Text("启用", "in use")
GONE = Text("已停用「{name}」。未送出的不再送出。", "{name} is retired. What was not sent will not be.")


@click.group()
def endpoint() -> None:
    """回调地址 · other systems that are told of notices."""


@endpoint.command()
@click.argument("url")
@click.option("--name", required=True, help="对方系统 · what it is")
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice(list(TITLES)),
    help="只送这些通知，可多次 · only these notices; may be repeated",
)
def add(url: str, name: str, kinds: tuple[str, ...]) -> None:
    """登记地址 · tell an address of notices from now on; prints the secret that signs them."""
    made = add_endpoint(name=name, url=url, kinds=kinds, by=None, origin="cli")
    click.echo(made.secret)
    click.echo(ONCE.format(pk=made.pk), err=True)


@endpoint.command("list")
def list_() -> None:
    """列出地址 · the addresses, with what waits for them."""
    for row in _counted():
        kinds = "、".join(str(TITLES[k]) for k in row.kinds) or str(ALL)
        counts = COUNTS.format(waiting=row.waiting, sent=row.sent)  # type: ignore[attr-defined]  # annotated
        click.echo(f"{row.pk}  {row.name}  {row.url}  {_state(row)}  {counts}  {kinds}")


@endpoint.command()
@click.argument("number", type=int)
@click.option("--why", default="", help="原因 · why")
def retire(number: int, why: str) -> None:
    """停用地址 · tell it of nothing any more."""
    gone = retire_endpoint(number, by=None, why=why, origin="cli")
    click.echo(GONE.format(name=gone.name))


def _counted() -> QuerySet[Endpoint]:
    waiting, sent = Q(deliveries__state=Delivery.WAITING), Q(deliveries__state=Delivery.SENT)
    return Endpoint.objects.annotate(waiting=Count("deliveries", waiting), sent=Count("deliveries", sent)).order_by("pk")


def _state(row: Endpoint) -> Text:
    if row.retired_at is not None:
        return RETIRED
    if row.paused_until is not None and row.paused_until > clock.really_now():
        return DOWN.format(at=f"{row.paused_until.astimezone(LOCAL):%Y-%m-%d %H:%M}")
    return RUNS
