"""The tree of RFC 6962, held to the test vectors of the Certificate Transparency reference implementation."""

from __future__ import annotations

import pytest

from banjie.lib import merkle

# The eight leaves, roots and proofs that certificate-transparency's merkletree tests and its successors use.
LEAVES = [
    bytes.fromhex(text)
    for text in ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
HASHES = [merkle.leaf_hash(leaf) for leaf in LEAVES]


def test_the_empty_tree_has_the_hash_of_nothing():
    assert merkle.root([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert merkle.Frontier().root() == merkle.root([])


@pytest.mark.parametrize("size", range(1, 9))
def test_the_root_is_the_published_one(size):
    frontier = merkle.Frontier()
    frontier.add_all(LEAVES[:size])
    assert merkle.root(HASHES[:size]).hex() == ROOTS[size - 1]
    assert frontier.root().hex() == ROOTS[size - 1]


@pytest.mark.parametrize(
    ("index", "size", "path"),
    [
        (0, 1, []),
        (
            0,
            8,
            [
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ],
        ),
        (
            5,
            8,
            [
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ],
        ),
        (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
        (
            1,
            5,
            [
                "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            ],
        ),
    ],
)
def test_an_inclusion_proof_is_the_published_one(index, size, path):
    proof = merkle.inclusion_proof(index, HASHES[:size])
    assert [step.hex() for step in proof] == path
    assert merkle.is_included(index, size, HASHES[index], proof, bytes.fromhex(ROOTS[size - 1]))


@pytest.mark.parametrize(
    ("old", "size", "path"),
    [
        (1, 1, []),
        (
            1,
            8,
            [
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ],
        ),
        (
            6,
            8,
            [
                "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ],
        ),
        (
            2,
            5,
            [
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            ],
        ),
    ],
)
def test_a_consistency_proof_is_the_published_one(old, size, path):
    proof = merkle.consistency_proof(old, HASHES[:size])
    assert [step.hex() for step in proof] == path
    assert merkle.is_consistent(old, size, bytes.fromhex(ROOTS[old - 1]), bytes.fromhex(ROOTS[size - 1]), proof)


@pytest.mark.parametrize("size", range(1, 34))
def test_every_proof_of_every_small_tree_holds_and_no_other_does(size):
    hashes = [merkle.leaf_hash(bytes([number])) for number in range(size)]
    root = merkle.root(hashes)
    for index in range(size):
        proof = merkle.inclusion_proof(index, hashes)
        assert merkle.is_included(index, size, hashes[index], proof, root)
        assert not merkle.is_included(index, size, merkle.leaf_hash(b"other"), proof, root)
        assert not merkle.is_included(index, size, hashes[index], [*proof, root], root)
    for old in range(1, size + 1):
        proof = merkle.consistency_proof(old, hashes)
        assert merkle.is_consistent(old, size, merkle.root(hashes[:old]), root, proof)
        assert not merkle.is_consistent(old, size, merkle.leaf_hash(b"other"), root, proof)


def test_a_frontier_goes_on_where_it_was_put_down():
    whole, resumed = merkle.Frontier(), merkle.Frontier()
    for number in range(100):
        whole.add(bytes([number]))
        resumed = merkle.Frontier(resumed.size, bytes(resumed))
        resumed.add(bytes([number]))
        assert resumed.root() == whole.root()


def test_a_frontier_of_another_size_is_refused():
    with pytest.raises(ValueError, match="complete subtrees"):
        merkle.Frontier(3, bytes(32))
