"""Judging new passwords, with reasons in both languages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from django.contrib.auth.password_validation import MinimumLengthValidator, validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import override

from banjie.lib.text import Text, reading_in
from banjie.people.models import Account


class MinimumLength(MinimumLengthValidator):
    """Django's own rule, whose Chinese wording Django 5.2 lost when it changed the English one."""

    def get_error_message(self) -> str:
        says = Text("密码太短，至少需要 {n} 个字符。", "This password is too short. It must contain at least {n} characters.")
        return str(says.format(n=self.min_length))

    def get_help_text(self) -> str:
        return str(
            Text("密码至少需要 {n} 个字符。", "Your password must contain at least {n} characters.").format(n=self.min_length)
        )


def faults_of_password(password: str, account: Account) -> Text | None:
    """Why this cannot be the account's password, or None when it can."""
    return _in_both_languages(lambda: validate_password(password, account))


def faults_of_account(account: Account) -> Text | None:
    """What is wrong with the account's username and names, or None."""
    return _in_both_languages(lambda: account.clean_fields(exclude=["password"]))


def _in_both_languages(validate: Callable[[], None]) -> Text | None:
    """Django words an error when it raises it, in one language: so it is asked twice."""
    zh, en = _messages(validate, "zh", "zh-hans"), _messages(validate, "en", "en")
    return Text("；".join(zh), "; ".join(en)) if en else None


def _messages(validate: Callable[[], None], language: Literal["zh", "en"], name: str) -> list[str]:
    with reading_in(language), override(name):
        try:
            validate()
        except ValidationError as error:
            return [str(message) for message in error.messages]
    return []
