"""The demonstration county, loaded once for the tests of this folder, which run in one process, and rolled back after them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker

from banjie.packs.actions import install
from banjie.packs.demo.loader import load_demo
from banjie.packs.reader import shipped

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("demo"))


@pytest.fixture(scope="package")
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
