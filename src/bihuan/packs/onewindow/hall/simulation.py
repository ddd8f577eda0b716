"""A hall's day played out: tickets come, windows call by the rule, people are served. Pure, and the same for the same seed.

The same play forecasts the next hour (`forecast.py`) and compares the calling rule with first-come-first-served on one day. Times are
seconds after the day's midnight.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from bihuan.packs.onewindow.hall.rules import GROUPS, HEAD_STARTS, Terms, terms_default, turn_of

MIDNIGHT = datetime(2026, 3, 2)  # noqa: DTZ001  only differences count
HOUR = 3600


class Coming(NamedTuple):
    """Somebody who takes a ticket: when, for which group, how long the service takes; with a priority or an appointment (None: none)."""

    at: float
    group: str
    service: float
    priority: str = ""
    booked: float | None = None


class Post(NamedTuple):
    """A window in the play: what it serves, when it opens and shuts."""

    skills: frozenset[str]
    opens: float
    shuts: float


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


Rule = Callable[[Coming], float]


def by_rule(terms: Terms) -> Rule:
    """The turn by the hall's own rule."""

    def turn(one: Coming) -> float:
        booked = None if one.booked is None else MIDNIGHT + timedelta(seconds=one.booked)
        taken = MIDNIGHT + timedelta(seconds=one.at)
        found = turn_of(terms, one.group, taken=taken, priority=one.priority, booked=booked)
        return (found - MIDNIGHT).total_seconds()

    return turn


def first_come(one: Coming) -> float:
    """First come, first served."""
    return one.at


def day_played(coming: Sequence[Coming], posts: Sequence[Post], rule: Rule) -> list[Waited]:
    """Play the day: an idle window takes whoever comes (the one that serves fewest groups first), a free one calls the earliest turn."""
    queues: dict[str, list[tuple[float, int]]] = {one.group: [] for one in coming}
    waited: list[float | None] = [None] * len(coming)
    idle = {n for n, post in enumerate(posts) if post.opens <= 0}
    events = [(one.at, 1, n) for n, one in enumerate(coming)]
    events += [(post.opens, 0, n) for n, post in enumerate(posts) if post.opens > 0]
    heapq.heapify(events)

    def take(window: int, now: float) -> bool:
        post = posts[window]
        if now >= post.shuts:
            idle.discard(window)
            return True
        ready = [code for code in post.skills if queues.get(code)]
        if not ready:
            return False
        _turn, n = heapq.heappop(queues[min(ready, key=lambda code: queues[code][0])])
        waited[n] = now - coming[n].at
        idle.discard(window)
        heapq.heappush(events, (now + coming[n].service, 0, window))
        return True

    while events:
        now, kind, n = heapq.heappop(events)
        if kind == 0:
            if not take(n, now):
                idle.add(n)
            continue
        heapq.heappush(queues[coming[n].group], (rule(coming[n]), n))
        free = [window for window in idle if coming[n].group in posts[window].skills]
        if free:
            take(min(free, key=lambda window: (len(posts[window].skills), window)), now)
    return [Waited(one, wait) for one, wait in zip(coming, waited, strict=True)]


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


PARTS: Mapping[str, Callable[[Coming], bool]] = {
    "all": lambda one: True,
    "priority": lambda one: bool(one.priority),
    "booked": lambda one: one.booked is not None,
    "quick": lambda one: one.group == "E",
    "others": lambda one: not one.priority and one.booked is None and one.group != "E",
}
"""Of whom figures are told apart."""


def compared(*, seed: int, tickets: int) -> dict[str, tuple[Figures, Figures]]:
    """One day under the hall's rule and under first-come-first-served: by part, (ours, first come)."""
    coming, posts = day_made(seed=seed, tickets=tickets)
    ours = day_played(coming, posts, by_rule(terms_default()))
    plain = day_played(coming, posts, first_come)
    return {
        name: (
            figures_of([one for one in ours if holds(one.coming)]),
            figures_of([one for one in plain if holds(one.coming)]),
        )
        for name, holds in PARTS.items()
    }


CURVE = (9, 17, 17, 12, 7, 6, 11, 13, 8)
"""How the day's tickets spread over its hours from 08:30: a full morning, a thin noon (延时服务), an afternoon."""
OPENS, SHUTS = 8.5 * HOUR, 17.5 * HOUR
SHARES = {"A": 30, "B": 22, "C": 20, "D": 12, "E": 16}
BOOKED, OLD_OR_OTHER = 0.15, 0.12


def day_made(*, seed: int, tickets: int) -> tuple[list[Coming], list[Post]]:
    """A day of so many tickets and the windows that it takes: by the arrival curve, with service times by group (gamma), appointments
    on the quarter hour, people with priority, and windows of different skills, busy at about 93 % over the day.
    """
    dice = random.Random(seed)
    minutes = {group.code: group.minutes for group in GROUPS}
    coming = []
    for _ in range(tickets):
        hour = dice.choices(range(len(CURVE)), CURVE)[0]
        at = OPENS + (hour + dice.random()) * HOUR
        group = dice.choices(list(SHARES), list(SHARES.values()))[0]
        service = dice.gammavariate(2.5, minutes[group] * 60 / 2.5)
        priority = dice.choice(sorted(HEAD_STARTS)) if dice.random() < OLD_OR_OTHER else ""
        booked = None
        if dice.random() < BOOKED:
            booked = at // 900 * 900
            at = max(OPENS, booked + dice.gauss(-300, 300))
        coming.append(Coming(at, group, max(45.0, service), priority, booked))
    coming.sort()
    work = {code: sum(one.service for one in coming if one.group == code) for code in SHARES}
    return coming, posts_for(work, (SHUTS - OPENS) * 0.93)


def posts_for(work: Mapping[str, float], span: float) -> list[Post]:
    """Windows for so many seconds of work by group: half of them serve one group, the rest two, and one in eight all."""
    posts: list[Post] = []
    codes = sorted(work)
    number = max(len(codes), round(sum(work.values()) / span))
    owed = {code: work[code] / span for code in codes}
    for n in range(number):
        code = max(owed, key=lambda one: owed[one])
        owed[code] -= 1
        skills = {code}
        if n % 8 == 7:
            skills = set(codes)
        elif n % 2:
            skills.add(codes[(codes.index(code) + 1 + n % (len(codes) - 1)) % len(codes)])
        posts.append(Post(frozenset(skills), OPENS, SHUTS + 2 * HOUR))
    return posts
