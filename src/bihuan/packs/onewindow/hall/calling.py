"""Windows: who sits where and serves what; calling, serving, passing on. Two windows never call the same ticket."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from bihuan.kernel.identity.scope import Scope, day_of
from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.lib.refusals import Conflict, NotFound, NotPermitted, Refusal
from bihuan.lib.text import clean_text
from bihuan.packs.onewindow.hall.evaluating import service_open
from bihuan.packs.onewindow.hall.models import HallWindow, Served, Ticket
from bihuan.packs.onewindow.hall.rules import (
    AT_WINDOW,
    CALLED,
    SERVED,
    SERVING,
    SKIPPED,
    WAITING,
    may_skip,
)
from bihuan.packs.onewindow.hall.selectors import hall_span, in_place, minutes_between, queue_of, terms_now
from bihuan.packs.onewindow.hall.taking import ticket_enter, ticket_locked, ticket_tell

CLERK, MANAGER, GUIDE, KIOSK_ROLE, SCREEN_ROLE = (
    "window_clerk", "hall_manager", "hall_guide", "hall_kiosk", "hall_screen",
)  # fmt: skip
OPEN_, PAUSED, SHUT = "open", "paused", "shut"


def window_sit(*, window: int, scope: Scope, now: datetime) -> HallWindow:
    """Sit down at a window, or go on after a pause. Conflict when somebody else sits there or one sits elsewhere."""
    with kernel_writes():
        found = _window(window, scope, CLERK)
        if found.person_id not in (None, scope.person):
            raise Conflict("window_taken", _("%s 号窗口已有人在办。") % found.code)
        found.state, found.person_id, found.since, found.reason = OPEN_, scope.person, now, ""
        try:
            with transaction.atomic():
                found.save()
        except IntegrityError:
            raise Conflict("window_elsewhere", _("您已坐在别的窗口,请先离开那个窗口。")) from None
        window_enter(found, "window_opened", {}, scope.person, now)
    return found


def window_pause(*, window: int, reason: str, scope: Scope, now: datetime) -> HallWindow:
    """Call nobody for a while."""
    why = clean_text(reason, field="reason", max_length=100, min_length=1, multiline=False)
    with kernel_writes():
        found = _free(window, scope)
        found.state, found.reason, found.since = PAUSED, why, now
        found.save()
        Ticket.objects.filter(window=found, state=WAITING).update(window=None)
        window_enter(found, "window_paused", {"reason": why}, scope.person, now)
    return found


def window_leave(*, window: int, scope: Scope, now: datetime) -> HallWindow:
    """Leave the window. Those who were sent to it may be called by any other that serves them."""
    with kernel_writes():
        found = _free(window, scope)
        _shut(found, "", scope.person, now)
    return found


def _free(window: int, scope: Scope) -> HallWindow:
    """The own window, at which nobody is: Conflict while somebody was called to it or is served."""
    found = _mine(window, scope)
    if at := Ticket.objects.filter(window=found, state__in=AT_WINDOW).first():
        raise Conflict("window_busy", _("手上还有 %s 号,请先办完、过号或转走。") % at.shown)
    return found


def window_clear(*, window: int, scope: Scope, now: datetime) -> HallWindow:
    """Free a window whose clerk is away; the manager's. Whoever was called there waits again in the old turn, whoever was being served is
    done. Refusal when nobody sits there.
    """
    with kernel_writes():
        found = _window(window, scope, MANAGER)
        if found.state == SHUT:
            raise Refusal("window_empty", _("%s 号窗口现在没有人坐着。") % found.code)
        at = Ticket.objects.select_for_update().filter(window=found, state__in=AT_WINDOW).first()
        if at is not None and at.state == SERVING:
            _finish(at, scope.person, now)
        elif at is not None:
            at.state, at.window, at.calls = WAITING, None, 0
            at.save()
            ticket_enter(at, "ticket_returned", {}, scope.person, now)
        _shut(found, "大厅主管收回", scope.person, now)
    return found


def windows_end(*, now: datetime) -> int:
    """The end of the day: windows that nobody left are shut once their hall's day is closed. Returns how many."""
    grace, ended = timedelta(minutes=terms_now(now).of("close")), 0
    with kernel_writes():
        for found in HallWindow.objects.select_for_update().exclude(state=SHUT):
            span = hall_span(found.unit_id, day_of(found.since))
            over = day_of(found.since) < day_of(now) or (span is not None and now >= span[1] + grace)
            if over and not Ticket.objects.filter(window=found, state__in=AT_WINDOW).exists():
                _shut(found, "下班", "system", now)
                ended += 1
    return ended


