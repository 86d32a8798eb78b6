"""Emptying the outbox: one letter or event after another, until nothing can go out any more."""

from __future__ import annotations

import logging
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused, SMTPSenderRefused

from django.conf import settings
from django.core.mail import get_connection

from banjie.jobs.mail import send_letter
from banjie.jobs.webhooks import Refused, Unanswered, send_event
from banjie.lib import clock
from banjie.matters import outbox
from banjie.matters.models import Delivery, Endpoint

logger = logging.getLogger("banjie.jobs")


def empty_outbox() -> int:
    """Make out what is new, then send what can be sent. How many arrived. Several may do so at once."""
    outbox.post(clock.really_now(), by_mail=bool(settings.EMAIL_HOST))
    sent = _letters() if settings.EMAIL_HOST else 0
    return sent + sum(_events(endpoint) for endpoint in outbox.endpoints_to_try(clock.really_now()))


def _events(endpoint: Endpoint) -> int:
    sent = 0
    while deliveries := outbox.take_events(endpoint, clock.really_now()):
        for n, delivery in enumerate(deliveries):
            try:
                send_event(delivery)
            except Unanswered as error:
                logger.warning("endpoint %s does not answer: %s", endpoint.pk, error)
                outbox.unanswered(deliveries[n:], str(error), clock.really_now())
                return sent
            except Refused as error:
                logger.warning("endpoint %s refused event %s: %s", endpoint.pk, delivery.event, error)
                outbox.refused(delivery, str(error), clock.really_now())
            else:
                outbox.arrived(delivery, clock.really_now())
                sent += 1
    return sent


def _letters() -> int:
    sent = 0
    while deliveries := outbox.take_letters(clock.really_now()):
        taken, away = _send_letters(deliveries)
        sent += taken
        if away:
            break
    return sent


def _send_letters(deliveries: list[Delivery]) -> tuple[int, bool]:
    """Over one connection. A server that is away keeps all that are left waiting; one that refuses a letter, only that letter.
    How many were sent, and whether the server is away."""
    sent = 0
    connection = get_connection()
    try:
        for n, delivery in enumerate(deliveries):
            try:
                send_letter(delivery, connection)
            except (SMTPRecipientsRefused, SMTPSenderRefused, SMTPDataError) as error:
                logger.warning("the mail server refused letter %s: %s", delivery.event, type(error).__name__)
                outbox.refused(delivery, type(error).__name__, clock.really_now())
            except (OSError, SMTPException) as error:
                logger.warning("the mail server does not answer: %s", type(error).__name__)
                outbox.unanswered(deliveries[n:], type(error).__name__, clock.really_now())
                return sent, True
            else:
                outbox.arrived(delivery, clock.really_now())
                sent += 1
    finally:
        connection.close()
    return sent, False
