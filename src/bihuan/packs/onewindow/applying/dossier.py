"""What an application consists of, be it for one item or for a theme: its case, what it is about, and its list of materials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from bihuan.kernel.cases.models import Case
from bihuan.kernel.sentences import english, in_line, named
from bihuan.packs.onewindow.catalogue.guide import name_of
from bihuan.packs.onewindow.models import Application, ItemVersion, ThemeApplication
from bihuan.packs.onewindow.themes.selectors import whole_composed

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Dossier:
    """`about`: label and value of what it is; `materials` as an item's, a theme's with "parts": for which parts each is; `numbers`:
    for each part of a theme the numbers of its own materials on this list.

    `organ` accepts and decides in law: the item's own 实施机关 (of an item that was transferred to the approval bureau that bureau), for a
    theme whoever took it in; `kind` is the item's ("": a theme), `parts` each part's code, name and own organ."""

    case: Case
    about: Pairs
    materials: Sequence[Mapping[str, Any]]
    numbers: Mapping[str, Sequence[str]]
    organ: str
    kind: str = ""
    parts: tuple[tuple[str, str, str], ...] = ()


def dossier_of(case: int) -> Dossier | None:
    """The application behind a case, as far as the present scope sees it; None for any other case."""
    known = Application.objects.select_related("case__opened_by", "version__item", "version__unit")
    row = known.filter(pk=case).first()
    if row is not None:
        about = (
            (gettext("事项"), name_of(row.version)),
            (gettext("事项编码"), row.version.item.code),
            (gettext("办件编码"), row.case_code or ""),
        )
        organ, kind = organ_of(row.version), row.version.kind
        return Dossier(row.case, about, row.version.materials, {}, organ, kind)
    whole = ThemeApplication.objects.select_related("case__opened_by", "version").filter(pk=case).first()
    if whole is None:
        return None
    found = whole_composed(whole)
    about = (
        (gettext("主题"), whole.version.shown),
        (gettext("店铺或项目名称"), whole.subject),
        (gettext("包含的事项"), in_line(name_of(item) for item in found.items.values())),
    )
    parts = tuple((code, name_of(item), organ_of(item)) for code, item in found.items.items())
    organ = named(whole.case.opened_by)
    return Dossier(whole.case, about, found.listed, found.checklist.numbers, organ, parts=parts)


def organ_of(version: ItemVersion) -> str:
    """The organ of an item, in the page's language."""
    return named(version.unit) if english() and version.unit else version.organ
