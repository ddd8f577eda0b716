"""Stories of the source documents, to be clicked through in the demonstration: scenes, each a real step of a real case.

A pack declares its own in a `stories.py`, as `STORIES`. A scene is taken by the person whom it names, with that person's scope
and through the same door as the desk's (`case_act`): what a rule refuses to a clerk it refuses here.
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

from bihuan.kernel.cases.actions import case_act
from bihuan.kernel.cases.models import Case
from bihuan.kernel.identity.models import Person, Unit
from bihuan.kernel.identity.scope import scope_of, scope_within
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
class Scene:
    """A step: `who` (user name) takes it with `data`, where units stand by their codes. `says` tells what happens.

    `at` is the code of the assisting unit whose case the step is on; "" is the story's own. `refused`: a rule says no.
    """

    who: str
    step: str
    says: str
    data: Mapping[str, Any] = field(default_factory=dict)
    at: str = ""
    refused: bool = False


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


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a scene: the refusal in words, if it was one, and how long it took."""

    refusal: str
    milliseconds: float


@cache
def stories() -> dict[str, Story]:
    """Every story by its code."""
    found: dict[str, Story] = {}
    for app in pack_apps():
        if find_spec(f"{app}.stories"):
            found |= {story.code: story for story in import_module(f"{app}.stories").STORIES}
    return found


@contextmanager
def seen_by(username: str, now: datetime) -> Iterator[int]:
    """Inside, the transaction sees what this person sees; gives the person's id."""
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
    with seen_by(scene.who, now) as person:
        number = _case_at(case, scene.at)
        begun = perf_counter()
        try:
            case_act(case_id=number, step=scene.step, by=person, now=now, data=_data(scene))
        except Refusal as refusal:
            if not scene.refused:
                raise
            return Taken(told(refusal), (perf_counter() - begun) * 1000)
    return Taken("", (perf_counter() - begun) * 1000)


def _case_at(case: int, unit: str) -> int:
    if not unit:
        return case
    return Case.objects.filter(parent_id=case, unit__code=unit).latest("pk").pk


def _data(scene: Scene) -> dict[str, Any]:
    """The step's data with units named by their codes turned into ids."""
    data = dict(scene.data)
    for name in ("unit", "units"):
        if name in data:
            codes = data[name] if isinstance(data[name], tuple) else (data[name],)
            ids = dict(Unit.objects.filter(code__in=codes).values_list("code", "pk"))
            data[name] = [ids[code] for code in codes] if name == "units" else ids[codes[0]]
    return data
