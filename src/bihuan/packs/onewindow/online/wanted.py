"""What is applied for on line: an item, or a theme of several. The page, its checks and its taking in are the same for both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from django.http import HttpRequest
from django.urls import reverse

from bihuan.kernel.bundles.rules import network_plan
from bihuan.kernel.cases.opening import Opened
from bihuan.kernel.forms.checking import Flaw, answers_check
from bihuan.kernel.forms.rules import answers_joined
from bihuan.packs.onewindow.applying.receiving import Received
from bihuan.packs.onewindow.applying.services import Handed, application_at_once, application_open
from bihuan.packs.onewindow.asking.item_form import Answered, item_form
from bihuan.packs.onewindow.asking.pages import Asked, asked_of
from bihuan.packs.onewindow.catalogue.guide import name_of
from bihuan.packs.onewindow.catalogue.selectors import version_on
from bihuan.packs.onewindow.models import ItemVersion
from bihuan.packs.onewindow.platforms.changes import application_opened
from bihuan.packs.onewindow.rules import lacking
from bihuan.packs.onewindow.themes.applying import HandedWhole, theme_open
from bihuan.packs.onewindow.themes.asking import theme_asked, theme_flaws, theme_form
from bihuan.packs.onewindow.themes.models import ThemeVersion
from bihuan.packs.onewindow.themes.selectors import Composed, theme_composed, theme_version_on

Materials = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Sent:
    """An application as its page sent it: `subject` is the shop or project that a theme is for, `files` are materials by their numbers,
    `kept` further facts of the case, `by` who enters it for which hall (a unit's id)."""

    received: Received
    subject: str
    answered: Answered | None
    files: Mapping[str, Any]
    hall: int
    by: int
    kept: Mapping[str, Any] = field(default_factory=dict)


class Wanted(Protocol):
    """What both kinds of it say."""

    @property
    def pk(self) -> int:
        """The id of the item or theme."""

    @property
    def name(self) -> str:
        """In the page's language."""

    @property
    def materials(self) -> Materials:
        """The one checklist; of a theme with "parts": what each is for."""

    @property
    def committed(self) -> bool:
        """May it be decided on a commitment?"""

    @property
    def page(self) -> Mapping[str, Any]:
        """What its page shows besides: addresses and days."""

    def asked(
        self, request: HttpRequest, *, name: str, identity: str, today: date, may_know: bool
    ) -> Asked | None:
        """Its form as this request sends it; None where it has none."""

    def flaws(self, answered: Answered, today: date) -> Sequence[Flaw]:
        """All that is wrong with what was answered."""

    def open(self, sent: Sent, now: datetime) -> tuple[Opened, Mapping[str, Any]]:
        """Open its case, in the caller's transaction; what can be decided at once is. Its facts as well. Refusal or FieldError."""


@dataclass(frozen=True, slots=True)
class ItemWanted:
    """An item that is open on line."""

    version: ItemVersion

    @property
    def pk(self) -> int:
        return self.version.item_id

    @property
    def name(self) -> str:
        return name_of(self.version)

    @property
    def materials(self) -> Materials:
        return self.version.materials

    @property
    def committed(self) -> bool:
        return self.version.commitment

    @property
    def page(self) -> Mapping[str, Any]:
        return {
            "action": reverse("onewindow:apply", args=[self.pk]),
            "guide": reverse("onewindow:guide", args=[self.pk]),
            "draft": f"onewindow-apply-{self.pk}",
            "at_once": bool(self.version.checks),
            "days": self.version.promised_days,
        }

    def asked(
        self, request: HttpRequest, *, name: str, identity: str, today: date, may_know: bool
    ) -> Asked | None:
        return asked_of(request, self.version, name=name, identity=identity, today=today, may_know=may_know)

    def flaws(self, answered: Answered, today: date) -> Sequence[Flaw]:
        asked = item_form(self.version, today)
        return (
            answers_check(asked[1], answers_joined(answered.values, answered.prefilled)).flaws
            if asked
            else ()
        )

    def open(self, sent: Sent, now: datetime) -> tuple[Opened, Mapping[str, Any]]:
        verified = bool(sent.kept.get("verified"))
        handed = Handed(
            sent.received,
            self.version,
            sent.hall,
            sent.by,
            verified,
            sent.answered,
            sent.kept,
            files=sent.files,
        )
        opened, facts = application_open(handed, now=now)
        if self.version.instant and self.version.checks and not lacking(facts):
            application_at_once(case_id=opened.case, step="accept_at_once", by=0, now=now, data={})
        else:
            application_opened(case=opened.case, state=opened.state, now=now)
        return opened, facts


@dataclass(frozen=True, slots=True)
class ThemeWanted:
    """A theme whose items are all open on line."""

    version: ThemeVersion
    found: Composed

    @property
    def pk(self) -> int:
        return self.version.theme_id

    @property
    def name(self) -> str:
        return self.version.shown

    @property
    def materials(self) -> Materials:
        return self.found.listed

    @property
    def committed(self) -> bool:
        return self.found.commitment

    @property
    def page(self) -> Mapping[str, Any]:
        return {
            "action": reverse("onewindow:theme_apply", args=[self.pk]),
            "guide": reverse("onewindow:theme", args=[self.pk]),
            "draft": f"onewindow-theme-apply-{self.pk}",
            "found": self.found,
            "subject": True,
            "days": network_plan(self.found.plans).parallel,
            "items": [name_of(item) for item in self.found.items.values()],
        }

    def asked(
        self, request: HttpRequest, *, name: str, identity: str, today: date, may_know: bool
    ) -> Asked | None:
        form = theme_form(self.found.items.values(), today)
        who = {"name": name, "identity": identity}
        return theme_asked(request, form, **who, today=today, may_know=may_know) if form else None

    def flaws(self, answered: Answered, today: date) -> Sequence[Flaw]:
        form = theme_form(self.found.items.values(), today)
        return theme_flaws(form, answered) if form else ()

    def open(self, sent: Sent, now: datetime) -> tuple[Opened, Mapping[str, Any]]:
        handed = HandedWhole(
            sent.received,
            sent.subject,
            self.version,
            sent.hall,
            sent.by,
            sent.answered,
            sent.kept,
            files=sent.files,
        )
        opened, facts = theme_open(handed, now=now)
        application_opened(case=opened.case, state=opened.state, now=now)
        return opened, facts


def item_wanted(item: int, on: date) -> ItemWanted | None:
    """An item on a day; None when it cannot be applied for on line."""
    version = version_on(item, on) if item < 2**31 else None
    is_open = version is not None and version.online and version.active and version.unit_id
    return ItemWanted(version) if version is not None and is_open else None


def theme_wanted(theme: int, on: date) -> ThemeWanted | None:
    """A theme on a day; None when it cannot be applied for on line."""
    version = theme_version_on(theme, on) if theme < 2**31 else None
    if version is None or not version.active:
        return None
    found = theme_composed(version, on)
    return ThemeWanted(version, found) if found.online else None
