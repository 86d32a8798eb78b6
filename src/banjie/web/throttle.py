"""How often one address may call a page that needs no log-in.

Counted in fixed windows in the cache, which all web processes share. Two calls at the very same moment may count as one: the
limits are there against guessing and flooding, where one more or less does not matter.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.core.cache import cache
from django.http import HttpRequest

from banjie.people.doors import client_address


@dataclass(frozen=True)
class Limit:
    """At most ``times`` in ``seconds``, for each address. An office or a service hall shares one address."""

    name: str
    times: int
    seconds: int


def allowed(request: HttpRequest, limit: Limit, *, count: bool = True) -> bool:
    """Whether the address may go on. ``count``: this call is one more; otherwise one only looks."""
    key = f"throttle:{limit.name}:{client_address(request)}:{int(time.time()) // limit.seconds}"
    if not count:
        return int(cache.get(key, 0)) < limit.times
    cache.add(key, 0, timeout=limit.seconds)
    try:
        return cache.incr(key) <= limit.times
    except ValueError:  # it ran out between the two calls
        return True
