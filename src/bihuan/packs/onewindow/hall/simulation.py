"""A hall's day played out: tickets come, windows call by the rule, people are served. Pure, and the same for the same seed.

The same play forecasts the next hour (`forecast.py`) and compares the calling rule with others on one day (`comparison.py`). Times are
seconds after the day's midnight.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from bihuan.packs.onewindow.hall.rules import Terms, turn_of

MIDNIGHT = datetime(2026, 3, 2)  # noqa: DTZ001  only differences count
HOUR = 3600
FREE, COMES, PAUSES = 0, 1, 2
"""What happens in a play, at one moment in this order."""


class Coming(NamedTuple):
    """Somebody who takes a ticket: when, for which group, how long the service takes; with a priority or an appointment (None: none).

    `gone`: is not there any more when called; then `service` is how long the window calls in vain.
    """

    at: float
    group: str
    service: float
    priority: str = ""
    booked: float | None = None
    gone: bool = False


class Post(NamedTuple):
    """A window in the play: what it serves, when it opens and shuts, and its pauses, in order: (from when on, how long). A pause begins
    when the window is free."""

    skills: frozenset[str]
    opens: float
    shuts: float
    pauses: tuple[tuple[float, float], ...] = ()


class Waited(NamedTuple):
    """What became of one who came: how long they waited, in seconds; None for those whom nobody called by the end."""

    coming: Coming
    waited: float | None

    @property
    def beyond(self) -> float | None:
        """The wait that counts: of who came before the appointed time, from that time on."""
        if self.waited is None or self.coming.booked is None:
            return self.waited
        return max(0.0, self.waited - max(0.0, self.coming.booked - self.coming.at))


class Rule(NamedTuple):
    """How windows call: the turn and the kept turn of one who comes, and after how long the kept turn counts (`rules.place_of`)."""

    turns: Callable[[Coming], tuple[float, float]]
    long: float


class Played(NamedTuple):
    """What became of each who came; and the windows' time without anybody to serve, in seconds of all windows: `idle`, of it `unlike`
    while somebody waited whom none of the free windows serves."""

    people: list[Waited]
    idle: float
    unlike: float


def by_rule(terms: Terms) -> Rule:
    """The hall's own rule."""

    def turns(one: Coming) -> tuple[float, float]:
        booked = None if one.booked is None else MIDNIGHT + timedelta(seconds=one.booked)
        taken = MIDNIGHT + timedelta(seconds=one.at)
        found = turn_of(terms, one.group, taken=taken, priority=one.priority, booked=booked)
        turn = (found - MIDNIGHT).total_seconds()
        return turn, turn if one.priority else one.at

    return Rule(turns, terms.of("long") * 60.0)


FIRST_COME = Rule(lambda one: (one.at, one.at), float("inf"))
"""First come, first served."""


def day_played(
    coming: Sequence[Coming], posts: Sequence[Post], rule: Rule, *, until: float = float("inf")
) -> Played:
    """Play the day: an idle window takes whoever comes (the one that serves fewest groups first), a free one calls by the rule. Idle time
    counts `until` then.
    """
    return _Day(coming, posts, rule, until).played()


class _Day:
    """The day as it goes: for each group a queue by turn and one by kept turn; who was called stays in the other until its head is read."""

    def __init__(self, coming: Sequence[Coming], posts: Sequence[Post], rule: Rule, until: float) -> None:
        self.coming, self.posts, self.rule, self.until = coming, posts, rule, until
        groups = {one.group for one in coming}.union(*(post.skills for post in posts))
        self.by_turn: dict[str, list[tuple[float, int]]] = {code: [] for code in groups}
        self.by_kept: dict[str, list[tuple[float, int]]] = {code: [] for code in groups}
        self.waited: list[float | None] = [None] * len(coming)
        self.idle: set[int] = set()
        self.waiting, self.last, self.idled, self.unlike = 0, 0.0, 0.0, 0.0
        self.pauses = [list(post.pauses) for post in posts]
        self.events = [(one.at, COMES, n) for n, one in enumerate(coming)]
        self.events += [(post.opens, FREE, n) for n, post in enumerate(posts)]
        self.events += [(at, PAUSES, n) for n, post in enumerate(posts) for at, _long in post.pauses]
        heapq.heapify(self.events)

    def played(self) -> Played:
        while self.events:
            now, kind, n = heapq.heappop(self.events)
            self._pass(min(now, self.until))
            if kind == COMES:
                self._comes(n, now)
            elif kind == FREE or n in self.idle:
                self._free(n, now)
        people = [Waited(one, wait) for one, wait in zip(self.coming, self.waited, strict=True)]
        return Played(people, self.idled, self.unlike)

    def _pass(self, now: float) -> None:
        idled = (now - self.last) * len(self.idle)
        self.idled += idled
        self.unlike += idled if self.waiting else 0.0
        self.last = now

    def _comes(self, n: int, now: float) -> None:
        one, (turn, kept) = self.coming[n], self.rule.turns(self.coming[n])
        heapq.heappush(self.by_turn[one.group], (turn, n))
        heapq.heappush(self.by_kept[one.group], (kept, n))
        self.waiting += 1
        free = [window for window in self.idle if one.group in self.posts[window].skills]
        for window in sorted(free, key=lambda window: (len(self.posts[window].skills), window)):
            if self.waited[n] is None:  # the window before has shut or pauses
                self._free(window, now)

    def _free(self, window: int, now: float) -> None:
        """It shuts, pauses, calls, or is idle."""
        self.idle.discard(window)
        if now >= self.posts[window].shuts:
            return
        if self.pauses[window] and self.pauses[window][0][0] <= now:
            _at, long = self.pauses[window].pop(0)
            heapq.heappush(self.events, (now + long, FREE, window))
            return
        n = self._first(self.posts[window].skills, now)
        if n is None:
            self.idle.add(window)
            return
        self.waited[n] = now - self.coming[n].at
        self.waiting -= 1
        heapq.heappush(self.events, (now + self.coming[n].service, FREE, window))

    def _first(self, skills: frozenset[str], now: float) -> int | None:
        """`rules.next_called` over the heads of the queues."""
        kept = self._head(self.by_kept, skills)
        if kept is not None and kept[0] <= now - self.rule.long:
            return kept[1]
        turn = self._head(self.by_turn, skills)
        return turn[1] if turn is not None else None

    def _head(
        self, queues: dict[str, list[tuple[float, int]]], skills: frozenset[str]
    ) -> tuple[float, int] | None:
        heads = []
        for code in skills:
            queue = queues[code]
            while queue and self.waited[queue[0][1]] is not None:
                heapq.heappop(queue)
            heads += queue[:1]
        return min(heads, default=None)


@dataclass(frozen=True, slots=True)
class Figures:
    """Waiting of some people in minutes: `mean`, the 95th percentile and the longest; `left` were not called at all."""

    people: int
    mean: float
    p95: float
    longest: float
    left: int


def figures_of(found: Sequence[Waited]) -> Figures:
    """The figures of those in the list; all 0 of nobody."""
    waits = sorted(one.beyond / 60 for one in found if one.beyond is not None)
    if not waits:
        return Figures(len(found), 0.0, 0.0, 0.0, len(found))
    p95 = waits[max(0, -(-len(waits) * 95 // 100) - 1)]
    return Figures(len(found), sum(waits) / len(waits), p95, waits[-1], len(found) - len(waits))
