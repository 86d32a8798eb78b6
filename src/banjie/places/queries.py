"""Reading areas."""

from __future__ import annotations

from datetime import date

from django.db import connection, models
from django.db.models import Q


class AreaQuerySet(models.QuerySet["Area"]):  # type: ignore[name-defined]  # noqa: F821
    def on(self, day: date) -> AreaQuerySet:
        """The areas in force on a day."""
        return self.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=day), valid_from__lte=day)

    def codes_within(self, code: str) -> list[str]:
        """The area and everything below it, whenever in force, in one recursive query."""
        table = connection.ops.quote_name(self.model._meta.db_table)
        with connection.cursor() as cursor:
            cursor.execute(
                f"WITH RECURSIVE below(code) AS (SELECT code FROM {table} WHERE code = %s UNION ALL "
                f"SELECT a.code FROM {table} a JOIN below b ON a.parent_id = b.code) SELECT code FROM below",
                [code],
            )
            return [row[0] for row in cursor.fetchall()]
