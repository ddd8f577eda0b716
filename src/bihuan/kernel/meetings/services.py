"""Writing: a meeting is planned with its agenda, held, decides, and is closed with its minutes. Every act is an entry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop as _

from bihuan.kernel.cases.models import Case
from bihuan.kernel.identity.models import Unit
from bihuan.kernel.identity.roles import SUPERVISOR
from bihuan.kernel.identity.scope import Scope
from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.kernel.meetings.agenda import agenda_drawn
from bihuan.kernel.meetings.models import Decision, Invited, Item, Meeting
from bihuan.kernel.notices.services import notice_put
from bihuan.kernel.scoring.account import account_open
from bihuan.lib.refusals import NotFound, NotPermitted, Refusal
from bihuan.lib.text import SHANGHAI, FieldError, clean_text

STREAM = "meeting"
MOST_INVITED = 60
LONGEST_MINUTES = 8000
KINDS = ("decision", "works")
PLANNED, HELD = "planned", "held"
STANDS = {
    "planned": _("会议还没有开,先记录到会情况。"),
    "held": _("会议正在开,议程不能重排。"),
    "closed": _("会议已成纪要,不能再改。"),
}
"""Why something cannot be done with a meeting in this state."""


def meeting_plan(
    *,
    scope: Scope,
    kind: str,
    subject: str,
    at: datetime,
    place: str,
    units: Sequence[int],
    key: str,
    now: datetime,
) -> Meeting:
    """Plan a meeting: its agenda is drawn from what is live now, the units named and those on the agenda are invited and told.

    Again with the same `key` the same meeting is returned. NotPermitted for whoever is no supervisor; FieldError names the field.
    """
    _supervisor(scope)
    if kind not in Meeting.Kind.values:
        raise FieldError("kind", "choice", "请选择会议的类别。")
    if at < now:
        raise FieldError("at", "too_early", "会议时间要在现在以后。")
    if len(set(units)) > MOST_INVITED:
        raise FieldError("units", "too_many", f"一次会议最多请 {MOST_INVITED} 个单位。")
    words = {
        "subject": clean_text(subject, field="subject", max_length=200, min_length=2),
        "place": clean_text(place, field="place", max_length=200, min_length=1),
    }
    try:
        with transaction.atomic(), kernel_writes():
            meeting = Meeting.objects.create(
                kind=kind, at=at, planned_by_id=scope.person, planned_at=now, key=key, **words
            )
            data = {"meeting": meeting.pk, "kind": kind, "at": at, **words}
            register_append(stream=STREAM, kind="planned", at=now, by=scope.person, data=data)
            items = _drawn(meeting, now, scope.person)
            asked = {*units, *(item.unit_id for item in items if item.unit_id)}
            _invite(meeting, asked, now)
            return meeting
    except IntegrityError:
        return Meeting.objects.get(key=key)


def agenda_redraw(*, scope: Scope, meeting: int, now: datetime) -> int:
    """Draw the agenda anew from what is live now; what was added by hand stays. Returns how many points were drawn."""
    with _meeting(scope, meeting, PLANNED) as found:
        Item.objects.filter(meeting=found).exclude(source=Item.Source.BY_HAND).delete()
        items = _drawn(found, now, scope.person)
        _invite(found, {item.unit_id for item in items if item.unit_id}, now)
        return len(items)


def item_add(*, scope: Scope, meeting: int, title: str, case: int | None, now: datetime) -> Item:
    """Add a point by hand, about a case or about none."""
    words = clean_text(title, field="title", max_length=200, min_length=2)
    with _meeting(scope, meeting, PLANNED, HELD) as found:
        unit = Case.objects.filter(pk=case).values_list("unit", flat=True).first() if case else None
        last = Item.objects.filter(meeting=found).count()
        item = Item.objects.create(
            meeting=found,
            position=last + 1,
            source=Item.Source.BY_HAND,
            title=words,
            case_id=case,
            unit_id=unit,
        )
        _enter(found, "item_added", {"item": item.pk, "case": case}, scope, now)
        return item


def meeting_hold(
    *, scope: Scope, meeting: int, present: Mapping[int, tuple[bool, str]], now: datetime
) -> None:
    """The meeting begins: who of the invited units is there (unit: (there, who)). A unit not named is absent."""
    with _meeting(scope, meeting, PLANNED, HELD) as found:
        for row in Invited.objects.filter(meeting=found):
            there, who = present.get(row.unit_id, (False, ""))
            row.present = there
            row.who = clean_text(who, field=f"who-{row.unit_id}", max_length=60, min_length=0)
            row.save(update_fields=["present", "who"])
        found.state = Meeting.State.HELD
        found.save(update_fields=["state"])
        absent = sorted(unit for unit, (there, _) in present.items() if not there)
        _enter(found, "held", {"absent": absent, "present": len(present) - len(absent)}, scope, now)


def decision_take(
    *,
    scope: Scope,
    meeting: int,
    number: int,
    text: str,
    unit: int,
    due: date,
    kind: str = "decision",
    item: int | None = None,
    now: datetime,
) -> Decision:
    """Decide: the unit does it by the day. It becomes a case of the site's supervision pack at once, if it has one.

    `number` is the decision's own within the meeting (1, 2, …): the same number again returns what was decided first.
    """
    words = clean_text(text, field="text", max_length=300, min_length=4, multiline=True)
    if due <= now.astimezone(SHANGHAI).date():
        raise FieldError("due", "too_early", "完成日期要在今天以后。")
    if kind not in KINDS:
        raise FieldError("kind", "choice", "请选择议定事项的类别。")
    with _meeting(scope, meeting, HELD) as found:
        known = Decision.objects.filter(meeting=found, number=number).first()
        if known:
            return known
        about = Item.objects.filter(pk=item, meeting=found).first() if item else None
        if not Unit.objects.filter(pk=unit).exclude(kind__in=("territory", "zone", "external")).exists():
            raise FieldError(
                "unit", "unit_can_be_given_work", "只能交给承办单位,不能交给行政区本身或外部单位。"
            )
        called = account_open(
            matter="decision",
            unit_id=unit,
            reason=words,
            facts={"title": words.splitlines()[0][:200], "due": due.isoformat(), "kind": kind},
            key=f"meeting:{found.pk}:{number}",
            now=now,
            origin=about.case_id if about else None,
        )
        decision = Decision.objects.create(
            meeting=found,
            item=about,
            number=number,
            text=words,
            unit_id=unit,
            due=due,
            case_id=called.case if called else None,
            at=now,
        )
        data = {"number": number, "unit": unit, "due": due, "case": decision.case_id}
        _enter(found, "decided", data, scope, now)
        return decision


def meeting_close(*, scope: Scope, meeting: int, words: str, now: datetime) -> Meeting:
    """Close it with its minutes: from here on nothing changes, and every invited unit is told."""
    text = clean_text(words, field="words", max_length=LONGEST_MINUTES, min_length=0, multiline=True)
    with _meeting(scope, meeting, HELD) as found:
        found.words, found.closed_at, found.state = text, now, Meeting.State.CLOSED
        found.save(update_fields=["words", "closed_at", "state"])
        _enter(found, "closed", {"decisions": found.decisions.count()}, scope, now)
        for unit in found.invited.values_list("unit", flat=True):
            _tell(found, "minutes", unit, now)
        return found


def _drawn(meeting: Meeting, now: datetime, by: int) -> list[Item]:
    kept = Item.objects.filter(meeting=meeting).count()
    items = [
        Item(
            meeting=meeting,
            position=kept + place,
            source=one.source,
            title=one.title,
            figures=dict(one.figures),
            case_id=one.case,
            unit_id=one.unit,
        )
        for place, one in enumerate(agenda_drawn(now=now, kind=meeting.kind), start=1)
    ]
    Item.objects.bulk_create(items)
    drawn = [{"source": item.source, "case": item.case_id, "unit": item.unit_id} for item in items]
    data = {"meeting": meeting.pk, "items": drawn}
    register_append(stream=STREAM, kind="agenda_drawn", at=now, by=by, data=data)
    return items


def _invite(meeting: Meeting, units: set[int], now: datetime) -> None:
    known = set(Invited.objects.filter(meeting=meeting).values_list("unit", flat=True))
    for unit in sorted(units - known):
        Invited.objects.create(meeting=meeting, unit_id=unit)
        _tell(meeting, "meeting_called", unit, now)


def _tell(meeting: Meeting, template: str, unit: int, now: datetime) -> None:
    key = f"meeting:{meeting.pk}:{template}:{unit}"
    notice_put(
        channel="in_app",
        template=template,
        key=key,
        now=now,
        context={"number": meeting.subject[:60]},
        unit=unit,
    )


def _enter(meeting: Meeting, kind: str, data: Mapping[str, Any], scope: Scope, now: datetime) -> None:
    register_append(stream=STREAM, kind=kind, at=now, by=scope.person, data={"meeting": meeting.pk, **data})


def _supervisor(scope: Scope) -> None:
    if not scope.holds(SUPERVISOR.code):
        raise NotPermitted("not_permitted", "只有中心督办可以主持会议。")


@contextmanager
def _meeting(scope: Scope, meeting: int, *states: str) -> Iterator[Meeting]:
    """The locked meeting in one of the states, in a transaction that may write. NotFound, NotPermitted, Refusal otherwise."""
    _supervisor(scope)
    with kernel_writes():
        found = Meeting.objects.select_for_update().filter(pk=meeting).first()
        if found is None:
            raise NotFound("not_found", "没有找到,或您无权查看。")
        if found.state not in states:
            raise Refusal("meeting_state", STANDS[found.state])
        yield found
