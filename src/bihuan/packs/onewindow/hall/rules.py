"""Which waiting ticket a free window calls, and what may be done to a ticket. Pure.

**The calling rule**, in one sentence: who came first is called first; priority by law, a kept appointment and a quick service are let ahead a
few minutes, never more than `most`; and once somebody has waited `long` minutes, only priority by law still goes ahead of them.

Each ticket has a turn: the moment it was taken less a head start, the largest of what it has a right to. Its kept turn is the same for
who has priority by law or missed a call and came back, and for all others the moment it was taken. A window calls, of the tickets that it
serves, the earliest kept turn if that is `long` minutes ago, else the earliest turn.

**No starvation.** `taken - most <= turn <= kept <= taken`. So whoever takes a ticket more than `most` minutes after you is never called before
you by a window that serves you, however full the hall is; and after `long` minutes nobody who came later is, but by law.

**What it costs.** Who is let ahead is let ahead of somebody: while all windows are busy, the waits of all, each weighed by its service, sum up
to the same under every rule that does not look at the service (Kleinrock's conservation law), and first come, first served has the shortest
longest wait. Only the quick services make the mean shorter (简事快办): five people with a question wait less, one waits four minutes more.
`bihuan onewindow simulate` tells both sides in minutes.

Sources: 排队叫号受理评价一体化 (S2); priority for old, ill, disabled and pregnant people, people with small children and soldiers by the notices
at every counter (依法优先), the order of minutes being each hall's own policy.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

WAITING, CALLED, SERVING, SERVED = "waiting", "called", "serving", "served"
SKIPPED, GIVEN_UP, CLOSED = "skipped", "given_up", "closed"
OPEN = (WAITING, CALLED, SERVING, SKIPPED)
AT_WINDOW = (CALLED, SERVING)
MAY: Mapping[str, tuple[str, ...]] = {
    "recall": (CALLED,),
    "begin": (CALLED,),
    "skip": (CALLED,),
    "finish": (SERVING,),
    "transfer": (CALLED, SERVING),
    "return": (SKIPPED,),
    "give_up": (WAITING, SKIPPED),
}
"""In which states a ticket allows what."""
PHONE, KIOSK, COUNTER = "phone", "kiosk", "counter"
OLD = "old"
HEAD_STARTS: Mapping[str, int] = {
    OLD: 15, "ill": 20, "disabled": 20, "pregnant": 20, "child": 15, "soldier": 15, "hero": 15,
}  # fmt: skip
DEFAULTS: Mapping[str, int] = {
    "onewindow.hall_most": 30,
    "onewindow.hall_long": 60,
    "onewindow.hall_appointment": 25,
    "onewindow.hall_late": 15,
    "onewindow.hall_calls": 3,
    "onewindow.hall_return": 10,
    "onewindow.hall_returns": 1,
    "onewindow.hall_old": 60,
    "onewindow.hall_near": 3,
    "onewindow.hall_early": 30,
    "onewindow.hall_close": 60,
}
"""What holds where no policy says otherwise: minutes, but `calls`, `returns` (times), `old` (years) and `near` (people)."""


@dataclass(frozen=True, slots=True)
class Group:
    """A group of services with numbers of its own: `code` is the letter on the ticket. Items whose name, theme or organ holds one of
    `words` belong to it. `minutes` is what one takes usually; `head_start` what a quick service is let ahead, in minutes.
    """

    code: str
    name: str
    name_en: str = ""
    minutes: int = 10
    head_start: int = 0
    words: tuple[str, ...] = ()


FIRST = timedelta(days=1)
"""More than any two tickets of a day are apart."""
GROUPS = (
    Group("A", "综合受理", "General", 12),
    Group("B", "企业和经营", "Business", 15, words=("食品", "公共场所", "登记", "经营", "广告", "市场监督")),
    Group(
        "C",
        "社保和民生",
        "Social security",
        10,
        words=("社会保险", "社保", "医保", "人力资源", "就业", "民政"),
    ),
    Group("D", "不动产", "Property", 20, words=("不动产", "房屋", "公积金")),
    Group("E", "咨询和取件", "Questions and pick-up", 4, head_start=25, words=("咨询", "取件", "领取")),
)
"""The groups where no policy says otherwise; the first takes what no other does."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What the policies of a day say; see `DEFAULTS`."""

    numbers: Mapping[str, int]
    head_starts: Mapping[str, int]
    groups: tuple[Group, ...]

    def of(self, name: str) -> int:
        """One number: "most", "late", "calls", …"""
        return self.numbers[f"onewindow.hall_{name}"]

    def group(self, code: str) -> Group | None:
        return next((group for group in self.groups if group.code == code), None)


