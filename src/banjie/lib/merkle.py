"""The Merkle tree of RFC 6962 §2.1 over SHA-256: one root for any number of leaves, and short proofs.

A ``Frontier`` holds the roots of the complete subtrees (at most one a bit of the size), so the next leaves are
added without looking at the old ones. The proofs want the leaf hashes and are for whoever checks one entry.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(leaf: bytes) -> bytes:
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """A growing tree. ``bytes(frontier)`` and the size are enough to go on later."""

    def __init__(self, size: int = 0, packed: bytes = b"") -> None:
        """Take up a tree of ``size`` leaves. ValueError if ``packed`` is not the frontier of such a tree."""
        if len(packed) != 32 * size.bit_count():
            raise ValueError(f"a tree of {size} leaves has {size.bit_count()} complete subtrees, not {len(packed) / 32:g}")
        self.size = size
        self.peaks = [packed[i : i + 32] for i in range(0, len(packed), 32)]

    def add(self, leaf: bytes) -> None:
        node = sha256(b"\x00" + leaf).digest()
        carry = self.size
        while carry & 1:
            node = sha256(b"\x01" + self.peaks.pop() + node).digest()
            carry >>= 1
        self.peaks.append(node)
        self.size += 1

    def add_all(self, leaves: Iterable[bytes]) -> None:
        for leaf in leaves:
            self.add(leaf)

    def root(self) -> bytes:
        if not self.peaks:
            return EMPTY_ROOT
        node = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            node = node_hash(peak, node)
        return node

    def __bytes__(self) -> bytes:
        return b"".join(self.peaks)


def root(leaf_hashes: Sequence[bytes]) -> bytes:
    """The root over leaf hashes (MTH of the RFC)."""
    if len(leaf_hashes) <= 1:
        return leaf_hashes[0] if leaf_hashes else EMPTY_ROOT
    split = _split(len(leaf_hashes))
    return node_hash(root(leaf_hashes[:split]), root(leaf_hashes[split:]))


def inclusion_proof(index: int, leaf_hashes: Sequence[bytes]) -> list[bytes]:
    """The hashes that lead from leaf ``index`` to the root (PATH of the RFC)."""
    if not 0 <= index < len(leaf_hashes):
        raise IndexError(f"leaf {index} of a tree of {len(leaf_hashes)}")
    if len(leaf_hashes) == 1:
        return []
    split = _split(len(leaf_hashes))
    if index < split:
        return [*inclusion_proof(index, leaf_hashes[:split]), root(leaf_hashes[split:])]
    return [*inclusion_proof(index - split, leaf_hashes[split:]), root(leaf_hashes[:split])]


def is_included(index: int, size: int, leaf: bytes, proof: Sequence[bytes], tree_root: bytes) -> bool:
    """Whether the leaf hash ``leaf`` stands at ``index`` in the tree of ``size`` leaves (RFC 9162 §2.1.3.2)."""
    if not 0 <= index < size:
        return False
    number, last, node = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if number & 1 or number == last:
            node = node_hash(step, node)
            while not number & 1 and number:
                number >>= 1
                last >>= 1
        else:
            node = node_hash(node, step)
        number >>= 1
        last >>= 1
    return last == 0 and node == tree_root


def consistency_proof(old_size: int, leaf_hashes: Sequence[bytes]) -> list[bytes]:
    """What shows that the tree of the first ``old_size`` leaves is the beginning of this one (PROOF of the RFC)."""
    if not 0 < old_size <= len(leaf_hashes):
        raise ValueError(f"a tree of {old_size} leaves is no beginning of one of {len(leaf_hashes)}")
    return _subproof(old_size, leaf_hashes, whole=True)


def is_consistent(old_size: int, size: int, old_root: bytes, tree_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the newer tree begins with the older one (RFC 9162 §2.1.4.2)."""
    if not 0 < old_size <= size:
        return False
    if old_size == size:
        return not proof and old_root == tree_root
    steps = list(proof)
    if old_size & (old_size - 1) == 0:
        steps.insert(0, old_root)
    if not steps:
        return False
    number, last = old_size - 1, size - 1
    while number & 1:
        number >>= 1
        last >>= 1
    old_node = node = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if number & 1 or number == last:
            old_node, node = node_hash(step, old_node), node_hash(step, node)
            while not number & 1 and number:
                number >>= 1
                last >>= 1
        else:
            node = node_hash(node, step)
        number >>= 1
        last >>= 1
    return last == 0 and old_node == old_root and node == tree_root


def _subproof(old_size: int, leaf_hashes: Sequence[bytes], *, whole: bool) -> list[bytes]:
    size = len(leaf_hashes)
    if old_size == size:
        return [] if whole else [root(leaf_hashes)]
    split = _split(size)
    if old_size <= split:
        return [*_subproof(old_size, leaf_hashes[:split], whole=whole), root(leaf_hashes[split:])]
    return [*_subproof(old_size - split, leaf_hashes[split:], whole=False), root(leaf_hashes[:split])]


def _split(size: int) -> int:
    """The largest power of two below ``size``."""
    return int(1 << ((size - 1).bit_length() - 1))
