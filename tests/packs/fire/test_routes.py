"""Which way a project takes: excluded works, small works directly, others together with the construction permit."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from bihuan.kernel.administration.services import policy_change
from bihuan.kernel.cases.models import Case
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.policies.services import policy_set
from bihuan.lib.refusals import Refusal
from bihuan.packs.fire.applying.services import applications_by_the_clock, project_route
from bihuan.packs.fire.demonstration import FILED, have_all
from bihuan.packs.fire.models import Project
from bihuan.packs.fire.projects.selectors import kinds_open
from bihuan.packs.fire.routes.rules import SmallLimits, is_small, route_of
from tests.packs.fire.conftest import SPECIAL, Section

LIMITS = SmallLimits(300_000, 300)


@pytest.mark.parametrize(
    ("investment", "area", "small"),
    [
        ("29.99", "5000", True), ("30", "300", False), ("30", "299.99", True), (None, "299.99", True), (None, None, False),
        ("29.99", None, True), ("30.01", None, False),
    ],
)  # fmt: skip
def test_small_is_strictly_below_the_limit_of_investment_or_area(
    investment: str | None, area: str | None, small: bool
) -> None:
    cost, size = (None if one is None else Decimal(one) for one in (investment, area))
    assert is_small(cost, size, LIMITS) is small


def test_a_special_project_is_reviewed_however_small_and_others_go_by_the_rule() -> None:
    assert route_of(special=True, small=True, small_files=False) == "direct"
    assert route_of(special=False, small=True, small_files=True) == "direct"
    assert route_of(special=False, small=True, small_files=False) == "exempt"
    assert route_of(special=False, small=False, small_files=False) == "merged"


@pytest.mark.django_db
def test_an_excluded_work_is_refused_in_words_and_a_small_one_goes_directly(section: Section) -> None:
    with pytest.raises(Refusal) as refusal:
        section.enter(replace(SPECIAL, excluded="villager"))
    assert (refusal.value.code, refusal.value.message) == (
        "excluded",
        "村民自建住宅不适用消防审验的规定,不用申请(令51第41条)。",
    )
    with pytest.raises(Refusal) as refusal:
        section.enter(replace(FILED[0], use="抢险救灾临时建筑"))
    assert (refusal.value.code, refusal.value.field) == ("excluded", "use")
    section.see()
    assert Project.objects.count() == 0
    small = section.enter(replace(FILED[0], area="260"))
    assert (small.small, project_route(small, now=section.now)) == (True, "direct")
    assert section.apply(small, "filing").state == "received"
    with kernel_writes():
        Project.objects.update(use="村民自建住宅")  # entered before this was judged
    known = Project.objects.get()
    with pytest.raises(Refusal) as refusal:
        section.apply(known, "filing")
    assert refusal.value.code == "excluded"
    assert kinds_open(known, []) == []
    section.see()
    assert Case.objects.count() == 1
    large = section.enter(replace(FILED[2], investment="900"))
    assert (large.small, project_route(large, now=section.now)) == (False, "merged")


@pytest.mark.django_db
def test_where_small_works_do_not_file_an_application_is_refused(section: Section) -> None:
    small = section.enter(replace(FILED[0], area="260"))
    policy_set(
        code="fire.small_files", value="exempt", legal_basis="试验", valid_from=section.now.date(), now=section.now, by="test", unit="choice"
    )  # fmt: skip
    with pytest.raises(Refusal) as refusal:
        section.apply(small, "filing")
    assert refusal.value.code == "exempt"
    section.see()
    assert Case.objects.filter(pack="fire").count() == 0


@pytest.mark.django_db
def test_what_is_not_completed_in_time_ends_where_the_rule_says_so(section: Section) -> None:
    case = section.apply(section.enter(), "design")
    section.take(case, "jin", "notify_once", **have_all("design", design_documents="missing"))
    section.later(days=20)
    assert applications_by_the_clock(now=section.now) == 0
    section.later(days=3)
    policy_set(
        code="fire.correct_lapses", value="reminded", legal_basis="试验", valid_from=section.now.date(), valid_to=section.now.date() + timedelta(days=1),
        now=section.now, by="test", unit="choice",
    )  # fmt: skip
    assert applications_by_the_clock(now=section.now) == 0
    section.later(days=1)
    assert applications_by_the_clock(now=section.now) == 1
    section.see()
    case.refresh_from_db()
    assert (case.state, case.closed_at) == ("withdrawn", section.now)
    assert section.apply(Project.objects.get(), "design").state == "received"


@pytest.mark.django_db
def test_the_section_reads_which_of_its_rules_nobody_has_verified(
    section: Section, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(30):
        page = section.as_("xue").get("/fire/rules")
    told = {one.label: one for one in page.context["rules"]}
    assert [one.verified for one in page.context["rules"]] == sorted(one.verified for one in told.values())
    unverified = {label for label, one in told.items() if not one.verified}
    assert {
        "各时期的主管机关和标准",
        "限额以下:投资额低于(元)",
        "限额以下:建筑面积低于(平方米)",
        "补正期限",
        "逾期未补正",
    } <= unverified
    assert "复查时限" not in unverified
    assert told["补正期限"].lines == ["一般: 15 工作日, 预警 1 工作日"]
    assert section.as_("lei").get("/fire/rules").status_code == 403
    project = section.enter()
    assert (
        "建筑工程施工许可管理办法" in section.as_("jin").get(f"/fire/projects/{project.pk}").content.decode()
    )
    assert "施行日期为常识,未核实" in section.as_("xue").get("/fire/legacy").content.decode()
    policy_change(
        code="fire.correct", value={"default": {"number": 10, "unit": "working_day"}}, legal_basis="省实施办法第9条",
        valid_from=section.now.date(), now=section.now, by=section.person["admin"],
    )  # fmt: skip
    (changed,) = (
        one for one in section.as_("xue").get("/fire/rules").context["rules"] if one.label == "补正期限"
    )
    assert (changed.lines, changed.verified) == (["一般: 10 工作日"], True)
