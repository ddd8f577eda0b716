"""What a theme adds to a case: the network with each part's state and the days saved, on the whole and on each of its parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext

from bihuan.kernel.bundles.models import Part as PartOfWhole
from bihuan.kernel.bundles.selectors import network_happening
from bihuan.kernel.cases.models import Case
from bihuan.kernel.desk.case.page import CasePage
from bihuan.kernel.desk.case.parts import Fact, Part
from bihuan.packs.onewindow.themes.models import ThemeApplication
from bihuan.packs.onewindow.themes.workflow import PART, WHOLE

TEMPLATE = "onewindow/themes/part.html"


def theme_parts(page: CasePage) -> list[Part]:
    """The network of a whole, or of the whole that a part belongs to; nothing for any other case."""
    if page.case.workflow == WHOLE.key:
        return _of_whole(page)
    if page.case.workflow == PART.key:
        return _of_part(page)
    return []


def _of_whole(page: CasePage) -> list[Part]:
    return [Part(TEMPLATE, {"network": network_happening(page.case.pk, today=page.today)})]


def _of_part(page: CasePage) -> list[Part]:
    whole = PartOfWhole.objects.filter(case=page.case.pk).values_list("bundle", flat=True).first()
    network = network_happening(whole, today=page.today) if whole else None
    number = Case.objects.filter(pk=whole).values_list("number", flat=True).first()
    if network is None:
        return []
    return [Part(TEMPLATE, {"network": network, "whole": number, "name": _name(whole)})]


def _name(whole: Any) -> str:
    row = ThemeApplication.objects.select_related("version").filter(pk=whole).first()
    return f"{row.version.name}:{row.subject}" if row else ""


def theme_facts(case: int) -> list[Fact]:
    """Which theme it is, and for which shop or project."""
    row = ThemeApplication.objects.select_related("version", "case").filter(pk=case).first()
    if row is None:
        return []
    return [
        Fact("theme", gettext("主题"), row.version.name),
        Fact("subject", gettext("店铺或项目名称"), row.subject),
        *came_facts(row.case.facts),
    ]


def came_facts(facts: Mapping[str, Any]) -> list[Fact]:
    """That it came on line, and whether anybody knows that it is the applicant; nothing for what was handed over at a window."""
    if facts.get("channel") != "web" or "verified" not in facts:
        return []
    known = gettext("网上申请,身份已核验") if facts["verified"] else gettext("网上申请,身份只凭号码,没有核验")
    return [Fact("came", gettext("来源"), known)]
