"""Sending a notice as a letter, in both languages."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from banjie.matters.models import Delivery
from banjie.matters.notice_wording import about, text_of, title_of


def send_letter(delivery: Delivery, connection: BaseEmailBackend) -> None:
    """Raises what the mail backend raises: SMTPException, OSError. The message's id is the same at each attempt."""
    letter_of(delivery, connection).send()


def letter_of(delivery: Delivery, connection: BaseEmailBackend | None = None) -> EmailMessage:
    notice, account = delivery.notice, delivery.account
    assert account is not None
    title, text = title_of(notice), text_of(notice)
    subject = " ".join(f"[{title.zh} {title.en}] {about(notice).zh}".split())
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ") or "banjie"
    return EmailMessage(
        subject, f"{text.zh}\n\n{text.en}\n", settings.DEFAULT_FROM_EMAIL, [account.email],
        headers={"Message-ID": f"<{delivery.event}@{domain}>", "Auto-Submitted": "auto-generated"}, connection=connection,
    )  # fmt: skip
