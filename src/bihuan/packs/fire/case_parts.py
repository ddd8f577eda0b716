"""What fire review adds to a case: the project that it is of, its form and its on-site evaluation; of a finding, where it was found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext

from bihuan.kernel.cases.models import Case
from bihuan.kernel.desk.case.page import CasePage
from bihuan.kernel.desk.case.parts import Fact, Part
from bihuan.lib.declared import declared
from bihuan.packs.fire.basis.selectors import CORRECTING, rules_told
from bihuan.packs.fire.evaluations.services import OPEN_IN
from bihuan.packs.fire.legacy.rules import ROUTES, reason_told
from bihuan.packs.fire.materials import ITEMS
from bihuan.packs.fire.merging.case_parts import merged_parts
from bihuan.packs.fire.models import Finding, Hazard, ProjectCase
from bihuan.packs.fire.owners.files import materials_kept
from bihuan.packs.fire.owners.forms import ASKS
from bihuan.packs.fire.owners.rules import LABELS, steps_open
from bihuan.packs.fire.owners.selectors import filing_lateness
from bihuan.packs.fire.papers.selectors import cases_undone
from bihuan.packs.fire.projects.deferring import owed
from bihuan.packs.fire.rules import OPEN
from bihuan.packs.fire.sites.kinds import HAZARD_GRADES, SOURCES


def case_parts(page: CasePage) -> list[Part]:
    """The project, the application's form and its on-site evaluation; nothing for a case without a project."""
    row = ProjectCase.objects.select_related("project").filter(case=page.case.pk).first()
    if row is None:
        return merged_parts(page)
    shown = {
        "row": row,
        "number": page.case.number,
        "lateness": filing_lateness(page.case),
        "form": row.kind in ASKS,
        "review": _reviewed(page.case),
        "route": _route(page.case.facts),
        "undone": bool(page.case.closed_at) and cases_undone().filter(case=page.case.pk).exists(),
        "owed": owed(row.project_id) if page.case.facts.get("owed") and page.case.closed_at is None else (),
        "materials": materials_kept(row.kind, page.attachments),
        "assumed": rules_told(CORRECTING, on=page.today) if page.case.state == "correcting" else (),
        "owner_steps": [LABELS[step] for step in steps_open(page.case.matter, page.case.state)],
    }
    project = Part(
        "fire/parts/project.html",
        {**shown, "declared": _declared(row.kind, page.case.facts)},
        first=bool(shown["undone"]) or page.case.state == "with_province",
    )
    parts = [*merged_parts(page), project]
    site = page.case.facts.get("site") or {}
    if row.kind in OPEN_IN and (page.case.state in OPEN_IN[row.kind] or _told(page.case, site)):
        told = {"number": page.case.number, "conclusion": site.get("conclusion"), "left": site.get("open")}
        parts.append(Part("fire/parts/evaluation.html", told, first=page.case.state in OPEN_IN[row.kind]))
    return parts


def _told(case: Case, site: Mapping[str, Any]) -> bool:
    """Has the on-site evaluation something to say: of a case that ended without a conclusion it has not."""
    return bool(site) and (case.closed_at is None or site.get("conclusion") != OPEN)


def _reviewed(case: Case) -> bool:
    """Is, or was, the design with the experts?"""
    return case.state == "with_province" or "expert" in case.facts


def _route(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The route of a legacy project in words, with its reason and the papers that it needs; {} for another case."""
    if "route_reason" not in facts:
        return {}
    return {
        "words": gettext(ROUTES[facts["route"]]),
        "reason": reason_told(facts["route_reason"]),
        "papers": [gettext(one) for one in facts["papers"]],
    }


def _declared(kind: str, facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What the owner declared: label and value ("": ticked), in the order of the form."""
    declared = facts.get("declared", {})
    told = []
    for ask in ASKS.get(kind, ()):
        value = declared.get(ask.name)
        if value:
            told.append((ask.label, "" if value is True else dict(ask.choices).get(value, str(value))))
    return told


def case_facts(case: int) -> list[Fact]:
    """Of an application: project and owner. Of a finding: project, single work, part, item of the evaluation, the clause that
    it offends, and its source.
    """
    row = ProjectCase.objects.select_related("project").filter(case=case).first()
    if row is not None:
        owner = Fact("owner", gettext("建设单位"), row.project.owner)
        return [Fact("project", gettext("项目"), row.project.name), owner]
    hazard = Hazard.objects.select_related("site", "work").filter(case=case).first()
    if hazard is not None:
        return _hazard_facts(hazard)
    found = Finding.objects.select_related("project", "work", "application").filter(case=case).first()
    return _finding_facts(found) if found else []


def _hazard_facts(row: Hazard) -> list[Fact]:
    grade, source = dict(HAZARD_GRADES)[row.grade], dict(SOURCES)[row.source]
    work = [Fact("work", gettext("单体"), row.work.name)] if row.work else []
    return [
        Fact("site", gettext("工地"), row.site.name), *work, Fact("part", gettext("部位"), declared(row.part)),
        Fact("grade", gettext("级别"), declared(grade)), Fact("source", gettext("来源"), declared(source)),
    ]  # fmt: skip


def _finding_facts(row: Finding) -> list[Fact]:
    item = dict(ITEMS).get(row.item, "")
    facts = (
        Fact("project", gettext("项目"), row.project.name),
        Fact("work", gettext("单体"), row.work.name if row.work else ""),
        Fact("part", gettext("部位"), row.part),
        Fact("item", gettext("评定项目"), declared(item) if item else ""),
        Fact("clause", gettext("依据的条文"), row.clause),
        Fact("application", gettext("为哪一件查出"), row.application.number if row.application else ""),
        Fact("source", gettext("来源"), str(row.get_source_display())),
    )
    return [fact for fact in facts if fact.value]
