"""Ed25519 keys in files, and signatures that can still be checked when a key has been replaced.

``key(path)`` makes the pair once. Beside ``ledger.ed25519`` (the private key, 0600) lies ``ledger.ed25519.trusted``:
the public keys whose signatures count, one a line, the present one last. Trust lies in that folder and not in the
database, so that whoever can write to the database cannot bring a key of their own.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


@dataclass(frozen=True, slots=True)
class Key:
    """A key pair that can sign."""

    private: Ed25519PrivateKey

    @property
    def public(self) -> str:
        """The public key: 32 bytes as hex."""
        return self.private.public_key().public_bytes_raw().hex()

    def sign(self, message: bytes) -> str:
        """The signature: 64 bytes as hex."""
        return self.private.sign(message).hex()


def key(path: Path) -> Key:
    """The key pair kept at ``path``; made once, by whichever process comes first."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _place(path, Ed25519PrivateKey.generate(), replace=False)
    found = Key(_read(path))
    if found.public not in trusted(path):
        _trust(path, found.public)
    return found


def rotate(path: Path) -> Key:
    """Begin a new key. What the old one signed stays valid."""
    key(path)
    _place(path, Ed25519PrivateKey.generate(), replace=True)
    return key(path)


def trusted(path: Path) -> list[str]:
    """The public keys whose signatures count, the oldest first."""
    beside = _beside(path)
    return beside.read_text().split() if beside.exists() else []


def verify(public_key: str, signature: str, message: bytes) -> bool:
    """Whether ``signature`` (hex) over ``message`` was made with the key ``public_key`` (hex). Says nothing about
    whether that key is trusted. Anything malformed is not a signature."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(bytes.fromhex(signature), message)
    except (InvalidSignature, ValueError):
        return False
    return True


def fingerprint(public_key: str) -> str:
    """Sixteen characters by which two people compare a public key aloud."""
    digest = sha256(bytes.fromhex(public_key)).hexdigest()[:16]
    return "-".join(digest[i : i + 4] for i in range(0, 16, 4))


def _beside(path: Path) -> Path:
    return path.with_name(path.name + ".trusted")


def _read(path: Path) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(path.read_text().strip()))


def _trust(path: Path, public_key: str) -> None:
    descriptor = os.open(_beside(path), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(public_key + "\n")


def _place(path: Path, private: Ed25519PrivateKey, *, replace: bool) -> None:
    """Write the whole key beside its place, then move it there in one step; without ``replace`` the first one stays."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)  # mkstemp makes it 0600
    made = Path(name)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(private.private_bytes_raw().hex() + "\n")
            file.flush()
            os.fsync(file.fileno())
        if replace:
            made.replace(path)
        else:
            _link(made, path)
    finally:
        made.unlink(missing_ok=True)


def _link(made: Path, path: Path) -> None:
    try:
        path.hardlink_to(made)
    except FileExistsError:
        return  # another process was first, and its key is the key