def _shut(found: HallWindow, reason: str, by: int | str, now: datetime) -> None:
    found.state, found.person, found.reason, found.since = SHUT, None, "", now
    found.save()
    Ticket.objects.filter(window=found, state=WAITING).update(window=None)
    window_enter(found, "window_shut", {"reason": reason}, by, now)


def window_skills_set(*, window: int, skills: Sequence[str], scope: Scope, now: datetime) -> HallWindow:
    """Say which groups a window serves; the manager's. It holds from the next call on."""
    with kernel_writes():
        found = _window(window, scope, MANAGER)
        found.skills = skills_checked(skills, now)
        found.save(update_fields=["skills"])
        window_enter(found, "window_skills", {"skills": found.skills}, scope.person, now)
    return found


def skills_checked(skills: Sequence[str], now: datetime) -> list[str]:
    """The groups that a window is to serve, in order. Refusal for none, or one that the hall does not know."""
    known = {group.code for group in terms_now(now).groups}
    if not skills or set(skills) - known:
        raise Refusal("window_skills", _("请至少选一类业务。"), field="skills")
    return sorted(set(skills))


def ticket_call(*, window: int, scope: Scope, now: datetime) -> Ticket | None:
    """Call the next one to a window; whoever was being served there is done. None when nobody waits for it.

    Conflict while one who was called has not come: call again, skip or begin.
    """
    with kernel_writes():
        found = _mine(window, scope)
        if found.state != OPEN_:
            raise Refusal("window_paused", _("窗口暂停中,先恢复再叫号。"))
        at = Ticket.objects.select_for_update().filter(window=found, state__in=AT_WINDOW).first()
        if at is not None and at.state == CALLED:
            raise Conflict(
                "ticket_called", _("%s 号已叫,还没有开始办。请先开始办理、再叫一遍,或过号。") % at.shown
            )
        if at is not None:
            _finish(at, scope.person, now)
        called = _next(found, now)
        if called is None:
            return None
        called.state, called.window, called.calls = CALLED, found, 1
        called.called_at, called.last_call_at = called.called_at or now, now
        called.save()
        ticket_enter(called, "ticket_called", {"window": found.code, "calls": 1}, scope.person, now)
        _tell_near(found.unit_id, now)
    return called


def _next(window: HallWindow, now: datetime) -> Ticket | None:
    """`rules.next_called`, as the database finds and holds it: what another window holds is passed over."""
    return queue_of(window, terms_now(now), now).select_for_update(skip_locked=True, of=("self",)).first()


def _tell_near(unit: int, now: datetime) -> None:
    """Those who are nearly called and left a number are told, once."""
    terms = terms_now(now)
    first = in_place(Ticket.objects.filter(unit=unit, day=day_of(now), state=WAITING), terms, now)
    for ahead, ticket in enumerate(first[: terms.of("near")]):
        if ticket.phone and not ticket.told_near:
            ticket_tell(ticket, "ticket_near", now=now, ahead=ahead)
            Ticket.objects.filter(pk=ticket.pk).update(told_near=True)


def ticket_recall(*, ticket: int, scope: Scope, now: datetime) -> Ticket:
    """Call once more whoever has not come."""
    with kernel_writes():
        found = _at_mine(ticket, "recall", scope, now)
        found.calls, found.last_call_at = found.calls + 1, now
        found.save()
        ticket_enter(
            found, "ticket_called", {"window": _code(found), "calls": found.calls}, scope.person, now
        )
    return found


def ticket_skip(*, ticket: int, scope: Scope, now: datetime) -> Ticket:
    """Nobody came: 过号. Refusal before it was called so often as the policy says."""
    with kernel_writes():
        found, terms = _at_mine(ticket, "skip", scope, now), terms_now(now)
        if not may_skip(terms, found.calls):
            raise Refusal(
                "ticket_calls",
                _("叫满 %(most)s 次没有人来才能过号,现在叫了 %(calls)s 次。")
                % {"most": terms.of("calls"), "calls": found.calls},
            )
        found.state = SKIPPED
        found.save()
        ticket_enter(found, "ticket_skipped", {"calls": found.calls}, scope.person, now)
    return found


