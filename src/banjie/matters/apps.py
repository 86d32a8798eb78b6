"""The room as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class Matters(AppConfig):
    name = "banjie.matters"
    label = "matters"
    verbose_name = "办件 matters"
