"""What an applicant does and reads behind the code: withdraw, the papers, and why a person has what the system might have decided."""

from __future__ import annotations

import pytest
from django.http import HttpResponse
from django.test import Client

from bihuan.kernel.cases.moving import case_move
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.ledger.verify import ledger_verify
from bihuan.kernel.notices.models import Notice
from bihuan.kernel.public.gates import AMOUNTS
from bihuan.kernel.workflow.model import BY_REPORTER
from bihuan.packs.onewindow.applying.services import Taken
from bihuan.packs.onewindow.instant.telling import UNVERIFIED, reasons_told
from bihuan.packs.onewindow.themes.applying import Taken as ThemeTaken
from tests.desk.test_case_pdf import text_of
from tests.packs.onewindow.bazaar import Bazaar
from tests.packs.onewindow.conftest import MARKET, As, Window
from tests.packs.onewindow.test_instant import SHOP, instant
from tests.packs.onewindow.test_item_forms import page
from tests.packs.onewindow.test_loop import state_now
from tests.packs.onewindow.test_missing import follower, on_time
from tests.packs.onewindow.test_window import sent

__all__ = ["on_time"]  # a fixture
pytestmark = pytest.mark.django_db


def step(client: Client, taken: Taken | ThemeTaken, code: str, version: int, **typed: str) -> HttpResponse:
    return client.post(
        f"/public/cases/{taken.number}/steps/{code}", {"version": version, **typed}, follow=True
    )


def test_the_applicant_withdraws_before_the_decision_once(window: Window) -> None:
    taken, other = window.accepted(), window.take("1", outcome="keep")
    mine, version = follower(taken), window.case(taken.case).version
    shown = page(mine.get(f"/public/cases/{taken.number}"))
    assert ("确认撤回申请" in shown, "重新申请" in shown, "办得怎么样?" in shown) == (True, True, False)
    before = state_now()
    assert "查询码" in page(step(follower(other), taken, "withdraw", version))
    assert "查询码" in page(step(Client(), taken, "withdraw", version))
    for code in ("accept", "evaluate", "nothing"):
        assert "现在不能这样办" in page(step(mine, taken, code, version))
    assert step(mine, taken, "withdraw", version - 1).status_code == 409
    long = step(mine, taken, "withdraw", version, reason="不" * 1001)
    assert (long.status_code, "1000" in page(long), "不" * 1001 in page(long)) == (422, True, True)
    assert state_now() == before
    done = page(step(mine, taken, "withdraw", version, reason="改日再办"))
    assert ("已办:撤回申请。" in done, "确认撤回申请" in done) == (True, False)
    row = window.case(taken.case)
    assert (row.state, row.facts["outcome"]) == ("evaluating", "withdrawn")
    assert ("已撤回,本件不再办理。" in done, "有结果了" in done) == (True, False)
    with kernel_writes():
        assert Notice.objects.filter(case=taken.case, template="application_withdrawn").count() == 1
        (told,) = Notice.objects.filter(case=taken.case, template="handling_withdrawn")
        assert (told.channel, told.unit and told.unit.code) == ("in_app", MARKET)
    before = state_now()
    for at in (version, row.version):
        assert "现在不能这样办" in page(step(mine, taken, "withdraw", at))
    assert state_now() == before
    assert ledger_verify().faults == ()


def test_what_was_decided_is_not_withdrawn(window: Window) -> None:
    taken = window.decided()
    mine, version, before = follower(taken), window.case(taken.case).version, state_now()
    refused = step(mine, taken, "withdraw", version)
    assert (refused.status_code, "已经作出决定" in page(refused)) == (422, True)
    assert "确认撤回" not in page(mine.get(f"/public/cases/{taken.number}"))
    assert state_now() == before


def test_a_theme_is_withdrawn_with_its_parts(bazaar: Bazaar) -> None:
    window, taken = bazaar.window, bazaar.take()
    mine = follower(taken)
    assert "确认撤回整件申请" in page(mine.get(f"/public/cases/{taken.number}"))
    step(mine, taken, "withdraw_theme", window.case(taken.case).version)
    part = bazaar.part(taken.case, "卫生").case
    assert part is not None
    assert (window.case(taken.case).state, part.state) == ("evaluating", "part_withdrawn")
    with kernel_writes():
        (told,) = Notice.objects.filter(case=part.pk, template="handling_withdrawn")
        assert told.unit_id == part.unit_id


