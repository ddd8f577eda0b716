"""Which way a project takes: excluded works, small works directly, others together with the construction permit."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bihuan.kernel.cases.models import Case
from bihuan.kernel.policies.services import policy_set
from bihuan.lib.refusals import Refusal
from bihuan.packs.fire.applying.services import applications_by_the_clock, project_route
from bihuan.packs.fire.demonstration import FILED, have_all
from bihuan.packs.fire.models import Project
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
    section.see()
    assert Project.objects.count() == 0
    small = section.enter(replace(FILED[0], area="260"))
    assert (small.small, project_route(small, now=section.now)) == (True, "direct")
    assert section.apply(small, "filing").state == "received"
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
