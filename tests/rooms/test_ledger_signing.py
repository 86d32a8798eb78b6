"""Keys are made once, kept to their owner, and replaced without losing old signatures."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor

from banjie.lib import signing


def test_a_signature_holds_for_its_message_and_key_alone(tmp_path):
    key, other = signing.key(tmp_path / "a"), signing.key(tmp_path / "b")
    signature = key.sign(b"figure")
    assert signing.verify(key.public, signature, b"figure")
    assert not signing.verify(key.public, signature, b"figures")
    assert not signing.verify(other.public, signature, b"figure")
    assert not signing.verify(key.public, signature[:-2], b"figure")
    assert not signing.verify("not hex", signature, b"figure")


def test_it_signs_as_rfc_8032_does():
    """RFC 8032 §7.1, test 2."""
    public = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    signature = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    assert signing.verify(public, signature, b"\x72")


def test_the_private_key_is_readable_by_its_owner_alone(tmp_path):
    path = tmp_path / "keys" / "ledger.ed25519"
    signing.key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_processes_that_come_at_once_get_one_key(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        keys = {key.public for key in pool.map(lambda _: signing.key(tmp_path / "one"), range(32))}
    assert len(keys) == 1
    assert set(signing.trusted(tmp_path / "one")) == keys
    assert {path.name for path in tmp_path.iterdir()} == {"one", "one.trusted"}


def test_a_replaced_key_stays_trusted(tmp_path):
    old = signing.key(tmp_path / "one")
    new = signing.rotate(tmp_path / "one")
    assert signing.key(tmp_path / "one").public == new.public != old.public
    assert signing.trusted(tmp_path / "one") == [old.public, new.public]
