"""Where an order goes, and why: who runs the place, the directory, danger, the accused, the desks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from bihuan.kernel.cases.models import Case
from bihuan.kernel.identity.models import Person, Unit
from bihuan.kernel.identity.scope import Scope, scope_apply
from bihuan.kernel.identity.services import administration_set
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.lib.refusals import Refusal
from bihuan.packs.hotline.demonstration.generator import orders
from bihuan.packs.hotline.directory.matters import MATTER_BY_CODE
from bihuan.packs.hotline.dispatching import DispatchMap, decide, dispatch_map
from bihuan.packs.hotline.emergencies import danger_found
from bihuan.packs.hotline.models import Directory, Matter, Order
from bihuan.packs.hotline.order_data import CleanOrder, order_clean
from bihuan.packs.hotline.services import order_take
from bihuan.packs.hotline.text.model import Proposal, TextModel
from bihuan.packs.hotline.text.store import model_in_force, model_path, model_put_in_force, model_text
from bihuan.packs.hotline.text.training import train

pytestmark = pytest.mark.django_db
SURE = Proposal("0101", 0.93, False, ("积水", "下雨"))


@pytest.fixture(autouse=True)
def everything(db: None) -> None:
    scope_apply(Scope(0, (), (), True))


@pytest.fixture
def at() -> DispatchMap:
    return dispatch_map()


@pytest.fixture
def u() -> dict[str, int]:
    return dict(Unit.objects.values_list("code", "id"))


def clean(now: datetime, at: DispatchMap, **data: Any) -> CleanOrder:
    order, faults = order_clean({"text": "一下雨就积水", **data}, now=now, words=at.words())
    assert order is not None, faults
    return order


def went(
    now: datetime, at: DispatchMap, proposal: Proposal | None = None, **data: Any
) -> tuple[str, str, str]:
    """Step, code of the unit, last reason."""
    decision = decide(order=clean(now, at, **data), at=at, proposal=proposal)
    return decision.step, at.places.by_id[decision.unit].code, decision.reasons[-1]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("371502011", "371502011"), ("李海务街道", "371502011"), ("李海务", "371502011"),
        ("李海务街道办事处", "371502011"),
        ("东昌府区李海务街道办", "371502011"), (" 沙镇 镇", "371502101"), ("沙镇", "371502101"),
        ("东昌府", "371502"),
        ("聊城市东昌府区", "371502"), ("度假区", "371500_resort"), ("经开区", "371500_development"),
        ("聊城高新技术产业开发区", "371500_hightech"), ("高新区", "371500_hightech"), ("莘县", "371522"),
        ("阳谷县博济桥街道", "371521001"),
    ],
)  # fmt: skip
def test_places_as_people_write_them(at: DispatchMap, now: datetime, written: str, code: str) -> None:
    found = at.places.place_named(written, on=now.date())
    assert found is not None
    assert found.code == code


@pytest.mark.parametrize(
    "written", ["A3区", "A市A3区", "莘", "古楼街道和柳园街道之间", "某区", "371502_market"]
)
def test_no_place_is_guessed(at: DispatchMap, now: datetime, written: str) -> None:
    assert at.places.place_named(written, on=now.date()) is None


def test_texts_name_places_by_whole_names_only(at: DispatchMap, now: datetime) -> None:
    found = at.places.place_within("沙镇镇到侯营镇的路", on=now.date())
    assert found is None
    for text in ("A市经济技术开发区的厂", "本市高新区", "新区的路", "北城的路", "东昌府那边"):
        assert at.places.place_within(text, on=now.date()) is None, text
    town = at.places.place_within("我住东昌府区沙镇镇", on=now.date())
    assert town is not None
    assert town.code == "371502101"


def test_the_directory_decides(at: DispatchMap, now: datetime) -> None:
    assert went(now, at, SURE, place="柳园街道望淮路") == (
        "dispatch", "371502_municipal",
        "派单目录:道路积水由东昌府区市政工程服务中心主办(《城镇排水与污水处理条例》)",
    )  # fmt: skip
    decision = decide(order=clean(now, at, place="柳园街道望淮路"), at=at, proposal=SURE)
    assert decision.reasons[:2] == ("类别:道路积水,把握 93%,依据“积水”“下雨”", "地点:柳园街道,属东昌府区")
    assert (decision.automatic, decision.matter, decision.confidence) == (True, "0101", 0.93)
    assert went(now, at, matter="公交线路服务", territory="沙镇")[:2] == ("dispatch", "371500_bus")
    assert went(now, at, matter="1005", territory="沙镇")[:2] == ("dispatch", "371502101")


def test_who_runs_the_place_decides_not_its_code(at: DispatchMap, now: datetime) -> None:
    decision = decide(order=clean(now, at, territory="李海务街道"), at=at, proposal=SURE)
    assert (decision.step, at.places.by_id[decision.unit].code) == ("coordinate", "371500_resort_desk")
    assert decision.reasons[1] == "地点:李海务街道由聊城江北水城旅游度假区管理"
    # What the city leads, it leads in the zone too.
    assert went(now, at, matter="0501", territory="李海务")[:2] == ("dispatch", "371500_bus")


def test_who_runs_a_place_has_dates(at: DispatchMap, now: datetime, u: dict[str, int]) -> None:
    since = date(2026, 6, 1)
    administration_set(
        unit=u["371502001"], administered_by=u["371500_resort"], since=since, basis="划转", now=now, by="test"
    )
    fresh = dispatch_map()
    assert fresh is not at
    assert went(now, fresh, SURE, territory="古楼街道")[1] == "371502_municipal"
    assert went(datetime.fromisoformat("2026-06-02T10:00+08:00"), fresh, SURE, territory="古楼街道")[1] == (
        "371500_resort_desk"
    )


def test_what_the_rules_cannot_settle_goes_to_a_desk(at: DispatchMap, now: datetime) -> None:
    unsure = replace(SURE, confidence=0.41, abstain=True, why_abstained="把握不足")
    assert went(now, at, unsure, territory="古楼街道")[:2] == ("coordinate", "371502_desk")
    assert went(now, at, None, territory="古楼街道")[:2] == ("coordinate", "371502_desk")
    assert went(now, at, SURE) == ("coordinate", "371502_desk", "地点不明:交东昌府区热线协调台")
    assert went(now, at, SURE, territory="A3区")[:2] == ("coordinate", "371502_desk")
    assert went(now, at, SURE, territory="莘县")[:2] == ("coordinate", "371522_desk")
    assert went(now, at, matter="1005", territory="东昌府区")[:2] == ("coordinate", "371502_desk")
    assert went(now, at, matter="1291", territory="古楼街道")[2] == (
        "应走“人民法院、仲裁机构”途径,由协调台告知来电人:交东昌府区热线协调台"
    )
    foreign = replace(SURE, label="城乡建设")
    assert went(now, at, foreign, territory="古楼街道")[:2] == ("coordinate", "371502_desk")
    said = decide(order=clean(now, at, territory="古楼街道"), at=at, proposal=unsure).reasons[0]
    assert said == "类别:拿不准(最像道路积水,相像 41%;把握不足)"


def test_never_the_accused_nor_a_township_for_a_department(
    at: DispatchMap, now: datetime, u: dict[str, int]
) -> None:
    accused = {"territory": "古楼街道", "accused": "371502_municipal"}
    assert went(now, at, SURE, **accused)[:2] == ("coordinate", "371502_desk")
    assert went(now, at, SURE, territory="古楼街道", accused="东昌府区热线协调台")[1] == "371502_municipal"
    assert went(now, at, None, territory="古楼街道", accused="371502_desk")[1] == "371502_12345"
    with kernel_writes():
        Directory.objects.filter(matter="0101").update(unit_id=u["371502001"])
    assert went(now, dispatch_map(), SURE, territory="古楼街道")[:2] == ("coordinate", "371502_desk")


def test_no_directory_row_or_an_ended_one(at: DispatchMap, now: datetime) -> None:
    with kernel_writes():
        Directory.objects.filter(matter="0101").update(valid_to=date(2026, 3, 1))
    fresh = dispatch_map()
    assert (
        went(now, fresh, SURE, territory="古楼街道")[2]
        == "东昌府区的派单目录没有“道路积水”:交东昌府区热线协调台"
    )
    with kernel_writes():
        Matter.objects.filter(code="0102").update(active=False)
    assert dispatch_map().words().matter("0102") is None


@pytest.mark.parametrize(
    ("text", "service"),
    [
        ("楼下煤气泄漏了,快来人", "119"), ("三楼起火了!", "119"),
        ("有人被困电梯里", "119"), ("有人持刀打架", "110"),
        ("老人晕倒叫不醒", "120"), ("路口发生车祸有人受伤", "122"),
    ],
)  # fmt: skip
def test_danger_to_life_is_passed_on_at_once(
    now: datetime, u: dict[str, int], text: str, service: str
) -> None:
    taken = order_take(data={"text": text, "territory": "古楼街道"}, by=0, now=now)
    slug = {
        "119": "gas" if "煤气" in text else "fire",
        "110": "police",
        "120": "health",
        "122": "traffic_police",
    }[service]
    assert (taken.state, taken.unit, taken.version) == ("dispatched", u[f"371502_{slug}"], 3)
    case = Case.objects.get(pk=taken.case)
    assert case.urgent
    assert case.progress["passed_on"] is True
    assert case.facts["limit_key"] == "urgent.danger"
    assert taken.reasons[0] == f"危及人身安全:立即转{service}"
    with connection.cursor() as cursor:
        cursor.execute(
            "select due_at from clocks_clock where case_id=%s and kind='handle' and basis='promised'",
            [case.pk],
        )
        assert cursor.fetchone()[0] == now + timedelta(hours=2)
        cursor.execute(
            "select convert_from(body,'UTF8')::jsonb -> 'data' -> 'fields' ->> 'service' from ledger_entry"
            " where case_id=%s and seq=2", [case.pk],
        )  # fmt: skip
        assert cursor.fetchone()[0] == service


@pytest.mark.parametrize(
    "text",
    [
        "担心电线老化引起火灾",
        "去年三楼起火了,至今没有赔偿",
        "建议防止煤气泄漏",
        "是否发生过煤气泄漏",
        "消防栓没有水,着火怎么办",
    ],
)
def test_fears_and_the_past_are_no_danger(text: str) -> None:
    assert danger_found(text) is None


def test_an_old_letter_tells_of_no_present_danger(now: datetime, u: dict[str, int]) -> None:
    old = {"text": "三楼起火了!", "territory": "古楼街道", "reported_at": now - timedelta(days=30)}
    taken = order_take(data=old, by=0, now=now)
    assert (taken.state, Case.objects.get(pk=taken.case).urgent) == ("coordinating", False)


def test_words_of_danger_are_rare_in_ordinary_orders() -> None:
    told = [
        o for o in orders(count=4000, seed=3, start=date(2025, 1, 1), end=date(2025, 12, 31))
        if danger_found(f"{o.title}\n{o.text}") and not MATTER_BY_CODE[o.matter].emergency
    ]  # fmt: skip
    assert told == []


@pytest.fixture(scope="module")
def model() -> TextModel:
    made = list(orders(count=1500, seed=5, start=date(2025, 1, 1), end=date(2025, 12, 31)))
    return train([model_text(o.title, o.text) for o in made], [o.matter for o in made])


def test_the_model_in_force_sends_what_it_is_sure_of(
    now: datetime, u: dict[str, int], model: TextModel, settings: Any, tmp_path: Path
) -> None:
    settings.MODEL_ROOT = tmp_path
    text = "柳园街道青葵路路灯不亮,晚上一片漆黑,恳请尽快修好路灯。"
    assert model_in_force() is None
    assert order_take(data={"text": text}, by=0, now=now).state == "coordinating"
    fingerprint = model_put_in_force(model=model, sources=["generated"], by="test", now=now)
    assert model_path(fingerprint).exists()
    taken = order_take(data={"text": text}, by=0, now=now)
    assert (taken.state, taken.unit, taken.automatic) == ("dispatched", u["371502_municipal"], True)
    row = Order.objects.get(case=taken.case)
    assert (row.model_label, row.model) == ("0103", fingerprint)
    assert row.model_confidence is not None
    assert 0.5 <= float(row.model_confidence) <= 1
    assert taken.reasons[0].startswith("类别:路灯不亮,把握 ")
    assert "路灯" in taken.reasons[0]
    with kernel_writes(), connection.cursor() as cursor:
        cursor.execute("select count(*) from ledger_entry where stream='model' and kind='model_put_in_force'")
        assert cursor.fetchone()[0] == 1
    model_path(fingerprint).unlink()
    assert model_in_force() is None
    assert order_take(data={"text": text}, by=0, now=now).state == "coordinating"


def test_a_model_with_foreign_labels_is_not_put_in_force(
    now: datetime, settings: Any, tmp_path: Path
) -> None:
    settings.MODEL_ROOT = tmp_path
    foreign = train(["道路积水严重", "学校补课收费"] * 10, ["城乡建设", "教育文体"] * 10)
    with pytest.raises(Refusal, match="不是事项编码"):
        model_put_in_force(model=foreign, sources=[], by="test", now=now)
    assert list(tmp_path.iterdir()) == []
    assert model_in_force() is None


def test_a_unit_that_the_workflow_refuses_is_replaced_by_the_desk(now: datetime, u: dict[str, int]) -> None:
    from bihuan.packs.hotline import services

    person = Person.objects.get(username="li").pk
    real = services.decide

    def wrong(**given: Any) -> Any:
        return replace(real(**given), unit=u["371502"])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(services, "decide", wrong)
        taken = order_take(
            data={"text": "积水", "matter": "0101", "territory": "古楼街道"}, by=person, now=now
        )
    assert (taken.state, taken.unit, taken.automatic) == ("coordinating", u["371502_desk"], False)
    assert Order.objects.get(case=taken.case).on_desk_at is None


def test_a_township_in_the_words_counts_inside_the_territory_given(now: datetime, u: dict[str, int]) -> None:
    data = {"text": "古楼街道路面积水,没法走路", "territory": "东昌府区", "matter": "道路积水"}
    taken = order_take(data=data, by=0, now=now)
    assert any("古楼街道" in why for why in taken.reasons)
    outside = order_take(data={**data, "text": "茌平区振兴街道路面积水"}, by=0, now=now)
    assert not any("振兴街道" in why for why in outside.reasons)


@pytest.mark.parametrize("territory", ["济南市", "火星市", "<b>古楼</b>外星"])
def test_a_territory_that_is_not_ours_is_not_overridden_by_the_words(
    now: datetime, u: dict[str, int], territory: str
) -> None:
    data = {"text": "古楼街道路面积水,没法走路", "territory": territory, "matter": "道路积水"}
    taken = order_take(data=data, by=0, now=now)
    assert (taken.state, taken.automatic) == ("coordinating", False)
    assert any(territory[:4] in why for why in taken.reasons)


def test_danger_is_passed_on_whatever_matter_was_given(now: datetime, u: dict[str, int]) -> None:
    data = {"text": "路灯杆漏电,有人触电倒地了", "territory": "古楼街道", "matter": "路灯不亮"}
    taken = order_take(data=data, by=0, now=now)
    case = Case.objects.get(pk=taken.case)
    assert (case.urgent, case.progress["passed_on"]) == (True, True)
    assert taken.reasons[0] == "危及人身安全:立即转120"
