"""How many requests a token may send: as many a minute as the setting says, evenly or at once. Kept in the memory of each server
process; what it guards is the machine, not a secret."""

from __future__ import annotations

import math
from threading import Lock
from time import monotonic

from django.conf import settings

from banjie.api.problems import Unacceptable
from banjie.lib.text import Text

TOO_MANY = Text("请求过于频繁，请 {n} 秒后再试", "too many requests: try again in {n} seconds")
CALLERS_AT_MOST = 10_000


class Limit:
    """A bucket for each caller: it holds a minute's worth and fills again all the time."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.left: dict[str, tuple[float, float]] = {}  # caller → what is left, and when that was true

    def take(self, caller: str, a_minute: int) -> None:
        """Raises Unacceptable when the bucket is empty."""
        now = monotonic()
        with self.lock:
            left, then = self.left.get(caller, (float(a_minute), now))
            left = min(float(a_minute), left + (now - then) * a_minute / 60)
            if left < 1:
                wait = math.ceil((1 - left) * 60 / a_minute)
                raise Unacceptable(429, TOO_MANY.format(n=wait), {"Retry-After": str(wait)})
            if len(self.left) >= CALLERS_AT_MOST:
                self.left.clear()
            self.left[caller] = (left - 1, now)

    def forget(self) -> None:
        self.left.clear()


limit = Limit()


def count(caller: str) -> None:
    """Count one request of a caller. Raises Unacceptable."""
    limit.take(caller, settings.API_RATE)
