"""What the window adds to a case: the list of materials with what is missing, its papers, and the codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext

from bihuan.kernel.attachments.models import Attachment
from bihuan.kernel.attachments.selectors import attachments_of
from bihuan.kernel.cases.models import Case
from bihuan.kernel.desk.case.page import CasePage
from bihuan.kernel.desk.case.parts import Fact, Part, Ready
from bihuan.kernel.desk.choices import unit_typed
from bihuan.kernel.identity.models import Unit
from bihuan.packs.onewindow.applying.dossier import dossier_of
from bihuan.packs.onewindow.applying.materials import numbered
from bihuan.packs.onewindow.applying.papers import papers_of
from bihuan.packs.onewindow.certificates.validity import term_read
from bihuan.packs.onewindow.commitments.selectors import commitments_of
from bihuan.packs.onewindow.fees.parts import fee_parts, waiver_words
from bihuan.packs.onewindow.hall.facts import ticket_facts
from bihuan.packs.onewindow.models import Application, Commitment
from bihuan.packs.onewindow.rules import SPECIAL
from bihuan.packs.onewindow.themes.case_parts import came_facts, theme_facts, theme_parts


def case_parts(page: CasePage) -> list[Part]:
    """The materials of the application and its papers, and the network of a theme; nothing for a case that another door opened."""
    themed = theme_parts(page)
    row = dossier_of(page.case.pk)
    if row is None:
        return themed
    facts = page.case.facts
    states, may_lack = facts.get("materials", {}), facts.get("may_lack", ())
    held = facts.get("held", {})
    sent = _files(page.case.pk)
    rows = [
        (n, one, states.get(n), n in may_lack, held.get(n), term_read(one["validity"]), sent.get(n, ()))
        for n, one in numbered(row.materials).items()
    ]
    takes = {"materials", "supplement"} & {offer.step.code for offer in page.offers.mine}
    shown = {
        "rows": rows,
        "papers": papers_of(row),
        "may_enter": bool(takes),
        "unfit": (*facts.get("unfit", ()), *facts.get("fixes", ())),
        "checked": commitments_of(page.case.pk),
    }
    return [*themed, *fee_parts(facts), Part("onewindow/parts/materials.html", shown)]


def _files(case: int) -> dict[str, list[Attachment]]:
    """The files that came as materials, by the number that their names begin with."""
    found: dict[str, list[Attachment]] = {}
    for one in attachments_of(case=case):
        number, dash, _name = one.name.partition("-")
        if dash and number.isdecimal():
            found.setdefault(number, []).append(one)
    return found


def ready_words(case: Case, step: str) -> list[Ready]:
    """The grounds on which the catalogue waives a fee; of a bad review the unit that handled the case, else the window."""
    if step not in ("confirm", "rectify_again"):
        return waiver_words(case, step)
    accepted = case.facts.get("accepted") and case.facts.get("unit")
    unit = Unit.objects.filter(pk=accepted or case.opened_by_id).values_list("code", flat=True).first()
    return [Ready(0, "unit", "", unit_typed(unit), given=True)] if unit else []


def case_facts(case: int) -> list[Fact]:
    """Which item, by which codes, and who applies."""
    row = Application.objects.select_related("version__item", "case").filter(pk=case).first()
    if row is None:
        number = (
            Commitment.objects.filter(pk=case).values_list("application__case__number", flat=True).first()
        )
        return (
            [Fact("application", gettext("原办件"), number)]
            if number
            else theme_facts(case) or ticket_facts(case)
        )
    facts = [
        Fact("item_code", gettext("事项编码"), row.version.item.code),
        Fact("case_code", gettext("办件编码"), row.case_code or ""),
        Fact("applicant", gettext("申请人类型"), str(Application.Applicant(row.applicant).label)),
        Fact("special", gettext("可用的特别程序"), _special_words(row.version.special)),
    ]
    return [fact for fact in (*facts, *came_facts(row.case.facts), *ticket_facts(case)) if fact.value]


def _special_words(special: Sequence[Mapping[str, Any]]) -> str:
    """What may stop the clock of this item, and for how long; "" when nothing may."""
    labels = dict(SPECIAL)
    return " · ".join(
        gettext("%(label)s(最多 %(days)s 天)")
        % {"label": gettext(labels[one["ground"]]), "days": one["days"]}
        for one in special
    )
