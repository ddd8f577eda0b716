"""A made-up day of a hall under three rules: the hall's own, first come first served, and a line for each group of services. Pure."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from bihuan.packs.onewindow.hall.rules import GROUPS, HEAD_STARTS, terms_default
from bihuan.packs.onewindow.hall.simulation import (
    FIRST_COME,
    HOUR,
    Coming,
    Figures,
    Played,
    Post,
    by_rule,
    day_played,
    figures_of,
)

CURVE = (9, 17, 17, 12, 7, 6, 11, 13, 8)
"""How the day's tickets spread over its hours from 08:30: a full morning, a thin noon (延时服务), an afternoon."""
OPENS, SHUTS = 8.5 * HOUR, 17.5 * HOUR
QUARTER = HOUR // 4
SHARES = {"A": 30, "B": 22, "C": 20, "D": 12, "E": 16}
BOOKED, OLD_OR_OTHER, GONE = 0.15, 0.12, 0.04
IN_VAIN = 90.0
"""Seconds of a window's time that three calls take to which nobody comes."""
LUNCH, REST = 45 * 60.0, 10 * 60.0
BUSY = 0.93

PARTS: Mapping[str, Callable[[Coming], bool]] = {
    "all": lambda one: True,
    "priority": lambda one: bool(one.priority),
    "booked": lambda one: one.booked is not None,
    "quick": lambda one: one.group == "E",
    "others": lambda one: not one.priority and one.booked is None and one.group != "E",
}
"""Of whom figures are told apart."""
RULES = ("ours", "first", "lines")


@dataclass(frozen=True, slots=True)
class Compared:
    """The same days under each of `RULES`, the mean of the days' figures: `figures` by part and rule, `idle` and `unlike` by rule as shares
    of the windows' time. `gone` were not there any more when called; they are in no figure.
    """

    windows: int
    gone: int
    figures: Mapping[str, Mapping[str, Figures]]
    idle: Mapping[str, float]
    unlike: Mapping[str, float]


def compared(*, seed: int, tickets: int, days: int = 1) -> Compared:
    """So many days, of the seeds from this one on, under each of `RULES`."""
    made = [day_made(seed=seed + n, tickets=tickets) for n in range(days)]
    played = {rule: [_played(rule, coming, posts) for coming, posts in made] for rule in RULES}
    time = [sum(_open(post) for post in posts) for _coming, posts in made]
    return Compared(
        windows=round(fmean(len(posts) for _coming, posts in made)),
        gone=round(fmean(sum(one.gone for one in coming) for coming, _posts in made)),
        figures={
            part: {rule: _figures(found, holds) for rule, found in played.items()} for part, holds in PARTS.items()
        },
        idle={rule: fmean(map(_share, (one.idle for one in found), time)) for rule, found in played.items()},
        unlike={rule: fmean(map(_share, (one.unlike for one in found), time)) for rule, found in played.items()},
    )  # fmt: skip


def _played(rule: str, coming: Sequence[Coming], posts: Sequence[Post]) -> Played:
    if rule == "lines":
        posts = posts_apart(coming, posts)
    return day_played(coming, posts, by_rule(terms_default()) if rule == "ours" else FIRST_COME, until=SHUTS)


def _open(post: Post) -> float:
    return SHUTS - post.opens - sum(long for _at, long in post.pauses)


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _figures(days: Sequence[Played], holds: Callable[[Coming], bool]) -> Figures:
    rows = [
        figures_of([one for one in day.people if holds(one.coming) and not one.coming.gone]) for day in days
    ]
    return Figures(
        round(fmean(one.people for one in rows)),
        fmean(one.mean for one in rows),
        fmean(one.p95 for one in rows),
        fmean(one.longest for one in rows),
        sum(one.left for one in rows),
    )


def day_made(*, seed: int, tickets: int) -> tuple[list[Coming], list[Post]]:
    """A day of so many tickets and the windows that it takes: by the arrival curve, with service times by group (gamma), appointments
    spread evenly over the quarter hours (a slot is booked once), people with priority, some who are gone when they are called, and windows of
    different skills with a lunch in turns and two rests, busy at about 93 % of the rest. Who has booked and does not come takes no ticket,
    and no window waits for them.
    """
    dice = random.Random(seed)
    minutes = {group.code: group.minutes for group in GROUPS}
    coming = []
    for _ in range(tickets):
        hour = dice.choices(range(len(CURVE)), CURVE)[0]
        at = OPENS + (hour + dice.random()) * HOUR
        group = dice.choices(list(SHARES), list(SHARES.values()))[0]
        service = max(45.0, dice.gammavariate(2.5, minutes[group] * 60 / 2.5))
        priority = dice.choice(sorted(HEAD_STARTS)) if dice.random() < OLD_OR_OTHER else ""
        booked = None
        if dice.random() < BOOKED:
            booked = OPENS + dice.randrange(int(SHUTS - OPENS) // QUARTER) * QUARTER
            at = max(OPENS - 2 * QUARTER, booked + dice.gauss(-300, 300))
        gone = dice.random() < GONE
        coming.append(Coming(at, group, IN_VAIN if gone else service, priority, booked, gone))
    coming.sort()
    return coming, posts_for(work_of(coming), (SHUTS - OPENS - LUNCH - 2 * REST) * BUSY)


def work_of(coming: Sequence[Coming]) -> dict[str, float]:
    """Seconds of work by group."""
    return {code: sum(one.service for one in coming if one.group == code) for code in SHARES}


def posts_for(work: Mapping[str, float], span: float) -> list[Post]:
    """Windows for so many seconds of work by group: half of them serve one group, the rest two, and one in eight all."""
    posts: list[Post] = []
    codes = sorted(work)
    number = max(len(codes), round(sum(work.values()) / span))
    for n, code in enumerate(_dealt(work, number)):
        skills = {code}
        if n % 8 == 7:
            skills = set(codes)
        elif n % 2:
            skills.add(codes[(codes.index(code) + 1 + n % (len(codes) - 1)) % len(codes)])
        posts.append(Post(frozenset(skills), OPENS, SHUTS + 2 * HOUR, _pauses(n)))
    return posts


def posts_apart(coming: Sequence[Coming], posts: Sequence[Post]) -> list[Post]:
    """The same windows, each serving one group alone: by how much work there is of it."""
    codes = _dealt(work_of(coming), len(posts))
    return [post._replace(skills=frozenset({code})) for code, post in zip(codes, posts, strict=True)]


def _dealt(work: Mapping[str, float], number: int) -> list[str]:
    """A group for each of so many windows, in proportion to the work."""
    owed, dealt = (
        {code: seconds / (sum(work.values()) or 1.0) * number for code, seconds in sorted(work.items())},
        [],
    )
    for _ in range(number):
        dealt.append(max(owed, key=lambda one: owed[one]))
        owed[dealt[-1]] -= 1
    return dealt


def _pauses(n: int) -> tuple[tuple[float, float], ...]:
    """A rest in the morning and in the afternoon, and lunch at 11:30, 12:15 or 13:00: never all windows at once."""
    rest = (1.5 + n % 5 * 0.1) * HOUR
    return (OPENS + rest, REST), (OPENS + (3 + n % 3 * 0.75) * HOUR, LUNCH), (OPENS + rest + 5 * HOUR, REST)
