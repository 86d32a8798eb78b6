"""``banjie work``: runs the jobs: imports that were asked for on screen, and what is done by the hour and by night."""

from __future__ import annotations

import os
import signal
from threading import Event
from types import FrameType

import click

from banjie.jobs import worker
from banjie.lib.parents import when_parent_ends
from banjie.lib.text import Text

STARTED = Text(
    "后台任务进程已启动（Ctrl+C 结束，正在执行的任务会先完成）",
    "the worker runs (Ctrl+C ends it; the job under way is finished first)",
)
STOPPING = Text("正在结束……再按一次 Ctrl+C 立即中断", "finishing … press Ctrl+C again to break off at once")
BROKEN_OFF = 130


@click.command()
@click.option("--child-of", "parent", type=int, hidden=True)
def work(parent: int | None) -> None:
    """执行后台任务 · run the background jobs. `banjie serve` 会同时运行它 · runs it as well."""
    stop = Event()

    def end(number: int, frame: FrameType | None) -> None:
        """Once: finish the job under way. Twice: be gone, as if killed. The transaction is rolled back by the database, and the
        next worker takes the job up; an exception raised here would be noted as the job's own failure."""
        if stop.is_set():
            os._exit(BROKEN_OFF)
        if parent is None:
            click.echo(STOPPING, err=True)
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    if parent is not None:
        when_parent_ends(parent, stop.set)
    else:
        click.echo(STARTED)
    worker.run(stop)
