"""Was a promise kept: another system's own word for it, and our clocks' judgement of the same times."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bihuan.kernel.clocks.running import BREACHED, clock_fixed, clock_stop


@dataclass(frozen=True, slots=True)
class Promise:
    """A request as another system has it: `due` and `closed` are None when there is none (aware otherwise).

    `stated` is that system's own word: on time, late, or None when it does not say.
    """

    opened: datetime
    due: datetime | None
    closed: datetime | None
    stated: bool | None


@dataclass
class Promises:
    """The promises of a file, as they are read. Those still open wait for the file's latest time."""

    latest: datetime | None = None
    file: int = 0
    clock: int = 0
    judged: int = 0
    disagree: int = 0
    waiting: list[Promise] = field(default_factory=list)

    def add(self, promise: Promise) -> None:
        """Judge one that is over, keep one that is open; its times may be the file's latest."""
        last = promise.closed or promise.opened
        self.latest = last if self.latest is None else max(self.latest, last)
        if promise.stated is None:
            return
        if promise.closed is None:
            self.waiting.append(promise)
        else:
            self._judge(promise, promise.stated, promise.closed)

    def end(self) -> None:
        """The file is read: the open ones are judged at its latest time."""
        for promise in self.waiting:
            assert self.latest is not None and promise.stated is not None
            self._judge(promise, promise.stated, self.latest)
        self.waiting.clear()

    def _judge(self, promise: Promise, stated: bool, at: datetime) -> None:
        ours = kept(promise, at=at)
        self.judged += 1
        self.file += stated
        self.clock += ours
        self.disagree += stated != ours


def kept(promise: Promise, *, at: datetime) -> bool:
    """Our clock of this promise, stopped at this moment: not past due. Without a due time it is always kept."""
    if promise.due is None:
        return True
    clock = clock_fixed(kind="handle", basis="promised", due=promise.due, now=promise.opened)
    return clock_stop(clock, at).level != BREACHED
