"""Taking an order in: clean or refused with nothing changed, dispatched at once, timed and explained."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from bihuan.kernel.cases.models import Case, Party
from bihuan.kernel.identity.models import Person, Unit
from bihuan.kernel.identity.scope import Scope, scope_apply
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.ledger.verify import ledger_verify
from bihuan.lib.refusals import NotPermitted
from bihuan.lib.text import FieldError
from bihuan.packs.hotline.assigning import order_assign
from bihuan.packs.hotline.models import Correction, Order
from bihuan.packs.hotline.selectors import (
    dispatch_figures,
    dispatch_figures_of,
    orders_alike,
    orders_by_phone,
)
from bihuan.packs.hotline.services import order_take, orders_take_many

pytestmark = pytest.mark.django_db
GOOD: dict[str, Any] = {
    "text": "古楼街道锦渡胡同一下雨就积水,老人出不了门。",
    "matter": "0101",
    "territory": "古楼街道",
    "reporter": "宋女士",
    "phone": "199-0000-0001",
}


@pytest.fixture
def u() -> dict[str, int]:
    return dict(Unit.objects.values_list("code", "id"))


@pytest.fixture
def p() -> dict[str, int]:
    return dict(Person.objects.values_list("username", "id"))


@pytest.fixture(autouse=True)
def everything(db: None) -> None:
    scope_apply(Scope(0, (), (), True))


def count_rows() -> dict[str, int]:
    tables = (
        "cases_case", "cases_text", "cases_party", "hotline_order", "ledger_entry", "clocks_clock",
        "notices_notice", "numbering_counter", "case_viewer", "hotline_import_run",
    )  # fmt: skip
    with kernel_writes(), connection.cursor() as cursor:
        found = {}
        for table in tables:
            cursor.execute(f"select count(*) from {table}")
            found[table] = cursor.fetchone()[0]
    return found


def test_taken_dispatched_and_explained(now: datetime, u: dict[str, int], p: dict[str, int]) -> None:
    taken = order_take(data=GOOD, by=p["li"], now=now)
    assert (taken.state, taken.unit, taken.automatic) == ("dispatched", u["371502_municipal"], True)
    assert taken.number == "RX2026030200001"
    assert taken.reasons == (
        "类别:道路积水(登记时注明)",
        "地点:古楼街道,属东昌府区",
        "派单目录:道路积水由东昌府区市政工程服务中心主办(《城镇排水与污水处理条例》)",
    )
    case = Case.objects.get(pk=taken.case)
    assert (case.title, case.matter, case.territory_id) == (
        "古楼街道锦渡胡同一下雨就积水,老人出不了门", "0101", u["371502001"],
    )  # fmt: skip
    assert case.opened_by_id == u["371502_12345"]
    assert case.version == taken.version == 2
    assert case.facts == {
        "type": "other", "township_matter": False, "reachable": True, "max_returns": 3, "max_objections": 1,
        "max_redos": 3, "max_attempts": 3, "unmerge_hours": 72, "max_self_attempts": 3, "final_return": 3,
        "attempts_apart": {"hours": 2, "half_days": True},
        "appointment_days": 14,
        "max_pauses": 1, "max_pause_days": 30, "max_pause_days_works": 365, "redispatch_term": "kept", "superior_margin_hours": 8,
    }  # fmt: skip
    assert Party.objects.get(case=case).phone == "19900000001"
    order = Order.objects.get(case=case)
    assert order.automatic
    assert list(order.reasons) == list(taken.reasons)
    assert order.channel == "telephone"
    assert order.arrived_at == now
    assert order.on_desk_at is not None
    assert taken.seconds is not None
    assert abs((order.on_desk_at - now).total_seconds() - taken.seconds) < 1e-5
    assert taken.seconds > 0
    assert not ledger_verify().faults


BAD: tuple[tuple[dict[str, Any], str, str], ...] = (
    ({"text": ""}, "text", "empty"),
    ({"text": "　 \n"}, "text", "empty"),
    ({"text": "长" * 4001}, "text", "too_long"),
    ({"text": "长" * 10_000_000}, "text", "too_long"),
    ({"text": ["a"]}, "text", "not_text"),
    ({"text": "有\x00空"}, "text", "control_character"),
    ({"text": "半\ud800个"}, "text", "surrogate"),
    ({"title": "题" * 201}, "title", "too_long"),
    ({"title": "两\n行"}, "title", "line_break"),
    ({"place": "处" * 201}, "place", "too_long"),
    ({"channel": "信鸽"}, "channel", "choice"),
    ({"type": "吵架"}, "type", "choice"),
    ({"matter": "9999"}, "matter", "unknown_matter"),
    ({"accused": "没有的局"}, "accused", "unknown_unit"),
    ({"phone": "1380000"}, "phone", "phone"),
    ({"id_number": "371502199001011235"}, "id_number", "id_number"),
    ({"reported_at": "2026-13-40"}, "reported_at", "impossible_date"),
    ({"reported_at": "昨天"}, "reported_at", "date_format"),
    ({"reported_at": "2026-03-02 10:00:01"}, "reported_at", "future_date"),
    ({"confidential": "也许"}, "confidential", "yes_or_no"),
    ({"external_id": "x" * 81}, "external_id", "too_long"),
    ({"superior": {"number": "", "due_at": "2026-03-09"}}, "superior.number", "empty"),
    ({"superior": {"number": "SJ1", "return_days": "-2"}}, "superior.return_days", "number"),
    ({"superior": {"number": "SJ1", "colour": "red"}}, "superior", "superior"),
    ({"answer": "已修好", "answered_at": "2026-03-01"}, "answer", "not_taken_over"),
    ({"answer_at_seat": True, "type": "投诉"}, "answer_at_seat", "may_be_answered_at_seat"),
    ({"state": "closed"}, "state", "unknown"),
)


@pytest.mark.parametrize(("change", "field", "rule"), BAD)
def test_refused_with_field_and_rule_and_nothing_written(
    now: datetime, p: dict[str, int], change: dict[str, Any], field: str, rule: str
) -> None:
    before = count_rows()
    with pytest.raises(FieldError) as refused:
        order_take(data={**GOOD, **change}, by=p["li"], now=now)
    assert (refused.value.field, refused.value.rule) == (field, rule)
    assert count_rows() == before


def test_sql_and_html_are_kept_as_text(now: datetime, p: dict[str, int]) -> None:
    nasty = "<script>alert(1)</script>'; drop table cases_case; -- %s {x}"
    data = {**GOOD, "title": nasty, "text": nasty, "place": nasty, "reporter": nasty[:60], "address": nasty}
    taken = order_take(data={**data, "external_id": nasty, "territory": nasty}, by=p["li"], now=now)
    case = Case.objects.select_related("content").get(pk=taken.case)
    party = Party.objects.get(case=case)
    assert (case.title, case.place, case.content.text, case.external_id) == (nasty,) * 4
    assert (party.name, party.address) == (nasty[:60], nasty)
    assert taken.state == "coordinating"


def test_external_id_is_taken_once(now: datetime, p: dict[str, int]) -> None:
    first = order_take(data={**GOOD, "external_id": "W-1"}, by=p["li"], now=now)
    before = count_rows()
    with pytest.raises(FieldError) as refused:
        order_take(data={**GOOD, "external_id": "W-1"}, by=p["li"], now=now)
    assert refused.value.rule == "duplicate"
    assert first.number in refused.value.message
    assert count_rows() == before


def test_many_are_taken_or_refused_each_for_itself(now: datetime, u: dict[str, int]) -> None:
    given = [GOOD, {**GOOD, "text": ""}, {**GOOD, "external_id": "A"}, {**GOOD, "external_id": "A"}, GOOD]
    results = orders_take_many(orders=given, by=0, now=[now + timedelta(minutes=m) for m in range(5)])
    kinds = [r.rule if isinstance(r, FieldError) else r.number for r in results]
    assert kinds == ["RX2026030200001", "empty", "RX2026030200002", "duplicate", "RX2026030200003"]
    assert [c.opened_at.minute for c in Case.objects.order_by("id")] == [0, 2, 4]
    assert set(Case.objects.values_list("unit_id", flat=True)) == {u["371502_municipal"]}


def test_seat_keeps_only_what_a_seat_agent_answers(
    now: datetime, u: dict[str, int], p: dict[str, int]
) -> None:
    asked = {**GOOD, "type": "enquiry", "answer_at_seat": True}
    kept = order_take(data=asked, by=p["li"], now=now)
    assert (kept.state, kept.unit, kept.seconds, kept.automatic) == (
        "received",
        u["371502_12345"],
        None,
        False,
    )
    with pytest.raises(FieldError) as refused:
        order_take(data=asked, by=p["wang"], now=now)
    assert refused.value.rule == "seat_agent"
    assert order_take(data={**GOOD, "type": "无效"}, by=0, now=now).state == "received"


def test_confidential_report_hides_the_reporter(now: datetime, u: dict[str, int], p: dict[str, int]) -> None:
    taken = order_take(data={**GOOD, "type": "举报", "id_number": ""}, by=p["li"], now=now)
    case = Case.objects.get(pk=taken.case)
    assert case.confidential
    assert case.facts["reachable"] is False
    assert Party.objects.get(case=case).confidential
    scope_apply(Scope(p["wang"], (), (u["371502_municipal"],), False))
    assert Case.objects.filter(pk=case.pk).exists()
    assert not Party.objects.filter(case=case).exists()


def test_superiors_deadline_becomes_a_clock(now: datetime, p: dict[str, int]) -> None:
    superior = {"number": "SD-77", "due_at": "2026-03-04 12:00", "return_days": 1, "return_count": "1"}
    taken = order_take(data={**GOOD, "superior": superior}, by=p["li"], now=now)
    case = Case.objects.get(pk=taken.case)
    assert case.superior == {
        "number": "SD-77", "due_at": "2026-03-04T12:00:00+08:00", "return_days": 1, "return_count": 1,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("select due_at from clocks_clock where case_id=%s and basis='superior'", [case.pk])
        assert [at.isoformat() for (at,) in cursor.fetchall()] == ["2026-03-04T04:00:00+00:00"]


def test_assigning_ends_the_time_and_keeps_a_correction(
    now: datetime, u: dict[str, int], p: dict[str, int]
) -> None:
    taken = order_take(data={"text": "路面塌了一个坑", "territory": "古楼街道"}, by=p["li"], now=now)
    assert (taken.state, taken.unit, taken.seconds) == ("coordinating", u["371502_desk"], None)
    later = now + timedelta(minutes=20)
    with pytest.raises(NotPermitted), transaction.atomic():
        order_assign(
            case_id=taken.case, step="assign", by=p["qian"], now=later, data={"unit": u["371502_municipal"]}
        )
    assert Order.objects.get(case=taken.case).on_desk_at is None
    data = {"unit": u["371502_municipal"], "matter": "0102"}
    order_assign(case_id=taken.case, step="assign", by=p["zhou"], now=later, data=data)
    assert Case.objects.get(pk=taken.case).matter == "0102"
    assert Order.objects.get(case=taken.case).on_desk_at == later
    with kernel_writes():
        kept = Correction.objects.get(case=taken.case)
        assert (kept.proposed, kept.correct, kept.by_id) == ("", "0102", p["zhou"])
        assert kept.text == "路面塌了一个坑\n路面塌了一个坑"


def test_figures_count_all_orders_and_show_the_wrong_ones(
    now: datetime, u: dict[str, int], p: dict[str, int]
) -> None:
    from bihuan.kernel.cases.moving import case_move

    none = dispatch_figures(since=now, until=now + timedelta(hours=2))
    assert (none.to_send, none.median_s, none.automatic_share, none.wrong_share) == (0, None, None, None)
    sent = [order_take(data=GOOD, by=p["li"], now=now) for _ in range(3)]
    unsure = order_take(data={**GOOD, "territory": "A3区", "text": "积水"}, by=p["li"], now=now)
    waiting = order_take(data={**GOOD, "territory": "A3区", "text": "积水"}, by=p["li"], now=now)
    order_take(data={**GOOD, "type": "invalid"}, by=p["li"], now=now)
    # Through the generic desk, not order_assign: the ledger tells the time all the same.
    at = now + timedelta(minutes=30)
    case_move(case_id=unsure.case, step="assign", by=p["zhou"], now=at, data={"unit": u["371502_municipal"]})
    handler = p["371502_municipal_handler"]
    data = {"grounds": "duty", "reason": "不归本单位"}
    case_move(case_id=sent[0].case, step="return", by=handler, now=at, data=data)
    case_move(
        case_id=sent[0].case, step="accept_return", by=p["tang"], now=at, data={"unit": u["371502_water"]}
    )
    figures = dispatch_figures(since=now, until=now + timedelta(hours=2))
    assert (figures.orders, figures.to_send, figures.sent, figures.waiting) == (6, 6, 4, 2)
    assert (figures.automatic, figures.wrong, figures.wrong_automatic) == (3, 1, 1)
    assert (figures.automatic_share, figures.wrong_share) == (0.5, 0.25)
    assert figures.median_s is not None
    assert 900 < figures.median_s < 930
    assert figures.p99_s == 7200.0
    assert waiting.seconds is None
    assert figures.automatic_p99_s is not None
    assert figures.automatic_p99_s < 60
    spans = [now + timedelta(hours=1), now, now - timedelta(days=30)]
    assert dispatch_figures_of(since=spans, until=now + timedelta(hours=2)) == [none, figures, figures]


def test_repeated_caller_and_similar_orders(now: datetime, p: dict[str, int]) -> None:
    first = order_take(data={**GOOD, "place": "锦渡胡同"}, by=p["li"], now=now)
    second = order_take(data={**GOOD, "place": "锦渡胡同"}, by=p["li"], now=now + timedelta(hours=1))
    elsewhere = order_take(data={**GOOD, "place": "别处", "phone": ""}, by=p["li"], now=now)
    assert [c.pk for c in orders_by_phone(phone="+86 199 0000 0001")] == [second.case, first.case]
    territory = Case.objects.values_list("territory", flat=True).get(pk=first.case)
    asked = {"text": GOOD["text"], "matter": "0101", "territory": territory}
    found = orders_alike(place="锦渡胡同", **asked)
    assert [(one.case.pk, one.same_place) for one in found] == [
        (first.case, True),
        (second.case, True),
        (elsewhere.case, False),
    ]
    assert found[2].share == 1.0
    assert [one.case.pk for one in orders_alike(place="", **{**asked, "text": "路灯不亮"})] == []
    assert orders_alike(text=GOOD["text"], matter="0101", place="", territory=None) == []


def test_an_order_of_a_matter_not_known_yet_is_alike_by_its_words(now: datetime, p: dict[str, int]) -> None:
    data = {**GOOD, "matter": "", "place": "锦渡胡同"}
    unsure = order_take(data=data, by=p["li"], now=now)
    case = Case.objects.get(pk=unsure.case)
    assert case.matter == ""
    asked = {"matter": "0101", "place": "锦渡胡同", "territory": case.territory}
    found = orders_alike(text=GOOD["text"], **asked)
    assert [(one.case.pk, one.same_place, one.share) for one in found] == [(unsure.case, False, 1.0)]
    assert orders_alike(text="路灯不亮", **asked) == [], "the place alone does not make another matter alike"
