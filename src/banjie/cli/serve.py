"""``banjie serve``: the web server (granian) and, on one machine, the job worker beside it."""

from __future__ import annotations

import os
from contextlib import nullcontext

import click
from django.conf import settings
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from banjie.cli.addresses import require_free, url_of
from banjie.cli.migrate import bring_up_to_date
from banjie.cli.supervision import Supervised
from banjie.lib.parents import SERVER
from banjie.lib.text import Text
from banjie.people.models import Account

PORT = click.IntRange(1, 65535)
STOPS_WITHIN = 2  # seconds that a request under way has when the server is told to stop
LOCAL_ONLY = {"127.0.0.1", "localhost", "::1"}


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="监听的地址 · the address to listen on")
@click.option("--port", default=8000, show_default=True, type=PORT, help="端口 · the port")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="进程数 · processes")
@click.option("--threads", default=4, show_default=True, type=click.IntRange(1, 256), help="每个进程的线程数 · threads in each")
@click.option(
    "--worker/--no-worker", "with_worker", default=True, show_default=True, help="同时运行后台任务 · run the job worker as well"
)
def serve(host: str, port: int, workers: int, threads: int, with_worker: bool) -> None:
    """启动网站 · start the web server. Ctrl+C 停止 · stops it."""
    require_free(host, port)
    bring_up_to_date()
    _introduce(host)
    run_server(host, port, workers=workers, threads=threads, with_worker=with_worker)


def run_server(host: str, port: int, *, workers: int = 1, threads: int = 4, with_worker: bool = True) -> None:
    """Serve until interrupted. Refusal where the port is taken."""
    require_free(host, port)
    click.echo(f"● {url_of(host, port)}  {Text('按 Ctrl+C 停止', 'Ctrl+C stops it')}")
    server = Granian(
        "banjie.wsgi:application", address=host, port=port, interface=Interfaces.WSGI, workers=workers, blocking_threads=threads,
        log_level=LogLevels.warning, workers_kill_timeout=STOPS_WITHIN,
    )  # fmt: skip
    os.environ[SERVER] = str(os.getpid())  # its processes end with it; see banjie.wsgi
    with Supervised() if with_worker else nullcontext():
        server.serve()


def _introduce(host: str) -> None:
    """Who may log in, and from where."""
    people = Account.objects.filter(is_active=True)
    administrators = "、".join(people.filter(is_superuser=True).order_by("pk").values_list("username", flat=True)[:5])
    if not people.exists():
        click.echo(
            Text(
                "  还没有账号。先建立管理员：banjie account admin 用户名 --name 姓名",
                "  There is no account yet. Make an administrator: banjie account admin USERNAME --name NAME",
            )
        )
    else:
        count = people.count()
        click.echo(
            Text(
                f"  可登录的账号 {count} 个；管理员：{administrators or '无'}",
                f"  {count} accounts may log in; administrators: {administrators or 'none'}",
            )
        )
    if host not in LOCAL_ONLY and set(settings.ALLOWED_HOSTS) <= {"127.0.0.1", "localhost", "[::1]"}:
        click.echo(
            Text(
                "  其他电脑要用的主机名或地址须列入 BANJIE_HOSTS，否则请求会被拒绝",
                "  Names or addresses by which other computers reach this one must stand in BANJIE_HOSTS, or they are refused",
            )
        )
