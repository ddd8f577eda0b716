"""Expert review: the exact boundaries, who may not sit in it, the clock that stands still, and the opinion computed from the votes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bihuan.kernel.cases.models import Case
from bihuan.kernel.certificates.models import Certificate
from bihuan.kernel.clocks.models import Clock
from bihuan.lib.refusals import NotPermitted, Refusal
from bihuan.packs.fire.applying.services import applications_by_the_clock
from bihuan.packs.fire.demonstration import have_all
from bihuan.packs.fire.experts.rules import agreed, counted, enough, interested
from bihuan.packs.fire.experts.services import expert_enter, interest_declare, review_call, votes_record
from bihuan.packs.fire.materials import HAVE
from bihuan.packs.fire.models import Expert, ExpertReview, ExpertVote
from tests.packs.fire.conftest import Section


@pytest.mark.parametrize(
    ("present", "agree", "passes"),
    [
        (7, 6, True),
        (7, 5, False),
        (8, 6, True),
        (8, 5, False),
        (12, 9, True),
        (12, 8, False),
        (6, 6, False),
        (0, 0, False),
    ],
)
def test_seven_experts_and_exactly_three_quarters_are_enough(present: int, agree: int, passes: bool) -> None:
    assert agreed(present, agree) is passes
    assert enough(present) is (present >= 7)


def test_the_owners_own_man_and_whoever_declared_an_interest_stay_out() -> None:
    assert interested("鲁城化工 ", "鲁城化工", False) and interested("设计院", "鲁城化工", True)
    assert not interested("设计院", "鲁城化工", False)
    assert counted(["agree", "", "disagree", "agree"]) == (4, 2, 1)


class Review:
    """A special design with the province, and eight experts of whom one is the owner's own."""

    def __init__(self, section: Section) -> None:
        self.section = section
        self.case = section.apply(section.enter(), "design")
        section.take(self.case, "jin", "accept", **have_all("design", planning_permit=HAVE))
        section.take(self.case, "xue", "expert_begin", ground="no_standard", reason="净高超过标准的规定。")
        section.take(self.case, "xue", "expert_sent", letter="聊建消〔2026〕7号")
        self.experts = [self.enter(f"专家{n}", "山东省建筑设计研究院") for n in range(8)]
        self.own = self.enter("厂内专家", "鲁城化工")
        section.see()

    def enter(self, name: str, employer: str) -> int:
        given: dict[str, Any] = {"employer": employer, "speciality": "给水排水", "now": self.section.now}
        return expert_enter(scope=self.section.scope("xue"), name=name, **given).pk

    def call(self, experts: list[int], username: str = "xue") -> None:
        review_call(
            scope=self.section.scope(username), number=self.case.number, at=self.section.now + timedelta(days=5), place="省厅三楼",
            experts=experts, now=self.section.now,
        )  # fmt: skip
        self.section.see()

    def refused(self, experts: list[int]) -> str:
        with pytest.raises(Refusal) as refusal:
            self.call(experts)
        self.section.see()
        assert ExpertReview.objects.count() == 0
        return refusal.value.code

    def vote(self, agree: int, of: list[int]) -> None:
        votes = {one: "agree" if n < agree else "disagree" for n, one in enumerate(of)}
        votes_record(
            scope=self.section.scope("xue"), number=self.case.number, votes=votes, now=self.section.now
        )
        self.section.see()

    def opinion(self) -> str:
        return self.section.take(self.case, "xue", "expert_opinion", opinion="方案可行,建议加强排烟。")

    def due(self) -> dict[str, Any]:
        self.section.see()
        return dict(Clock.objects.filter(case=self.case, kind="handle").values_list("basis", "due_at"))


@pytest.fixture
def review(section: Section) -> Review:
    return Review(section)


@pytest.mark.django_db
def test_fewer_than_seven_and_interested_experts_are_refused(review: Review) -> None:
    assert review.refused(review.experts[:6]) == "experts"
    assert review.refused([*review.experts[:6], review.own]) == "interest"
    assert review.refused([*review.experts[:6], 10**9]) == "experts"
    interest_declare(
        scope=review.section.scope("xue"),
        number=review.case.number,
        expert=review.experts[0],
        now=review.section.now,
    )
    assert review.refused(review.experts[:7]) == "interest"
    with pytest.raises(NotPermitted):
        review.call(review.experts[1:], "yan")
    review.call(review.experts[1:])
    assert ExpertReview.objects.get().votes.count() == 7


