"""Whether a server can listen at an address, asked before anything is started.

The server shares its port among its own processes (SO_REUSEPORT), so a second one would silently take half of the requests.
"""

from __future__ import annotations

import errno
import socket

from banjie.lib.errors import Refusal
from banjie.lib.text import Text

TAKEN = Text(
    "端口 {port} 已被占用（可能已有一个办结在运行）。请换一个端口：--port {other}，或 make demo PORT={other}",
    "port {port} is taken (is another Banjie running?). Choose another one: --port {other}, or make demo PORT={other}",
)
RESERVED = Text(
    "端口 {port} 只有系统管理员可以使用。请用 1024 以上的端口，如 --port 8000，由反向代理转发",
    "only the system administrator may use port {port}. Take one above 1024, such as --port 8000, behind a reverse proxy",
)
NOT_OURS = Text(
    "本机没有地址 {host}。只在本机使用：--host 127.0.0.1；供其他电脑访问：--host 0.0.0.0",
    "this machine has no address {host}. For this machine alone: --host 127.0.0.1; for others too: --host 0.0.0.0",
)


def require_free(host: str, port: int) -> None:
    """Raise Refusal, saying what to do, where nothing can listen at the address. It is free again when this returns."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except OSError:
        raise Refusal(NOT_OURS.format(host=host)) from None
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port that was just let go of is free
        try:
            probe.bind(address)
            probe.listen(1)
        except OSError as error:
            raise Refusal(_why(error, host, port)) from None


def _why(error: OSError, host: str, port: int) -> Text:
    if error.errno == errno.EADDRINUSE:
        return TAKEN.format(port=port, other=port + 1 if port < 65535 else 8000)
    if error.errno == errno.EACCES:
        return RESERVED.format(port=port)
    return NOT_OURS.format(host=host)


def url_of(host: str, port: int) -> str:
    """What to type into a browser on this machine."""
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{shown}:{port}/"
