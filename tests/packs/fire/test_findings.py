"""Findings: each a case that the owner rectifies with a photograph and somebody else verifies; what is not good is redone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bihuan.kernel.attachments.services import attachment_add
from bihuan.kernel.cases.models import Case
from bihuan.kernel.clocks.models import Clock
from bihuan.kernel.notices.models import Notice
from bihuan.lib.refusals import NotFound, NotPermitted, Refusal
from bihuan.lib.text import FieldError
from bihuan.packs.fire.findings.selectors import findings_counted, findings_found, findings_open
from bihuan.packs.fire.findings.services import Found, finding_record
from bihuan.packs.fire.models import Finding, Project
from bihuan.packs.fire.projects.services import Work
from tests.packs.fire.conftest import SPECIAL, Section, photograph

pytestmark = pytest.mark.django_db
FOUND = Found("三层疏散走道", "疏散门向内开启。", "site", item="evacuation", clause="GB 50016 第6.4.11条")


def owned(section: Section) -> Project:
    unit = section.scope("lei").held[0].unit
    return section.enter(replace(SPECIAL, owner_unit=unit))


def found(
    section: Section, project: Project, key: str = "a", by: str = "yan", what: Found = FOUND
) -> Finding:
    row = finding_record(scope=section.scope(by), project=project.pk, found=what, key=key, now=section.now)
    section.see()
    return row


def shown(section: Section, case: Case, by: str, name: str) -> None:
    section.see(by)
    attachment_add(
        case=case.pk, file=photograph(name), name=name, by=section.person[by], now=section.now, kind="after"
    )


def test_a_finding_goes_to_the_owner_is_rectified_with_a_photograph_and_verified(section: Section) -> None:
    row = found(section, owned(section))
    case = row.case
    assert (case.workflow, case.state, case.unit_id) == (
        "rectification/1",
        "told",
        section.scope("lei").held[0].unit,
    )
    (clock,) = Clock.objects.filter(case=case, stopped_at=None)
    assert (clock.kind, clock.limit["number"]) == ("finding", 15)
    assert [one.template for one in Notice.objects.filter(case=case)] == ["finding_told"]
    with pytest.raises(Refusal, match="先上传整改后的照片"):
        section.take(case, "lei", "rectify", measures="已改为外开门。")
    section.see()
    case.refresh_from_db()
    assert (case.state, case.version) == ("told", 1)
    shown(section, case, "lei", "after.png")
    assert section.take(case, "lei", "rectify", measures="已改为外开门。") == "rectified"
    assert case.unit_id == row.project.unit_id
    section.later(days=1)
    assert section.take(case, "yan", "rectify_again", reason="门仍不能完全开启。") == "told"
    assert (case.redo_count, case.unit_id) == (1, section.scope("lei").held[0].unit)
    assert findings_counted() == {"all": "1", "redone": "1", "told": "1", "rectified": "0", "verified": "0"}
    with pytest.raises(
        Refusal, match="先上传整改后的照片"
    ):  # the photograph of the first time does not count
        section.take(case, "lei", "rectify", measures="又改了一次。")
    section.later(hours=1)
    shown(section, case, "lei", "again.png")
    section.take(case, "lei", "rectify", measures="又改了一次。")
    assert section.take(case, "ping", "verify", seen="门已外开,能完全开启。") == "verified"
    assert not Clock.objects.filter(case=case, stopped_at=None).exists()
    assert not findings_open(row.project_id).exists()
    assert findings_counted() == {"all": "1", "redone": "0", "told": "0", "rectified": "0", "verified": "1"}


def test_where_the_owner_has_no_account_the_window_reports_and_may_not_verify(section: Section) -> None:
    case = found(section, section.enter()).case
    section.later(minutes=5)
    shown(section, case, "jin", "after.png")
    section.take(case, "jin", "rectify", measures="建设单位来函:已整改。")
    with pytest.raises(NotPermitted):
        section.take(case, "jin", "verify", seen="照片可见。")
    section.see()
    case.refresh_from_db()
    assert case.state == "rectified"
    assert section.take(case, "du", "cancel", reason="条文不适用于本工程。") == "cancelled"


def test_the_same_key_is_the_same_finding_and_what_is_wrong_is_refused(section: Section) -> None:
    project = section.enter()
    row = found(section, project)
    assert found(section, project).pk == row.pk
    assert [one.key for one in findings_found(project=project.pk)] == ["a"]
    other = section.enter(replace(SPECIAL, name="另一个", works=(Work("泵房"),)))
    section.see()
    work = other.works.get()
    for wrong, refusal in (
        (replace(FOUND, item="roof"), Refusal), (replace(FOUND, source="rumour"), Refusal), (replace(FOUND, part=" "), FieldError),
        (replace(FOUND, words="x\x00y"), FieldError), (replace(FOUND, work=work.pk), Refusal),
    ):  # fmt: skip
        with pytest.raises(refusal):
            found(section, project, "b", what=wrong)
    with pytest.raises(NotFound):
        found(section, project, "b", by="lei")
    section.see()
    assert (Finding.objects.count(), Case.objects.filter(workflow="rectification/1").count()) == (1, 1)


def test_the_owner_sees_his_own_findings_alone(section: Section) -> None:
    mine = found(section, owned(section))
    found(section, section.enter(replace(SPECIAL, name="别人的项目")), "b")
    section.now += timedelta(minutes=1)
    page = section.as_("lei").get("/fire/findings").content.decode()
    assert mine.case.number in page
    assert "别人的项目" not in page
    assert section.as_("qian").get("/fire/findings").status_code == 403
    section.see("lei")
    assert [one.pk for one in findings_found()] == [mine.pk]
    case = section.as_("lei").get(f"/cases/{mine.case.number}").content.decode()
    assert "GB 50016 第6.4.11条" in case
    assert "?step=rectify" in case


def test_the_list_asks_no_more_for_more_rows(section: Section, django_assert_max_num_queries: object) -> None:
    project = owned(section)
    for n in range(12):
        found(section, project, str(n))
    browser = section.as_("yan")
    with django_assert_max_num_queries(22):  # type: ignore[operator]
        assert browser.get("/fire/findings?state=told").status_code == 200


def test_an_inspector_records_what_he_finds_while_it_is_built(section: Section) -> None:
    project = owned(section)
    address = f"/fire/projects/{project.pk}/finding"
    browser = section.as_("yan")
    assert "登记检查发现的问题" in browser.get(f"/fire/projects/{project.pk}").content.decode()
    wrong = browser.post(address, {"key": "k1", "part": "", "words": "车道净宽2.6米"})
    assert wrong.status_code == 422
    assert "车道净宽2.6米" in wrong.content.decode()
    typed = {
        "key": "k1",
        "part": "北侧车道",
        "words": "净宽2.6米,要求4米",
        "item": "site_layout",
        "clause": "GB 50160",
    }
    first, again = browser.post(address, typed), browser.post(address, typed)
    section.see()
    row = Finding.objects.select_related("case").get()
    assert first.headers["Location"] == again.headers["Location"] == f"/cases/{row.case.number}"
    assert (row.source, row.item, row.part) == ("site", "site_layout", "北侧车道")
    assert section.as_("lei").get(address).status_code == 403
