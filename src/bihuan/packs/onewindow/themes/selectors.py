"""Reading themes: which version holds on a day, and what it consists of then."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Concat
from django.utils.translation import gettext

from bihuan.kernel.bundles.rules import PartPlan
from bihuan.kernel.bundles.selectors import outcomes_of, short_of
from bihuan.kernel.identity.scope import day_of
from bihuan.kernel.sentences import in_line
from bihuan.packs.onewindow.catalogue.selectors import versions_on
from bihuan.packs.onewindow.models import ItemVersion
from bihuan.packs.onewindow.themes.contents import Checklist, PartOf, checklist
from bihuan.packs.onewindow.themes.models import ThemeApplication, ThemeVersion


@dataclass(frozen=True, slots=True)
class Composed:
    """A theme as it is on a day: the network, the item of each part, and the one checklist. `lacks`: why nothing can be applied for."""

    plans: tuple[PartPlan, ...]
    items: Mapping[str, ItemVersion]
    checklist: Checklist
    lacks: str = ""

    @property
    def listed(self) -> list[dict[str, Any]]:
        """The one checklist; "parts" of each material say what it is for."""
        short = {plan.code: short_of(plan) for plan in self.plans}
        materials = self.checklist.materials
        return [{**one, "parts": in_line(short[code] for code in one["for"])} for one in materials]

    @property
    def online(self) -> bool:
        """Can it be applied for without coming here: can each of its items?"""
        return not self.lacks and all(item.online for item in self.items.values())

    @property
    def commitment(self) -> bool:
        """May the whole be decided on a commitment: does every item allow it?"""
        return bool(self.items) and all(item.commitment for item in self.items.values())


def theme_versions_on(on: date) -> QuerySet[ThemeVersion]:
    """The version of each theme that holds on a day, with its theme."""
    latest = ThemeVersion.objects.filter(since__lte=on).order_by("theme", "-since", "-pk").distinct("theme")
    return ThemeVersion.objects.filter(pk__in=latest.values("pk")).select_related("theme")


def theme_version_on(theme: int, on: date) -> ThemeVersion | None:
    """The version of one theme that holds on a day; None when there is none."""
    found = ThemeVersion.objects.filter(theme=theme, since__lte=on).select_related("theme")
    return found.order_by("-since", "-pk").first()


def themes_found(text: str, rows: QuerySet[ThemeVersion]) -> QuerySet[ThemeVersion]:
    """Those whose name, words or code hold every word of the text; where none does, those that have its characters in this order."""
    found = rows
    for word in text.split():
        found = found.filter(
            Q(name__contains=word) | Q(name_en__icontains=word) | Q(about__contains=word)
            | Q(theme__code__istartswith=word)
        )  # fmt: skip
    if not text.strip() or found.exists():
        return found
    like = ".*".join(re.escape(sign) for sign in "".join(text.split())[:30])
    return rows.annotate(said=Concat("name", Value(" "), "about")).filter(said__regex=like)


def theme_composed(version: ThemeVersion, on: date) -> Composed:
    """What a theme consists of on a day: the items as they are then."""
    return composed(version.parts, version.shared, on)


def whole_composed(row: ThemeApplication) -> Composed:
    """What a whole consists of: the items as they were when it was taken in, whatever they say since."""
    items = ItemVersion.objects.select_related("item", "unit").in_bulk(row.case.facts["items"].values())
    known = {items[pk].item.code: items[pk] for pk in row.case.facts["items"].values()}
    return _composed(row.version.parts, row.version.shared, known)


def composed(parts: Sequence[Mapping[str, Any]], shared: Sequence[Sequence[str]], on: date) -> Composed:
    """What these parts come to on a day. A part whose item is not in use, without days or without a unit is told in `lacks`."""
    rows = versions_on(on).filter(item__code__in={part["item"] for part in parts})
    return _composed(parts, shared, {row.item.code: row for row in rows})


def _composed(
    parts: Sequence[Mapping[str, Any]], shared: Sequence[Sequence[str]], known: Mapping[str, ItemVersion]
) -> Composed:
    plans, items, lacks = [], {}, ""
    for part in parts:
        item = known.get(part["item"])
        days = part["days"] or (item and (item.promised_days or item.statutory_days)) or 0
        lacks = lacks or _lacking(part, item, days)
        label, label_en = (item.name, item.name_en) if item else (part["code"], "")
        if item is not None:
            items[part["code"]] = item
        plans.append(PartPlan(part["code"], days or 1, tuple(part["after"]), label, label_en))
    of = [PartOf(plan, items[plan.code].materials) for plan in plans if plan.code in items]
    return Composed(tuple(plans), items, checklist(of, shared), lacks)


def _lacking(part: Mapping[str, Any], item: ItemVersion | None, days: int) -> str:
    if item is None or not item.active:
        return f"“{part['code']}”的事项不在目录里或已停用:{part['item']}。"
    if item.unit_id is None:
        return f"“{part['code']}”的事项还没有审批单位。"
    return "" if days else f"“{part['code']}”的事项没有承诺时限,请写明几天。"


@dataclass(frozen=True, slots=True)
class Saved:
    """Of theme applications `taken` so many are wholly `done`; the working days of these one after another, as they were, and saved."""

    taken: int
    done: int
    serial: int
    elapsed: int
    saved: int


def days_saved(*, since: datetime) -> Saved:
    """What going side by side has saved on the applications since a moment that the present scope sees."""
    recent = list(ThemeApplication.objects.filter(case__opened_at__gt=since).values_list("case", flat=True))
    done = outcomes_of(recent).values()
    return Saved(
        len(recent), len(done), sum(one.serial for one in done), sum(one.elapsed for one in done),
        sum(one.saved for one in done),
    )  # fmt: skip


def theme_figures(*, now: datetime) -> dict[str, str]:
    """Our figures for the promises of themes: how many are open, and the days saved on projects that are done."""
    themes = theme_versions_on(day_of(now)).filter(active=True).count()
    wholes = ThemeApplication.objects.filter(version__kind="project").values_list("case", flat=True)
    outcomes = outcomes_of(wholes)
    saved = {"n": len(outcomes), "days": sum(outcome.saved for outcome in outcomes.values())}
    return {
        "S2-48": gettext("%(themes)s 个主题,收件 %(n)s 件")
        % {"themes": themes, "n": ThemeApplication.objects.count()},
        "S4-27": gettext("%(n)s 个办完的项目共省下 %(days)s 个工作日") % saved if outcomes else "",
    }
