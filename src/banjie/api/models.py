"""What has been answered already: a request that comes again under the same key gets the same answer and does nothing twice."""

from __future__ import annotations

from django.db import models

from banjie.people.models import Account


class KeptAnswer(models.Model):
    """The answer to a request that bore an ``Idempotency-Key``. Written in the transaction of what the request did."""

    account = models.ForeignKey(Account, models.CASCADE, db_index=False, related_name="+")
    key = models.CharField(max_length=100)
    request = models.CharField(max_length=64)  # SHA-256 of method, path, version asked for and body
    status = models.PositiveSmallIntegerField(null=True)  # None only inside the transaction that makes the answer
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True)
    kept_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "key"], name="answer_kept_once")]

    def __str__(self) -> str:
        return f"{self.account_id}/{self.key}"
