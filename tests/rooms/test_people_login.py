"""Logging in: by username and password, with a second factor for who has one, and never by guessing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.urls import NoReverseMatch, reverse

from banjie.ledger.models import Entry
from banjie.lib import clock
from banjie.people import actions
from banjie.people.models import Account
from tests.rooms import people_world as world
from tests.rooms.people_world import person

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.rooms.people_urls")]
PASSWORD = "a good password 2021"
LOGIN = "/accounts/login/"


@pytest.fixture(autouse=True)
def county(db: None, settings: Any) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    cache.clear()  # allauth counts attempts in it
    world.build()


@pytest.fixture
def clerk(county: None) -> Account:
    account = person("clerk", "clerk")
    actions.set_password(account, password=PASSWORD, by=None)
    return account


def log_in(client: Client, username: str = "clerk", password: str = PASSWORD, **headers: str) -> Any:
    return client.post(LOGIN, {"login": username, "password": password}, **headers)


def logged_in(client: Client) -> bool:
    return client.get("/").content != b"hello AnonymousUser"


# --- pages --------------------------------------------------------------------------------------------------------


def test_the_log_in_page_is_chinese_and_english_on_demand(client: Client) -> None:
    assert "用户名" in client.get(LOGIN).content.decode()
    client.cookies["banjie_language"] = "en"
    english = client.get(LOGIN).content.decode()
    assert "Username" in english
    assert "用户名" not in english


@pytest.mark.parametrize("name", [
    "account_change_password", "mfa_index", "mfa_activate_totp", "mfa_generate_recovery_codes", "account_reauthenticate",
])  # fmt: skip
def test_account_pages_want_a_log_in(client: Client, name: str) -> None:
    response = client.get(reverse(name))
    assert response.status_code == 302
    assert response.headers["Location"].startswith(LOGIN)


@pytest.mark.parametrize("name", ["account_signup", "account_reset_password", "account_email", "account_set_password"])
def test_there_is_no_sign_up_no_mail_and_no_reset_by_mail(name: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(name)


def test_every_route_says_who_may_call_it() -> None:
    from banjie.people.urls import urlpatterns  # noqa: PLC0415 - the routes as they are

    assert {pattern.callback.permission for pattern in urlpatterns} == {"public", "logged in"}


@pytest.mark.parametrize("name", ["account_login", "account_logout", "account_inactive", "account_change_password", "mfa_index"])
def test_no_page_asks_another_machine_for_anything_or_runs_inline_code(client: Client, clerk: Account, name: str) -> None:
    if name != "account_login":
        log_in(client)
    html = client.get(reverse(name)).content.decode()
    assert "</html>" in html
    for forbidden in ("http://", "https://", 'src="//', "<style", "style=", "onclick", "<script>"):
        assert forbidden not in html, forbidden


# --- log-in -------------------------------------------------------------------------------------------------------


def test_the_right_password_lets_in_and_leads_to_the_page_asked_for(client: Client, clerk: Account) -> None:
    response = client.post(LOGIN, {"login": "clerk", "password": PASSWORD, "next": "/registers/"})
    assert response.headers["Location"] == "/registers/"
    assert logged_in(client)


def test_a_page_elsewhere_is_not_followed(client: Client, clerk: Account) -> None:
    response = client.post(LOGIN, {"login": "clerk", "password": PASSWORD, "next": "https://elsewhere.example/"})
    assert response.headers["Location"] == "/"


@pytest.mark.parametrize(("username", "password"), [("clerk", "wrong"), ("nobody", PASSWORD), ("clerk@example.org", PASSWORD)])
def test_the_refusal_does_not_tell_whether_there_is_such_an_account(
    client: Client, clerk: Account, username: str, password: str
) -> None:
    response = log_in(client, username, password)
    assert "用户名或密码不正确。" in response.content.decode()
    assert not logged_in(client)


def test_a_closed_account_does_not_get_in_and_is_put_out(client: Client, clerk: Account) -> None:
    log_in(client)
    assert logged_in(client)
    actions.set_active(clerk, active=False, by=None)
    assert not logged_in(client)
    assert log_in(client).headers["Location"] == "/accounts/inactive/"
    assert not logged_in(client)


def test_logging_out_takes_a_button_not_a_link(client: Client, clerk: Account) -> None:
    log_in(client)
    assert "确定要退出吗" in client.get("/accounts/logout/").content.decode()
    assert logged_in(client)
    assert client.post("/accounts/logout/").headers["Location"] == LOGIN
    assert not logged_in(client)


# --- guessing -----------------------------------------------------------------------------------------------------


def test_ten_wrong_passwords_lock_the_account_at_this_address_and_say_for_how_long(client: Client, clerk: Account) -> None:
    for _ in range(9):
        assert log_in(client, password="wrong").status_code == 200
    tenth = log_in(client, password="wrong")
    assert tenth.status_code == 429
    assert "请 15 分钟后再试" in tenth.content.decode()
    assert log_in(client).status_code == 429  # the right password does not help now
    assert not logged_in(client)
    elsewhere = Client()
    log_in(elsewhere, REMOTE_ADDR="10.0.0.7")
    assert logged_in(elsewhere)


def test_the_lock_does_not_mind_the_case_of_the_username(client: Client, clerk: Account) -> None:
    for number in range(10):
        log_in(client, "clerk" if number % 2 else " CLERK ", "wrong")
    assert log_in(client, "Clerk").status_code == 429


def test_the_lock_ends_by_itself(client: Client, clerk: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(10):
        log_in(client, password="wrong")
    later = datetime.now(UTC) + timedelta(minutes=16)
    monkeypatch.setattr("axes.handlers.proxy.now", lambda: later)
    log_in(client)
    assert logged_in(client)


def test_a_right_password_clears_the_count(client: Client, clerk: Account) -> None:
    for _ in range(2):
        for _ in range(9):
            log_in(client, password="wrong")
        log_in(client)
        assert logged_in(client)
        client.post("/accounts/logout/")
        cache.clear()  # allauth's own limit, by username alone, is wider than this and narrower than two rounds


# --- session ------------------------------------------------------------------------------------------------------


def session_left() -> timedelta:
    return Session.objects.get().expire_date - datetime.now(UTC)


def test_a_session_lasts_twelve_hours_and_slides_with_the_work(
    client: Client, clerk: Account, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    log_in(client)
    client.get("/")
    assert timedelta(hours=11, minutes=59) < session_left() <= timedelta(hours=12)
    with django_assert_num_queries(2):  # the session and the account are read; nothing is written
        client.get("/")
    Session.objects.update(expire_date=datetime.now(UTC) + timedelta(hours=6))
    later = datetime.now(UTC) + timedelta(minutes=16)
    monkeypatch.setattr(clock, "datetime", type("Later", (), {"now": staticmethod(lambda zone: later)}))
    client.get("/")
    assert session_left() > timedelta(hours=11)


def test_a_stranger_gets_no_session(client: Client) -> None:
    client.get(LOGIN)
    client.get("/")
    assert not Session.objects.exists()


# --- password and second factor -----------------------------------------------------------------------------------


def change_password(client: Client, old: str, new: str) -> Any:
    return client.post("/accounts/password/change/", {"oldpassword": old, "password1": new, "password2": new})


def test_a_changed_password_is_in_the_ledger_by_its_owner(client: Client, clerk: Account) -> None:
    log_in(client)
    assert "当前密码不正确。" in change_password(client, "wrong", "another good one 7").content.decode()
    assert "密码太短" in change_password(client, PASSWORD, "short").content.decode()
    assert change_password(client, PASSWORD, "another good one 7").status_code == 302
    clerk.refresh_from_db()
    assert clerk.check_password("another good one 7")
    entry = Entry.objects.latest("id")
    assert (entry.verb, entry.actor_id) == ("account.password", clerk.pk)


def code(secret: str) -> str:
    """Of the middle of the times that are taken, so that a step of half a minute meanwhile makes no difference."""
    before, now, after = yield_hotp_counters_from_time()
    assert before < now < after
    return str(format_hotp_value(hotp_value(secret, now)))


def activate(client: Client) -> str:
    asked = client.get("/accounts/2fa/totp/activate/").headers["Location"]
    assert "请确认是您本人" in client.get(asked).content.decode()
    assert "密码不正确。" in client.post(asked, {"password": "wrong"}).content.decode()
    assert client.post(asked, {"password": PASSWORD}).headers["Location"] == "/accounts/2fa/totp/activate/"
    secret = client.get("/accounts/2fa/totp/activate/").context["form"].secret
    assert client.post("/accounts/2fa/totp/activate/", {"code": code(secret)}).status_code == 302
    return str(secret)


def test_a_second_factor_is_asked_for_once_it_is_on(client: Client, clerk: Account) -> None:
    log_in(client)
    secret = activate(client)
    assert "已启用" in client.get("/accounts/2fa/").content.decode()
    client.post("/accounts/logout/")

    assert log_in(client).headers["Location"].startswith("/accounts/2fa/authenticate/")
    assert not logged_in(client)
    wrong = client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert "验证码不正确。" in wrong.content.decode()
    cache.clear()  # a code counts once, and this one was used to switch it on
    client.post("/accounts/2fa/authenticate/", {"code": code(secret)})
    assert logged_in(client)


def test_a_recovery_code_stands_in_once(client: Client, clerk: Account) -> None:
    log_in(client)
    activate(client)
    codes = client.get("/accounts/2fa/recovery-codes/").context["unused_codes"]
    assert len(codes) == 10
    assert codes[0] in client.get("/accounts/2fa/recovery-codes/download/").content.decode()
    for expected in (True, False):
        client.post("/accounts/logout/")
        log_in(client)
        client.post("/accounts/2fa/authenticate/", {"code": codes[0]})
        assert logged_in(client) is expected


def test_the_secret_of_a_second_factor_is_kept_encrypted(client: Client, clerk: Account) -> None:
    log_in(client)
    secret = activate(client)
    assert secret not in str(list(Authenticator.objects.values_list("data", flat=True)))


def test_a_lost_phone_is_helped_by_who_may_configure(client: Client, clerk: Account) -> None:
    log_in(client)
    activate(client)
    assert actions.remove_second_factor(clerk, by=person("it", "it"), why="手机遗失")
    assert Entry.objects.latest("id").verb == "account.second_factor_removed"
    client.post("/accounts/logout/")
    log_in(client)
    assert logged_in(client)
    assert not actions.remove_second_factor(clerk, by=None)


def test_the_second_factor_is_turned_off_by_its_owner(client: Client, clerk: Account) -> None:
    log_in(client)
    activate(client)
    assert "停用" in client.get("/accounts/2fa/totp/deactivate/").content.decode()
    client.post("/accounts/2fa/totp/deactivate/")
    assert not Authenticator.objects.filter(user=clerk, type=Authenticator.Type.TOTP).exists()


LATER_ON = [
    "/accounts/2fa/totp/deactivate/",
    "/accounts/2fa/recovery-codes/generate/",
    "/accounts/2fa/recovery-codes/",
    "/accounts/2fa/recovery-codes/download/",
]


@pytest.mark.parametrize("address", LATER_ON)
@pytest.mark.parametrize(
    ("language", "asked", "wrong"),
    [("zh", "请确认是您本人", "验证码不正确。"), ("en", "Confirm that it is you", "The code is not right.")],
)
def test_later_on_changing_a_factor_asks_again_who_it_is(
    client: Client, clerk: Account, settings: Any, address: str, language: str, asked: str, wrong: str
) -> None:
    log_in(client)
    secret = activate(client)
    client.cookies["banjie_language"] = language
    session = client.session  # as if it had been proven long ago
    session["account_authentication_methods"] = [m | {"at": 0} for m in session["account_authentication_methods"]]
    session.save()
    answer = client.get(address)
    assert answer.status_code == 302
    door = answer.headers["Location"]
    assert "reauthenticate" in door
    by_code = door.replace("/accounts/reauthenticate/", "/accounts/2fa/reauthenticate/")
    for form in (door, by_code):
        assert asked in client.get(form).content.decode()
    assert wrong in client.post(by_code, {"code": "000000"}).content.decode()
    assert Authenticator.objects.filter(user=clerk, type=Authenticator.Type.TOTP).exists()
    cache.clear()  # a code counts once, and this one was used to switch it on
    assert client.post(by_code, {"code": code(secret)}).headers["Location"] == address
    assert client.get(address).status_code == 200
