"""Sending an event to another system's address: signed, to the address that was checked, without following anybody elsewhere.

The body is JSON. ``Banjie-Event`` is the event's id, the same at each attempt. ``Banjie-Signature`` is ``v1=`` and the HMAC-SHA256,
with the endpoint's secret, of ``Banjie-Timestamp``, a full stop and the body; the receiver refuses old timestamps.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import ipaddress
import json
import socket
import ssl
import time
from contextlib import suppress
from threading import Timer
from urllib.parse import urlsplit

from django.conf import settings

from banjie.matters.models import Delivery, Endpoint
from banjie.matters.notice_wording import text_of, title_of

TIMEOUT = 10.0  # seconds for each step
DEADLINE = 15.0  # seconds for all of it: a receiver that drips is cut off
# Where cloud machines are told their keys: no business of an endpoint, whoever configured it.
METADATA = frozenset({"169.254.169.254", "100.100.100.200", "fd00:ec2::254"})


class Unanswered(Exception):
    """There was no answer, or there is no such place: the endpoint is down."""


class Refused(Exception):
    """An answer that is no 2xx."""


def send_event(delivery: Delivery) -> None:
    """Raises Unanswered or Refused. Nothing in them holds the secret or the body."""
    endpoint = delivery.endpoint
    assert endpoint is not None
    body = body_of(delivery)
    stamp = str(int(time.time()))
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Banjie",
        "Banjie-Event": str(delivery.event),
        "Banjie-Timestamp": stamp,
        "Banjie-Signature": signature(endpoint.secret, stamp, body),
    }
    status = _status(endpoint, body, headers)
    if not 200 <= status < 300:
        raise Refused(f"HTTP {status}")


def signature(secret: str, stamp: str, body: bytes) -> str:
    """What the receiver works out as well."""
    return "v1=" + hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def body_of(delivery: Delivery) -> bytes:
    """The event as JSON: what happened, to which matter, whom it concerns, in words and as data."""
    notice = delivery.notice
    event = {
        "event": str(delivery.event),
        "kind": notice.kind,
        "created_at": notice.created_at.isoformat(),
        "matter": notice.matter_id,
        "expected": notice.expected_id,
        "recipient": {"account": notice.account_id, "post": notice.post_id, "organisation": notice.organisation_id},
        "title": title_of(notice).as_dict(),
        "text": text_of(notice).as_dict(),
        "said": notice.said,
    }
    return json.dumps(event, ensure_ascii=False, sort_keys=True).encode()


def _status(endpoint: Endpoint, body: bytes, headers: dict[str, str]) -> int:
    parts = urlsplit(endpoint.url)
    host, secure = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = _connection(host, port, secure)
    cut = Timer(DEADLINE, _cut_off, [connection])
    cut.daemon = True
    cut.start()
    try:
        connection.request("POST", target, body, headers)
        return connection.getresponse().status  # a redirect is an answer that is no 2xx
    except (OSError, http.client.HTTPException) as error:
        raise Unanswered(f"{type(error).__name__}: {error}"[:200]) from None
    finally:
        cut.cancel()
        connection.close()


def _connection(host: str, port: int, secure: bool) -> http.client.HTTPConnection:
    address = _address(host, port)
    if secure:
        return _SecureTo(address, host, port)
    return _PlainTo(address, host, port)


class _PlainTo(http.client.HTTPConnection):
    """A connection to the very address that was checked: a name that answers differently a moment later reaches nothing else."""

    def __init__(self, address: str, host: str, port: int) -> None:
        super().__init__(host, port, timeout=TIMEOUT)
        self.address = address

    def connect(self) -> None:
        self.sock = socket.create_connection((self.address, self.port), TIMEOUT)


class _SecureTo(_PlainTo):
    def connect(self) -> None:
        super().connect()
        self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)


def _address(host: str, port: int) -> str:
    """The address of a host, if it may be called. Raises Unanswered."""
    try:
        found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError) as error:
        raise Unanswered(f"{type(error).__name__}: {error}"[:200]) from None
    for address in found:
        if not settings.WEBHOOKS_LOCAL and forbidden(address):
            raise Unanswered(f"{address} is an address of this machine or of its link, and is not called")
    return found[0]


def forbidden(address: str) -> bool:
    """This machine itself, its link, and where clouds keep their keys. Private networks are allowed: that is where offices are."""
    plain = address.partition("%")[0]
    ip = ipaddress.ip_address(plain)
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return str(ip) in METADATA or ip.is_loopback or ip.is_link_local or ip.is_unspecified or ip.is_multicast


def _cut_off(connection: http.client.HTTPConnection) -> None:
    if connection.sock is not None:
        with suppress(OSError):  # it ended in the same moment
            connection.sock.shutdown(socket.SHUT_RDWR)