def ticket_begin(*, ticket: int, scope: Scope, now: datetime) -> Ticket:
    """The person is there: the window serves them."""
    with kernel_writes():
        found = _at_mine(ticket, "begin", scope, now)
        found.state, found.begun_at = SERVING, now
        found.save()
        ticket_enter(found, "ticket_begun", {"window": _code(found)}, scope.person, now)
    return found


def ticket_finish(*, ticket: int, scope: Scope, now: datetime) -> Ticket:
    """Done at this window."""
    with kernel_writes():
        found = _at_mine(ticket, "finish", scope, now)
        _finish(found, scope.person, now)
    return found


def ticket_transfer(*, ticket: int, to: int, scope: Scope, now: datetime) -> Ticket:
    """Send a person on to another window, where they are called in their old turn: nobody queues twice."""
    with kernel_writes():
        found = _at_mine(ticket, "transfer", scope, now)
        other = HallWindow.objects.filter(pk=to, unit=found.unit_id).exclude(state=SHUT).first()
        if other is None or other.pk == found.window_id:
            raise Refusal("window_other", _("请选另一个开着的窗口。"), field="to")
        found.state, found.window, found.calls, found.begun_at = WAITING, other, 0, None
        found.save()
        ticket_enter(found, "ticket_transferred", {"window": other.code}, scope.person, now)
    return found


def ticket_at(person: int, now: datetime) -> Ticket | None:
    """The ticket that somebody serves at this moment. Within `kernel_writes`."""
    mine = Ticket.objects.filter(window__person=person, state=SERVING, day=day_of(now))
    return mine.select_related("window").first()


def ticket_facts(by: int, now: datetime) -> tuple[Ticket | None, dict[str, Any]]:
    """What an application that `by` takes in now keeps of the ticket that is being served: (ticket, facts)."""
    with kernel_writes():
        found = ticket_at(by, now)
    if found is None:
        return None, {}
    waited = minutes_between(found.taken_at, found.called_at)
    return found, {"ticket": {"number": found.number, "waited": waited, "way": found.way}}


def ticket_serves(ticket: Ticket | None, case: int) -> None:
    """The case was taken in with this ticket; in the caller's transaction."""
    if ticket is not None:
        with kernel_writes():
            Served.objects.create(case_id=case, ticket=ticket)


def _finish(found: Ticket, by: int, now: datetime) -> None:
    found.state, found.ended_at = SERVED, now
    found.save()
    ticket_enter(found, "ticket_served", {"minutes": minutes_between(found.begun_at, now)}, by, now)
    service_open(found, now=now)


def _code(ticket: Ticket) -> str:
    return ticket.window.code if ticket.window else ""


def _window(window: int, scope: Scope, *roles: str) -> HallWindow:
    """A window of the own hall under its lock. NotFound for another's, NotPermitted without the role there."""
    found = HallWindow.objects.select_for_update().filter(pk=window, active=True).first()
    if found is None or not any(one.unit == found.unit_id for one in (*scope.held, *scope.lent)):
        raise NotFound("not_found", _("没有找到,或您无权查看。"))
    if not any(one.unit == found.unit_id and one.role in roles for one in (*scope.held, *scope.lent)):
        raise NotPermitted("not_permitted", _("您没有这一权限。"))
    return found


def _mine(window: int, scope: Scope) -> HallWindow:
    found = _window(window, scope, CLERK)
    if found.person_id != scope.person:
        raise Conflict("window_not_mine", _("您没有坐在这个窗口。"))
    return found


def _at_mine(ticket: int, what: str, scope: Scope, now: datetime) -> Ticket:
    """The ticket at the own window that allows `what`; the window is locked before the ticket."""
    window = Ticket.objects.filter(pk=ticket).values_list("window", flat=True).first()
    if window is None:
        raise NotFound("not_found", _("没有找到,或您无权查看。"))
    _mine(window, scope)
    found = ticket_locked(ticket, what, now)
    if found.window_id != window:
        raise NotFound("not_found", _("没有找到,或您无权查看。"))
    return found


def window_enter(window: HallWindow, kind: str, data: dict[str, Any], by: int | str, now: datetime) -> None:
    """An entry about a window in its hall's register."""
    register_append(
        stream=f"hall:{window.unit_id}", kind=kind, at=now, by=by, data={"window": window.code, **data}
    )
