"""What people call a pack."""

from __future__ import annotations

from banjie.packs.models import InstalledPack


def pack_titles() -> dict[str, str]:
    """Name → title of every pack that is installed."""
    return {pack.name: str(pack.title) for pack in InstalledPack.objects.in_force()}
