"""``banjie serve``: the web server (granian) and, on one machine, the job worker beside it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from django.core.management import call_command
from granian import Granian
from granian.constants import Interfaces

from banjie.lib.text import Text


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--workers", default=1, show_default=True, help="进程数 · processes")
@click.option("--threads", default=4, show_default=True, help="每个进程的线程数 · threads in each")
@click.option(
    "--worker/--no-worker", "with_worker", default=True, show_default=True, help="同时运行后台任务 · run the job worker as well"
)
def serve(host: str, port: int, workers: int, threads: int, with_worker: bool) -> None:
    """启动网站 · start the web server. Ctrl+C 停止 · stops it."""
    run_server(host, port, workers=workers, threads=threads, with_worker=with_worker)


def run_server(host: str, port: int, *, workers: int = 1, threads: int = 4, with_worker: bool = True) -> None:
    """Serve until interrupted."""
    call_command("migrate", interactive=False, verbosity=0)
    click.echo(f"● http://{host}:{port}/  {Text('按 Ctrl+C 停止', 'Ctrl+C stops it')}")
    server = Granian(
        "banjie.wsgi:application", address=host, port=port, interface=Interfaces.WSGI, workers=workers, blocking_threads=threads
    )
    with _job_worker(with_worker):
        server.serve()


@contextmanager
def _job_worker(wanted: bool) -> Iterator[None]:
    """The job worker as a child process, ended with the server."""
    if not wanted:
        yield
        return
    child = subprocess.Popen([sys.executable, "-m", "banjie.cli.main", "work"])
    try:
        yield
    finally:
        child.terminate()
        try:
            child.wait(timeout=10)
        except subprocess.TimeoutExpired:
            child.kill()
