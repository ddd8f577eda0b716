"""The tree under the seals and what a verifier computes itself: as the RFCs and the libraries have them."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.kernel.ledger import verifier
from bihuan.kernel.ledger.entries import GENESIS
from bihuan.kernel.ledger.merkle import Tree, consistency_path, grown_path, inclusion_path, levels
from bihuan.lib.hashing import digest

VALUES = [bytes([n]) * 32 for n in range(40)]


def root_by_definition(values: list[bytes]) -> bytes:
    """MTH of RFC 6962, 2.1, word for word."""
    if len(values) == 1:
        return hashlib.sha256(b"\0" + values[0]).digest()
    split = 1 << ((len(values) - 1).bit_length() - 1)
    halves = root_by_definition(values[:split]) + root_by_definition(values[split:])
    return hashlib.sha256(b"\1" + halves).digest()


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 8, 21, 40])
def test_trees_and_their_proofs_are_those_of_the_rfc(size: int) -> None:
    values = VALUES[:size]
    tree, whole, root = Tree("sha256"), levels(values, "sha256"), root_by_definition(values)
    tree.extend(values)
    assert tree.root() == whole[-1][0] == root
    for index in range(size):
        path = inclusion_path(whole, index)
        assert verifier.root_of_path(whole[0][index], index, size, path, "sha256") == root
        assert verifier.root_of_path(whole[0][index], size, size, path, "sha256") is None
        if path:
            assert verifier.root_of_path(whole[0][index], index, size, path[:-1], "sha256") != root
    for before in range(size):
        grown = Tree("sha256")
        grown.extend(values[:before])
        for index in range(before, size):
            assert grown_path(grown, values[before:], index) == inclusion_path(whole, index)
        assert grown.size == before
    for first in range(1, size + 1):
        old, path = root_by_definition(values[:first]), consistency_path(whole, first)
        assert verifier.consistent(first, old, size, root, path, "sha256")
        other = root_by_definition([b"x", *values[1:first]])
        assert not verifier.consistent(first, other, size, root, path, "sha256")


@given(st.lists(st.integers(0, 9), max_size=6))
def test_a_tree_grows_to_the_same_whatever_the_steps(steps: list[int]) -> None:
    tree, size = Tree("sha256"), 0
    for step in steps:
        tree = Tree("sha256", size, tree.peaks)
        tree.extend(VALUES[:step])
        size += step
    whole = Tree("sha256")
    whole.extend(value for step in steps for value in VALUES[:step])
    assert (tree.root(), tree.size) == (whole.root(), size)


def test_the_trees_peaks_must_be_as_many_as_its_size_has() -> None:
    with pytest.raises(ValueError, match="3 peaks, not 1"):
        Tree("sha256", 7, [GENESIS])


@settings(max_examples=15, deadline=None)
@given(st.binary(max_size=90), st.integers(0, 511))
def test_the_verifiers_signature_check_agrees_with_the_library(message: bytes, place: int) -> None:
    private = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(message).digest())
    public, signature = private.public_key().public_bytes_raw(), private.sign(message)
    assert verifier.signature_fits(public, message, signature)
    assert not verifier.signature_fits(public, message + b"x", signature)
    changed = bytearray(signature)
    changed[place // 8] ^= 1 << place % 8
    assert not verifier.signature_fits(public, message, bytes(changed))


@pytest.mark.parametrize(
    ("public", "message", "signature"),
    [  # RFC 8032, 7.1, tests 1 and 3
        (
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
        ),
    ],
)
def test_the_signature_check_knows_the_rfcs_vectors(public: str, message: str, signature: str) -> None:
    assert verifier.signature_fits(*map(bytes.fromhex, (public, message, signature)))


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=200))
def test_the_verifiers_sm3_agrees_with_the_library(data: bytes) -> None:
    assert verifier.digest(data, "sm3") == digest(data, algorithm="sm3")
