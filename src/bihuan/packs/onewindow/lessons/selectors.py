"""The week's questions by item, and which materials are missing most, as the present scope sees them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.db import connection

from bihuan.kernel.identity.models import Grant
from bihuan.kernel.identity.scope import Scope, day_of
from bihuan.kernel.manifest import Point
from bihuan.lib.masking import mask_text
from bihuan.packs.onewindow.lessons.models import Lesson
from bihuan.packs.onewindow.lessons.rules import times_asked

WEEK = timedelta(days=7)
MOST, EACH = 200, 5
HEADS = ("section_chief", "bureau_head", "hall_manager")
"""Of its author's unit: they end what was kept, or put another answer in its place."""
ASKED = """
    select v.item_id, v.name, c.number, q.at, p.text, coalesce(r.text, '')
    from onewindow_change q
    join cases_case c on c.id = q.case_id
    join onewindow_application a on a.case_id = c.id
    join onewindow_item_version v on v.id = a.version_id
    join ledger_entry e on e.case_id = c.id and e.kind = 'move' and e.at = q.at
    join ledger_private p on p.stream = e.stream and p.seq = e.seq and p.name = 'question' and p.text is not null
    left join lateral (
        select t.text from onewindow_change n join ledger_entry m on m.case_id = c.id and m.kind = 'move' and m.at = n.at
        join ledger_private t on t.stream = m.stream and t.seq = m.seq and t.name = 'reply'
        where n.case_id = c.id and n.event = 'answer_desk' and n.position > q.position order by n.position limit 1) r on true
    where q.event = 'ask_approver' and q.at >= %s and q.at < %s
    order by v.item_id, q.at, q.position limit %s
"""
MISSING = """
    with taken as (
        select c.facts, v.item_id, v.name, v.materials from cases_case c
        join onewindow_application a on a.case_id = c.id join onewindow_item_version v on v.id = a.version_id
        where c.pack = 'onewindow' and c.opened_at >= %s and c.opened_at < %s
    ), of_item as (select item_id, count(*) as taken from taken group by item_id)
    select t.item_id, min(t.name), t.materials -> (n.number::int - 1) ->> 'name', count(*) as missing, o.taken
    from taken t cross join lateral jsonb_array_elements_text(t.facts -> 'told') n(number) join of_item o on o.item_id = t.item_id
    where t.facts ? 'told' group by t.item_id, 3, o.taken order by missing desc, t.item_id, 3 limit %s
"""


@dataclass(frozen=True, slots=True)
class Question:
    """A question of the desk and its answer ("": not answered yet), without personal numbers; `times`: how many asked the same."""

    number: str
    at: datetime
    question: str
    answer: str
    times: int


@dataclass(frozen=True, slots=True)
class OfItem:
    """What was asked about an item."""

    item: int
    name: str
    questions: list[Question]

    @property
    def again(self) -> int:
        """How many of the questions were asked more than once."""
        return sum(one.times > 1 for one in self.questions)


@dataclass(frozen=True, slots=True)
class Missing:
    """A material that was told to be missing: how often, of how many applications for its item."""

    item: int
    name: str
    material: str
    missing: int
    taken: int


def questions_asked(*, since: datetime, until: datetime) -> list[OfItem]:
    """What the desk asked approvers between two moments, by item: the item with most questions first."""
    found = []
    for (item, name), rows in groupby(_rows(ASKED, since, until, MOST), key=lambda row: row[:2]):
        told = [
            (number, at, mask_text(asked), mask_text(answer)) for _i, _n, number, at, asked, answer in rows
        ]
        times = times_asked([row[2] for row in told])
        found.append(OfItem(item, name, [Question(*row, n) for row, n in zip(told, times, strict=True)]))
    return sorted(found, key=lambda one: (-len(one.questions), one.item))


def materials_missing(*, since: datetime, until: datetime, most: int = 10) -> list[Missing]:
    """The materials that one-time notices named most between two moments."""
    return [Missing(*row) for row in _rows(MISSING, since, until, most)]


def lessons_of(item: int) -> Sequence[Lesson]:
    """What was learnt of an item, the latest first."""
    return Lesson.objects.filter(item=item, active=True).select_related("kept_by").order_by("-kept_at", "-pk")


def ended_by(lessons: Sequence[Lesson], scope: Scope) -> set[int]:
    """The ids of those that this person may end: of authors who worked, on the day of keeping, in a unit that the person leads.
    Within `kernel_writes`.
    """
    led = {held.unit for held in scope.held if held.role in HEADS}
    authors = {one.kept_by_id for one in lessons} if led else set()
    rows = Grant.objects.filter(unit__in=led, person__in=authors) if authors else ()
    worked = [(row.person_id, row.valid_from, row.valid_to) for row in rows]
    return {
        one.pk
        for one in lessons
        if any(
            who == one.kept_by_id and since <= day_of(one.kept_at) and (until is None or day_of(one.kept_at) < until)
            for who, since, until in worked
        )
    }  # fmt: skip


def points_drawn(now: datetime) -> list[Point]:
    """What the morning meeting should learn: items asked about in the last week, and the materials that were missing most."""
    asked = questions_asked(since=now - WEEK, until=now)[:EACH]
    points = [
        Point(one.name, {"asked": len(one.questions), "again": one.again}, address="/onewindow/lessons")
        for one in asked
    ]
    missing = materials_missing(since=now - WEEK, until=now, most=EACH)
    return points + [
        Point(
            f"{one.name}:{one.material}",
            {"missing": one.missing, "taken": one.taken},
            address="/onewindow/lessons",
        )
        for one in missing
    ]


def _rows(sql: str, since: datetime, until: datetime, most: int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [since, until, most])
        return cursor.fetchall()
