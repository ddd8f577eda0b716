"""The palette: wherever a person may go and whatever may be done on the present case, by a few letters; with none, what was
open last.

A pack's `palette.py` may offer `palette_found(*, scope, text, case) -> [Group]`. Presence is registration.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from bihuan.kernel.cases.models import Case
from bihuan.kernel.desk.case.actions import case_offers
from bihuan.kernel.desk.choices import units_suggested
from bihuan.kernel.desk.finding.search import cases_found
from bihuan.kernel.desk.lists.saved_views import views_of
from bihuan.kernel.desk.menu import menu_for
from bihuan.kernel.desk.words import state_label
from bihuan.kernel.identity.scope import Scope
from bihuan.kernel.pack import packs
from bihuan.kernel.sentences import named
from bihuan.lib.declared import declared
from bihuan.lib.masking import mask_text

CASES, UNITS, RECENT = 8, 5, 8


@dataclass(frozen=True, slots=True)
class Entry:
    """Something to go to: its words, what stands small beside them, its address."""

    label: str
    more: str
    address: str


@dataclass(frozen=True, slots=True)
class Group:
    """Entries of one sort under their heading; `code` is its name for machines."""

    code: str
    label: str
    entries: list[Entry]


def palette_found(
    *, scope: Scope, text: str, case: Case | None, recent: Sequence[str], now: datetime
) -> list[Group]:
    """What these letters may mean to this person, nearest first; groups with nothing in them are left out. `recent` are
    numbers of cases that were open, the last first: those that the scope may still see are told when nothing is typed.
    """
    text = text.strip()[:200]
    groups = [
        Group("steps", gettext("本件的下一步"), _steps(case, scope, text, now) if case else []),
        Group("recent", gettext("刚才看过的"), [] if text else _recent(recent)),
        Group("cases", gettext("工单"), _cases(scope, text) if text else []),
        Group("pages", gettext("页面"), _pages(scope, text)),
        Group("views", gettext("视图"), _views(scope, text)),
        Group("units", gettext("单位在办的件"), [] if text.isascii() else _units(scope, text, now)),
    ]
    for name in packs():
        groups += _offered(name)(scope=scope, text=text, case=case)
    found = [group for group in groups if group.entries]
    return sorted(found, key=lambda group: not _named_so(group, text))  # whose whole name was typed is meant


def _named_so(group: Group, text: str) -> bool:
    return any(entry.label.lower() == text.lower() for entry in group.entries)


def case_entry(case: Case) -> Entry:
    """A case as the palette names it: personal numbers masked."""
    more = f"{case.number} · {state_label(case.workflow, case.state)} · {named(case.unit)}"
    return Entry(mask_text(case.title), more, reverse("case", args=[case.number]))


def said_in(label: str, text: str) -> bool:
    """Does a label hold every word of the text?"""
    return all(word in label.lower() for word in text.lower().split())


def _named(entries: list[Entry], text: str) -> list[Entry]:
    """Those whose labels hold the text; what begins with it stands first."""
    held = [entry for entry in entries if said_in(entry.label, text)]
    return sorted(held, key=lambda entry: not entry.label.lower().startswith(text.lower()))


def step_address(case: Case, step: str, **more: object) -> str:
    """The page of a case with a step's form open."""
    return f"{reverse('case', args=[case.number])}?{urlencode({'step': step, **more})}#act"


def _steps(case: Case, scope: Scope, text: str, now: datetime) -> list[Entry]:
    steps = [offer.step for offer in case_offers(case=case, person=scope.person, now=now).mine]
    return _named(
        [Entry(declared(step.label, "step"), "", step_address(case, step.code)) for step in steps], text
    )


def _recent(numbers: Sequence[str]) -> list[Entry]:
    wanted = list(dict.fromkeys(numbers))[:RECENT]
    found = (
        {case.number: case for case in Case.objects.filter(number__in=wanted).select_related("unit")}
        if wanted
        else {}
    )
    return [case_entry(found[number]) for number in wanted if number in found]


def _cases(scope: Scope, text: str) -> list[Entry]:
    return [case_entry(hit.case) for hit in cases_found(scope=scope, text=text, most=CASES)]


def _pages(scope: Scope, text: str) -> list[Entry]:
    known = [*menu_for(scope), (gettext("我的账号"), reverse("account"))]
    return _named([Entry(str(label), "", address) for label, address in known], text)


def _views(scope: Scope, text: str) -> list[Entry]:
    found = [
        Entry(
            view.name,
            "" if view.person_id == scope.person else gettext("共用"),
            f"{reverse('worklist')}{view.query or '?'}{'&' if view.query else ''}columns={view.columns}",
        )
        for view in views_of(scope=scope)
    ]
    return _named(found, text)


def _units(scope: Scope, text: str, now: datetime) -> list[Entry]:
    named = units_suggested(text, on=timezone.localdate(now), near=scope.units)[:UNITS]
    return [
        Entry(name, "", f"{reverse('worklist')}?{urlencode({'tab': 'all', 'unit': name})}") for name in named
    ]


@cache
def _offered(pack: str) -> Any:
    module = f"bihuan.packs.{pack}.palette"
    return import_module(module).palette_found if find_spec(module) else lambda **_: []
