"""一把手抽访: every day a part of each unit's orders is drawn for its head to call the citizens and sign (S1).

Which orders, what part, how a part of one counts, whether on holidays, and by when it is signed is policy
(`hotline.tenth_…`). Left out are orders that a head of the unit handled, whose reporter wants secrecy or left no number.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max

from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.moving import case_move
from bihuan.kernel.clocks.calendar import day_number
from bihuan.kernel.clocks.calendar import day_of as day_at
from bihuan.kernel.clocks.rulebook import Rulebook, rulebook
from bihuan.kernel.clocks.running import clock_start
from bihuan.kernel.desk.queue.calling import hours_of
from bihuan.kernel.evaluation.rules import CONTENT
from bihuan.kernel.identity.models import Grant, holds_on
from bihuan.kernel.identity.scope import day_of
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.review.models import Sample
from bihuan.kernel.review.services import Drawing, Said, sample_call, sample_draw, sampled_redone
from bihuan.kernel.workflow.asks import Ask, asks_clean
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import SHANGHAI, FieldError
from bihuan.packs.hotline.citizens.reporting import report_again
from bihuan.packs.hotline.closing_steps import told_by_caller
from bihuan.packs.hotline.services import PACK, order_take

SCHEME, ROLE = "hotline.tenth", "bureau_head"
INTO = {"answered": "calling_back", "closed": "closed", "received": "handling"}
POOL = """
    select c.id, c.number, c.unit_id, c.confidential, c.progress -> 'did' -> 'handle',
        exists (select 1 from cases_party p where p.case_id = c.id and p.role = 'reporter' and p.phone <> '')
    from cases_case c join ledger_entry e on e.case_id = c.id and e.kind = 'move'
    where c.pack = %(pack)s and not c.imported and c.parent_id is null and c.merged_into_id is null
        and c.moved_at >= %(since)s and e.at > %(since)s and e.at <= %(until)s
        and convert_from(e.body, 'UTF8')::jsonb -> 'data' @> %(into)s::jsonb
        and convert_from(e.body, 'UTF8')::jsonb -> 'data' ->> 'from' <> %(state)s
    group by c.id order by c.number
