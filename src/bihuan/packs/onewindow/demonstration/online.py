"""Applications of the demonstration that were made at home: played through the services that the citizen's own pages use, with files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone

from bihuan.kernel.cases.models import Case
from bihuan.kernel.identity.models import Person, Unit
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.packs.onewindow.applying.materials import numbered
from bihuan.packs.onewindow.applying.receiving import DATED, received_clean
from bihuan.packs.onewindow.applying.services import WEB
from bihuan.packs.onewindow.asking.item_form import Answered
from bihuan.packs.onewindow.demonstration.item_forms import ANSWERS
from bihuan.packs.onewindow.demonstration.lives import (
    CATERING,
    CLERK,
    DELIVERED,
    EXAMINED,
    FOOD,
    HYGIENE,
    SHOP,
    SIGN,
    Steps,
    applicant_made_up,
    begun_at,
    steps_take,
)
from bihuan.packs.onewindow.demonstration.themes import Play
from bihuan.packs.onewindow.models import Item, ItemVersion, Theme
from bihuan.packs.onewindow.online.services import Applied, citizen_apply
from bihuan.packs.onewindow.online.wanted import ItemWanted, ThemeWanted, Wanted, item_wanted, theme_wanted

ACCEPTED: Steps = ((CLERK, "accept", {}),)
PRAISED = ("", "evaluate", {"grade": "5", "words": "没有出门就办好了"})


@dataclass(frozen=True, slots=True)
class Home:
    """An application from home: for which item (its name) or theme (its code), so many working days ago, and the steps since. `place` tells
    who applies (see `lives.applicant_made_up`), `lacks` what was not sent, `granted` the parts of a theme that are decided, `verified`: it
    is known who it is."""

    of: str
    days: int
    place: int
    steps: Steps = ()
    subject: str = ""
    lacks: tuple[str, ...] = ()
    granted: tuple[str, ...] = ()
    verified: bool = False


HOMES = (
    Home(FOOD, 0, 60),
    Home("restaurant", 0, 62, subject="运河人家小馆"),
    Home(FOOD, 2, 61, ((CLERK, "tell_missing", {}),), lacks=("4",)),
    Home("supermarket", 3, 65, ((CLERK, "accept_theme", {}),), subject="湖滨便利店", granted=("卫生",)),
    Home(SHOP, 1, 63),
    Home(CATERING, 0, 15, (PRAISED,), verified=True),
    Home(SIGN, 3, 64, (*ACCEPTED, *EXAMINED)),
    Home(HYGIENE, 6, 66, (*ACCEPTED, *DELIVERED, PRAISED)),
    Home(FOOD, 7, 68, (*ACCEPTED, *DELIVERED, ("", "evaluate", {"grade": "4"}))),
)
OLDEST = max(home.days for home in HOMES)
FOLLOWED = (2, 3)
"""Those that a visitor is told the codes of: something is missing, and a theme with its parts."""


def online_play(*, until: datetime) -> int:
    """Play them up to `until`, once; returns how many (0: they were there, or it is too early: there were no rules for the window then)."""
    if not Item.objects.exists() or Case.objects.filter(pack="onewindow", facts__contains=WEB).exists():
        return 0
    if begun_at(until, OLDEST, 0) > begun_at(until, 0, 0) - timedelta(days=OLDEST):
        return 0
    units = dict(Unit.objects.values_list("code", "pk"))
    people = dict(Person.objects.values_list("username", "pk"))
    for place, home in enumerate(HOMES):
        begun = begun_at(until, home.days, place)
        wanted = _wanted(home.of, begun)
        done = _apply(home, wanted, place, begun)
        looked = min(until, begun + timedelta(hours=3))
        steps_take(done.case, home.steps[:1], (begun, looked), units, people)
        steps_take(done.case, home.steps[1:], (looked, until), units, people)
        for n, code in enumerate(home.granted, 1):
            Play(until).decide(done.case, code, False, until - timedelta(minutes=2 * n))
    return len(HOMES)


def online_followed() -> list[tuple[str, int]]:
    """Number and id of those that a visitor may follow."""
    with kernel_writes():
        rows = Case.objects.filter(pack="onewindow", facts__contains=WEB, parent=None, origin=None)
        found = list(rows.order_by("pk").values_list("number", "pk")[: len(HOMES)])
    return [found[place] for place in FOLLOWED if place < len(found)]


def _wanted(of: str, now: datetime) -> Wanted:
    on, theme = timezone.localdate(now), Theme.objects.filter(code=of).first()
    found: ItemWanted | ThemeWanted | None
    if theme is not None:
        found = theme_wanted(theme.pk, on)
    else:
        item = ItemVersion.objects.filter(name=of).values_list("item", flat=True).first()
        found = item_wanted(int(item or 0), on)
    assert found is not None
    return found


def _apply(home: Home, wanted: Wanted, place: int, now: datetime) -> Applied:
    today = timezone.localdate(now)
    sent = {
        number: one
        for number, one in numbered(wanted.materials).items()
        if (not one["held"] or one.get("register")) and one["required"] and number not in home.lacks
    }
    if home.verified:
        sent = {number: one for number, one in sent.items() if not one.get("register")}
    issued = {f"{DATED}{n}": (now - timedelta(days=60)).date().isoformat() for n in sent}
    typed = {**applicant_made_up(home.place), **issued, "item": str(wanted.pk), "outcome": "keep"}
    files: Mapping[str, Any] = {n: _file(f"{place}-{n}") for n in sent}
    form = wanted.version.form if isinstance(wanted, ItemWanted) else ""
    return citizen_apply(
        wanted, received=received_clean(typed, present=tuple(sent), today=today), subject=home.subject,
        answered=Answered(ANSWERS[form]) if form else None, files=files, verified=home.verified, key=f"demonstration-{place}",
        address=f"192.0.2.{place + 1}", now=now,
    )  # fmt: skip


def _file(name: str) -> ContentFile[bytes]:
    """A page that says that it is made up."""
    said = f"BT /F1 20 Tf 60 760 Td (Demonstration: this document is made up, no. {name}) Tj ET"
    objects = (
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        f"<</Length {len(said)}>>stream\n{said}\nendstream",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    out, places = "%PDF-1.4\n", []
    for n, one in enumerate(objects, 1):
        places.append(len(out))
        out += f"{n} 0 obj{one}endobj\n"
    table = "".join(f"{at:010} 00000 n \n" for at in places)
    end = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{len(out)}\n%%EOF\n"
    return ContentFile((out + end).encode(), f"{name}.pdf")
