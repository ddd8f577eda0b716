"""What verification finds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """The first place where a stream does not fit: entry `seq` of `stream`, and in words what is wrong.

    Of a seal the stream is `seal:<number>` and `seq` the place of the first entry that it covers.
    """

    stream: str
    seq: int
    what: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What was walked, and the faults; `sealed` entries are covered by `seals`, the last of them made at `sealed_at` ("": none)."""

    entries: int
    streams: int
    faults: tuple[Fault, ...]
    sealed: int = 0
    seals: int = 0
    sealed_at: str = ""