class Waiting(NamedTuple):
    """A waiting ticket as the rule sees it: its turn, its id, its group, the window that it was sent to (0: any), and its kept turn
    (None: the same)."""

    turn: datetime
    id: int
    group: str
    window: int = 0
    kept: datetime | None = None


def terms_default() -> Terms:
    """The terms where no policy says otherwise."""
    return Terms(DEFAULTS, HEAD_STARTS, GROUPS)


def groups_read(value: Iterable[Mapping[str, object]]) -> tuple[Group, ...]:
    """The groups of a policy: [{"code", "name", "name_en", "minutes", "head_start", "words"}]."""
    return tuple(
        Group(
            str(one["code"]),
            str(one["name"]),
            str(one.get("name_en", "")),
            int(str(one.get("minutes", 10))),
            int(str(one.get("head_start", 0))),
            tuple(map(str, one.get("words", ()))),  # type: ignore[call-overload]
        )
        for one in value
    )


def group_of(words: str, groups: tuple[Group, ...]) -> Group:
    """The group of an item by what it is called; the first where no word fits."""
    found = (group for group in groups if any(word in words for word in group.words))
    return next(found, groups[0])


def turn_of(
    terms: Terms, group: str, *, taken: datetime, priority: str = "", booked: datetime | None = None
) -> datetime:
    """When it is a ticket's turn, as a moment to compare: at most `most` minutes before it was taken, never after."""
    heads: list[float] = [terms.head_starts.get(priority, 0)]
    if found := terms.group(group):
        heads.append(found.head_start)
    if booked is not None and taken <= booked + timedelta(minutes=terms.of("late")):
        heads.append(_head_of_booking(terms, taken, booked))
    return taken - timedelta(minutes=min(max(heads), terms.of("most")))


def _head_of_booking(terms: Terms, taken: datetime, booked: datetime) -> float:
    """Who comes early is not let further ahead than a punctual one: the head start counts from the appointed time."""
    early = max(timedelta(), booked - taken)
    return max(0.0, terms.of("appointment") - early.total_seconds() / 60)


def turn_of_return(terms: Terms, returned: datetime) -> datetime:
    """When it is the turn of one who missed the call and came back: as if taken `return` minutes ago."""
    return returned - timedelta(minutes=min(terms.of("return"), terms.of("most")))


def place_of(one: Waiting, long_ago: datetime) -> datetime:
    """Where a ticket stands in the queue, as a moment to compare: its turn; by its kept turn before all others once that is `long_ago`."""
    kept = one.kept or one.turn
    return kept - FIRST if kept <= long_ago else one.turn


def next_called(
    waiting: Iterable[Waiting], skills: frozenset[str], window: int = -1, *, long_ago: datetime
) -> Waiting | None:
    """The ticket that this window calls now: of those that it serves the one with the first place, then the first taken. `long_ago`:
    `long` minutes before now."""
    mine = [one for one in waiting if one.window == window or (not one.window and one.group in skills)]
    return min(mine, key=lambda one: (place_of(one, long_ago), one.id), default=None)


def may_skip(terms: Terms, calls: int) -> bool:
    """Has it been called often enough that nobody's absence is doubted?"""
    return calls >= terms.of("calls")


def priority_by_birth(terms: Terms, born: date, today: date) -> str:
    """Who is old enough has priority without asking."""
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return OLD if age >= terms.of("old") else ""
