"""Supervision from end to end: a unit called to account, a task struck off, works that the next rain proves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from bihuan.kernel.cases.merging import case_merge
from bihuan.kernel.cases.models import Case, Viewer
from bihuan.kernel.clocks.models import Clock
from bihuan.kernel.identity.models import Unit
from bihuan.kernel.identity.scope import Scope, scope_apply
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.ledger.verify import ledger_verify
from bihuan.kernel.notices.models import Notice
from bihuan.kernel.scoring.account import account_open
from bihuan.kernel.scoring.models import Account, Item
from bihuan.kernel.scoring.months import month_close
from bihuan.kernel.scoring.ranking import Card
from bihuan.lib.refusals import NotPermitted, Refusal
from bihuan.lib.text import SHANGHAI, FieldError
from tests.desk.conftest import City, as_, city  # noqa: F401
from tests.snapshots import snapshot

pytestmark = pytest.mark.django_db
EVERYTHING = Scope(0, (), (), True)
STATEMENT = "我单位对连续两个月排名靠后负全部责任,立即整改。"
MEASURES = "每天调度未办结工单,逐件与来电人见面,一周一报。"
PROOF = "积压工单已全部办结,办结单和回访记录附后。"
DRY = "胡同已硬化抬高,新砌排水口三处,验收单附后。"


def _market(city: City) -> int:
    return city.units["371502_market"]


def _called(city: City, key: str = "2026-02:departments") -> int:
    scope_apply(EVERYTHING)
    called = account_open(
        matter="accountability",
        unit_id=_market(city),
        reason="综合成绩连续两个月后三名",
        facts={"months": ["2026-01", "2026-02"]},
        key=key,
        now=city.now,
    )
    assert called is not None
    return called.case


def _summoned(city: City) -> int:
    case = _called(city)
    city.move(case, "summon", "tang", unit=_market(city), at="2026-03-03T09:00+08:00", place="中心三楼会议室")
    return case


def test_accountability_goes_from_interview_to_look_back(city: City) -> None:
    case = _summoned(city)
    assert Case.objects.get(pk=case).unit_id == _market(city)
    city.move(
        case, "interview", "tang", after=24, present="孙国强、唐伟", words="就连续两个月后三名进行约谈。"
    )
    city.move(case, "state", "sun", after=25, statement=STATEMENT, measures=MEASURES, until="2026-03-20")
    due = Clock.objects.get(case=case, kind="handle", basis="promised").due_at
    assert due is not None and due.isoformat() == "2026-03-20T15:59:59+00:00", (
        "the head's own day is the limit"
    )
    city.move(case, "report", "sun", after=26, proof=PROOF)
    before = snapshot(case)
    with pytest.raises(Refusal) as early:
        city.move(case, "strike_off", "tang", after=27, found="已抽查十件,均属实。")
    assert early.value.message == "整改要经过一段时间检验,还没到可以回头看的日子。"
    assert snapshot(case) == before
    city.move(case, "not_mended", "tang", after=200, reason="抽查三件仍未与来电人见面")
    city.move(case, "report", "sun", after=300, proof=PROOF)
    ended = city.move(case, "strike_off", "tang", after=300 + 7 * 24, found="已抽查十件,均属实。")
    assert (ended.state, ended.closed) == ("struck_off", True)
    assert Case.objects.get(pk=case).redo_count == 1


def _closed_month(month: date, last: list[int], units: list[int]) -> None:
    """A month of 20 orders a unit, closed on the 4th of the next; the units in `last` are its last."""
    at = datetime(month.year, month.month, 10, 9, 0, tzinfo=SHANGHAI)
    with kernel_writes():
        Item.objects.bulk_create(
            Item(
                seq=1_000_000 + month.month * 100_000 + unit * 100 + n, pack="hotline", measure="on_time", unit_id=unit, at=at,
                outcome="bad" if unit in last and n < 9 - last.index(unit) else "good",
            )
            for unit in units
            for n in range(20)
        )  # fmt: skip
    card = Card("日考核", "试行", {"on_time": 100}, least=0, months=2, bottom=3)
    closing = datetime(month.year, month.month + 1, 4, 7, tzinfo=SHANGHAI)
    assert month_close(pack="hotline", month=month, card=card, now=closing)
    scope_apply(EVERYTHING)


def test_a_further_month_among_the_last_joins_the_open_case(city: City) -> None:
    market = _market(city)
    units = [
        market,
        *Unit.objects.filter(kind="department")
        .exclude(pk=market)
        .order_by("pk")
        .values_list("pk", flat=True)[:6],
    ]
    for number, others in ((3, units[1:3]), (4, units[3:5]), (5, units[1:3])):
        _closed_month(date(2026, number, 1), [market, *others], units)
    account = Account.objects.get()
    case = Case.objects.get(pack="supervision")
    assert (account.unit_id, account.case_id) == (market, case.pk)
    assert [one["month"] for one in account.facts["months"]] == ["2026-03", "2026-04"]
    assert [(one["month"], one["place"]) for one in account.facts["joined"]] == [("2026-05", 7)]
    assert (case.state, case.supervised, len(case.facts["again"])) == ("called", True, 1)
    assert "2026-05综合成绩又在后3名(第7名)" in case.facts["again"][0]["words"]
    assert Notice.objects.filter(case=case, template="worsened").count() == 2
    city.move(case.pk, "revoke", "tang", after=24 * 95, reason="考核结果经复核有变,撤销。")
    for number, others, calls in ((6, units[3:5], 1), (7, units[1:3], 2)):
        _closed_month(date(2026, number, 1), [market, *others], units)
        assert Account.objects.filter(unit=market).count() == calls
    second = Account.objects.filter(unit=market).order_by("-pk")[0]
    assert [one["month"] for one in second.facts["months"]] == ["2026-06", "2026-07"]
    assert second.case_id != case.pk and Case.objects.get(pk=second.case_id).state == "called"
    assert ledger_verify().faults == ()


def test_only_the_unit_called_can_be_summoned(city: City) -> None:
    case = _called(city)
    before = snapshot(case)
    with pytest.raises(Refusal) as wrong:
        city.move(
            case,
            "summon",
            "tang",
            unit=city.units["371502_education"],
            at="2026-03-03T09:00+08:00",
            place="会议室",
        )
    assert wrong.value.message == "只能交给被启动督办或问责的单位本身。"
    with pytest.raises(NotPermitted):
        city.move(case, "summon", "sun", unit=_market(city), at="2026-03-03T09:00+08:00", place="会议室")
    assert snapshot(case) == before


def test_a_marked_order_gives_its_unit_a_task(city: City) -> None:
    order = city.dispatched()
    scope_apply(EVERYTHING)
    task = account_open(
        matter="supervised",
        unit_id=_market(city),
        reason="重办 3 次",
        facts={"redo_count": 3},
        key=f"supervised:{order.case}",
        now=city.now,
        origin=order.case,
    )
    assert task is not None
    case = Case.objects.get(pk=task.case)
    assert (case.state, case.unit_id, case.matter) == ("given", _market(city), "supervised")
    assert (case.title, case.origin_id) == (f"督办:{order.number}", order.case)
    assert Viewer.objects.filter(case=case, unit=city.units["371502_12345"]).exists()
    assert Notice.objects.filter(case=case, template="task_given", unit=_market(city)).count() == 1


def test_what_a_meeting_decided_is_due_on_its_day(city: City) -> None:
    scope_apply(EVERYTHING)
    decided = account_open(
        matter="decision",
        unit_id=_market(city),
        reason="由市场监管局牵头清理预付卡积案",
        facts={"title": "清理预付卡积案", "due": "2026-03-13"},
        key="meeting:1:1",
        now=city.now,
    )
    assert decided is not None
    case = Case.objects.get(pk=decided.case)
    assert (case.title, case.state, case.matter) == ("清理预付卡积案", "given", "decision")
    superior = Clock.objects.get(case=case, kind="handle", basis="superior").due_at
    assert superior is not None and superior.isoformat() == "2026-03-13T15:59:59+00:00"


def _task(as_: Callable[..., Client], city: City, **typed: Any) -> Any:
    values = {
        "kind": "campaign",
        "unit": "东昌府区市场监督管理局 · 371502_market",
        "title": "预付卡退费集中攻坚",
        "text": "一周内逐件见面。",
        "key": "one",
    }
    return as_("tang").post("/supervision/new", {**values, **typed})


def test_a_task_is_struck_off_on_proof_by_somebody_else(city: City, as_: Callable[..., Client]) -> None:
    for _ in range(2):  # a double click
        answer = _task(as_, city, due="2026-03-20")
        assert answer.status_code == 302
    scope_apply(EVERYTHING)
    case = Case.objects.get(pack="supervision")
    assert (answer["Location"], case.state) == (f"/cases/{case.number}", "given")
    city.move(case.pk, "sign_for", "wang", after=2)
    city.move(case.pk, "tell", "wang", after=3, progress="已见面 12 件")
    city.move(case.pk, "report", "wang", after=4, proof=PROOF)
    before = snapshot(case.pk)
    with pytest.raises(NotPermitted):
        city.move(case.pk, "strike_off", "sun", after=5, found="属实。")
    assert snapshot(case.pk) == before
    city.move(case.pk, "redo", "tang", after=5, reason="还有两件没有见面")
    city.move(case.pk, "report", "wang", after=6, proof=PROOF)
    assert city.move(case.pk, "strike_off", "tang", after=7, found="逐件核实。").closed


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"kind": ""}, "kind", "请填写“类别”。"),
        ({"kind": "accountability"}, "kind", "“类别”只能是"),
        ({"unit": "没有的单位"}, "unit", "没有"),
        ({"title": ""}, "title", "请填写“要办的事”。"),
        ({"text": "短"}, "text", "要求"),
        ({"due": "2026-03-02"}, "due", "“完成日期”不能早于 2026-03-03。"),
        ({"origin": "RX-没有"}, "origin", "没有这个编号的件,或您无权查看。"),
        ({"unit": "东昌府区 · 371502"}, "", "只能派给承办单位"),
    ],
)
def test_a_task_that_cannot_be_given_is_not_opened(
    city: City,
    as_: Callable[..., Client],
    typed: dict[str, str],
    field: str,
    words: str,
) -> None:
    answer = _task(as_, city, **typed)
    assert answer.status_code in (403, 422)
    page = answer.content.decode()
    assert (words in page and "一周内逐件见面。" in page) or field == "text"
    scope_apply(EVERYTHING)
    assert not Case.objects.filter(pack="supervision").exists()
    assert not Notice.objects.filter(template="task_given").exists()


def test_only_the_supervisor_gives_tasks(city: City, as_: Callable[..., Client]) -> None:
    for person in ("wang", "sun", "qian", "li", "audit"):
        client = as_(person)
        assert client.get("/supervision/new").status_code == 403
        assert client.post("/supervision/new", {"kind": "campaign", "key": "x"}).status_code == 403
    assert as_("wang").get("/supervision/").status_code == 403
    scope_apply(EVERYTHING)
    assert not Case.objects.filter(pack="supervision").exists()


def test_works_close_when_the_next_rain_has_shown_that_they_hold(
    city: City,
    as_: Callable[..., Client],
) -> None:
    flooded = city.dispatched(title="胡同积水")
    again = city.opened(title="还是积水")
    case_merge(
        case_id=again.case, into=flooded.case, by=city.people["tang"], now=city.now + timedelta(hours=1)
    )
    answer = _task(
        as_, city, kind="works", title="胡同硬化抬高、新砌排水口", origin=flooded.number, text="50米长3米宽。"
    )
    assert answer.status_code == 302, answer.content.decode()
    scope_apply(EVERYTHING)
    works = Case.objects.get(pack="supervision")
    assert (works.workflow, works.state, works.origin_id) == ("works/1", "planning", flooded.case)
    plan = {"works": "硬化抬高50米长3米宽,新砌排水口三处。", "cost": "86000", "until": "2026-04-30"}
    city.move(works.pk, "plan", "sun", after=2, **plan)
    city.move(works.pk, "complete", "wang", after=24 * 50, proof=DRY)
    before = snapshot(works.pk)
    for day, words in (("2026-03-05", "验证要在完工之后"), ("2026-12-01", "验证的日子还没有到。")):
        with pytest.raises(Refusal) as refused:
            city.move(works.pk, "prove", "tang", after=24 * 60, on=day, found="没有积水。")
        assert refused.value.message.startswith(words)
    assert snapshot(works.pk) == before
    city.move(works.pk, "failed", "tang", after=24 * 70, on="2026-05-01", reason="雨后仍有积水")
    city.move(works.pk, "complete", "wang", after=24 * 90, proof=DRY)
    client = as_("tang", after=24 * 130)
    page = client.get(f"/cases/{works.number}").content.decode()
    version = Case.objects.get(pk=works.pk).version
    assert "验证有效" in page
    proved = client.post(
        f"/cases/{works.number}/steps/prove",
        {"version": version, "on": "2026-07-10", "found": "大雨后没有积水。"},
    )
    assert proved.status_code == 302, proved.content.decode()
    scope_apply(EVERYTHING)
    ended = Case.objects.get(pk=works.pk)
    assert (ended.state, ended.redo_count) == ("proved", 1)
    assert [trial["stood"] for trial in ended.facts["trials"]] == [False, True]
    told = Notice.objects.filter(template="mended").order_by("case_id")
    assert [(n.case_id, n.channel) for n in told] == [(flooded.case, "sms"), (again.case, "sms")]
    (unit,) = Notice.objects.filter(template__startswith="origin_")
    assert (unit.template, unit.case_id, unit.unit_id) == ("origin_called_back", flooded.case, _market(city))
    assert [Case.objects.get(pk=one.case).state for one in (flooded, again)] == ["calling_back"] * 2


def test_the_five_measures_stand_with_what_carries_them(city: City, as_: Callable[..., Client]) -> None:
    _called(city)
    _task(as_, city)
    disputed = city.dispatched(matter="refund_dispute")
    city.move(disputed.case, "object", "sun", reason="不属于本单位职责")
    page = as_("tang", after=2).get("/supervision/").content.decode()
    for label in ("理顺流程", "宣传引导", "集中攻坚", "督导通报", "表态问责"):
        assert label in page
    assert "集中攻坚 1</a>" in page and "问责 1</a>" in page and "治本工程 0</a>" in page
    assert "?tab=all&amp;matter=campaign" in page
    listed = as_("tang", after=2).get(reverse("worklist") + "?tab=all&matter=campaign").content.decode()
    assert "预付卡退费集中攻坚" in listed and "培训班不退费" not in listed


def test_bad_data_in_a_step_names_the_field(city: City, now: datetime) -> None:
    case = _summoned(city)
    city.move(case, "interview", "tang", after=24, present="孙国强", words="就连续两个月后三名进行约谈。")
    before = snapshot(case)
    with pytest.raises(FieldError) as wrong:
        city.move(case, "state", "sun", after=25, statement=STATEMENT, measures=MEASURES, until="2026-03-01")
    assert wrong.value.field == "until"
    assert snapshot(case) == before
