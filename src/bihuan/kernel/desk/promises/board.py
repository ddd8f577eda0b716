"""The board of promises: what the source documents say, what we measure beside it, and their stories to click through."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.cache import cache
from django.db import OperationalError
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_GET, require_http_methods

from bihuan.kernel.cases.models import Case
from bihuan.kernel.desk.case.loop_line import loop_line
from bihuan.kernel.desk.case.timeline import timeline
from bihuan.kernel.desk.promises.rehearsal import rehearsal, story_play
from bihuan.kernel.desk.promises.stories import (
    Scene,
    Story,
    case_at,
    scene_take,
    seen_by,
    stories,
    stories_are_left,
)
from bihuan.kernel.desk.words import state_of
from bihuan.kernel.identity.models import Person
from bihuan.kernel.identity.scope import Scope, scope_within
from bihuan.kernel.manifest import Promise
from bihuan.kernel.pack import packs, workflows
from bihuan.lib.declared import declared

FRESH_SECONDS = 60
SESSION = "story"
EVERYTHING = Scope(0, (), (), True)
"""Aggregates see every case; nothing of a single one may leave."""


@dataclass(frozen=True, slots=True)
class Row:
    """A promise as the board shows it: `ours` is our live figure in words."""

    promise: Promise
    pack: str
    ours: str
    stories: tuple[Story, ...]


@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """For a visitor or leader: each sentence of the sources, their figure, ours, and how it is measured."""
    figures = cache.get_or_set(
        f"promises:{get_language()}",
        lambda: _figures(request.now),
        FRESH_SECONDS,
    )
    told = stories() if settings.DEMONSTRATION else {}
    rows = [
        Row(
            promise,
            pack.label,
            figures.get(promise.id, ""),
            tuple(s for s in told.values() if s.promise == promise.id),
        )
        for pack in packs().values()
        for promise in sorted(pack.promises, key=lambda promise: promise.id)
    ]
    return render(
        request, "desk/promises.html", {"rows": rows, "told": list(told.values()), "now": request.now}
    )


def _figures(now: datetime) -> dict[str, str]:
    found: dict[str, str] = {}
    with scope_within(EVERYTHING):
        for name in packs():
            module = f"bihuan.packs.{name}.promise_figures"
            if find_spec(module):
                measure: Callable[..., dict[str, str]] = import_module(module).promise_figures
                found |= measure(now=now)
    return found


@require_http_methods(["GET", "HEAD", "POST"])
def story(request: HttpRequest, code: str) -> HttpResponse:
    """For a visitor: a story of the sources, each click a real step by the person whose turn it is."""
    found = stories().get(code)
    if found is None or not settings.DEMONSTRATION:
        raise Http404
    under_way = request.session.get(SESSION, {})
    if under_way.get("code") != code:
        under_way = {}
    if request.method == "POST":
        return _clicked(request, found, under_way)
    if found.rehearsed:
        return _rehearsed(request, found, under_way)
    return render(request, "desk/story.html", _told(request, found, under_way, request.now))


def _rehearsed(request: HttpRequest, found: Story, under_way: dict[str, Any]) -> HttpResponse:
    """The page of a story in which time passes: played anew up to here, drawn, and taken back."""
    now = request.now
    if not under_way:
        return render(request, "desk/story.html", _told(request, found, {}, now))
    try:
        with rehearsal():
            played = story_play(found, scenes=len(under_way["taken"]), now=now)
            begun = {**asdict(played.begun), "taken": [asdict(taken) for taken in played.taken]}
            return render(request, "desk/story.html", _told(request, found, begun, played.at))
    except OperationalError:
        return render(request, "desk/story.html", {**_told(request, found, {}, now), "busy": True})


def _clicked(request: HttpRequest, found: Story, under_way: dict[str, Any]) -> HttpResponse:
    """Begin, begin again, or take the next scene; a click that was sent twice takes one."""
    now = request.now
    if request.POST.get("next") == "again" or not under_way:
        request.session[SESSION] = _begun(found, now)
    elif request.POST.get("next") == str(len(under_way["taken"])) and len(under_way["taken"]) < len(
        found.scenes
    ):
        scene = found.scenes[len(under_way["taken"])]
        taken = {} if found.rehearsed else asdict(scene_take(scene, case=under_way["case"], now=now))
        request.session[SESSION] = {**under_way, "taken": [*under_way["taken"], taken]}
    return HttpResponseRedirect(f"{reverse('story', args=[found.code])}?begun=1#next")


def _begun(found: Story, now: datetime) -> dict[str, Any]:
    if found.rehearsed:
        return {"code": found.code, "taken": []}
    with seen_by(found.watcher, now):
        left = stories_are_left(now)
    if not left:
        return {}
    with seen_by(found.opener, now):
        begun = found.begin(uuid4().hex, now)
    return {
        "code": found.code, "case": begun.case, "seconds": begun.seconds, "reasons": list(begun.reasons), "taken": [],
    }  # fmt: skip


def _told(request: HttpRequest, found: Story, under_way: dict[str, Any], now: datetime) -> dict[str, Any]:
    """What the page shows at the story's `now`: scenes taken with what came of them, the next one, the line and the ledger so far."""
    taken = under_way.get("taken", [])
    people = dict(
        Person.objects.filter(username__in={s.who for s in found.scenes}).values_list("username", "name")
    )
    scenes = [
        _scene(scene, people, taken[place] if place < len(taken) else None)
        for place, scene in enumerate(found.scenes)
    ]
    context = {
        "story": found,
        "scenes": scenes,
        "done": len(taken),
        "next": scenes[len(taken)] if under_way and len(taken) < len(scenes) else None,
        "begun": under_way,
        "seconds": under_way.get("seconds"),
        "busy": not under_way and request.GET.get("begun") == "1",
        "now": now,
    }
    if not under_way:
        return context
    with seen_by(found.watcher, now):
        case = Case.objects.select_related("unit").filter(pk=under_way["case"]).first()
        if case is None:
            return {**context, "begun": {}, "next": None}
        told, events = timeline(case)
        assisting = [
            (_named(one), one, state_of(one.workflow, one.state), timeline(one)[0][::-1])
            for one in _beside(case, found.scenes[: len(taken)])
        ]
    retell = packs()[case.pack].retell
    context |= {
        "case": case,
        "state": state_of(case.workflow, case.state),
        "reasons": [retell(one) for one in under_way["reasons"]],
        "line": loop_line(workflows()[case.workflow], events, found_at=case.reported_at, now=now),
        "ledger": told[::-1],
        "assisting": assisting,
        "head": bytes(case.head).hex()[:16],
    }
    return context


def _beside(case: Case, scenes: Sequence[Scene]) -> list[Case]:
    """The other cases of a story: those of assisting units, merged ones, and what supervision made of it so far."""
    named = {case_at(case.pk, scene.at) for scene in scenes if scene.at.startswith("@")}
    others = Case.objects.filter(Q(parent=case) | Q(merged_into=case) | Q(pk__in=named))
    return list(others.select_related("unit").order_by("pk"))


def _named(one: Case) -> str:
    """What another case of the story is."""
    if one.parent_id:
        return gettext("协办件")
    return gettext("并入的件") if one.merged_into_id else declared(workflows()[one.workflow].label)


def _scene(scene: Scene, people: dict[str, str], taken: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "who": people.get(scene.who, scene.who) or gettext("系统"),
        "says": gettext(scene.says),
        "refused": scene.refused,
        "taken": taken is not None,
        "refusal": (taken or {}).get("refusal", ""),
        "milliseconds": (taken or {}).get("milliseconds"),
        "told": (taken or {}).get("told", ""),
    }