def test_page_line_and_paper_of_a_withdrawn_application_say_so_and_no_clock_was_kept(
    window: Window, as_: As
) -> None:
    taken = window.accepted()
    window.later(hours=1)
    window.move(taken.case, "withdraw", "fang", reason="申请人改日再办")
    shen, told = as_("shen"), "已撤回 · 待评价"
    shown = shen.get(f"/cases/{taken.number}").context["page"].clocks
    assert {one.clock.kind: one.ended for one in shown if one.clock.stopped_at} == {
        "notice": "按期完成", "handle": "已撤回",
    }  # fmt: skip
    line = shen.get("/queue?tab=mine")
    assert line.context["case"].number == taken.number
    assert f'<span class="state">{told}</span>' in page(line)
    assert told in text_of(shen.get(f"/cases/{taken.number}/print.pdf").content)
    found = page(shen.get("/search", {"q": "食品经营许可"}))
    assert f'<span class="number">{taken.number}</span> {told} · ' in found


def test_withdrawing_counts_among_what_one_case_may_say(
    window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(AMOUNTS, "say_case", {"hour": 0, "day": 0})
    taken = window.accepted()
    mine, before = follower(taken), state_now()
    assert step(mine, taken, "withdraw", window.case(taken.case).version).status_code == 429
    assert state_now() == before


def test_the_applicant_has_the_papers_and_nobody_else(window: Window) -> None:
    taken, other = window.take("1", outcome="tell_missing"), window.accepted()
    mine, address = follower(taken), f"/public/cases/{taken.number}/papers"
    shown = page(mine.get(f"/public/cases/{taken.number}"))
    assert [f"{address}/{code}" in shown for code in ("receipt", "missing", "accepted", "decision")] == [
        True, True, False, False,
    ]  # fmt: skip
    paper = mine.get(f"{address}/missing")
    assert (paper["Content-Type"], "no-store" in paper["Cache-Control"]) == ("application/pdf", True)
    assert paper.content[:5] == b"%PDF-"
    assert [mine.get(f"{address}/{code}").status_code for code in ("accepted", "nothing")] == [404, 404]
    assert follower(other).get(f"{address}/missing").status_code == 404
    assert Client().get(f"{address}/missing")["Location"] == f"/public/follow?number={taken.number}"


def test_papers_stay_when_all_is_over(window: Window) -> None:
    taken = window.decided()
    mine = follower(taken)
    with kernel_writes():
        case_move(case_id=taken.case, step="evaluate", by=BY_REPORTER, now=window.now, data={"grade": "5"})
    shown = page(mine.get(f"/public/cases/{taken.number}"))
    assert (f"{taken.number}/papers/decision" in shown, "为什么没有当场办结" in shown) == (True, False)


def test_why_a_person_has_it_is_told_to_whom_the_window_knows(window: Window, as_: As) -> None:
    shop = instant(window, SHOP, "申请书", "年满 | 18\n没有 | 营业执照\n无在办\n未失信", "营业执照")
    window.take("1", outcome="accept_at_once", item=shop)
    again = window.take("1", outcome="accept_at_once", item=shop)
    shown = page(follower(again).get(f"/public/cases/{again.number}"))
    assert ("您名下已经有有效的“营业执照”。" in shown, "失信记录" in shown) == (True, False)
    clerk = as_("fang")
    answer = sent(clerk, window, "1", outcome="accept_at_once", item=shop.pk, again="再开一家分店")
    told = page(clerk.get(answer["Location"]))
    assert ("告诉申请人:" in told, "您名下已经有有效的“营业执照”。" in told) == (True, True)
    assert "为什么没有当场办结" not in page(follower(window.accepted()).get(f"/public/cases/{again.number}"))


CHECKS = [["lacks", "营业执照"], ["credit"], ["none_open"]]
LINES = (
    "还没有有效的“营业执照”:不符合(YYZZ1)",
    "没有失信记录:登记簿查不到,没有核对",
    "同一事项没有在办的件:符合",
)


def test_whoever_is_not_known_reads_nothing_of_the_person_named() -> None:
    known, stranger = ("\n".join((f"申请人的身份已核验:{one}", *LINES)) for one in ("符合", "不符合"))
    assert reasons_told(CHECKS, stranger) == [str(UNVERIFIED)]
    assert reasons_told(CHECKS, known) == [
        "您名下已经有有效的“营业执照”。",
        "“没有失信记录”现在查不到,由人核对。",
    ]
    assert reasons_told(CHECKS, "") == []
