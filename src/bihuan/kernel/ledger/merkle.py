"""Merkle trees as RFC 6962 (section 2.1) shapes them: growing, with proofs. Pure; the checks of proofs are in `verifier`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from bihuan.lib.hashing import Algorithm, digest


class Hashed(Protocol):
    """What hashlib's constructors return."""

    def digest(self) -> bytes: ...


class _Sm3:
    """SM3 in hashlib's shape."""

    __slots__ = ("data",)

    def __init__(self, data: bytes) -> None:
        self.data = data

    def digest(self) -> bytes:
        return digest(self.data, algorithm="sm3")


HASHERS: dict[Algorithm, Callable[[bytes], Hashed]] = {"sha256": hashlib.sha256, "sm3": _Sm3}


class Tree:
    """A tree that grows: of its leaves it remembers the peaks of the whole subtrees, from left to right."""

    def __init__(self, algorithm: Algorithm, size: int = 0, peaks: Sequence[bytes] = ()) -> None:
        if len(peaks) != size.bit_count():
            raise ValueError(f"a tree of {size} leaves has {size.bit_count()} peaks, not {len(peaks)}")
        self.hash, self.size, self.peaks = HASHERS[algorithm], size, list(peaks)

    def extend(self, values: Iterable[bytes]) -> None:
        """Add a leaf for each value."""
        hash_, peaks, size = self.hash, self.peaks, self.size
        for value in values:
            found = hash_(b"\0" + value).digest()
            carry = size
            while carry & 1:
                found = hash_(b"\1" + peaks.pop() + found).digest()
                carry >>= 1
            peaks.append(found)
            size += 1
        self.size = size

    def root(self) -> bytes:
        """The root; of no leaves the digest of nothing."""
        if not self.peaks:
            return self.hash(b"").digest()
        found = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            found = self.hash(b"\1" + peak + found).digest()
        return found


def levels(values: Iterable[bytes], algorithm: Algorithm) -> list[list[bytes]]:
    """All hashes of a tree from its leaves up to the root; the last one of an odd level goes up as it is."""
    hash_ = HASHERS[algorithm]
    out = [[hash_(b"\0" + value).digest() for value in values]]
    while len(out[-1]) > 1:
        below = out[-1]
        level = [hash_(b"\1" + below[i] + below[i + 1]).digest() for i in range(0, len(below) - 1, 2)]
        out.append(level + below[len(below) & ~1 :])
    return out


def inclusion_path(tree: Sequence[Sequence[bytes]], index: int) -> list[bytes]:
    """The proof that the leaf number `index` (from 0) is in the tree, given by its levels."""
    path = []
    for level in tree[:-1]:
        sibling = index ^ 1
        if sibling < len(level):
            path.append(level[sibling])
        index >>= 1
    return path


def grown_path(before: Tree, values: Iterable[bytes], index: int) -> list[bytes]:
    """The proof that the leaf number `index` is in the tree that `before` becomes with these values, of which it is one."""
    hash_, peaks, start, path = before.hash, list(before.peaks), before.size, []
    level = [hash_(b"\0" + value).digest() for value in values]
    while start or len(level) > 1:
        if start & 1:
            level.insert(0, peaks.pop())
            start -= 1
        sibling = (index ^ 1) - start
        if sibling < len(level):
            path.append(level[sibling])
        above = [hash_(b"\1" + level[i] + level[i + 1]).digest() for i in range(0, len(level) - 1, 2)]
        level = above + level[len(level) & ~1 :]
        start, index = start >> 1, index >> 1
    return path


def consistency_path(tree: Sequence[Sequence[bytes]], first: int) -> list[bytes]:
    """The proof that the tree, given by its levels, began with the tree of its `first` leaves."""
    return _subproof(tree, first, 0, len(tree[0]), True)


def _subproof(tree: Sequence[Sequence[bytes]], m: int, start: int, end: int, whole: bool) -> list[bytes]:
    """SUBPROOF of RFC 6962, 2.1.2, for the leaves start … end - 1."""
    size = end - start
    if m == size:
        return [] if whole else [_range(tree, start, end)]
    split = 1 << ((size - 1).bit_length() - 1)
    if m <= split:
        return [*_subproof(tree, m, start, start + split, whole), _range(tree, start + split, end)]
    return [*_subproof(tree, m - split, start + split, end, False), _range(tree, start, start + split)]


def _range(tree: Sequence[Sequence[bytes]], start: int, end: int) -> bytes:
    """The hash over an aligned range of leaves: whole, or the rest at the right edge."""
    height = (end - start - 1).bit_length()
    return tree[height][start >> height]
