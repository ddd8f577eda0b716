"""The guides (办事指南): a public page for each item of the catalogue, found in Chinese by a few characters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from bihuan.kernel.desk.phone import kept_on_device
from bihuan.kernel.forms.words import form_title
from bihuan.kernel.sentences import english, named
from bihuan.packs.onewindow.applying.words import validity_told
from bihuan.packs.onewindow.asking.item_form import item_form
from bihuan.packs.onewindow.catalogue.codes import LEVELS
from bihuan.packs.onewindow.catalogue.selectors import version_on, versions_found, versions_on
from bihuan.packs.onewindow.certificates.kinds import kind_told
from bihuan.packs.onewindow.instant.rules import check_said
from bihuan.packs.onewindow.models import ItemVersion
from bihuan.packs.onewindow.rules import SPECIAL
from bihuan.packs.onewindow.themes.selectors import theme_versions_on, themes_found

PAGE, MOST_THEMES = 50, 20
LONGEST = 60


@require_GET
def guides(request: HttpRequest) -> HttpResponse:
    """For whoever wants something of government and knows a word of it: which item it is."""
    q = request.GET.get("q", "").strip()[:LONGEST]
    on = timezone.localdate(request.now)
    rows = versions_found(q, versions_on(on).filter(active=True))
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    themes = themes_found(q, theme_versions_on(on).filter(active=True)).order_by("name")[:MOST_THEMES]
    context = {
        "themes": themes,
        "english": english(),
        "q": q,
        "page": page,
        "rows": [(version, name_of(version)) for version in page],
    }
    return render(request, "onewindow/guides.html", context)


@kept_on_device
@require_GET
def guide(request: HttpRequest, item: int) -> HttpResponse:
    """For whoever is about to apply, on a telephone or on paper: what to bring, how long it takes, what it costs, where."""
    on = timezone.localdate(request.now)
    version = version_on(item, on) if item < 2**31 else None
    if version is None:
        raise Http404
    asked = item_form(version, on)
    form = {"title": form_title(asked[1])} if asked else None
    return render(request, "onewindow/guide.html", {**guide_of(version), "form": form})


def guide_of(version: ItemVersion) -> dict[str, object]:
    """What a guide shows of a version."""
    labels = dict(SPECIAL)
    return {
        "version": version,
        "english": english(),
        "materials": [material_told(one) for one in version.materials],
        "results": [kind_told(one) for one in version.results],
        **{name: in_english(version, name) for name in ("places", "hours", "conditions")},
        "name": name_of(version),
        "level": gettext(LEVELS[version.level]) if version.level else "",
        "special": [(gettext(labels[one["ground"]]), one["days"]) for one in version.special],
        "checks": [check_said(check) for check in version.checks],
        "known": bool(version.materials or version.promised_days),
    }


def material_told(one: Mapping[str, Any]) -> dict[str, Any]:
    """A material in the page's language: its name, what of it the city looks up, how long it holds."""
    holds, register = validity_told(one["validity"]), kind_told(one.get("register", ""))
    return {**one, "name": named(one), "holds": holds, "register": register}


def in_english(version: ItemVersion, name: str) -> str:
    """What a version says in this column, on an English page in English where it does."""
    return str((english() and getattr(version, f"{name}_en")) or getattr(version, name))


def name_of(version: ItemVersion) -> str:
    """The name in the page's language."""
    return named(version)
