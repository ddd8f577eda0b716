"""The application form of a case (申请表、备案表), printed from what was declared."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings

from bihuan.kernel.identity.scope import day_of
from bihuan.lib.documents import document_pdf
from bihuan.packs.fire.materials import CONDITIONS, HAVE, MATERIALS, MISSING
from bihuan.packs.fire.models import ProjectCase
from bihuan.packs.fire.papers.contents import CLASSES, WAYS
from bihuan.packs.fire.papers.issuing import organ_of, size_told
from bihuan.packs.fire.special.rules import measure_told

TEMPLATE = Path(__file__).parents[1] / "templates" / "fire" / "application.typ"
MARKS = {HAVE: "有", MISSING: "缺"}
COMMITMENT = "本单位承诺:已组织消防查验并合格,申报内容真实;不实的,承担法律责任,接受撤销备案(住建部令第58号)。"


def form_pdf(row: ProjectCase, *, now: datetime) -> bytes:
    """The form in Chinese: an official form is in no other language."""
    project, case = row.project, row.case
    declared = case.facts.get("materials", {})
    data: dict[str, Any] = {
        "title": next(one.name for one in MATERIALS[row.kind] if one.code == "application"),
        "to": organ_of(case).name,
        "rows": [
            ["工程名称", project.name], ["建设单位", project.owner], ["工程地点", project.place],
            ["使用性质和规模", size_told(project)], ["设有", project.contains], ["类别", project.reason],
            ["适用的技术标准", project.standard], ["申请编号", case.number],
            ["项目类别", CLASSES.get(str(case.facts.get("filed_as")), "")],
            ["备案方式", WAYS.get(str(case.facts.get("way")), "")],
            ["竣工验收合格日期", str(case.facts.get("completed_on") or "")],
        ],
        "works": [[one.name, _measure(one.area), _measure(one.height), str(one.storeys or "–")] for one in project.works.all()],
        "materials": [
            [one.name, MARKS.get(declared.get(one.code), "–")] for one in MATERIALS[row.kind] if one.code != "application"
        ],
        "conditions": [label for _code, label in CONDITIONS] if row.kind == "acceptance" else [],
        "promise": COMMITMENT if case.facts.get("way") == "commitment" else "",
        "date": day_of(case.opened_at).isoformat(),
    }  # fmt: skip
    data["rows"] = [pair for pair in data["rows"] if pair[1]]
    return document_pdf(template=TEMPLATE, data=data, fonts=settings.FONT_ROOT, at=now)


def _measure(number: Decimal | None) -> str:
    return "–" if number is None else measure_told(number)
