"""Notices on their way out: letters and signed events, tried until they have arrived, in order for each matter."""

from __future__ import annotations

import email
import hashlib
import hmac
import json
import socketserver
import threading
from collections.abc import Iterator
from datetime import timedelta
from email.header import decode_header, make_header
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from banjie.jobs import sending, webhooks
from banjie.jobs.sending import empty_outbox
from banjie.ledger.models import Entry
from banjie.lib import clock
from banjie.lib.dates import parse_moment
from banjie.lib.errors import Invalid, NotFound, NotPermitted
from banjie.matters import actions, outbox
from banjie.matters.models import Delivery, Endpoint, Matter, Notice
from banjie.people.models import Account
from tests.rooms import matters_world as world
from tests.rooms.matters_world import request

pytestmark = pytest.mark.django_db

TUESDAY = parse_moment("2021-09-07 10:00")


class Receiver(ThreadingHTTPServer):
    """Another system on this machine. ``answers``: the status it gives next, 200 when there are no more."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/events?from=banjie"

    @property
    def kinds(self) -> list[tuple[str, str]]:
        """Key and kind of what came, in its order."""
        return [(e["said"]["key"], e["kind"]) for e in (json.loads(body) for _, body in self.got)]


class _Answer(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((dict(self.headers), body))
        status = self.server.answers.pop(0) if self.server.answers else 200
        self.send_response(status)
        if status == 302:
            self.send_header("Location", self.server.url)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None: ...


@pytest.fixture
def receiver(settings) -> Iterator[Receiver]:  # type: ignore[no-untyped-def]
    settings.WEBHOOKS_LOCAL = True
    server = Receiver()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def people() -> dict[str, Account]:
    return world.build()


@pytest.fixture
def endpoint(people: dict[str, Account], receiver: Receiver) -> Endpoint:
    return actions.add_endpoint(name="县级平台", url=receiver.url, by=None)


@pytest.fixture(autouse=True)
def office_hours(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """It is an hour when offices are open, and no history that is being loaded; ``later`` moves the wall clock on."""
    monkeypatch.setattr(clock, "is_simulated", lambda: False)
    monkeypatch.setattr(clock, "really_now", lambda: TUESDAY)
    with clock.simulated(TUESDAY):
        yield


def later(monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    monkeypatch.setattr(clock, "really_now", lambda: TUESDAY + by)


def handled(people: dict[str, Account], code: str = "Q-1") -> Matter:
    opened = actions.open_matter("request", request(code, kind="路灯"), by=people["desk"])
    return actions.advance(opened, "handling", version=1, by=people["desk"])


# --- events --------------------------------------------------------------------------------------------------------


def test_an_event_arrives_once_and_signed(people: dict[str, Account], endpoint: Endpoint, receiver: Receiver) -> None:
    handled(people)
    assert (empty_outbox(), empty_outbox()) == (1, 0)
    headers, body = receiver.got[0]
    expected = hmac.new(endpoint.secret.encode(), headers["Banjie-Timestamp"].encode() + b"." + body, hashlib.sha256).hexdigest()
    assert headers["Banjie-Signature"] == f"v1={expected}"
    event = json.loads(body)
    assert event["event"] == headers["Banjie-Event"] == str(Delivery.objects.get().event)
    assert (event["kind"], event["title"]["zh"], event["said"]["key"]) == ("assigned", "待办", "Q-1")


def test_a_refused_event_comes_again_with_the_same_id(
    people: dict[str, Account], endpoint: Endpoint, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    handled(people)
    receiver.answers = [500, 302]
    attempts = []
    for minutes in (0, 0.5, 1, 5, 6, 60):
        later(monkeypatch, timedelta(minutes=minutes))
        empty_outbox()
        attempts.append(len(receiver.got))
    assert attempts == [1, 1, 2, 2, 3, 3]  # after one minute, then after five; a redirect is not followed
    assert len({headers["Banjie-Event"] for headers, _ in receiver.got}) == 1
    assert Delivery.objects.get().state == "sent"


def test_events_of_a_matter_keep_their_order_and_other_matters_do_not_wait(
    people: dict[str, Account], endpoint: Endpoint, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = handled(people)
    actions.urge(first, says="快办", version=2, by=people["head"])
    handled(people, "Q-2")
    receiver.answers = [503]
    empty_outbox()
    assert receiver.kinds == [("Q-1", "assigned"), ("Q-2", "assigned")]
    later(monkeypatch, timedelta(minutes=2))
    empty_outbox()
    assert receiver.kinds[2:] == [("Q-1", "assigned"), ("Q-1", "urged")]


def test_an_endpoint_that_is_down_loses_nothing_and_holds_nobody_up(
    people: dict[str, Account], endpoint: Endpoint, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    down = actions.add_endpoint(name="停机系统", url="http://127.0.0.1:9/", by=None)
    for n in range(3):
        handled(people, f"Q-{n}")
    assert empty_outbox() == 3
    waiting = Delivery.objects.filter(endpoint=down)
    assert sorted(waiting.values_list("state", "attempts")) == [("waiting", 0), ("waiting", 0), ("waiting", 1)]
    later(monkeypatch, timedelta(seconds=30))
    assert empty_outbox() == 0
    Endpoint.objects.filter(pk=down.pk).update(url=receiver.url + "&again=1")
    later(monkeypatch, timedelta(minutes=2))
    assert empty_outbox() == 3
    down.refresh_from_db()
    assert (down.failures, down.paused_until) == (0, None)


def test_a_sender_that_dies_leaves_its_events_to_the_next(
    people: dict[str, Account], endpoint: Endpoint, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    handled(people)

    class Killed(BaseException):
        pass

    def dies(delivery: Delivery) -> None:
        webhooks.send_event(delivery)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(sending, "send_event", dies)
        with pytest.raises(Killed):
            empty_outbox()
    assert empty_outbox() == 0  # the lease still runs
    later(monkeypatch, outbox.LEASE)
    assert empty_outbox() == 1
    ids = [headers["Banjie-Event"] for headers, _ in receiver.got]
    assert len(ids) == 2
    assert len(set(ids)) == 1


def test_an_endpoint_gets_the_kinds_it_asked_for(people: dict[str, Account], receiver: Receiver) -> None:
    actions.add_endpoint(name="督办系统", url=receiver.url, kinds=["urged"], by=None)
    actions.urge(handled(people), says="快办", version=2, by=people["head"])
    empty_outbox()
    assert receiver.kinds == [("Q-1", "urged")]


def test_history_that_is_loaded_is_sent_to_nobody(
    people: dict[str, Account], endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "is_simulated", lambda: True)
    handled(people)
    assert Notice.objects.count() == 1
    assert empty_outbox() == 0


def test_a_retired_endpoint_is_told_nothing_more(people: dict[str, Account], endpoint: Endpoint, receiver: Receiver) -> None:
    handled(people)
    outbox.post(TUESDAY, by_mail=False)
    actions.retire_endpoint(endpoint, by=None)
    assert (empty_outbox(), Delivery.objects.get().state) == (0, "dropped")
    with pytest.raises(NotFound):
        actions.retire_endpoint(endpoint, by=None)


@pytest.mark.parametrize(
    "url",
    ["ftp://a.example/", "http://", "https://user:pw@a.example/", "javascript:alert(1)", "http://a b/", "http://a.example:x/"],
)
def test_only_plain_web_addresses_are_endpoints(people: dict[str, Account], url: str) -> None:
    with pytest.raises(Invalid, match="http"):
        actions.add_endpoint(name="x", url=url, by=None)


def test_endpoints_are_for_those_who_configure_and_the_secret_is_in_no_entry(people: dict[str, Account]) -> None:
    with pytest.raises(NotPermitted):
        actions.add_endpoint(name="x", url="https://a.example/", by=people["head"])
    made = actions.add_endpoint(name="x", url="https://a.example/", secret="0123456789abcdef", by=None)
    assert made.secret not in json.dumps(Entry.objects.get(chain=f"endpoint:{made.pk}").body)


@pytest.mark.parametrize(
    ("address", "refused"),
    [
        ("127.0.0.1", True), ("::1", True), ("169.254.169.254", True), ("fe80::1%eth0", True), ("::ffff:169.254.1.1", True),
        ("0.0.0.0", True), ("100.100.100.200", True), ("fd00:ec2::254", True), ("224.0.0.1", True),
        ("10.1.2.3", False), ("192.168.0.9", False), ("8.8.8.8", False),
    ],
)  # fmt: skip
def test_this_machine_its_link_and_metadata_services_are_not_called(address: str, refused: bool) -> None:
    assert webhooks.forbidden(address) is refused


def test_a_forbidden_address_is_not_even_tried(
    people: dict[str, Account], endpoint: Endpoint, receiver: Receiver, settings, caplog: pytest.LogCaptureFixture
) -> None:  # type: ignore[no-untyped-def]
    settings.WEBHOOKS_LOCAL = False
    handled(people)
    assert (empty_outbox(), receiver.got) == (0, [])
    assert "is not called" in caplog.text
    assert endpoint.secret not in caplog.text


# --- letters -------------------------------------------------------------------------------------------------------


class MailServer(socketserver.ThreadingTCPServer):
    """As much of SMTP as a mail client asks of a server. ``refuses``: a recipient that it does not know."""

    allow_reuse_address = daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Smtp)
        self.letters: list[email.message.Message] = []
        self.refuses = ""
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()


class _Smtp(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.say("220 here")
        while line := self.rfile.readline().decode().strip():
            word = line.split()[0].upper()
            if word == "DATA":
                self.say("354 go on")
                lines = []
                while (got := self.rfile.readline()) != b".\r\n":
                    lines.append(got)
                self.server.letters.append(email.message_from_bytes(b"".join(lines)))
            elif word == "RCPT" and self.server.refuses and self.server.refuses in line:
                self.say("550 nobody here")
                continue
            self.say("221 bye" if word == "QUIT" else "250 ok")
            if word == "QUIT":
                return

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@pytest.fixture
def mail_server(settings) -> Iterator[MailServer]:  # type: ignore[no-untyped-def]
    server = MailServer()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.server_address[1]
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def written_to(people: dict[str, Account]) -> dict[str, Account]:
    for name in ("unit", "head", "desk"):
        Account.objects.filter(username=name).update(email=f"{name}@county.example")
    return people


def test_a_notice_goes_by_mail_to_whoever_holds_the_post(written_to: dict[str, Account], mail_server: MailServer) -> None:
    handled(written_to)
    assert (empty_outbox(), empty_outbox()) == (1, 0)
    letter = mail_server.letters[0]
    assert letter["To"] == "unit@county.example"
    assert str(make_header(decode_header(letter["Subject"]))) == "[待办 Your turn] 诉求办理「Q-1」"
    assert str(Delivery.objects.get().event) in letter["Message-ID"]
    text = letter.get_payload(decode=True).decode()
    assert "转到您处" in text
    assert "is with you" in text


def test_a_letter_that_one_mailbox_refuses_does_not_hold_up_the_others(
    written_to: dict[str, Account], mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail_server.refuses = "unit@"
    asked = actions.ask_extension(handled(written_to), amount="1 workday", reason="勘验", version=2, by=written_to["unit"])
    assert asked.state == "asked"
    assert empty_outbox() == 1
    assert [m["To"] for m in mail_server.letters] == ["head@county.example"]
    mail_server.refuses = ""
    later(monkeypatch, timedelta(minutes=1))
    assert empty_outbox() == 1


def test_a_mail_server_that_is_away_loses_no_letter(
    written_to: dict[str, Account], mail_server: MailServer, settings, monkeypatch: pytest.MonkeyPatch
) -> None:  # type: ignore[no-untyped-def]
    handled(written_to)
    handled(written_to, "Q-2")
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 9
    assert empty_outbox() == 0
    assert sorted(Delivery.objects.values_list("state", "attempts")) == [("waiting", 0), ("waiting", 1)]
    settings.EMAIL_PORT = port
    later(monkeypatch, timedelta(minutes=1))
    assert empty_outbox() == 2


def test_without_a_mail_server_and_endpoints_notices_stay_on_the_workbench(written_to: dict[str, Account]) -> None:
    handled(written_to)
    assert (empty_outbox(), Delivery.objects.count()) == (0, 0)
    assert Notice.objects.visible_to(written_to["unit"]).unseen().count() == 1
