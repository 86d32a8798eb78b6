"""``banjie token``: made, listed, revoked."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from tests.doors import api_world
from tests.doors.api_world import Program

from banjie.cli.token import token
from banjie.lib.errors import Invalid, NotFound, NotPermitted
from banjie.people.models import Account, Token
from banjie.people.tokens import create_token, digest_of, revoke_token


@pytest.fixture
def people(db: None) -> dict[str, Account]:
    return api_world.build()


def test_a_token_is_shown_once_listed_without_its_secret_and_revoked(people: dict[str, Account]) -> None:
    run = CliRunner()
    made = run.invoke(token, ["create", "desk", "--name", "热线", "--days", "30"])
    secret = made.stdout.strip()
    row = Token.objects.get()
    assert row.digest == digest_of(secret)
    assert Program(secret).get("/matters/mine").status_code == 200
    listed = run.invoke(token, ["list", "desk"]).stdout
    assert row.prefix in listed
    assert "热线" in listed
    assert secret not in listed
    assert run.invoke(token, ["revoke", row.prefix]).exit_code == 0
    assert Program(secret).get("/matters/mine").status_code == 401
    assert "已撤销" in run.invoke(token, ["list"]).stdout


def test_what_cannot_be_is_refused(people: dict[str, Account]) -> None:
    desk = people["desk"]
    for name, days in ((" ", 30), ("热线", 0), ("热线", 367)):
        with pytest.raises(Invalid):
            create_token(desk, name=name, days=days, by=None)
    with pytest.raises(NotPermitted):
        create_token(desk, name="热线", days=1, by=people["reader"])
    shown = create_token(desk, name="热线", days=1, by=desk)
    with pytest.raises(NotPermitted):
        revoke_token(shown.token.prefix, by=people["reader"])
    revoke_token(shown.token.prefix, by=desk)
    with pytest.raises(NotFound):
        revoke_token(shown.token.prefix, by=desk)
    desk.is_active = False
    with pytest.raises(Invalid):
        create_token(desk, name="热线", days=1, by=None)
