"""How long is left, in people's words: 还剩 2 个工作日 3 小时."""

from typing import Literal, NamedTuple

from bihuan.kernel.clocks.calendar import DAY, HOUR, OFFSET, Calendar
from bihuan.kernel.clocks.rules import WORKING, Limit, elapsed

Language = Literal["zh", "en"]
UNITS = {
    "minute": "分钟",
    "hour": "小时",
    "working_hour": "个工作小时",
    "working_day": "个工作日",
    "urgent_hour": "小时",
    "urgent_working_day": "个工作日",
    "natural_day": "天",
    "month": "个月",
}
"""A limit's unit after its number."""


class Remaining(NamedTuple):
    """Time to the due instant, or past it when `overdue`; `seconds` ≥ 0.

    `day_seconds` is what one day holds: the shifts' seconds at `now` when `working`, else 86,400. While `paused` the
    rest says nothing.
    """

    seconds: int
    overdue: bool = False
    working: bool = False
    day_seconds: int = DAY
    paused: bool = False


def remaining(limit: Limit, due: int | None, now: int, calendar: Calendar) -> Remaining:
    """What is left at `now`, in working seconds for working units; `due` None means paused."""
    working = limit.unit in WORKING
    day_seconds = calendar.hours_of((now + OFFSET) // DAY).seconds if working else DAY
    if due is None:
        return Remaining(0, False, working, day_seconds, True)
    seconds = elapsed(limit.unit, min(now, due), max(now, due), calendar)
    return Remaining(seconds, now > due, working, day_seconds)


def in_words(left: Remaining | int, language: Language = "zh") -> str:
    """The two largest parts of what is left (rounded up to a minute) or overdue.

    An int is wall-clock seconds, below 0 overdue. A working day is as long as its shifts; less is in hours.
    """
    if isinstance(left, int):
        left = Remaining(abs(left), left < 0)
    if left.paused:
        return "计时已暂停" if language == "zh" else "clock paused"
    seconds = left.seconds if left.overdue else -(-left.seconds // 60) * 60
    days, rest = divmod(seconds, left.day_seconds)
    hours, minutes = rest // HOUR, rest % HOUR // 60
    parts = [(days, "day"), (hours, "hour"), (0 if days else minutes, "minute")]
    words = " ".join(_WORDS[language](number, part, left.working) for number, part in parts if number)
    if not words:
        return _BARE[language][left.overdue]
    return _FRAMES[language][left.overdue].format(words)


def _chinese(number: int, part: str, working: bool) -> str:
    return f"{number} " + {"day": "个工作日" if working else "天", "hour": "小时", "minute": "分钟"}[part]


def _english(number: int, part: str, working: bool) -> str:
    if part == "day":
        return f"{number} {'working ' if working else ''}day{'s' if number > 1 else ''}"
    return f"{number} {'h' if part == 'hour' else 'min'}"


_WORDS = {"zh": _chinese, "en": _english}
_BARE = {"zh": ("即将到期", "已超时"), "en": ("due now", "overdue")}
_FRAMES = {"zh": ("还剩 {}", "已超 {}"), "en": ("{} left", "overdue by {}")}
