"""``banjie draw``: repeat a draw that was kept, or one from a list that was published."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from banjie.lib.draws import draw as draw_from
from banjie.lib.text import Text
from banjie.registers.draws import faults, lines
from banjie.registers.models import Record


@click.group()
def draw() -> None:
    """随机抽取的复核 · repeat a draw of lots."""


@draw.command()
@click.argument("register")
@click.argument("key")
def verify(register: str, key: str) -> None:
    """复核一次已登记的抽取 · check a draw on record against its list and seed."""
    record = Record.objects.of(register).live().filter(key=key).first()
    if record is None:
        click.echo(Text(f"「{register}」中没有 {key}", f"there is no {key} in {register}"), err=True)
        sys.exit(1)
    found = faults(record)
    for says in found:
        click.echo(says, err=True)
    if found:
        sys.exit(1)
    drawn = lines(record.data["drawn"])
    click.echo(
        Text(f"{key}：{len(drawn)} 个，与名单和种子相符", f"{key}: {len(drawn)} names, as follows from the list and the seed")
    )


@draw.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--count", required=True, type=click.IntRange(1), help="抽取个数 · how many")
@click.option("--seed", required=True, help="公布的种子 · the seed as published")
@click.option("--recused", multiple=True, help="回避的名称 · who may not take part")
def again(file: Path, count: int, seed: str, recused: tuple[str, ...]) -> None:
    """用公布的名单和种子重抽 · draw again from a published list, one name a line."""
    drawn = draw_from(lines(file.read_text(encoding="utf-8")), count, seed=seed, recused=recused)
    click.echo(Text(f"名单哈希 {drawn.list_hash}", f"list hash {drawn.list_hash}"))
    for name in drawn.names:
        click.echo(name)
