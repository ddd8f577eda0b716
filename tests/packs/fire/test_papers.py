"""Documents: issued with the step that decides, under their official names, printed, verified in public, and revoked with their ground."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pypdf import PdfReader

from bihuan.kernel.cases.models import Case
from bihuan.kernel.certificates.changes import change_ask, change_decide
from bihuan.kernel.certificates.models import Certificate
from bihuan.kernel.identity.models import Unit
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.notices.models import Notice
from bihuan.lib.refusals import Refusal
from bihuan.packs.fire.applying.services import Asked, application_open, applications_by_the_clock
from bihuan.packs.fire.demonstration import FILED, have_all
from bihuan.packs.fire.materials import CONDITIONS, HAVE
from bihuan.packs.fire.models import Project, Stage
from bihuan.packs.fire.papers.contents import ISSUING, Told, document_told
from bihuan.packs.fire.papers.falling import document_resting
from bihuan.packs.fire.projects.prechecks import precheck_pass
from bihuan.packs.fire.projects.revoking import precheck_revoke
from bihuan.packs.fire.projects.selectors import applications_of, kinds_open
from bihuan.packs.fire.projects.services import Work
from bihuan.packs.fire.stages.covering import project_accepted
from bihuan.packs.fire.stages.selectors import works_told
from bihuan.packs.fire.stages.services import stages_plan
from tests.packs.fire.conftest import FILE, PASSING, SPECIAL, Section

pytestmark = pytest.mark.django_db


def issued(case: Any) -> list[tuple[str, str]]:
    rows = Certificate.objects.filter(case=case).order_by("pk")
    return [(row.kind.removeprefix("fire_"), row.contents.get("conclusion", "")) for row in rows]


def words_of(pdf: bytes) -> str:
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    return text.replace("\n", "").replace(" ", "")


def test_a_special_project_gets_a_receipt_and_an_opinion_at_each_step(section: Section) -> None:
    project = section.enter()
    design = section.apply(project, "design")
    section.take(design, "jin", "notify_once", **have_all("design", design_documents="missing"))
    section.take(design, "jin", "corrected")
    section.take(design, "jin", "accept", **have_all("design", planning_permit=HAVE))
    section.take(design, "xue", "propose_pass", opinion="按 GB 50160 审查,符合标准。")
    assert issued(design) == [("notice", ""), ("receipt", "")]
    section.take(design, "du", "sign_pass")
    assert issued(design)[2:] == [("design_opinion", "消防设计审查合格")]
    notice, receipt, opinion = Certificate.objects.filter(case=design).order_by("pk")
    assert notice.contents["missing"] == "消防设计文件"
    assert (
        receipt.contents["materials"] == "特殊建设工程消防设计审查申请表、消防设计文件、建设工程规划许可文件"
    )
    assert receipt.contents["until"] == "承诺 2026-03-11 前办结。"
    assert opinion.number == "建消审字〔2026〕0001号"
    assert (opinion.holder, opinion.unit.name) == ("鲁城化工", "东昌府区住房和城乡建设局")
    assert opinion.contents["opinion"] == "按 GB 50160 审查,符合标准。"


def test_the_acceptance_that_fails_says_computed_reasons_and_the_inspectors_words(section: Section) -> None:
    project = section.enter()
    section.reviewed(project)
    case = section.accepted(project)
    section.take(
        case,
        "yan",
        "evaluate_fail",
        **PASSING,
        faults="2号楼疏散门净宽0.82米,应不小于0.90米。",
    )
    assert section.take(case, "du", "sign_fail") == "failed"
    opinion = Certificate.objects.get(case=case, kind="fire_acceptance_opinion")
    assert opinion.contents["conclusion"] == "消防验收不合格"
    assert opinion.contents["reasons"] == "现场评定安全疏散:不合格\n2号楼疏散门净宽0.82米,应不小于0.90米。"
    assert "不得投入使用" in opinion.contents["opinion"]


def test_a_filing_has_its_certificate_and_a_declined_one_its_reasons(section: Section) -> None:
    (case,) = section.filed(FILED[0])
    assert issued(case) == [("filed", "准予备案。备案后按比例随机抽取检查,结果向社会公布。")]
    made = Certificate.objects.get(case=case)
    assert (made.contents["class"], made.contents["way"], made.contents["completed_on"]) == (
        "一般项目",
        "提交材料",
        "2026-02-27",
    )
    other = section.apply(section.enter(FILED[2]), "filing")
    section.take(other, "jin", "decline", reason="不属于本区的项目,应向开发区建设部门申请。")
    refused = Certificate.objects.get(case=other)
    assert (refused.kind, refused.contents["reasons"]) == (
        "fire_not_filed",
        "不属于本区的项目,应向开发区建设部门申请。",
    )


def test_every_step_that_decides_has_its_document() -> None:
    told = Told(
        "filing",
        "消防验收备案",
        "XF1",
        "楼",
        "街",
        "办公楼",
        texts={"opinion": "已核。", "reason": "理由足。"},
    )
    steps = (
        "check_pass",
        "check_fail",
        "recheck_pass",
        "recheck_fail",
        "decline",
        "deem_accepted",
        "withdraw",
    )
    made = {step: document_told(step, told) for step in steps}
    assert {step: found and found[0] for step, found in made.items()} == {
        "check_pass": "fire_check_result", "check_fail": "fire_check_result", "recheck_pass": "fire_recheck_opinion",
        "recheck_fail": "fire_recheck_opinion", "decline": "fire_not_filed", "deem_accepted": "fire_filed", "withdraw": None,
    }  # fmt: skip
    assert {step for step, found in made.items() if found} <= ISSUING
    assert made["check_fail"] is not None and "停止使用" in made["check_fail"][1]["demand"]
    assert made["check_pass"] is not None and "demand" not in made["check_pass"][1]


def test_a_receipt_lapses_with_the_phase_that_it_rested_on(section: Section) -> None:
    project = section.enter()
    section.reviewed(project)
    check = precheck_pass(
        scope=section.scope("yan"),
        project=project.pk,
        kind="acceptance",
        phase=1,
        now=section.now,
    )
    case = section.accepted(project)
    precheck_revoke(scope=section.scope("yan"), precheck=check.pk, reason="图纸有改动", now=section.now)
    section.see()
    made = Certificate.objects.get(case=case)
    assert (made.kind, made.state) == ("fire_receipt", "revoked")


def test_the_owner_opens_the_opinion_and_a_stranger_does_not(section: Section) -> None:
    with_owner = replace(SPECIAL, owner_unit=section.scope("lei").held[0].unit)
    project = section.enter(with_owner)
    section.reviewed(project)
    section.see()
    made = Certificate.objects.get(kind="fire_design_opinion")
    address = f"/certificates/{made.pk}/paper.pdf"
    answer = section.as_("lei").get(address)
    assert answer.status_code == 200
    for words in (
        "特殊建设工程消防设计审查意见书",
        "建消审字〔2026〕0001号",
        "鲁城化工:",
        "消防设计审查合格",
        made.code,
    ):
        assert words in words_of(answer.content), words
    assert section.as_("wang").get(address).status_code == 404
    page = section.as_("lei").get(f"/fire/projects/{project.pk}").content.decode()
    assert address in page and "建消审字〔2026〕0001号" in page
    public = section.as_("wang").get("/verify", {"t": made.token}).content.decode()
    assert "特殊建设工程消防设计审查意见书" in public and "是真的,没有撤销" in public
    assert "<dt>结论</dt><dd><strong>消防设计审查合格</strong>" in public


def test_the_form_is_printed_from_the_case(section: Section) -> None:
    (case,) = section.filed(FILED[0])
    answer = section.as_("jin").get(f"/fire/cases/{case.number}/form.pdf")
    said = words_of(answer.content)
    for words in (
        "建设工程消防验收备案表",
        "湖滨路综合楼",
        "水城置业有限公司",
        case.number,
        "工程竣工验收报告有",
    ):
        assert words in said, words
    assert section.as_("wang").get(f"/fire/cases/{case.number}/form.pdf").status_code == 404
    assert section.as_("jin").get(f"/cases/{case.number}").content.decode().count("form.pdf") == 1
    assert Project.objects.count() == 1 and FILE["way"] == "documents"


def revoked(section: Section, kind: str) -> list[str]:
    """Revoke the latest document of this kind: asked by the reviewer, decided by the chief. What falls with it, in words."""
    row = Certificate.objects.filter(kind=f"fire_{kind}").latest("pk")
    section.see("xue")
    change = change_ask(
        certificate=row.pk, act="revoke", ground="unqualified", reason="设计文件系伪造", by=section.person["xue"], now=section.now
    )  # fmt: skip
    section.see()
    told = document_resting(row.pk)
    change_decide(change=change.pk, granted=True, remark="", by=section.person["du"], now=section.now)
    section.see()
    return told


OWNER_UNIT = "371502_owner_lucheng"


def owned(project: Project) -> None:
    """The project is of an owner who has an account here."""
    with kernel_writes():
        Project.objects.filter(pk=project.pk).update(owner_unit=Unit.objects.get(code=OWNER_UNIT))


def test_an_acceptance_goes_back_with_the_review_that_it_rested_on(section: Section) -> None:
    project = section.enter()
    owned(project)
    section.reviewed(project)
    case = section.accepted(project)
    assert revoked(section, "design_opinion") == [
        f"{case.number} 的验收回到待受理", "要重新申请消防设计审查,合格后才能再验收。",
    ]  # fmt: skip
    case.refresh_from_db()
    assert case.state == "received"
    receipt = Certificate.objects.get(case=case, kind="fire_receipt")
    assert receipt.state == "revoked"
    opinion = Certificate.objects.get(kind="fire_design_opinion")
    with kernel_writes():
        told = Notice.objects.filter(template="certificate_revoked", unit__code=OWNER_UNIT)
        numbers = sorted(one.context["number"] for one in told)
        assert numbers == sorted((opinion.number, receipt.number))
    assert kinds_open(project, applications_of(project, now=section.now)) == ["design"]
    conditions = {code: True for code, _ in CONDITIONS}
    with pytest.raises(Refusal, match="消防设计审查合格后"):
        section.take(case, "jin", "accept", **have_all("acceptance"), **conditions)
    assert applications_by_the_clock(now=section.now + timedelta(days=40)) == 0
    section.see()
    case.refresh_from_db()
    assert case.state == "received"
    project.refresh_from_db()
    section.reviewed(project)
    assert section.take(case, "jin", "accept", **have_all("acceptance"), **conditions) == "evaluating"


def test_a_stage_is_open_again_and_the_whole_falls_with_its_opinion(section: Section) -> None:
    project = section.enter(replace(SPECIAL, works=(Work("裂解装置"),)))
    section.reviewed(project)
    work = project.works.get()
    stages_plan(scope=section.scope("jin"), project=project.pk, works=[work.pk], kinds=(), segments=1, now=section.now)  # fmt: skip
    section.see()
    stage = Stage.objects.get()
    asked = Asked("acceptance", [stage.pk])
    number = application_open(scope=section.scope("jin"), project=project.pk, asked=asked, key="stage", now=section.now)  # fmt: skip
    section.see()
    case = Case.objects.get(number=number)
    section.take(case, "jin", "accept", **have_all("acceptance"), **{code: True for code, _ in CONDITIONS})
    section.take(case, "yan", "evaluate_pass", **PASSING)
    section.take(case, "du", "sign_pass")
    assert project_accepted(project)
    whole = Certificate.objects.get(case=case, kind="fire_acceptance_opinion")
    assert revoked(section, "stage_opinion") == ["裂解装置:整体验收 要重新申请验收", f"整个项目的意见书 {whole.number}"]  # fmt: skip
    whole.refresh_from_db()
    assert whole.state == "revoked" and not project_accepted(project)
    (work_told,) = works_told(project)
    assert [one.open for one in work_told.stages] == [True]
