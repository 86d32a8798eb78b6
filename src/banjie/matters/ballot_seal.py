"""The running tally of a ballot, sealed so that the database alone tells nothing of it, and the hashes of one-time codes.

The tally holds one sum for each choice, never a vote. It is encrypted under a key that is made of the installation's secret and lies
in no table, in one length whatever it holds and without a time, so that neither a query nor a backup shows how the vote goes.
"""

from __future__ import annotations

import hmac
import json
import secrets
from decimal import Decimal
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from banjie.lib.errors import Conflict
from banjie.lib.text import Text
from banjie.matters.ballot_rules import CHOICES, NOTHING, Choice, Sum

LENGTH = 256  # bytes of a tally before it is sealed
NONCE = 12
BROKEN = Text(
    "计票数据已被改动，或系统密钥已更换，无法开票。请联系管理员。",
    "the tally was changed from outside, or the installation's secret was: it cannot be read. Tell the administrator.",
)
Tally = dict[Choice, Sum]


def sealed(tally: Tally, about: bytes) -> bytes:
    """``about`` ties the tally to its ballot and rule: put under another one, it cannot be read."""
    plain = json.dumps({choice: [tally.get(choice, NOTHING).heads, str(tally.get(choice, NOTHING).area)] for choice in CHOICES})
    nonce = secrets.token_bytes(NONCE)
    return nonce + AESGCM(_key("tally")).encrypt(nonce, plain.encode().ljust(LENGTH), about)


def unsealed(kept: bytes | memoryview, about: bytes) -> Tally:
    """Raises Conflict where it is not what was sealed."""
    kept = bytes(kept)
    try:
        plain = AESGCM(_key("tally")).decrypt(kept[:NONCE], kept[NONCE:], about)
    except (InvalidTag, ValueError):
        raise Conflict(BROKEN, theirs={}, yours={}) from None
    said = json.loads(plain)
    return {choice: Sum(int(said[choice][0]), Decimal(said[choice][1])) for choice in CHOICES}


def code_hash(code: str) -> str:
    """What is kept of a one-time code. Without the installation's secret it cannot be found by trying codes."""
    return hmac.digest(_key("codes"), code.encode(), "sha256").hex()


@lru_cache(maxsize=8)
def _derived(secret: str, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"banjie ballot {purpose}".encode()).derive(secret.encode())


def _key(purpose: str) -> bytes:
    return _derived(str(settings.SECRET_KEY), purpose)
