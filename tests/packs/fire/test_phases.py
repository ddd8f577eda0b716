"""Phases verified in advance, what may follow later, and what lapses with a phase that is revoked."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

import pytest

from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.moving import case_move
from bihuan.kernel.certificates.models import Certificate
from bihuan.kernel.clocks.models import Clock
from bihuan.kernel.notices.models import Notice
from bihuan.lib.refusals import NotFound, Refusal
from bihuan.lib.text import SHANGHAI
from bihuan.packs.fire.demonstration import FILED
from bihuan.packs.fire.models import Deferred, PreCheck, Project
from bihuan.packs.fire.projects.deferring import deferred_remind
from bihuan.packs.fire.projects.prechecks import precheck_pass
from bihuan.packs.fire.projects.revoking import precheck_revoke
from bihuan.packs.fire.projects.selectors import applications_of, kinds_open, phases_of
from tests.packs.fire.conftest import FILE, PASSING, SPECIAL, Section

pytestmark = pytest.mark.django_db


def _owner(section: Section) -> int:
    return section.scope("lei").held[0].unit


def test_phases_are_verified_in_order_and_the_days_since_the_first_are_told(section: Section) -> None:
    project = section.enter()
    given: dict[str, Any] = {
        "scope": section.scope("yan"),
        "project": project.pk,
        "kind": "acceptance",
    }
    for phase, code in ((2, "order"), (4, "choice")):
        with pytest.raises(Refusal) as refusal:
            precheck_pass(**given, phase=phase, now=section.now)
        assert refusal.value.code == code
    with pytest.raises(Refusal) as refusal:
        precheck_pass(**{**given, "kind": "filing"}, phase=1, now=section.now)
    assert refusal.value.code == "way"
    section.see()
    assert PreCheck.objects.count() == 0
    first = section.now - timedelta(days=10)
    for phase in (1, 2, 3):
        precheck_pass(**given, phase=phase, now=first + timedelta(days=phase))
    section.see()
    section.reviewed(project)
    case = section.accepted(project)
    section.later(days=3)
    section.take(case, "yan", "evaluate_pass", **PASSING)
    section.take(case, "du", "sign_pass")
    project = Project.objects.prefetch_related("prechecks").get(pk=project.pk)
    told = {
        one.kind: (one.promised, one.prescribed, one.spans)
        for one in applications_of(project, now=section.now)
    }
    promised, prescribed, spans = told["acceptance"]
    assert (promised, prescribed) == (7, 15)
    assert spans is not None
    assert (spans.formal, spans.since_first) == (3, 9)  # since 2026-02-21, with the make-up Saturday 02-28
    assert told["design"][2] is not None and told["design"][2].since_first is None


def test_a_revoked_phase_lapses_what_rests_on_it(section: Section) -> None:
    project = section.enter()
    for phase in (1, 2, 3):
        precheck_pass(
            scope=section.scope("yan"), project=project.pk, kind="acceptance", phase=phase, now=section.now
        )  # fmt: skip
    section.see()
    section.reviewed(project)
    case = section.accepted(project)
    check = PreCheck.objects.get(phase=2)
    with pytest.raises(NotFound):
        precheck_revoke(scope=section.scope("wang"), precheck=check.pk, reason="图纸有变", now=section.now)
    section.see()
    assert PreCheck.objects.filter(revoked_at=None).count() == 3
    numbers = precheck_revoke(
        scope=section.scope("yan"), precheck=check.pk, reason="图纸有变", now=section.now
    )
    assert numbers == [case.number]
    section.see()
    case.refresh_from_db()
    assert case.state == "received"
    assert list(Clock.objects.filter(case=case, stopped_at=None).values_list("kind", flat=True)) == ["accept"]
    project = Project.objects.prefetch_related("prechecks").get(pk=project.pk)
    assert [(one.phase, one.check is not None, one.next) for one in phases_of(project)] == [
        (1, True, False), (2, False, True), (3, False, False),
    ]  # fmt: skip


def verified(section: Section, project: Project) -> PreCheck:
    kind = "acceptance" if project.special else "filing"
    made = precheck_pass(scope=section.scope("yan"), project=project.pk, kind=kind, phase=1, now=section.now)
    section.see()
    return made


def test_approvals_that_were_given_lapse_with_the_phase_that_they_rest_on(section: Section) -> None:
    """A filing under way, one that was closed, and an acceptance that passed: what lapses is said beforehand."""
    owned = [replace(one, owner_unit=_owner(section)) for one in (FILED[0], FILED[2], SPECIAL)]
    filed, unselected, special = (section.enter(one) for one in owned)
    earlier = section.apply(unselected, "filing")
    section.take(earlier, "jin", "accept", **FILE)
    section.later(hours=1)
    checks = [verified(section, one) for one in (filed, unselected, special)]
    waiting = section.apply(filed, "filing")
    section.take(waiting, "jin", "accept", **FILE)
    case_move(case_id=earlier.pk, step="leave_out", by=0, now=section.now, data={"draw": 1})
    section.reviewed(special)
    passed = section.accepted(special)
    section.take(passed, "yan", "evaluate_pass", **PASSING)
    section.take(passed, "du", "sign_pass")
    address = f"/fire/projects/{filed.pk}/prechecks/{checks[0].pk}/revoke"
    assert section.as_("lei").get(address).status_code == 403
    chief = section.as_("du")
    page = chief.get(address).content.decode()
    assert waiting.number in page and "备案失效,备案凭证作废" in page and earlier.number not in page
    short = chief.post(address, {"reason": "无"})
    section.see()
    assert (short.status_code, PreCheck.objects.filter(revoked_at=None).count()) == (422, 3)
    waiting.refresh_from_db()
    assert (waiting.state, _standing(waiting)) == ("filed", [("fire_filed", "valid")])
    assert section.as_("yan").post(address, {"reason": "图纸系伪造"}).status_code == 403
    section.see()
    assert _standing(waiting) == [("fire_filed", "valid")]
    assert chief.post(address, {"reason": "图纸系伪造"}).status_code == 302
    assert chief.get(address).status_code == 404
    section.see()
    waiting.refresh_from_db()
    assert waiting.state == "lapsed" and waiting.closed_at is not None
    assert _standing(waiting) == [("fire_filed", "revoked")]
    assert kinds_open(filed, applications_of(filed, now=section.now)) == ["filing"]
    _revoked(section, checks[1], [])  # it was filed before the phase passed: nothing rests on it
    assert _standing(earlier) == [("fire_filed", "valid")]
    again = f"/fire/projects/{special.pk}/prechecks/{checks[2].pk}/revoke"
    assert (
        section.as_("yan").post(again, {"reason": "图纸系伪造"}).status_code == 403
    )  # no approval falls by anybody's word
    section.see()
    assert _standing(passed) == [("fire_acceptance_opinion", "valid"), ("fire_receipt", "valid")]
    _revoked(section, checks[2], [passed.number])
    assert _standing(passed) == [("fire_acceptance_opinion", "revoked"), ("fire_receipt", "valid")]
    assert kinds_open(special, applications_of(special, now=section.now)) == ["acceptance"]
    for address in (f"/fire/projects/{special.pk}", f"/cases/{passed.number}"):
        assert chief.get(address).content.decode().count("文书已撤销,审批失效") == 1
    assert (
        'name="phase" value="1"' in chief.get(f"/fire/projects/{special.pk}").content.decode()
    )  # to be verified again
    assert (
        "/fire/evaluations/" not in chief.get(f"/cases/{waiting.number}").content.decode()
    )  # none was ever begun
    section.see()
    told = Notice.objects.filter(template="approval_lapsed").order_by("case")
    assert list(told.values_list("case", "unit")) == [(one.pk, _owner(section)) for one in (waiting, passed)]


def _standing(case: Case) -> list[tuple[str, str]]:
    return list(Certificate.objects.filter(case=case).order_by("kind").values_list("kind", "state"))


def _revoked(section: Section, check: PreCheck, numbers: list[str]) -> None:
    done = precheck_revoke(scope=section.scope("du"), precheck=check.pk, reason="图纸系伪造", now=section.now)
    assert done == numbers
    section.see()


def test_no_acceptance_is_signed_while_something_that_may_follow_later_is_owed(section: Section) -> None:
    project = section.enter(replace(SPECIAL, owner_unit=_owner(section)))
    section.reviewed(project)
    client = section.as_("yan")
    today, typed = section.now.date(), {"kind": "acceptance", "phase": "1"}
    day = today + timedelta(days=5)
    for wrong in (
        {"later_name_1": "用地批准文件"},
        {"later_name_1": "甲", "later_due_1": (today - timedelta(2)).isoformat()},
    ):
        assert client.post(f"/fire/projects/{project.pk}/precheck", {**typed, **wrong}).status_code == 422
    section.see()
    assert (PreCheck.objects.count(), Deferred.objects.count()) == (0, 0)
    given = {"later_name_1": "用地批准文件", "later_due_1": day.isoformat()}
    assert client.post(f"/fire/projects/{project.pk}/precheck", {**typed, **given}).status_code == 302
    section.see()
    row = Deferred.objects.get()
    assert (row.name, row.due) == ("用地批准文件", day)
    case = section.accepted(project)
    assert case.facts["owed"] == 1
    section.take(case, "yan", "evaluate_pass", **PASSING)
    with pytest.raises(Refusal) as refusal:
        section.take(case, "du", "sign_pass")
    assert refusal.value.code == "nothing_is_owed"
    section.see()
    case.refresh_from_db()
    assert case.state == "to_pass"
    page = section.as_("lei").get(f"/fire/projects/{project.pk}").content.decode()
    assert "用地批准文件" in page and f"{day.isoformat()} 以前" in page and "已收到" not in page
    assert "容后补交,还没有收到" in section.as_("du").get(f"/cases/{case.number}").content.decode()
    at = datetime.combine(day, time(8), SHANGHAI)
    assert [deferred_remind(now=at + timedelta(days=n)) for n in (-2, -1, 0, 1, 1)] == [0, 1, 0, 2, 0]
    assert section.as_("lei").post(f"/fire/deferred/{row.pk}/received").status_code == 403
    assert section.as_("jin").post(f"/fire/deferred/{row.pk}/received").status_code == 302
    assert section.as_("jin").post(f"/fire/deferred/{row.pk}/received").status_code == 404
    section.see()
    assert section.take(case, "du", "sign_pass") == "passed"