"""
ASKS = (
    Ask("reached", "是否接通", "choice", choices=(("yes", "已接通"), ("no", "未接通"))),
    Ask("grade", "满意度", "choice", required=False, choices=told_by_caller[0].choices),
    *told_by_caller[1:],
    Ask("words", "来电人的话", "text", required=False, max_length=1000),
)
ANSWERS = tuple(ask.name for ask in told_by_caller[1:])


@dataclass(frozen=True, slots=True)
class Rules:
    """The policies of the daily tenth on a day."""

    percent: int
    of: str
    rounding: str
    days: str
    term: Mapping[str, Any]
    most_tries: int
    apart: timedelta


def tenth_rules(*, now: datetime, book: Rulebook) -> Rules:
    """The policies in force at `now`."""

    def value(name: str, default: Any) -> Any:
        return book.value(f"hotline.{name}", region=settings.REGION, on=day_of(now), default=default)

    return Rules(
        value("tenth_percent", 10),
        value("tenth_of", "answered"),
        value("tenth_rounding", "up"),
        value("tenth_days", "working"),
        value("tenth_term", {"number": 1, "unit": "working_day"}),
        value("max_attempts", 3),
        timedelta(hours=float(value("attempts_apart", {}).get("hours", 2))),
    )


def tenths_draw(*, now: datetime, seed: str = "") -> list[Sample]:
    """Draw for the head of each unit, once a day, from the hour in which people may be called. Returns what was drawn.

    Nothing on a day that the policy leaves out: its orders are on the next day's lists. A given `seed` is for tests.
    """
    book = rulebook()
    rules = tenth_rules(now=now, book=book)
    today = day_of(now)
    if rules.days == "working" and not book.calendar.is_working(day_number(today)):
        return []
    if f"{now.astimezone(SHANGHAI):%H:%M}" < hours_of(PACK, now, book).begin:
        return []
    with kernel_writes():
        drawn = Sample.objects.filter(scheme=SCHEME)
        if drawn.filter(day=today).exists():
            return []
        since = drawn.aggregate(Max("until"))["until__max"] or _working_day_before(now, book)
        drawings = _drawings(since, rules, book, now)
        made = [sample_draw(drawing=drawing, now=now, seed=seed) for drawing in drawings]
    return [sample for sample in made if sample]


def _working_day_before(now: datetime, book: Rulebook) -> datetime:
    """The same hour of the working day before: where the first lists of all begin."""
    day = day_at(book.calendar.working_days_before(day_number(day_of(now)), 1))
    return datetime.combine(day, now.astimezone(SHANGHAI).timetz())


def heads_of(on: date) -> dict[int, set[int]]:
    """Who heads each unit on a day."""
    found: dict[int, set[int]] = {}
    held = Grant.objects.filter(holds_on(on), role=ROLE, person__is_active=True)
    for unit, person in held.values_list("unit_id", "person_id"):
        found.setdefault(unit, set()).add(person)
    return found


def _drawings(since: datetime, rules: Rules, book: Rulebook, now: datetime) -> list[Drawing]:
    """For each unit with a head and orders since the last lists, a drawing of these."""
    heads, pool = heads_of(day_of(now)), _pool(since, now, rules.of)
    due = clock_start(
        kind="sample", basis="promised", limit=rules.term, rule=None, now=now, calendar=book.calendar
    ).due_at
    found = []
    for unit in sorted(heads.keys() & pool.keys()):
        listed, left_out = _listed(pool[unit], heads[unit])
        found.append(
            Drawing(
                scheme=SCHEME, unit=unit, role=ROLE, day=day_of(now), since=since, until=now, due_at=due or now,
                percent=rules.percent, rounding=rules.rounding, listed=listed, left_out=left_out,
            )
        )  # fmt: skip
    return found


def _pool(since: datetime, until: datetime, of: str) -> dict[int, list[tuple[Any, ...]]]:
    """By unit, the orders that came to be so in this time: (id, number, unit, confidential, handled by, reachable)."""
    state = INTO[of]
    given = {"pack": PACK, "since": since, "until": until, "into": f'{{"to": "{state}"}}', "state": state}
    found: dict[int, list[tuple[Any, ...]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(POOL, given)
        for row in cursor.fetchall():
            found.setdefault(row[2], []).append(row)
    return found


def _listed(rows: Iterable[tuple[Any, ...]], heads: set[int]) -> tuple[dict[str, int], dict[str, int]]:
    """What is on the list, and how many are not by ground."""
    listed: dict[str, int] = {}
    left_out: Counter[str] = Counter()
    for case, number, _unit, confidential, handled, reachable in rows:
        if heads & set(_people(handled)):
            left_out["handled"] += 1
        elif confidential:
            left_out["confidential"] += 1
        elif not reachable:
            left_out["unreachable"] += 1
        else:
            listed[number] = case
    return listed, dict(left_out)


def _people(handled: Any) -> list[int]:
    return json.loads(handled) if isinstance(handled, str) else list(handled or ())


def tenth_call(*, sampled: int, typed: Mapping[str, Any], by: int, now: datetime) -> tuple[str, str]:
    """Enter what a caller said. Returns ("", "") or, when the caller was discontent, the number of the order that is handled
    again and the sentence why it could not be, if so. FieldError, Refusal; then nothing was written.
    """
    data = asks_clean(ASKS, typed, today=day_of(now))
    reached = data["reached"] == "yes"
    grade = str(data.get("grade", ""))
    if reached and not grade:
        raise FieldError("grade", "required", "请填写“满意度”。")
    words = str(data.get("words", ""))
    discontent = reached and grade not in CONTENT
    if discontent and len(words.strip()) < 4:
        raise FieldError("words", "too_short", "“来电人的话”:不满意的要写明原因,至少 4 个字。")
    answers = {name: bool(data.get(name)) for name in ANSWERS} if reached else {}
    rules = tenth_rules(now=now, book=rulebook())
    with transaction.atomic():
        row = sample_call(
            sampled=sampled, said=Said(reached, grade if reached else "", answers, words, discontent), by=by, now=now,
            most_tries=rules.most_tries, apart=rules.apart,
        )  # fmt: skip
        return (
            _again(row.pk, row.case_id, {**answers, "grade": grade, "reason": words}, by, now)
            if discontent
            else ("", "")
        )


def _again(sampled: int, case: int, data: Mapping[str, Any], by: int, now: datetime) -> tuple[str, str]:
    """Whose caller is discontent is handled again: the order itself, or a new one when it was closed meanwhile."""
    with kernel_writes():
        row = Case.objects.get(pk=case)
    number, why_not = row.number, ""
    try:
        with transaction.atomic():
            if row.closed_at is not None:
                order = {**report_again(case=case, words=f"单位负责人抽访,来电人不满意:{data['reason']}")}
                number = order_take(data={**order, "channel": "telephone"}, by=0, now=now, origin=case).number
            elif row.state == "calling_back":
                case_move(case_id=case, step="redo_after_sample", by=by, now=now, data=data)
    except (Refusal, FieldError) as refusal:
        why_not = refusal.message
    sampled_redone(sampled=sampled, number="" if why_not else number)
    return number, why_not
