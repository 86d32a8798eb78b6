"""``banjie endpoint``: added, listed, retired; what it prints signs what is sent."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from click.testing import CliRunner
from tests.rooms import matters_world as world
from tests.rooms.test_matters_outbox import Receiver, handled, office_hours, receiver  # noqa: F401 - two are fixtures

from banjie.cli.endpoint import endpoint
from banjie.jobs.sending import empty_outbox
from banjie.lib.errors import Invalid
from banjie.matters.models import Endpoint

pytestmark = pytest.mark.django_db


def test_the_secret_that_is_printed_once_signs_what_is_sent(receiver: Receiver) -> None:  # noqa: F811
    people = world.build()
    run = CliRunner()
    secret = run.invoke(endpoint, ["add", receiver.url, "--name", "大厅"]).stdout.strip()
    handled(people)
    empty_outbox()
    headers, body = receiver.got[0]
    expected = hmac.new(secret.encode(), headers["Banjie-Timestamp"].encode() + b"." + body, hashlib.sha256).hexdigest()
    assert headers["Banjie-Signature"] == f"v1={expected}"
    listed = run.invoke(endpoint, ["list"]).stdout
    assert receiver.url in listed
    assert "启用" in listed
    assert f"已送 {len(receiver.got)}" in listed
    assert secret not in listed


def test_one_that_is_retired_is_told_of_nothing_more(receiver: Receiver) -> None:  # noqa: F811
    people = world.build()
    run = CliRunner()
    run.invoke(endpoint, ["add", receiver.url, "--name", "大厅", "--kind", "closed"])
    row = Endpoint.objects.get()
    assert row.kinds == ["closed"]
    assert run.invoke(endpoint, ["retire", str(row.pk), "--why", "下线"]).exit_code == 0
    handled(people)
    empty_outbox()
    assert receiver.got == []
    assert "已停用" in run.invoke(endpoint, ["list"]).stdout


@pytest.mark.parametrize("url", ["ftp://example.org/", "https://user:word@example.org/", "nonsense"])
def test_what_is_no_address_is_refused(url: str) -> None:
    result = CliRunner().invoke(endpoint, ["add", url, "--name", "大厅"])
    assert isinstance(result.exception, Invalid)
    assert not Endpoint.objects.exists()
