"""The demonstration of land acquisition, loaded once for a module of tests and gone after it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from pytest_django.plugin import DjangoDbBlocker

from banjie.ledger import guards
from banjie.packs.demo.loader import load_demo
from tests.rooms.figures_world import COMMITTED
from tests.rooms.land_world import installed


@pytest.fixture(scope="module")
def shangdu(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """On SQLite rolled back; on PostgreSQL committed, as its store of figures reads what is, and emptied."""
    folder = tmp_path_factory.mktemp("packs")
    with django_db_blocker.unblock():
        if COMMITTED:
            load_demo(installed(folder))
            yield
            guards.take_down(connection)
            call_command("flush", verbosity=0, interactive=False)
            guards.put_up(connection)
            return
        with transaction.atomic():
            load_demo(installed(folder))
            yield
            transaction.set_rollback(True)
