"""My orders: cards for somebody on the way, the most pressing first, each with the one step that is usually next."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, ngettext, pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from bihuan.kernel.cases.actions import case_act
from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.store import child_holds_up
from bihuan.kernel.clocks.models import Clock
from bihuan.kernel.clocks.rulebook import rulebook
from bihuan.kernel.desk.case.actions import Offers, case_draft, granted_to, steps_offered
from bihuan.kernel.desk.case.remedies import checks_of
from bihuan.kernel.desk.lists.counts import marks_counted
from bihuan.kernel.desk.lists.views import rows_shown
from bihuan.kernel.desk.lists.wanted import MINE_OR_NOBODY, Wanted, wanted_read
from bihuan.kernel.desk.lists.worklist import PAGE, CaseRow, cases_listed, cursor_of, roles_lent
from bihuan.kernel.desk.phone import kept_on_device
from bihuan.kernel.identity.scope import day_of
from bihuan.kernel.sentences import told
from bihuan.kernel.workflow.model import Step
from bihuan.lib.refusals import NotFound, Refusal
from bihuan.lib.text import FieldError


@dataclass(frozen=True, slots=True)
class Next:
    """A card's one step: `at_once` when one tap takes it; else its form opens. `why` says what it is needed for."""

    step: Step
    at_once: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class Picked:
    """A step on a case in the version that was seen, as a button or a box sends it: step:id:version."""

    step: str
    case: int
    version: int


@login_required
@kept_on_device
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def mine(request: HttpRequest) -> HttpResponse:
    """For the handler between two visits, one hand, in the sun: what presses, how long is left, and one big button."""
    wanted = replace(wanted_read(request.GET), tab="mine", handler=MINE_OR_NOBODY, closed=False, ended="")
    if request.method == "POST":
        _take_all(request)
        return HttpResponseRedirect(reverse("mine") + _own(wanted))
    scope, now = request.scope, request.now
    lent = roles_lent(scope=scope, now=now)
    rows = cases_listed(scope=scope, wanted=wanted, now=now, lent=lent)
    steps = steps_next(rows[:PAGE], person=scope.person, now=now)
    counts = marks_counted(
        scope=scope, wanted=replace(wanted, burning="", state="", after=""), now=now, lent=lent
    )
    cards: list[dict[str, Any]] = [
        row | {"next": steps.get(listed.id)}
        for listed, row in zip(rows, rows_shown(rows[:PAGE], now), strict=False)
    ]
    more = cursor_of(rows[PAGE - 1], closed=False, sort=wanted.sort) if len(rows) > PAGE else ""
    context = {
        "cards": cards,
        "chips": [
            (label, counts[code or "open"], _own(wanted, burning=code, after=""), wanted.burning == code)
            for code, label in _chips()
        ],
        "together": _together(cards),
        "most": most_at_once(now),
        "more": _own(wanted, after=more) if more else "",
        "query": _own(wanted),
        "wanted": wanted,
    }
    return render(request, "desk/mine.html", context)


def _own(wanted: Wanted, **changes: str) -> str:
    return replace(wanted, tab="", handler="").address(**changes)


def _chips() -> Sequence[tuple[str, str]]:
    return (
        ("", gettext("全部")),
        ("late", gettext("超期")),
        ("near", gettext("临期")),
        ("urgent", gettext("加急")),
        ("redone", pgettext("mark", "重办")),
    )


def _together(cards: Iterable[dict[str, Any]]) -> list[tuple[Step, int]]:
    """Steps that several cards wait for and that ask nothing, with how many."""
    counted = Counter(card["next"].step for card in cards if card["next"] and card["next"].at_once)
    return [(step, count) for step, count in counted.items() if count > 1]


def steps_next(rows: Sequence[CaseRow], *, person: int, now: datetime) -> dict[int, Next]:
    """The usual step of each case, or the one that a rule asks for first; four queries, however many cases."""
    cases = Case.objects.in_bulk([row.id for row in rows])
    clocks: dict[int, list[Clock]] = defaultdict(list)
    for clock in Clock.objects.filter(case__in=cases, stopped_at=None):
        clocks[clock.case_id].append(clock)
    below = Case.objects.filter(parent__in=cases, closed_at=None).values_list("parent", "workflow", "state")
    children = Counter(parent for parent, workflow, state in below if child_holds_up(workflow, state))
    granted, book = granted_to(person, now), rulebook()
    found: dict[int, Next] = {}
    for key, case in cases.items():
        given: dict[str, Any] = {
            "case": case,
            "clocks": clocks[key],
            "open_children": children[key],
            "now": now,
        }
        offers = steps_offered(**given, person=person, book=book, granted=granted)
        step = next_of(offers, case_draft(**given, book=book), person=person, now=now)
        if step:
            found[key] = step
    return found


def next_of(offers: Offers, draft: Any, *, person: int, now: datetime) -> Next | None:
    """The usual step; without one, the step that would let the one that is held up go on."""
    if offers.usual:
        return Next(offers.usual, at_once=not offers.usual.asks and not offers.usual.caution)
    if offers.held_up is None:
        return None
    own = [offer.step for offer in offers.mine]
    for check in checks_of(draft, offers.held_up.step, own, by=person, now=now):
        if check.remedy:
            return Next(check.remedy, why=check.sentence)
    return None


def _take_all(request: HttpRequest) -> None:
    """Take what a button or the ticked boxes ask for; each is done or refused for itself, and every refusal is told."""
    one, most = request.POST.get("one", ""), most_at_once(request.now)
    picked = [pick for pick in map(_picked, [one] if one else request.POST.getlist("pick")) if pick]
    if not picked:
        messages.error(request, gettext("请先勾选工单。"))
    if len(picked) > most:
        counted = {"picked": len(picked), "most": most}
        messages.warning(
            request,
            gettext("勾选了 %(picked)d 件,一次最多办 %(most)d 件:其余的没有办,请再勾选一次。") % counted,
        )
    done = 0
    for pick in picked[:most]:
        number = Case.objects.filter(pk=pick.case).values_list("number", flat=True).first()
        try:
            if number is None:
                raise NotFound("not_found", gettext("没有找到,或您无权查看。"))
            case_act(
                case_id=pick.case,
                step=pick.step,
                by=request.user.pk,
                now=request.now,
                version=pick.version,
            )
            done += 1
        except (FieldError, Refusal) as refusal:
            messages.error(request, f"{number or gettext('工单')}: {told(refusal)}")
    if done:
        words = ngettext("已办好 %(n)s 件。", "已办好 %(n)s 件。", done) % {"n": done}
        messages.success(request, words)


def most_at_once(now: datetime) -> int:
    """So many cases are taken at one touch."""
    return int(rulebook().value("desk.at_once", region=settings.REGION, on=day_of(now), default=PAGE))


def _picked(text: str) -> Picked | None:
    step, _, rest = text[:80].partition(":")
    case, _, version = rest.partition(":")
    if not (case.isdecimal() and version.isdecimal() and len(case) < 19 and len(version) < 10):
        return None
    return Picked(step, int(case), int(version))
