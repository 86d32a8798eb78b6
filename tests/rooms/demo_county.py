"""The demonstration county, loaded once for a module of tests and rolled back after it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker

from banjie.packs.actions import install
from banjie.packs.demo.loader import load_demo
from banjie.packs.reader import shipped


@pytest.fixture(scope="module")
def demo_county(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[list[tuple[str, int, int]]]:
    """Gives what the loader told of its progress."""
    told: list[tuple[str, int, int]] = []
    with django_db_blocker.unblock(), transaction.atomic():
        packs = shipped()
        for pack in packs:
            install(pack, by=None)
        load_demo(packs, progress=lambda stage, done, total: told.append((stage, done, total)))
        yield told
        transaction.set_rollback(True)
