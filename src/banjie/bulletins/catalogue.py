"""The bulletins in force."""

from __future__ import annotations

from banjie.bulletins.definition import Bulletin
from banjie.bulletins.models import BulletinVersion
from banjie.lib.errors import NotFound
from banjie.lib.text import Text


def bulletins_in_force() -> list[tuple[BulletinVersion, Bulletin]]:
    """Every bulletin in force with its row, in the order of first installation."""
    newest = {row.name: row for row in BulletinVersion.objects.order_by("number")}
    return [(row, Bulletin.load(row.body)) for row in newest.values() if not row.retired]


def bulletin_in_force(name: str) -> tuple[BulletinVersion, Bulletin]:
    """Raises NotFound."""
    row = BulletinVersion.objects.filter(name=name).order_by("-number").first()
    if row is None or row.retired:
        raise NotFound(Text(f"没有名为「{name}」的通报", f"there is no bulletin called {name}"))
    return row, Bulletin.load(row.body)
