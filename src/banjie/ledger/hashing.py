"""What the hash of an entry covers, and the commitment that stands in it for a personal value."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256

from banjie.lib import canonical
from banjie.lib.canonical import quoted

NOTHING_BEFORE = "0" * 64  # `previous` of the first entry of a chain
VERSION = 1


def moment(at: datetime) -> str:
    """ISO 8601 in UTC with microseconds: 2021-10-31T08:00:00.000000Z. ValueError for a moment without a zone."""
    if at.tzinfo is None:
        raise ValueError(f"a moment needs a time zone: {at}")
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def entry_hash(
    chain: str,
    index: int,
    at: str,
    loaded_at: str | None,
    actor_id: int | None,
    actor: str,
    verb: str,
    body: str,
    why: str,
    origin: str,
    previous: str,
) -> str:
    """SHA-256 over the RFC 8785 form of all that the entry says. ``at`` and ``loaded_at`` as `moment` writes them,
    ``body`` as canonical text; the result is lower-case hex.

    The keys stand here in their canonical order, so nothing has to be sorted.
    """
    said = (
        f'{{"actor":{quoted(actor)},"actor_id":{"null" if actor_id is None else actor_id},"at":"{at}","body":{body},'
        f'"chain":{quoted(chain)},"index":{index},"loaded_at":{"null" if loaded_at is None else quoted(loaded_at)},'
        f'"origin":{quoted(origin)},"previous":"{previous}","v":{VERSION},"verb":{quoted(verb)},"why":{quoted(why)}}}'
    )
    return sha256(said.encode()).hexdigest()


def commitment(salt: bytes, value: object) -> str:
    """What the chain keeps of a personal value: SHA-256(salt ‖ canonical value), hex."""
    return sha256(salt + canonical.encode(value)).hexdigest()