@pytest.mark.django_db
def test_the_opinion_is_counted_from_the_votes_and_its_time_is_not_counted(review: Review) -> None:
    with pytest.raises(Refusal) as nobody:
        review.opinion()
    assert nobody.value.code == "experts"
    review.call(review.experts)
    with pytest.raises(Refusal) as silent:
        review.opinion()
    assert "还有 8 位专家" in silent.value.message
    paused = Clock.objects.filter(case=review.case, kind="handle")
    assert all(clock.paused_at is not None for clock in paused)
    with pytest.raises(Refusal) as early:
        review.vote(6, review.experts)
    review.section.see()
    assert (early.value.code, ExpertVote.objects.exclude(vote="").count()) == ("experts", 0)
    review.section.later(days=9)
    review.vote(6, review.experts)
    with pytest.raises(Refusal) as others:  # nobody calls others until they agree
        review.call(review.experts[1:])
    review.section.see()
    assert (others.value.code, ExpertReview.objects.get().votes.count()) == ("voted", 8)
    assert review.opinion() == "reviewing"
    assert review.case.facts["expert"] == {"present": 8, "agree": 6, "agreed": True}
    made = Certificate.objects.get(case=review.case, kind="fire_expert_opinion")
    assert made.contents["conclusion"] == "到会专家 8 人,同意 6 人,达到四分之三,通过(令51第25条)。"
    due = {basis: at.date().isoformat() for basis, at in review.due().items()}
    # six whole working days stood still, 03-03 to 03-10: without them it would be 03-11 and 03-23
    assert due == {"promised": "2026-03-19", "statutory": "2026-03-31"}
    assert (
        review.section.take(review.case, "xue", "propose_pass", opinion="按评审意见审查,合格。") == "to_pass"
    )


@pytest.mark.django_db
def test_a_design_that_the_experts_refuse_cannot_pass(review: Review) -> None:
    review.call(review.experts)
    review.section.later(days=5)
    review.vote(5, review.experts)
    review.opinion()
    with pytest.raises(Refusal) as refusal:
        review.section.take(review.case, "xue", "propose_pass", opinion="合格。再议。")
    assert refusal.value.code == "experts_have_agreed"
    assert (
        review.section.take(review.case, "xue", "propose_fail", faults="专家评审没有通过,请修改排烟方案。")
        == "to_fail"
    )


@pytest.mark.django_db
def test_after_twenty_working_days_the_time_for_review_runs_on(review: Review) -> None:
    review.section.later(days=26)
    assert applications_by_the_clock(now=review.section.now) == 0
    review.section.later(days=8)
    assert applications_by_the_clock(now=review.section.now) == 1
    assert applications_by_the_clock(now=review.section.now) == 0
    review.section.see()
    assert all(clock.paused_at is None for clock in Clock.objects.filter(case=review.case, kind="handle"))
    review.case.refresh_from_db()
    assert review.case.state == "with_province"


@pytest.mark.django_db
def test_the_pages_of_the_review(review: Review, django_assert_max_num_queries: Any) -> None:
    client = review.section.as_("xue")
    address = f"/fire/cases/{review.case.number}/experts"
    sent = {"what": "call", "at": "2026-03-12T09:00", "place": "省厅三楼"}
    assert client.post(address, {**sent, "experts": review.experts[:3]}).status_code == 422
    for wrong in ("x", "", "0001-01-01T00:00", "9999-12-31T23:59:59-23:00"):
        assert client.post(address, {**sent, "at": wrong, "experts": review.experts}).status_code == 422, (
            wrong
        )
    assert client.post(address, {"what": "nothing"}).status_code == 422
    assert client.post(address, {**sent, "experts": review.experts}).status_code == 302
    votes = {"what": "votes", **{f"vote-{one}": "agree" for one in review.experts}}
    assert "评审会还没有开" in client.post(address, votes).content.decode()
    called = client.get(address).content.decode()
    assert "重新召集" in called and "厂内专家" in called
    review.section.later(days=12)
    client = review.section.as_("xue")
    assert client.post(address, votes).status_code == 302
    with django_assert_max_num_queries(30):
        page = client.get(address).content.decode()
    assert "重新召集" not in page
    assert "到会 8 人,同意 8 人" in page and "达到四分之三" in page
    assert (
        client.post(
            "/fire/experts", {"name": "专家0", "employer": "山东省建筑设计研究院", "speciality": "电气"}
        ).status_code
        == 422
    )
    assert (
        client.post(
            "/fire/experts", {"name": "新专家", "employer": "消防研究所", "speciality": "电气"}
        ).status_code
        == 302
    )
    assert "新专家" in client.get("/fire/experts").content.decode()
    assert review.section.as_("lei").get(address).status_code == 403
    for who, answer in (("xue", 200), ("yan", 403)):  # the register links to it for whom it opens
        client = review.section.as_(who)
        assert client.get("/fire/experts").status_code == answer
        assert ('href="/fire/experts"' in client.get("/fire/").text) is (answer == 200)
    review.section.see()
    assert (Expert.objects.count(), Case.objects.filter(pack="fire").count()) == (10, 1)
