"""Electronic supervision: which cards the ledger earns, once each; answered by the unit, decided by another."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from bihuan.kernel.cases.moving import case_move
from bihuan.kernel.cases.sweeping import clocks_sweep
from bihuan.kernel.clocks.rulebook import rulebook
from bihuan.kernel.identity.scope import Scope, scope_apply, scope_of
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.ledger.verify import ledger_verify
from bihuan.kernel.pack import roles
from bihuan.kernel.policies.services import policy_set
from bihuan.kernel.scoring.ranking import Card as ScoreCard
from bihuan.kernel.scoring.ranking import Count
from bihuan.kernel.scoring.selectors import month_span, ranking
from bihuan.lib.refusals import Conflict, NotPermitted
from bihuan.lib.text import SHANGHAI, FieldError
from bihuan.packs.onewindow.models import Card
from bihuan.packs.onewindow.supervision.keeping import cards_keep
from bihuan.packs.onewindow.supervision.rules import Entry, cards_of, score
from bihuan.packs.onewindow.supervision.services import card_answer, card_decide
from tests.packs.onewindow.conftest import MARKET, As, Window
from tests.packs.onewindow.test_loop import refused
from tests.stories.cast import text_of

AT = datetime(2026, 3, 2, 10, tzinfo=SHANGHAI)
EVERYTHING = Scope(0, (), (), True)
OPENED = Entry(1, AT, "opened", {"unit": 7, "state": "received"})
WHOLE = {"materials": {"1": "present", "2": "lacking"}, "optional": ["2"]}
SHORT = {"materials": {"1": "lacking"}, "optional": []}


def clock(kind: str, of: str, basis: str = "promised") -> Entry:
    return Entry(3, AT, kind, {"kind": of, "basis": basis, "due_at": AT.isoformat()})


def step(code: str, to: str, words: int = 40, **fields: str) -> Entry:
    return Entry(3, AT, "move", {"step": code, "to": to, "fields": fields}, 5, words, 15)


@pytest.mark.parametrize(
    ("entry", "facts", "expected"),
    [
        (clock("warning", "handle"), WHOLE, [("near", "yellow", None)]),
        (clock("warning", "handle", "statutory"), WHOLE, []),
        (clock("breach", "handle"), WHOLE, [("promise", "red", None)]),
        (clock("breach", "handle", "statutory"), WHOLE, [("statute", "red", None)]),
        (clock("breach", "serve"), WHOLE, [("stage", "red", None)]),
        (clock("breach", "notice"), WHOLE, [("stage", "red", None)]),
        (clock("breach", "supplement"), WHOLE, []),
        (clock("breach", "evaluate", "term"), WHOLE, []),
        (step("decline", "evaluating", ground="other"), WHOLE, [("refused", "red", 5)]),
        (step("decline", "evaluating", ground="not_eligible"), WHOLE, []),
        (step("decline", "evaluating", ground="not_corrected"), SHORT, []),
        (step("refuse", "delivering", words=14), WHOLE, [("no_reason", "red", 5)]),
        (step("refuse", "delivering", words=15), WHOLE, []),
        (step("decline", "evaluating", 3, ground="other"), WHOLE, [("refused", "red", 5), ("no_reason", "red", 5)]),
        (step("grant", "certifying", words=0), WHOLE, []),
    ],
)  # fmt: skip
def test_what_the_ledger_earns(entry: Entry, facts: dict[str, Any], expected: list[Any]) -> None:
    found = cards_of([OPENED, entry], facts)
    assert [(one.rule, one.colour, one.by) for one in found] == expected
    assert all((one.seq, one.unit, one.stage) == (3, 7, "received") for one in found)


def test_a_card_is_of_the_unit_and_stage_that_it_came_in() -> None:
    moved = Entry(2, AT, "move", {"step": "accept", "to": "examining", "unit": 9})
    (found,) = cards_of([OPENED, moved, clock("breach", "handle")], WHOLE)
    assert (found.unit, found.stage, found.clock, found.due_at) == (9, "examining", "handle", AT)


def test_a_score_is_a_hundred_less_the_points() -> None:
    assert score(3, 2, points_yellow=1, points_red=5) == 87
    assert score(0, 30, points_yellow=1, points_red=5) == 0


def swept(window: Window) -> int:
    clocks_sweep(now=window.now)
    return cards_keep(now=window.now)


def scope(window: Window, who: str) -> Scope:
    return scope_of(person=window.people[who], at=window.now, roles=roles())


def of(window: Window, case: int) -> list[tuple[str, str, int, str]]:
    with kernel_writes():
        rows = Card.objects.filter(case=case).order_by("at", "pk")
        return [(one.colour, one.rule, one.unit_id, one.standing) for one in rows]


@pytest.mark.django_db
def test_before_the_promise_yellow_after_it_red_and_each_once(window: Window) -> None:
    taken, market = window.accepted(), window.units[MARKET]
    assert swept(window) == 0
    window.later(days=6)
    assert swept(window) == 1
    assert of(window, taken.case) == [("yellow", "near", market, "open")]
    window.later(days=2)
    assert swept(window) == 1
    window.later(days=30)
    assert swept(window) == 1
    assert [one[1] for one in of(window, taken.case)] == ["near", "promise", "statute"]
    assert swept(window) == 0


@pytest.mark.django_db
def test_a_score_card_may_weigh_cards_with_what_they_are_of(
    window: Window, as_: Callable[..., Client]
) -> None:
    late, _well = window.accepted(), window.accepted()
    market, hall = window.units[MARKET], window.units["371502_approval"]
    clocks_sweep(now=window.now + timedelta(days=8))
    cards_keep(now=window.now + timedelta(days=8))
    with kernel_writes():
        Card.objects.exclude(case=late.case).update(standing="withdrawn")
    scope_apply(EVERYTHING)
    span = month_span(date(2026, 3, 1), closed=window.now)
    weights = {"on_time": 90, "without_red": 10}
    card = ScoreCard("日考核", "试行", weights, least=0)
    rows = {one.unit: one for many in ranking(pack="hotline", span=span, card=card).values() for one in many}
    assert rows[market].counts == {"without_red": Count(1, 1)}
    assert rows[market].score == 5_000 and rows[hall].counts == {"without_red": Count(2, 0)}
    plain = ScoreCard("日考核", "试行", {"on_time": 100}, least=0)
    assert ranking(pack="hotline", span=span, card=plain) == {"townships": [], "departments": []}
    with kernel_writes():
        known = rulebook().rule("hotline.score_card", region="371502", on=date(2026, 3, 1)).value
    policy_set(
        code="hotline.score_card", value={**known, "weights": weights}, unit="score_card", legal_basis="演示",
        valid_from=date(2026, 3, 1), now=window.now, by="system",
    )  # fmt: skip
    page = as_("tang").get("/scores/units/371502_market?month=2026-03").content.decode()
    assert "未亮红牌率" in page and "50.0% (1 / 2)" in page
    assert "/onewindow/cards?unit=371502_market&amp;month=2026-03" in page and "未亮黄牌率" not in page


@pytest.mark.django_db
def test_a_refused_valid_application_and_a_reason_in_two_words(window: Window) -> None:
    taken = window.take("1", "3", "4", outcome="keep")
    short = {"ground": "other", "answer": "本窗口今天不受理了。"}
    refused(lambda: window.move(taken.case, "decline", "fang", **short), "只有 10 个字,至少写 15 个字")
    case_move(case_id=taken.case, step="decline", by=window.people["fang"], now=window.now, data=short)
    assert swept(window) == 2
    assert {one[1] for one in of(window, taken.case)} == {"refused", "no_reason"}
    with kernel_writes():
        assert set(Card.objects.values_list("person__username", flat=True)) == {"fang"}


@pytest.mark.django_db
def test_how_long_a_reason_is_follows_the_policy_of_its_day(window: Window) -> None:
    policy_set(
        code="onewindow.reason_characters", value=5, unit="characters", legal_basis="本区规定", region="371502",
        valid_from=window.now.date(), now=window.now, by="test",
    )  # fmt: skip
    taken = window.take("1", outcome="keep")
    window.move(taken.case, "decline", "fang", ground="not_eligible", answer="不具备申请资格,详见清单。")
    assert (swept(window), of(window, taken.case)) == (0, [])


@pytest.mark.django_db
def test_the_unit_answers_and_somebody_else_decides(window: Window) -> None:
    window.accepted()
    window.later(days=8)
    swept(window)
    with kernel_writes():
        red = Card.objects.get(rule="promise").pk

    def stands() -> tuple[str, str, str]:
        with kernel_writes():
            row = Card.objects.get(pk=red)
        return row.standing, row.answer, row.decision

    said = {"card": red, "what": "objected", "words": "特别程序的时间没有扣除。", "now": window.now}
    with pytest.raises(NotPermitted, match="被监察的单位"):
        card_answer(**said, scope=scope(window, "fang"))
    with pytest.raises(FieldError, match="请选说明情况"):
        card_answer(**{**said, "what": "withdrawn"}, scope=scope(window, "wang"))
    with pytest.raises(FieldError, match="不能少于4个字"):
        card_answer(**{**said, "words": "冤"}, scope=scope(window, "wang"))
    assert stands() == ("open", "", "")
    card_answer(**said, scope=scope(window, "wang"))
    with pytest.raises(Conflict, match="已经答过"):
        card_answer(**said, scope=scope(window, "chen"))
    decided = {"card": red, "what": "withdrawn", "words": "查明属实,予以撤销。", "now": window.now}
    with pytest.raises(NotPermitted, match="中心督办"):
        card_decide(**decided, scope=scope(window, "chen"))
    assert stands() == ("objected", "特别程序的时间没有扣除。", "")
    with kernel_writes():
        Card.objects.filter(pk=red).update(person=window.people["tang"])
    with pytest.raises(NotPermitted, match="是您得的"):
        card_decide(**decided, scope=scope(window, "tang"))
    assert stands()[0] == "objected"
    with kernel_writes():
        Card.objects.filter(pk=red).update(person=window.people["wang"])
    card_decide(**decided, scope=scope(window, "tang"))
    with pytest.raises(Conflict, match="已经裁定过"):
        card_decide(**decided, scope=scope(window, "tang"))
    assert stands()[::2] == ("withdrawn", "查明属实,予以撤销。")
    assert ledger_verify().faults == ()


@pytest.mark.django_db
def test_the_pages_show_each_unit_its_own_and_the_supervisor_all(
    window: Window, as_: As, django_assert_max_num_queries: Any
) -> None:
    for _ in range(3):
        window.accepted()
    window.later(days=8)
    swept(window)
    with kernel_writes():
        red = Card.objects.filter(rule="promise").earliest("pk").pk
    tang = as_("tang")
    with django_assert_max_num_queries(25):
        page = text_of(tang.get("/onewindow/cards"))
    for words in ("东昌府区市场监督管理局", "超过承诺时限", "时限将到", "审查中", '监察得分">82</td>'):
        assert words in page, words
    assert "没有牌" in text_of(tang.get("/onewindow/cards?rule=refused"))
    assert "超过承诺时限</a>" not in text_of(tang.get("/onewindow/cards?colour=yellow"))
    for name in ("unit", "stage", "item", "person", "standing", "page"):
        assert tang.get("/onewindow/cards", {name: "'nothing"}).status_code == 200
    assert "超过承诺时限" in text_of(as_("chen").get("/onewindow/cards"))
    assert "没有牌" in text_of(as_("371502_health_section_chief").get("/onewindow/cards"))
    assert as_("371502_health_section_chief").get(f"/onewindow/cards/{red}").status_code == 404
    assert "没有牌" in text_of(as_("qian").get("/onewindow/cards"))
    for who, reads in (("chen", True), ("qian", False)):  # nobody is led to a page that refuses
        client, address = as_(who), "/onewindow/discredited"
        assert (f'href="{address}"' in text_of(client.get("/onewindow/cards"))) is reads
        assert client.get(address).status_code == (200 if reads else 403)
    answer = as_("chen").post(f"/onewindow/cards/{red}", {"act": "answer", "what": "", "words": "说明"})
    assert (answer.status_code, "说明</textarea>" in text_of(answer)) == (422, True)
    answer = as_("chen").post(
        f"/onewindow/cards/{red}", {"act": "answer", "what": "explained", "words": "人手不足,已加班补上。"}
    )
    assert answer.status_code == 302
    assert "人手不足,已加班补上。" in text_of(tang.get(f"/onewindow/cards/{red}"))
