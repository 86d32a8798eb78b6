"""``banjie work``: runs the jobs: imports that were asked for on screen, and what is done by the hour and by night."""

from __future__ import annotations

import logging
import signal
from threading import Event
from types import FrameType

import click

from banjie.jobs import worker
from banjie.lib.text import Text

STARTED = Text(
    "工作进程已启动(Ctrl+C 结束,正在执行的任务会先完成)", "the worker runs (Ctrl+C ends it; the job under way is finished first)"
)
STOPPING = Text("正在结束……再按一次 Ctrl+C 立即中断", "finishing … press Ctrl+C again to break off at once")


@click.command()
def work() -> None:
    """执行后台任务 · run the background jobs."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    logging.getLogger("django_tasks_db").setLevel(logging.WARNING)  # it says that it ends after each job
    stop = Event()

    def end(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        click.echo(STOPPING, err=True)
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    click.echo(STARTED)
    worker.run(stop)
