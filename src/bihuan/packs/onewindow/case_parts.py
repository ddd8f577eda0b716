"""What the window adds to a case: the list of materials with what is missing, its papers, and the codes."""

from __future__ import annotations

from django.utils.translation import gettext

from bihuan.kernel.desk.case.page import CasePage
from bihuan.kernel.desk.case.parts import Fact, Part
from bihuan.packs.onewindow.applying.materials import numbered
from bihuan.packs.onewindow.applying.papers import papers_of
from bihuan.packs.onewindow.certificates.validity import term_read
from bihuan.packs.onewindow.commitments.selectors import commitments_of
from bihuan.packs.onewindow.hall.facts import ticket_facts
from bihuan.packs.onewindow.models import Application, Commitment
from bihuan.packs.onewindow.themes.case_parts import theme_facts, theme_parts


def case_parts(page: CasePage) -> list[Part]:
    """The materials of the application and its papers, and the network of a theme; nothing for a case that another door opened."""
    themed = theme_parts(page)
    row = Application.objects.select_related("version").filter(pk=page.case.pk).first()
    if row is None:
        return themed
    facts = page.case.facts
    states, may_lack = facts.get("materials", {}), facts.get("may_lack", ())
    held = facts.get("held", {})
    rows = [
        (n, one, states.get(n), n in may_lack, held.get(n), term_read(one["validity"]))
        for n, one in numbered(row.version.materials).items()
    ]
    takes = {"materials", "supplement"} & {offer.step.code for offer in page.offers.mine}
    shown = {"rows": rows, "papers": papers_of(facts), "may_enter": bool(takes)}
    shown["checked"] = commitments_of(page.case.pk)
    return [*themed, Part("onewindow/parts/materials.html", shown)]


def case_facts(case: int) -> list[Fact]:
    """Which item, by which codes, and who applies."""
    row = Application.objects.select_related("version__item").filter(pk=case).first()
    if row is None:
        number = (
            Commitment.objects.filter(pk=case).values_list("application__case__number", flat=True).first()
        )
        return [Fact("application", gettext("原办件"), number)] if number else theme_facts(case)
    facts = [
        Fact("item_code", gettext("事项编码"), row.version.item.code),
        Fact("case_code", gettext("办件编码"), row.case_code or ""),
        Fact("applicant", gettext("申请人类型"), str(Application.Applicant(row.applicant).label)),
    ]
    return [fact for fact in (*facts, *ticket_facts(case)) if fact.value]
