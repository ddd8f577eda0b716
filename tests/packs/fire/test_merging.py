"""Above the limits: supervision and review side by side, the construction permit when they are done; below them, directly."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bihuan.kernel.bundles.models import Part
from bihuan.kernel.bundles.rules import network_plan
from bihuan.kernel.bundles.selectors import network_happening
from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.moving import case_move
from bihuan.kernel.certificates.changes import change_ask, change_decide
from bihuan.kernel.certificates.models import Certificate, Change
from bihuan.kernel.certificates.services import certificate_revoke
from bihuan.kernel.identity.models import Unit
from bihuan.kernel.identity.scope import Held, Scope
from bihuan.kernel.ledger.models import LedgerEntry
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.ledger.verify import ledger_verify
from bihuan.kernel.notices.models import Notice
from bihuan.kernel.workflow.model import BY_REPORTER
from bihuan.lib.refusals import Conflict, NotFound, NotPermitted, Refusal
from bihuan.packs.fire.demonstration import FILED, have_all
from bihuan.packs.fire.materials import HAVE
from bihuan.packs.fire.merging.network import network
from bihuan.packs.fire.merging.selectors import merged_stands, project_of_permit
from bihuan.packs.fire.merging.services import merged_open
from bihuan.packs.fire.models import Project
from bihuan.packs.fire.projects.services import Declared
from bihuan.packs.fire.roles import SITE_SUPERVISOR
from bihuan.packs.fire.sites.services import SiteGiven, site_enter
from tests.api.client import contents, rows
from tests.packs.fire.conftest import Section
from tests.packs.fire.test_papers import OWNER_UNIT, owned, revoked
from tests.stories.cast import text_of

pytestmark = pytest.mark.django_db
SMALL = Declared("小铺面", "某商户", "柳园街道", "商店", area="120", investment="20")


def merged(section: Section, project: Project, who: str = "jin", key: str = "k1") -> Case:
    number = merged_open(scope=section.scope(who), project=project.pk, key=key, now=section.now)
    return Case.objects.get(number=number)


def part(whole: Case, code: str) -> Case:
    found = Part.objects.select_related("case").get(bundle=whole.pk, code=code).case
    assert found
    return found


def granted(section: Section, whole: Case, code: str) -> str:
    case = part(whole, code)
    section.take(case, "xue", "part_propose", opinion="手续齐全,同意。")
    return section.take(case, "du", "part_pass")


def parts(whole: Case) -> dict[str, str]:
    whole.refresh_from_db()
    return dict(whole.facts["parts"])


def test_the_network_of_a_project() -> None:
    plan = network_plan(network(reviewed=False))
    assert (plan.serial, plan.parallel, plan.critical) == (18, 12, ("消防", "许可"))
    assert network_plan(network(reviewed=True)).critical == ("质量", "许可")


def test_permit_supervision_and_review_are_handled_together(section: Section) -> None:
    project = section.enter()
    whole = merged(section, project)
    assert merged(section, project).pk == whole.pk  # sent twice
    assert parts(whole) == {"质量": "begun", "安全": "begun", "消防": "begun", "许可": "waiting"}
    review = part(whole, "消防")
    assert (review.workflow, review.state) == ("design/1", "received")
    section.take(review, "jin", "accept", **have_all("design", planning_permit=HAVE))
    section.later(days=1)
    assert granted(section, whole, "质量") == "part_passed"
    assert granted(section, whole, "安全") == "part_passed"
    assert parts(whole)["许可"] == "waiting"
    section.later(days=2)
    section.take(review, "xue", "propose_pass", opinion="符合标准,同意。")
    assert section.take(review, "du", "sign_pass") == "passed"
    assert parts(whole) == {"质量": "done", "安全": "done", "消防": "done", "许可": "begun"}
    section.later(days=1)
    assert not Certificate.objects.filter(kind="fire_permit").exists()
    granted(section, whole, "许可")
    permit = Certificate.objects.select_related("unit").get(kind="fire_permit")
    assert (permit.case_id, permit.number, permit.holder) == (
        part(whole, "许可").pk,
        "建施许字〔2026〕0001号",
        "鲁城化工",
    )
    assert (permit.unit.name, permit.contents["conclusion"]) == ("东昌府区住房和城乡建设局", "准予施工")
    assert permit.number in text_of(section.as_("jin").get(f"/fire/projects/{project.pk}"))
    given = SiteGiven(
        "聚合装置", "housing", "新光建设", "高新区", "1号地块", permit.number, section.now.date()
    )
    elsewhere = Unit.objects.filter(kind="territory", parent__code="371500").exclude(code="371502").first()
    assert elsewhere
    stranger = Scope(section.person["gao"], (Held(SITE_SUPERVISOR, elsewhere.pk),), (elsewhere.pk,), False)
    nobodys = replace(given, permit="建施许字〔2026〕0002号")
    before = rows(), contents()
    for asked in (given, nobodys):  # whether another district has it is not told
        with pytest.raises(Refusal, match="^您的辖区里没有这个施工许可证,请核对证号。$"):
            site_enter(scope=stranger, given=asked, key="s0", now=section.now)
    section.see()
    assert (rows(), contents()) == before
    site = site_enter(scope=section.scope("gao"), given=given, key="s1", now=section.now)
    assert site.project_id == project.pk
    assert project_of_permit("建施许字〔2026〕0002号") is None
    section.see()
    whole.refresh_from_db()
    assert (whole.state, whole.closed_at) == ("permitted", section.now)
    found = network_happening(whole.pk, today=section.now.date())
    assert found is not None and found.outcome is not None
    # Monday to Tuesday twice, Monday to Thursday, Thursday to Friday: 1, 1, 3 and 1 working days, in 4.
    assert (found.outcome.serial, found.outcome.elapsed, found.outcome.saved) == (6, 4, 2)
    assert ledger_verify().faults == ()


def decided(section: Section, permit: Certificate, *, granted: bool, remark: str = "") -> None:
    """The chief decides what waits for the permit."""
    section.see()
    change = Change.objects.get(certificate=permit, outcome="")
    change_decide(change=change.pk, granted=granted, remark=remark, by=section.person["du"], now=section.now)
    section.see()


def test_a_permit_whose_review_is_revoked_is_not_granted_and_a_granted_one_is_put_to_its_organ(
    section: Section,
) -> None:
    project = section.enter()
    whole = merged(section, project)
    review = part(whole, "消防")
    section.take(review, "jin", "accept", **have_all("design", planning_permit=HAVE))
    section.take(review, "xue", "propose_pass", opinion="符合标准,同意。")
    section.take(review, "du", "sign_pass")
    granted(section, whole, "质量"), granted(section, whole, "安全")
    section.take(part(whole, "许可"), "xue", "part_propose", opinion="手续齐全,同意。")
    revoked(section, "design_opinion")
    with pytest.raises(Refusal, match="重新审查合格后才能准予施工许可"):
        section.take(part(whole, "许可"), "du", "part_pass")
    section.see()
    assert part(whole, "许可").state == "part_signing"
    assert not Certificate.objects.filter(kind="fire_permit").exists()
    section.reviewed(project)
    assert section.take(part(whole, "许可"), "du", "part_pass") == "part_passed"
    permit = Certificate.objects.get(kind="fire_permit")
    site = site_enter(
        scope=section.scope("gao"), key="s1", now=section.now,
        given=SiteGiven("聚合装置", "housing", "新光建设", "高新区", "1号地块", permit.number, section.now.date()),
    )  # fmt: skip

    addresses = [("jin", f"/fire/projects/{project.pk}"), ("gao", f"/fire/sites/{site.pk}")]
    parts_too = [("jin", f"/cases/{case.number}") for case in (whole, part(whole, "许可"))]

    def told(*more: tuple[str, str]) -> set[str]:
        """What the pages of the project and its site, and these, say of the permit."""
        pages = [text_of(section.as_(who).get(at)) for who, at in (*addresses, *more)]
        section.see()
        words = ("已请发证机关决定是否暂停使用,还没有决定", "还没有请发证机关决定")
        return {next((one for one in words if one in page), "") for page in pages}

    assert told() == {""}
    (said,) = [one for one in revoked(section, "design_opinion") if permit.number in one]
    assert said.endswith("不自动失效:随即请发证机关决定是否暂停使用,决定以前一直提示。")
    change = Change.objects.get(certificate=permit)
    assert (change.act, change.ground, change.asked_by_id) == ("suspend", "rests", section.person["xue"])
    assert change.reason == "所依据的 建消审字〔2026〕0002号 已撤销:设计文件系伪造"
    permit.refresh_from_db()
    assert (permit.state, told(*parts_too)) == ("valid", {"已请发证机关决定是否暂停使用,还没有决定"})
    decided(section, permit, granted=False, remark="已停工,按期重新审查。")
    permit.refresh_from_db()
    assert (permit.state, told()) == ("valid", {""})
    section.reviewed(project)
    section.later(days=1)
    section.see("xue")
    given = {"certificate": permit.pk, "by": section.person["xue"], "now": section.now}
    change_ask(**given, act="revoke", ground="deceit", reason="涉嫌伪造材料")
    section.see()
    revoked(section, "design_opinion")
    assert told() == {"还没有请发证机关决定"}  # something else waits
    decided(section, permit, granted=False, remark="查无实据。")
    assert told() == {"还没有请发证机关决定"}
    section.see("xue")
    change_ask(**given, act="suspend", ground="rests", reason="设计审查意见书已撤销")
    section.see()
    assert told() == {"已请发证机关决定是否暂停使用,还没有决定"}
    decided(section, permit, granted=True)
    permit.refresh_from_db()
    assert (permit.state, told(), merged_stands(project)) == ("suspended", {""}, True)
    certificate_revoke(certificate=permit.pk, reason="逾期未改正", by=section.person["du"], now=section.now)
    assert not merged_stands(project)


def test_a_form_opens_no_part_of_another_project_and_its_key_nothing_else(section: Section) -> None:
    project, other = section.enter(), section.enter()
    whole = merged(section, project)
    given = str(part(whole, "消防").external_id)
    assert given.startswith(f"fire:merged:{whole.pk}:")
    key = given.removeprefix("fire:")
    sent = {"kind": "design", "key": key}
    opened = section.as_("jin").post(f"/fire/projects/{other.pk}/apply", sent)
    section.see()
    case = Case.objects.get(external_id=f"fire:form:{key}")
    assert opened["Location"] == f"/cases/{case.number}"
    assert list(other.applications.values_list("case", flat=True)) == [case.pk]
    with kernel_writes():
        before = (Case.objects.count(), LedgerEntry.objects.count())
    with pytest.raises(Conflict):
        merged(section, other)  # the key that merged the first project's
    for at, kind in ((project, "design"), (other, "filing")):
        page = section.as_("jin").post(f"/fire/projects/{at.pk}/apply", {**sent, "kind": kind})
        assert page.status_code == 409 and "已经用来办过另一件" in page.content.decode()
    with kernel_writes():
        assert (Case.objects.count(), LedgerEntry.objects.count()) == before
    longest = {"kind": "design", "key": "k" * 80}
    for address in ("merge", "apply"):
        assert section.as_("jin").post(f"/fire/projects/{section.enter().pk}/{address}", longest).status_code == 302  # fmt: skip


def test_what_has_another_way_is_refused_and_nothing_is_opened(section: Section) -> None:
    project, small = section.enter(), section.enter(SMALL)
    filed = Project.objects.get(applications__case=section.filed(FILED[0])[0])
    whole = merged(section, project)
    with kernel_writes():
        before = (Case.objects.count(), LedgerEntry.objects.count())
    tries: tuple[tuple[Any, str, type[Exception]], ...] = (
        (lambda: merged(section, small, key="k2"), "限额以下", Refusal),
        (lambda: merged(section, filed, key="k6"), "已经建成", Refusal),
        (lambda: merged(section, project, key="k3"), "已经合并办理", Refusal),
        (lambda: merged(section, project, "xue", key="k4"), "消防审验窗口", NotPermitted),
        (lambda: merged_open(scope=section.scope("jin"), project=10**6, key="k5", now=section.now), "没有这个项目", NotFound),
        (lambda: section.take(whole, "du", "merge_refuse", reason="质量监督没有通过"), "没有哪个部分", Refusal),
        (lambda: section.take(whole, "jin", "merge_again", reason="重新申请一次"), "没有哪个部分", Refusal),
    )  # fmt: skip
    for act, words, why in tries:
        with pytest.raises(why, match=words):
            act()
    with kernel_writes():
        assert (Case.objects.count(), LedgerEntry.objects.count()) == before


def test_a_failed_part_is_applied_for_again_and_a_withdrawn_whole_leaves_the_review(section: Section) -> None:
    project = section.enter()
    owned(project)
    whole = merged(section, project)
    first = part(whole, "安全")
    section.take(first, "xue", "part_propose", opinion="安全措施费用没有落实。")
    section.take(first, "du", "part_fail", faults="安全措施费用没有落实,补充合同后重报。")
    assert parts(whole)["安全"] == "failed"
    section.take(whole, "jin", "merge_again", reason="补充合同已经签订")
    assert part(whole, "安全").pk != first.pk
    assert parts(whole)["安全"] == "begun"
    section.take(whole, "jin", "merge_withdraw", reason="建设单位暂缓开工")
    states = dict(Part.objects.filter(bundle=whole.pk).values_list("code", "case__state"))
    assert states == {
        "质量": "part_withdrawn",
        "安全": "part_withdrawn",
        "消防": "received",
        "许可": None,
    }
    review = part(whole, "消防")
    section.take(review, "jin", "withdraw", remark="建设单位来函")
    with kernel_writes():
        told = Notice.objects.filter(template="window_withdrew").order_by("pk")
        assert list(told.values_list("case", "channel", "unit__code")) == [
            (whole.pk, "in_app", OWNER_UNIT), (review.pk, "in_app", OWNER_UNIT),
        ]  # fmt: skip
    own = section.apply(project, "design")
    case_move(case_id=own.pk, step="withdraw", by=BY_REPORTER, now=section.now, data={})
    with kernel_writes():
        assert Notice.objects.filter(template="window_withdrew").count() == 2  # who withdraws himself knows


def test_the_project_page_opens_it_and_each_case_shows_where_it_stands(section: Section) -> None:
    project = section.enter()
    jin = section.as_("jin")
    assert "合并办理施工许可" in text_of(jin.get(f"/fire/projects/{project.pk}"))
    assert section.as_("lei").post(f"/fire/projects/{project.pk}/merge", {"key": "k1"}).status_code == 403
    answer = jin.post(f"/fire/projects/{project.pk}/merge", {"key": "k1"})
    page = text_of(jin.get(answer["Location"]))
    for words in ("合并办理的各项手续", "建筑工程施工许可", "消防设计审查", "等前面的办完"):
        assert words in page, words
    section.see()
    whole = Case.objects.get(workflow="merged/1")
    assert f"/cases/{whole.number}" in text_of(jin.get(f"/cases/{part(whole, '质量').number}"))
    page = text_of(jin.get(f"/fire/projects/{project.pk}"))
    assert whole.number in page
    assert "合并办理施工许可" not in page.replace("与施工许可", "")
