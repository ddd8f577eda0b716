"""The owner's own way: declare, apply, file with a commitment, answer a notice, change a design; nobody else's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bihuan.kernel.cases.models import Case
from bihuan.kernel.certificates.models import Certificate
from bihuan.kernel.ledger.selectors import register_entries
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.lib.refusals import NotFound, Refusal
from bihuan.packs.fire.demonstration import have_all
from bihuan.packs.fire.materials import CONDITIONS, HAVE
from bihuan.packs.fire.models import Project
from bihuan.packs.fire.owners.rules import (
    LABELS,
    STEPS,
    commitment_fault,
    conditions_fault,
    days_late,
    steps_open,
)
from bihuan.packs.fire.owners.selectors import filing_lateness
from bihuan.packs.fire.owners.services import WORDS, design_change, owner_step
from bihuan.packs.fire.projects.selectors import applications_of, kinds_open
from bihuan.packs.fire.workflows import WORKFLOWS
from tests.packs.fire.conftest import FILE, Section

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
    assert (
        lateness is not None
        and (lateness.within, lateness.late) == (5, lateness.days - 5)
        and lateness.late > 0
    )
    page = section.as_("jin").get(f"/cases/{case.number}").content.decode()
    assert "消防法第59条" in page and "告知承诺" in page


def test_the_owner_answers_a_notice_and_the_entry_says_who(section: Section) -> None:
    project = declared(section, TANKS)
    assert (
        section.as_("lei")
        .post(f"/fire/owner/projects/{project.pk}/design", {"true": "on", "key": "d"})
        .status_code
        == 302
    )
    section.see()
    case = Case.objects.get(pack="fire")
    section.take(case, "jin", "notify_once", **have_all("design", design_documents="missing"))
    home = section.as_("lei").get("/fire/owner").content.decode()
    assert "消防设计文件" in home and "提交补正" in home
    sent = {"step": "corrected", "version": str(case.version), "words": "消防设计文件已补交。"}
    for username, status in (("wang", 403), ("jin", 403), ("lei", 302)):
        assert section.as_(username).post(f"/fire/owner/cases/{case.number}", sent).status_code == status
    assert section.as_("lei").post(f"/fire/owner/cases/{case.number}", sent).status_code == 422
    section.see()
    case.refresh_from_db()
    assert case.state == "received"
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
    section: Section, django_assert_max_num_queries: Any
) -> None:
    project = declared(section, OFFICE)
    case = section.apply(project, "filing")
    assert section.take(case, "jin", "accept", **FILE, altered="") == "filed"
    assert FILE["completion_report"] == HAVE
    client = section.as_("lei")
    with django_assert_max_num_queries(30):
        page = client.get("/fire/owner").content.decode()
    assert "建设工程消防验收备案凭证" in page
