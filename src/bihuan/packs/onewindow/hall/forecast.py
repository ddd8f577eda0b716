"""What the next hour will bring, and what another window would change.

**Method**, said on the page: people go on coming as often as in the last hour, evenly; a service takes as long as the mean of today's of its
group (fewer than five: as the policy says); windows go on as they stand, each busy one for half a service more. The hour is then played by the
calling rule itself (`simulation.py`), once as it stands and once with a window more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Avg, Count, F

from bihuan.packs.onewindow.hall.models import HallWindow, Ticket
from bihuan.packs.onewindow.hall.rules import AT_WINDOW, SERVED, WAITING, Terms
from bihuan.packs.onewindow.hall.selectors import before, groups_beside, in_place, tickets_of
from bihuan.packs.onewindow.hall.simulation import HOUR, Coming, Post, Rule, day_played, figures_of

ENOUGH = 5
LONG_WAIT, FEWER = 20, 3
"""Minutes: a mean wait over this, and another window is proposed if it makes that a tenth shorter, or so many fewer wait after the hour."""


@dataclass(frozen=True, slots=True)
class Hour:
    """The next hour: how many come, and the mean and longest wait in minutes of those who wait now or come; `left` still wait then."""

    coming: int
    mean: float
    longest: float
    left: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """The hour as it stands, and with one window more that serves `skills`; `proposed` says whether that is worth it."""

    now: Hour
    more: Hour
    skills: tuple[str, ...]
    proposed: bool


def services_mean(unit: int, now: datetime, terms: Terms) -> dict[str, float]:
    """Seconds that a service of each group takes: the mean of today's, else what the policy says."""
    rows = tickets_of(unit, now).filter(state=SERVED, begun_at__isnull=False).values("group")
    means = rows.annotate(n=Count("pk"), mean=Avg(F("ended_at") - F("begun_at")))
    known = {row["group"]: row["mean"].total_seconds() for row in means if row["n"] >= ENOUGH}
    return {group.code: max(30.0, known.get(group.code, group.minutes * 60.0)) for group in terms.groups}


def hour_forecast(unit: int, windows: Sequence[HallWindow], terms: Terms, now: datetime) -> Forecast:
    """The next hour of a hall. Four queries; within the scope of whoever asks."""
    means = services_mean(unit, now, terms)
    rows = tickets_of(unit, now)
    came = rows.filter(taken_at__gt=now - timedelta(hours=1)).values_list("group").annotate(n=Count("pk"))
    waiting = [_here(one, now) for one in in_place(rows.filter(state=WAITING), terms, now)]
    busy = set(rows.filter(state__in=AT_WINDOW).values_list("window", flat=True))
    posts = [_post(one, one.pk in busy, means) for one in windows if one.state == "open"]
    arriving = dict(came)
    skills = _lacking(arriving, [one.group for one in waiting], means, posts)
    long = terms.of("long") * 60.0
    stands = _hour(waiting, arriving, means, posts, long)
    more = _hour(waiting, arriving, means, [*posts, Post(frozenset(skills), 0, HOUR)], long)
    shorter = more.mean < stands.mean * 0.9 or more.left <= stands.left - FEWER
    worth = stands.mean >= LONG_WAIT and shorter
    return Forecast(stands, more, skills, worth or (not posts and bool(waiting)))


class _Here(NamedTuple):
    """Who waits now: seconds that they wait already, and turn and kept turn in seconds from now."""

    group: str
    ago: float
    turns: tuple[float, float]


def _here(ticket: Any, now: datetime) -> _Here:
    turns = (ticket.turn - now).total_seconds(), (ticket.kept - now).total_seconds()
    return _Here(ticket.group, (now - ticket.taken_at).total_seconds(), turns)


def _post(window: HallWindow, busy: bool, means: Mapping[str, float]) -> Post:
    left = sum(means.get(code, 0.0) for code in window.skills) / len(window.skills) / 2 if busy else 0.0
    return Post(frozenset(window.skills), left, HOUR)


def _lacking(
    arriving: Mapping[str, int], waiting: Sequence[str], means: Mapping[str, float], posts: Sequence[Post]
) -> tuple[str, ...]:
    """The two groups with the most work for each window that serves them; one that no window serves comes first."""

    def load(code: str) -> float:
        serving = sum(code in post.skills for post in posts)
        return (arriving.get(code, 0) + waiting.count(code)) * means[code] / (serving or 0.1)

    return tuple(sorted(means, key=load, reverse=True)[:2])


def _hour(
    waiting: Sequence[_Here],
    arriving: Mapping[str, int],
    means: Mapping[str, float],
    posts: Sequence[Post],
    long: float,
) -> Hour:
    """Those who wait come at 0 with the turns that they have; who comes later has the turn of the moment."""
    here = [Coming(0.0, one.group, means.get(one.group, 600.0)) for one in waiting]
    later = [
        Coming((n + 0.5) * HOUR / number, group, means.get(group, 600.0))
        for group, number in sorted(arriving.items())
        for n in range(number)
    ]
    turns = {id(one): known.turns for one, known in zip(here, waiting, strict=True)}
    rule = Rule(lambda one: turns.get(id(one), (one.at, one.at)), long)
    played = day_played([*here, *later], posts, rule).people
    ago = [one.ago for one in waiting] + [0.0] * len(later)
    waits = [
        one.waited + before_ if one.waited is not None else HOUR - one.coming.at + before_
        for one, before_ in zip(played, ago, strict=True)
    ]
    left = figures_of(played).left
    mean = sum(waits) / len(waits) / 60 if waits else 0.0
    return Hour(len(later), mean, max(waits, default=0.0) / 60, left)


def wait_expected(ticket: Ticket, terms: Terms, now: datetime) -> int | None:
    """Minutes until a waiting ticket is called, about: those before it, shared by the windows that serve its group; None without one.
    Within `kernel_writes`.
    """
    windows = list(HallWindow.objects.filter(unit=ticket.unit_id, state="open"))
    serving = [one for one in windows if ticket.group in one.skills]
    if not serving:
        return None
    means = services_mean(ticket.unit_id, now, terms)
    beside = groups_beside(ticket.group, ticket.unit_id, windows)
    mean = sum(means[code] for code in beside if code in means) / len(beside)
    return round((before(ticket, terms, now, windows) + 0.5) * mean / len(serving) / 60)
