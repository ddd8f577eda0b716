"""The page of the centre's supervisor: the whole district now, then any single order."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from bihuan.kernel.desk.bars import bars, columns
from bihuan.kernel.desk.homes import overview
from bihuan.kernel.desk.lists.counts import closed_counted, listed_counted
from bihuan.kernel.desk.lists.views import rows_shown
from bihuan.kernel.desk.lists.wanted import Wanted
from bihuan.kernel.desk.lists.worklist import cases_listed, roles_lent
from bihuan.kernel.desk.pack_words import matter_name
from bihuan.kernel.desk.words import language, role_label, state_label
from bihuan.kernel.identity.scope import Scope
from bihuan.kernel.pack import workflows

ALL = Wanted(tab="all")
DECIDING = 8
"""So many of the orders that ask for a decision stand on the page."""


@login_required
@require_GET
def overview_page(request: HttpRequest) -> HttpResponse:
    """For the centre's supervisor: what burns in the district this minute, who is waited for, what asks for a ruling."""
    scope, now = request.scope, request.now
    counted = overview.open_counted(now=now)
    stand, places = overview.standing(counted, now=now), overview.places_counted(counted)
    context = {
        **_now(stand, scope, now),
        "deciding": _deciding(stand, scope, now),
        "units": [_unit(unit) for unit in overview.units_burning(counted)],
        "topics": [_topic(topic) for topic in overview.topics_repeated(now=now)],
        "places": bars([(_name(p), p.open, _list(territory=p.code)) for p in places[: overview.FIRST]]),
        "on_map": {"counties": _counties(places), "points": _points(overview.points_open(now=now))},
    }
    return render(request, "desk/overview.html", context)


@login_required
@require_GET
def overview_now(request: HttpRequest) -> HttpResponse:
    """The figures alone, so that the page does not jump when they are refreshed."""
    scope, now = request.scope, request.now
    stand = overview.standing(overview.open_counted(now=now), now=now)
    return render(request, "desk/parts/overview_now.html", _now(stand, scope, now))


def _now(stand: overview.Standing, scope: Scope, now: datetime) -> dict[str, Any]:
    hours = overview.hours_today(now=now)
    came, went = sum(hour[0] for hour in hours), sum(hour[1] for hour in hours)
    today = timezone.localdate(now)
    figures = [_marked(stand, mark, label, tone) for mark, label, tone in _marks()]
    figures += [
        _figure(
            gettext("今天收到"), came, _list(since=today, sort="new"), note=gettext("链接列出其中还在办的")
        ),
        _figure(gettext("今天办结"), went, _list(closed=True, ended="today")),
        _figure(gettext("已办结"), closed_counted(scope=scope), _list(closed=True)),
    ]
    return {
        "now": now,
        "figures": figures,
        "waiting": bars([(role_label(r), n, _list(waits=r)) for r, n in stand.waiting.items()]),
        "hours": _hours(hours),
    }


def _marks() -> tuple[tuple[str, str, str], ...]:
    return (
        ("open", gettext("在办"), ""),
        ("late", gettext("超期"), "late"),
        ("near", gettext("临期"), "near"),
        ("unsigned", gettext("到时无人签收"), "late"),
        ("urgent", gettext("加急"), ""),
        ("supervised", gettext("督办"), ""),
    )


def _marked(stand: overview.Standing, mark: str, label: str, tone: str) -> dict[str, Any]:
    count = stand.totals[mark]
    assisting = stand.totals["assisting"] if mark == "open" else 0
    note = gettext("其中协办 %s 件") % f"{assisting:,}" if assisting else ""
    return _figure(
        label, count, _list(burning="" if mark == "open" else mark), tone=tone if count else "", note=note
    )


def _figure(label: str, value: int, address: str, *, tone: str = "", note: str = "") -> dict[str, Any]:
    return {"label": label, "value": f"{value:,}", "address": address, "tone": tone, "note": note}


def _hours(hours: list[tuple[int, int]]) -> dict[str, Any]:
    largest = max((count for hour in hours for count in hour), default=0)
    return {
        "came": columns([came for came, _ in hours], largest),
        "went": columns([went for _, went in hours], largest),
        "both": [{"hour": place, "came": came, "went": went} for place, (came, went) in enumerate(hours)],
    }


def _deciding(stand: overview.Standing, scope: Scope, now: datetime) -> dict[str, Any]:
    """What waits for this very person: how many, by what is asked, and the most pressing ones."""
    lent = roles_lent(scope=scope, now=now)
    rows = cases_listed(scope=scope, wanted=Wanted(), now=now, most=DECIDING, lent=lent)
    chips = [
        (state_label(*pair.split(":")), count, _queue(state=pair.partition(":")[2]))
        for pair, count in stand.states.items()
        if _waits_for(pair, scope)
    ]
    asked = (("extension", gettext("申请延期")), ("pause_asked", gettext("申请挂起")))
    chips += [
        (words, stand.totals[mark], _queue(burning=mark)) for mark, words in asked if stand.totals[mark]
    ]
    paused = stand.totals["paused"]
    return {
        "count": listed_counted(scope=scope, wanted=Wanted(), now=now, lent=lent),
        "rows": rows_shown(rows, now),
        "chips": chips,
        "list": reverse("worklist") + Wanted().address(),
        "paused": (paused, _list(burning="paused")) if paused else None,
    }


def _waits_for(pair: str, scope: Scope) -> bool:
    workflow, _, state = pair.partition(":")
    known = workflows().get(workflow)
    return bool(known and state in known.state and scope.holds(known.state[state].waits_for))


def _unit(unit: overview.UnitBurning) -> dict[str, Any]:
    return {
        "name": _name(unit),
        "cells": [
            (gettext("超期"), unit.late, _list(unit=unit.code, burning="late"), "late"),
            (gettext("临期"), unit.near, _list(unit=unit.code, burning="near"), "near"),
            (gettext("在办"), unit.open, _list(unit=unit.code), ""),
        ],
    }


def _topic(topic: overview.Topic) -> dict[str, Any]:
    return {
        "matter": matter_name(topic.pack, topic.matter),
        "place": _name(topic),
        "count": topic.count,
        "open": topic.open,
        "address": _list(matter=topic.matter, territory=topic.code),
    }


def _counties(places: list[overview.Place]) -> dict[str, int]:
    """Open orders by the code of the county."""
    found: dict[str, int] = {}
    for place in places:
        county = place.county[:6]
        found[county] = found.get(county, 0) + place.open
    return dict(sorted(found.items()))


def _points(pointed: list[overview.Pointed]) -> list[dict[str, Any]]:
    """Orders to be marked on the map, each with its address."""
    return [
        {
            "at": [one.point.latitude, one.point.longitude],
            "number": one.number,
            "late": one.late,
            "address": reverse("case", args=[one.number]),
        }
        for one in pointed
    ]


def _name(thing: Any) -> str:
    return str((language() == "en" and thing.name_en) or thing.name)


def _list(**changes: Any) -> str:
    return reverse("worklist") + ALL.address(**changes)


def _queue(**changes: Any) -> str:
    return reverse("queue") + Wanted().address(**changes)
