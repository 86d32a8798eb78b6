"""How many notices wait for somebody: the number beside the bell."""

from __future__ import annotations

from banjie.matters.models import Notice
from banjie.people.models import Account

COUNTED_AT_MOST = 99


def unseen(account: Account) -> int:
    """How many notices are delivered and not seen; counting stops one above ``COUNTED_AT_MOST``. Nobody is told anything who
    holds no post: that costs no more than the reading of their posts."""
    return Notice.objects.visible_to(account).unseen().order_by()[: COUNTED_AT_MOST + 1].count()
