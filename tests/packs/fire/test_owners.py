"""The owner's own way: declare, apply, file with a commitment, answer a notice, change a design; nobody else's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from bihuan.kernel.attachments.models import Attachment
from bihuan.kernel.cases.models import Case
from bihuan.kernel.certificates.models import Certificate
from bihuan.kernel.ledger.selectors import register_entries
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.lib.refusals import NotFound, Refusal
from bihuan.packs.fire.demonstration import have_all
from bihuan.packs.fire.materials import CONDITIONS, HAVE, MATERIALS
from bihuan.packs.fire.models import Project
from bihuan.packs.fire.owners import selectors
from bihuan.packs.fire.owners.rules import (
    LABELS,
    STEPS,
    commitment_fault,
    conditions_fault,
    days_late,
    materials_required,
    steps_open,
)
from bihuan.packs.fire.owners.selectors import filing_lateness
from bihuan.packs.fire.owners.services import WORDS, design_change, owner_step, owner_units
from bihuan.packs.fire.projects.selectors import applications_of, kinds_open
from bihuan.packs.fire.workflows import WORKFLOWS
from tests.api.client import contents
from tests.packs.fire.conftest import FILE, Section, paper

pytestmark = pytest.mark.django_db
OFFICE = {
    "name": "鲁城办公楼",
    "place": "园区路1号",
    "use": "办公楼",
    "area_m2": "5200",
    "height_m": "22",
    "key": "own",
}
TANKS = {**OFFICE, "name": "鲁城罐区", "use": "储存易燃易爆危险物品的仓库", "key": "tanks"}
PROMISED = {"class": "general", "way": "commitment", "promise": "on", "true": "on", "key": "filing"}


def test_commitment_needs_a_general_unaltered_project_and_the_promise() -> None:
    good = {"class": "general", "way": "commitment", "promise": True}
    assert commitment_fault(good) == ""
    assert commitment_fault({**good, "class": "key"}) == "commitment"
    assert commitment_fault({**good, "altered": True}) == "commitment"
    assert commitment_fault({**good, "promise": False}) == "letter"
    assert commitment_fault({"way": "documents", "class": "key"}) == ""
    four = {code: True for code, _ in CONDITIONS}
    assert not conditions_fault(four)
    assert all(conditions_fault({**four, code: False}) for code in four)
    assert [days_late(days, 5) for days in (0, 5, 6, 9)] == [0, 0, 1, 4]


def test_an_owner_takes_the_steps_of_each_kind_of_case_and_no_others() -> None:
    assert steps_open("filing", "rectifying") == ("ask_recheck",)
    assert steps_open("legacy", "rectifying") == ("legacy_rectified",)
    assert steps_open("design", "correcting") == ("corrected", "withdraw")
    assert steps_open("acceptance", "evaluating") == steps_open("rectification", "told") == ()
    known = {step for workflow in WORKFLOWS for step in workflow.by_code}
    assert {
        step for states in STEPS.values() for steps in states.values() for step in steps
    } <= known & LABELS.keys() & WORDS.keys()


def test_what_must_be_handed_in_is_told_by_kind_and_way() -> None:
    codes = {
        (kind, way): [one.code for one in materials_required(kind, {"way": way})]
        for kind in ("design", "acceptance", "filing")
        for way in ("documents", "commitment")
    }
    filing = codes.pop(("filing", "documents")), codes.pop(("filing", "commitment"))
    assert filing == (["completion_report", "as_built"], [])
    assert codes[("design", "documents")] == ["design_documents"]
    assert codes[("acceptance", "documents")] == ["completion_report", "as_built"]


def declared(section: Section, typed: dict[str, str]) -> Project:
    answer = section.as_("lei").post("/fire/owner/new", typed)
    assert answer.status_code == 302, answer.content.decode()
    section.see()
    return Project.objects.get(name=typed["name"])


def test_the_owner_declares_and_files_by_commitment_and_lateness_is_told(section: Section) -> None:
    project = declared(section, OFFICE)
    assert (project.owner, project.special, project.unit.name) == (
        "鲁城化工集团有限公司",
        False,
        "东昌府区住房和城乡建设局消防审验科",
    )
    client, address = section.as_("lei"), f"/fire/owner/projects/{project.pk}/filing"
    today = section.now.date()
    assert (
        client.post(
            address, {**PROMISED, "completed_on": (today + timedelta(days=400)).isoformat()}
        ).status_code
        == 422
    )
    late = {**PROMISED, "completed_on": (today - timedelta(days=14)).isoformat()}
    assert client.post(address, {**late, "altered": "on"}).status_code == 422
    section.see()
    assert Case.objects.filter(pack="fire").count() == 0
    assert client.post(address, late).status_code == 302
    assert client.post(address, late).status_code == 302  # the same form again opens nothing
    section.see()
    case = Case.objects.get(pack="fire")
    assert (case.state, case.facts["declared"]["way"]) == ("received", "commitment")
    lateness = filing_lateness(case)
    assert lateness is not None
    assert (lateness.within, lateness.days, lateness.late) == (5, 6, 1)  # with the make-up Saturday 02-28
    page = section.as_("jin").get(f"/cases/{case.number}?step=accept").content.decode()
    assert "消防法第59条" in page and "告知承诺" in page
    assert f'value="{late["completed_on"]}"' in page and '<option value="commitment" selected>' in page
    accepted = {one.code: "have" for one in MATERIALS["filing"]} | {
        "version": str(case.version), "class": "general", "way": "commitment", "completed_on": today.isoformat()
    }  # fmt: skip
    refused = section.as_("jin").post(f"/cases/{case.number}/steps/accept", accepted)
    assert refused.status_code == 422 and "要写明依据" in refused.content.decode()
    section.see()
    assert Case.objects.get(pk=case.pk).state == "received" and filing_lateness(case) == lateness


def test_files_are_handed_in_with_an_application_or_everything_missing_is_told_at_once(
    section: Section,
) -> None:
    project = declared(section, OFFICE)
    client, address = section.as_("lei"), f"/fire/owner/projects/{project.pk}/filing"
    sent = {
        "class": "key",
        "way": "documents",
        "completed_on": section.now.date().isoformat(),
        "true": "on",
        "key": "f",
    }
    before = contents()
    page = client.post(address, sent)
    assert page.status_code == 422 and page.content.decode().count("还没有传。") == 2
    assert "必须交的材料还没有传:工程竣工验收报告、涉及消防的建设工程竣工图纸。" in page.content.decode()
    page = client.post(address, {"way": "documents", "as_built": paper()}).content.decode()
    assert page.count("请填写“") == 3
    assert page.count("还没有传。") == 1  # and the fields that are wrong
    broken = {
        "completion_report": SimpleUploadedFile("报告.pdf", b"MZ\x90", "application/pdf"),
        "as_built": SimpleUploadedFile("图.exe", b""),
    }
    page = client.post(address, {**sent, **broken})
    assert (
        page.status_code == 422
        and "工程竣工验收报告-报告.pdf" in page.content.decode()
        and "文件是空的" in page.content.decode()
    )
    section.see()
    assert (Case.objects.filter(pack="fire").count(), Attachment.objects.count(), contents()) == (
        0,
        0,
        before,
    )
    files = {"completion_report": paper("报告.pdf"), "as_built": [paper("一层.pdf"), paper("旧图.pdf")]}
    page = client.post(address, {**sent, **files, "true": ""})
    assert page.status_code == 422 and page.content.decode().count("不用再选") == 3
    section.see()
    assert (Case.objects.filter(pack="fire").count(), Attachment.objects.count()) == (0, 0)
    for _again in range(2):  # what was kept is not chosen twice, save what was dropped
        changed = {"drop": "as_built.1", "as_built": paper("二层.pdf")}
        assert client.post(address, {**sent, **changed}).status_code == 302
    section.see()
    for kind in ("filing", "design"):  # it is in hand; it is not for such a project
        elsewhere = client.get(f"/fire/owner/projects/{project.pk}/{kind}")
        assert elsewhere.headers["Location"] == f"/fire/projects/{project.pk}"
    case = Case.objects.get(pack="fire")
    kept = Attachment.objects.filter(case=case).order_by("pk").values_list("kind", "name")
    assert list(kept) == [
        ("completion_report", "工程竣工验收报告-报告.pdf"),
        ("as_built", "涉及消防的建设工程竣工图纸-一层.pdf"),
        ("as_built", "涉及消防的建设工程竣工图纸-二层.pdf"),
    ]
    for who in ("jin", "du"):
        seen = section.as_(who).get(f"/cases/{case.number}").content.decode()
        handed_in = seen.partition("建设单位交的材料")[2].partition("</ul>")[0]
        assert "二层.pdf" in handed_in and "告知承诺书:" in handed_in


def test_the_owner_answers_a_notice_and_the_entry_says_who(section: Section) -> None:
    project = declared(section, TANKS)
    address = f"/fire/owner/projects/{project.pk}/design"
    sent: dict[str, Any] = {"true": "on", "key": "d", "design_documents": paper()}
    assert section.as_("lei").post(address, sent).status_code == 302
    section.see()
    case = Case.objects.get(pack="fire")
    section.take(case, "jin", "notify_once", **have_all("design", design_documents="missing"))
    home = section.as_("lei").get("/fire/owner").content.decode()
    assert "消防设计文件" in home and "提交补正" in home
    sent = {"step": "corrected", "version": str(case.version), "words": "消防设计文件已补交。"}
    empty = sent | {"design_documents": SimpleUploadedFile("新图.pdf", b"")}
    page = section.as_("lei").post(f"/fire/owner/cases/{case.number}", empty)
    assert (
        page.status_code == 422
        and "文件是空的" in page.content.decode()
        and "消防设计文件已补交。" in page.content.decode()
    )
    for username, status in (("wang", 403), ("jin", 403), ("lei", 302)):
        answer = section.as_(username).post(
            f"/fire/owner/cases/{case.number}", sent | {"design_documents": paper("新图.pdf")}
        )
        assert answer.status_code == status
    assert section.as_("lei").post(f"/fire/owner/cases/{case.number}", sent).status_code == 422
    section.see()
    case.refresh_from_db()
    assert case.state == "received"
    assert list(Attachment.objects.filter(case=case).order_by("pk").values_list("name", flat=True)) == [
        "消防设计文件-图纸.pdf", "消防设计文件-新图.pdf",
    ]  # fmt: skip
    with kernel_writes():
        (entry,) = register_entries(stream="fire", match={"case": case.pk}, kinds=("owner_stepped",), most=5)
    assert dict(entry.data)["step"] == "corrected"


def test_nobody_takes_a_step_in_a_case_of_another_owner(section: Section) -> None:
    case = section.apply(section.enter(), "design")
    given: dict[str, Any] = {
        "scope": section.scope("lei"),
        "number": case.number,
        "words": "",
        "version": case.version,
        "now": section.now,
    }
    with pytest.raises(NotFound):
        owner_step(**given, step="withdraw")
    section.see()
    case.refresh_from_db()
    assert case.state == "received"
    project = case.facts["project"]
    assert section.as_("lei").get(f"/fire/owner/projects/{project}/design").status_code == 404
    assert section.as_("jin").get("/fire/owner").status_code == 403


def test_a_changed_design_is_reviewed_again_before_acceptance(section: Section) -> None:
    project = declared(section, TANKS)
    client, address = section.as_("lei"), f"/fire/projects/{project.pk}/changed"
    client.post(address, {"changed": "泵房移位。"})
    section.see()
    assert Project.objects.get(pk=project.pk).design_changed_at is None  # nothing was reviewed yet
    section.reviewed(project)
    section.later(days=1)
    design_change(
        scope=section.scope("lei"), project=project.pk, changed="泵房移位,增加一个罐。", now=section.now
    )
    section.see()
    project = Project.objects.prefetch_related("prechecks").get(pk=project.pk)
    assert project.design_changed_at is not None
    assert kinds_open(project, applications_of(project, now=section.now)) == ["design"]
    with pytest.raises(Refusal) as refusal:
        section.apply(project, "acceptance")
    assert refusal.value.code == "no_review"
    section.later(days=1)
    section.reviewed(project)
    assert kinds_open(project, applications_of(project, now=section.now)) == ["acceptance"]
    assert Certificate.objects.filter(kind="fire_design_opinion").count() == 2


def test_the_owner_sees_documents_and_asks_for_a_recheck(
    section: Section, django_assert_max_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = declared(section, OFFICE)
    case = section.apply(project, "filing")
    assert section.take(case, "jin", "accept", **FILE, altered="") == "filed"
    assert FILE["completion_report"] == HAVE
    client = section.as_("lei")
    with django_assert_max_num_queries(30):
        page = client.get("/fire/owner").content.decode()
    assert "建设工程消防验收备案凭证" in page
    monkeypatch.setattr(selectors, "FEW", 0)  # an owner of many: read in another way, and the same is found
    assert "建设工程消防验收备案凭证" in client.get("/fire/owner").content.decode()
    section.see("lei")
    assert [
        (row.case_id, row.kind)
        for row, *_ in selectors.own_documents(owner_units(section.scope("lei")), now=section.now)
    ] == [(case.pk, "fire_filed")]
    assert selectors.own_documents(owner_units(section.scope("du")), now=section.now) == []
