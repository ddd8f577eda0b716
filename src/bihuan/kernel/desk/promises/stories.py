"""Stories of the source documents, to be clicked through in the demonstration: scenes, each a real step of a real case.

A pack declares its own in a `stories.py`, as `STORIES`; those of more than one pack are in the site's modules STORIES. A scene is
taken by the person whom it names, with that person's scope and through the same door as the desk's (`case_act`): what a rule
refuses to a clerk it refuses here. A story in which time passes is rehearsed: see `rehearsal.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from time import perf_counter
from typing import Any

from django.conf import settings
from django.db.models import Q

from bihuan.kernel.cases.actions import case_act
from bihuan.kernel.cases.models import Case
from bihuan.kernel.identity.models import Person, Unit
from bihuan.kernel.identity.scope import Scope, scope_of, scope_within
from bihuan.kernel.pack import pack_apps, roles
from bihuan.kernel.sentences import told
from bihuan.lib.refusals import Refusal

PREFIX = "story-"
"""The external ids of cases that stories opened begin so."""
MOST_AN_HOUR = 120


@dataclass(frozen=True, slots=True)
class Begun:
    """A story's case: `seconds` from its arrival to the unit's desk, and why that unit, in words."""

    case: int
    seconds: float | None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Acting:
    """Who acts in a scene that is more than a step: the story's case, the person's id (0: the system), and when."""

    case: int
    person: int
    now: datetime


@dataclass(frozen=True, slots=True)
class Scene:
    """A step: `who` (user name, "" is the system) takes it with `data`, where units stand by their codes. `says` tells what happens.

    `at` is the code of the assisting unit whose case the step is on, or "@" and the matter of a case of supervision that came
    of the story; "" is the story's own. `refused`: a rule says no. `data` may depend on the moment. `act` is done instead of a
    step, and tells what came of it. `when` gives the scene's moment from that of the scene before.
    """

    who: str
    step: str
    says: str
    data: Mapping[str, Any] | Callable[[datetime], Mapping[str, Any]] = field(default_factory=dict)
    at: str = ""
    refused: bool = False
    act: Callable[[Acting], str] | None = None
    when: Callable[[datetime], datetime] | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """A story of a promise; `begin(key, now)` opens its case by the person of `opener`.

    The visitor watches it with the scope of `watcher`, who may see the case at every scene.
    """

    code: str
    promise: str
    title: str
    says: str
    opener: str
    watcher: str
    begin: Callable[[str, datetime], Begun]
    scenes: tuple[Scene, ...]

    @property
    def rehearsed(self) -> bool:
        """Does time pass in it?"""
        return any(scene.when for scene in self.scenes)


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a scene: the refusal in words, if it was one, how long it took, and what it tells."""

    refusal: str
    milliseconds: float
    told: str = ""


def after(**span: float) -> Callable[[datetime], datetime]:
    """So much later than the scene before."""
    return lambda at: at + timedelta(**span)


@cache
def stories() -> dict[str, Story]:
    """Every story by its code."""
    found: dict[str, Story] = {}
    own = [f"{app}.stories" for app in pack_apps() if find_spec(f"{app}.stories")]
    for module in (*own, *settings.STORIES):
        found |= {story.code: story for story in import_module(module).STORIES}
    return found


@contextmanager
def seen_by(username: str, now: datetime) -> Iterator[int]:
    """Inside, the transaction sees what this person sees; gives the person's id. The system ("", 0) sees everything."""
    if not username:
        with scope_within(Scope(0, (), (), True)):
            yield 0
        return
    person = Person.objects.get(username=username).pk
    with scope_within(scope_of(person=person, at=now, roles=roles())):
        yield person


def stories_are_left(now: datetime) -> bool:
    """May one more begin this hour? A visitor's curiosity must not fill the demonstration."""
    since = now - timedelta(hours=1)
    begun = Case.objects.filter(external_id__startswith=PREFIX, opened_at__gte=since).count()
    return begun < MOST_AN_HOUR


def scene_take(scene: Scene, *, case: int, now: datetime) -> Taken:
    """Take a scene's step now. A Refusal that the scene does not expect is an error of the story and is raised."""
    said = ""
    with seen_by(scene.who, now) as person:
        number = case_at(case, scene.at)
        begun = perf_counter()
        try:
            if scene.act:
                said = scene.act(Acting(case, person, now))
            else:
                case_act(case_id=number, step=scene.step, by=person, now=now, data=_data(scene, now))
        except Refusal as refusal:
            if not scene.refused:
                raise
            return Taken(told(refusal), (perf_counter() - begun) * 1000)
    return Taken("", (perf_counter() - begun) * 1000, said)


def case_at(case: int, at: str) -> int:
    """The case that a scene is on, as far as the present scope sees it: see `Scene.at`."""
    if not at:
        return case
    if not at.startswith("@"):
        return Case.objects.filter(parent_id=case, unit__code=at).latest("pk").pk
    unit = Case.objects.values_list("unit_id", flat=True).get(pk=case)
    found = Case.objects.filter(pack=settings.SUPERVISION_PACK, matter=at[1:])
    return found.filter(Q(origin=case) | Q(facts__called=unit)).latest("pk").pk


def _data(scene: Scene, now: datetime) -> dict[str, Any]:
    """The step's data with units named by their codes turned into ids."""
    data = dict(scene.data(now) if callable(scene.data) else scene.data)
    for name in ("unit", "units"):
        if name in data:
            codes = data[name] if isinstance(data[name], tuple) else (data[name],)
            ids = dict(Unit.objects.filter(code__in=codes).values_list("code", "pk"))
            data[name] = [ids[code] for code in codes] if name == "units" else ids[codes[0]]
    return data
