"""Make the alternative's tables, its open issues and a token. Prints the token, and id:version of the issues to be advanced."""

from __future__ import annotations

import os
import sys
from datetime import timedelta

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "rest_alternative.settings"
django.setup()

from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from rest_framework.authtoken.models import Token

from rest_alternative.models import Issue, Line

call_command("migrate", verbosity=0)
call_command("migrate", run_syncdb=True, verbosity=0)
user, new = User.objects.get_or_create(username="desk")
if new:
    due = timezone.now() + timedelta(days=5)
    rows = [
        Issue(subject=f"Q-{n}", fields={"kind": "路灯", "result": "在办"}, assigned_to=user, author=user, due_at=due)
        for n in range(int(sys.argv[1]))
    ]
    Issue.objects.bulk_create(rows, batch_size=2000)
    for stage in ("received", "handling"):
        Line.objects.bulk_create([Line(issue=i, actor=user, stage=stage, body=i.fields) for i in rows], batch_size=2000)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
print(Token.objects.get_or_create(user=user)[0].key)
print(*(f"{pk}:{version}" for pk, version in Issue.objects.order_by("pk").values_list("pk", "version")[:4000]))
