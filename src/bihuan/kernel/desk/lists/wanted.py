"""What a worklist is asked for: everything is in the address, so that a list can be kept, sent and opened again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.utils.translation import gettext

from bihuan.kernel.desk.pack_words import matter_meant
from bihuan.kernel.pack import workflows
from bihuan.lib.text import SHANGHAI

TABS = ("mine", "unit", "all")
BURNING = (
    *("near", "late", "urgent", "supervised", "burns", "redone", "returned", "dissatisfied", "back"),
    *("unsigned", "extension", "pause_asked", "paused"),
)
"""What is marked by time or by what happened; `burns` is any of the first four, `back` any of those that came back,
`unsigned` is past its time to be signed for, `extension` and `pause_asked` wait for a decision on more time or on a pause."""
PERIODS = ("today", "month")
ANSWERED = ("in_time", "late", "untimed")
SORTS = ("new",)
NOBODY, MINE_OR_NOBODY = "-", "*"
"""In place of a handler's user name: cases that nobody handles yet; those and one's own."""
TYPED = ("state", "unit", "matter", "number", "handler", "territory", "waits")
"""Filters that hold whatever somebody typed, which may be a name or a telephone number."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Tab, filters and the place to go on from (`after`: see `worklist.cursor_of`). Codes, not ids, in the address.

    `ended` is the period in which a case was closed, `answered` whether that was within its promised limit ("untimed": it had none), `handler` a user
    name or one of the signs above, `waits` the role whose move is next. `sort` "new" has the latest first; without it what is due first stands first.
    """

    tab: str = "mine"
    state: str = ""
    burning: str = ""
    closed: bool = False
    unit: str = ""
    matter: str = ""
    number: str = ""
    handler: str = ""
    territory: str = ""
    waits: str = ""
    ended: str = ""
    answered: str = ""
    sort: str = ""
    since: date | None = None
    until: date | None = None
    after: str = ""
    ids: tuple[int, ...] = ()
    problems: tuple[str, ...] = field(default=(), compare=False)

    def address(self, **changes: Any) -> str:
        """The query string of this list with changes, without what is empty."""
        names = tuple(name for name in self.__slots__ if name not in ("ids", "problems"))
        values = {name: changes.get(name, getattr(self, name)) for name in names}
        values = {name: "1" if value is True else value for name, value in values.items()}
        return "?" + urlencode({name: str(value) for name, value in values.items() if value})

    def hidden(self) -> list[tuple[str, str]]:
        """Names and values of this list, for the hidden fields of a form that is about it."""
        return parse_qsl(self.address(after="").lstrip("?"))

    @property
    def filtered(self) -> bool:
        named = (self.unit, self.matter, self.number, self.handler, self.territory, self.waits)
        return any((*named, self.ended, self.answered, self.since, self.until))

    def span(self) -> tuple[datetime | None, datetime | None]:
        """From the first day's beginning to the last day's end, by Shanghai's clock."""
        begin = datetime.combine(self.since, time(), SHANGHAI) if self.since else None
        end = datetime.combine(self.until + timedelta(days=1), time(), SHANGHAI) if self.until else None
        return begin, end


def final_states() -> frozenset[str]:
    """The codes of states in which a case is closed."""
    return frozenset(
        state.code for workflow in workflows().values() for state in workflow.states if state.final
    )


def wanted_read(query: Mapping[str, str], *, ids: tuple[int, ...] = ()) -> Wanted:
    """The list that an address asks for. What cannot be read is left out and named in `problems`."""
    problems: list[str] = []
    tab = query.get("tab", "mine")
    state = query.get("state", "")[:30]
    number = query.get("number", "").strip()[:64]
    if not number.replace("-", "").replace("〔", "").replace("〕", "").isalnum():
        number = _left_out(number, gettext("编号只含字母、数字和横线,已不按编号筛选。"), problems)
    return Wanted(
        tab=tab if tab in TABS else "mine",
        state=state,
        burning=_one_of(query.get("burning", ""), BURNING),
        closed=query.get("closed") == "1" or query.get("ended") in PERIODS or state in final_states(),
        unit=query.get("unit", "").rpartition("·")[2].strip()[:40],
        matter=matter_meant(query.get("matter", "")[:200])[:40],
        number=number,
        handler=query.get("handler", "").rpartition("·")[2].strip()[:60],
        territory=query.get("territory", "").rpartition("·")[2].strip()[:40],
        waits=query.get("waits", "").strip()[:40],
        ended=_one_of(query.get("ended", ""), PERIODS),
        answered=_one_of(query.get("answered", ""), ANSWERED),
        sort=_one_of(query.get("sort", ""), SORTS),
        since=_day(query.get("since", ""), problems),
        until=_day(query.get("until", ""), problems),
        after=query.get("after", "")[:60],
        ids=ids,
        problems=tuple(problems),
    )


def _one_of(value: str, known: Sequence[str]) -> str:
    return value if value in known else ""


def _left_out(value: str, why: str, problems: list[str]) -> str:
    if value:
        problems.append(why)
    return ""


def _day(value: str, problems: list[str]) -> date | None:
    if not value:
        return None
    try:
        day = date.fromisoformat(value[:10])
    except ValueError:
        problems.append(gettext("日期应如 2026-01-31,已不按日期筛选。"))
        return None
    return day if 1990 <= day.year <= 2200 else None
