"""秒批: decided at once by the system when every register says yes; one no or one silence, and a person gets it with the reason."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError, connection

from bihuan.kernel.certificates.models import Certificate
from bihuan.kernel.ledger.models import LedgerEntry, LedgerPrivate
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.ledger.verify import ledger_verify
from bihuan.kernel.notices.models import Notice
from bihuan.lib.refusals import Refusal
from bihuan.packs.onewindow.models import Item
from tests.packs.onewindow.conftest import MARKET, Window
from tests.packs.onewindow.test_codes import ORGAN
from tests.packs.onewindow.test_loop import at, refused

pytestmark = pytest.mark.django_db
SHOP, CATERING = f"{ORGAN}4370731001000", f"{ORGAN}4370731002000"
REGISTERS = "bihuan.packs.onewindow.instant.registers"


@pytest.fixture
def shop(window: Window) -> Item:
    return instant(window, SHOP, "申请书", "年满 | 18\n没有 | 营业执照\n无在办\n未失信", "营业执照")


@pytest.fixture
def catering(window: Window) -> Item:
    materials = "申请表\n营业执照 | 城市已有:营业执照\n健康证明 | 有效期:1年"
    return instant(window, CATERING, materials, "持有 | 营业执照\n无在办", "小餐饮登记证")


def instant(window: Window, code: str, materials: str, checks: str, results: str) -> Item:
    said = {"materials": materials, "checks": checks, "results": results, "special": ""}
    return window.item_of(code, instant=True, promised_days="1", **said)


def told(case: int) -> list[str]:
    with kernel_writes():
        text = LedgerPrivate.objects.get(stream=f"case:{case}", name="checks").text or ""
    return text.splitlines()


def issued(case: int) -> list[str]:
    with kernel_writes():
        return list(Certificate.objects.filter(case=case).values_list("number", flat=True))


def test_all_registers_say_yes_and_the_system_decides_and_issues_at_once(window: Window, shop: Item) -> None:
    taken = window.take("1", outcome="accept_at_once", item=shop)
    assert (taken.state, taken.case_code) == ("evaluating", f"{SHOP}202603020001")
    assert issued(taken.case) == ["YYZZ2026000001"]
    facts = window.case(taken.case).facts
    assert (facts["automatic"], facts["outcome"], facts["accepted"]) == (True, "granted", "complete")
    assert told(taken.case) == [
        "申请人的身份已核验:符合",
        "年满 18 周岁:符合",
        "还没有有效的“营业执照”:符合",
        "同一事项没有在办的件:符合",
        "没有失信记录:符合",
    ]
    with kernel_writes():
        entries = LedgerEntry.objects.filter(case_id=taken.case, kind="move").order_by("seq")
        bodies = [json.loads(bytes(entry.body)) for entry in entries]
        notices = set(
            Notice.objects.filter(case=taken.case, party__isnull=False).values_list("template", flat=True)
        )
    steps = [(body["data"]["step"], body["by"]) for body in bodies]
    assert steps == [("accept_at_once", window.people["fang"]), ("decide_at_once", "system")]
    assert notices == {"application_taken", "certificate_issued", "delivered"}
    assert ledger_verify().faults == ()


def test_one_no_and_a_person_of_the_unit_gets_it_with_the_reason(window: Window, shop: Item) -> None:
    window.take("1", outcome="accept_at_once", item=shop)
    again = window.take("1", outcome="accept_at_once", item=shop)
    assert (again.state, at(window, again.case)) == ("examining", ("examining", MARKET))
    assert "还没有有效的“营业执照”:不符合(YYZZ2026000001)" in told(again.case)
    assert (issued(again.case), window.case(again.case).facts["automatic"]) == ([], False)
    with kernel_writes():
        assert Notice.objects.filter(case=again.case, template="application_to_examine").count() == 1
    window.move(again.case, "examine", "wang", advice="refuse", opinion="已有营业执照,不重复登记。")


def slow(**_asked: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select pg_sleep(1)")


def broken(**_asked: Any) -> None:
    raise OperationalError("the register is down")


@pytest.mark.parametrize("reader", [broken, slow])
@pytest.mark.parametrize("register", ["certificates_held", "open_cases", "is_discredited"])
def test_a_register_that_does_not_answer_is_never_a_yes(
    window: Window, shop: Item, monkeypatch: pytest.MonkeyPatch, register: str, reader: Callable[..., None]
) -> None:
    monkeypatch.setattr(f"{REGISTERS}.WAIT", "50ms")
    monkeypatch.setattr(f"{REGISTERS}.{register}", reader)
    taken = window.take("1", outcome="accept_at_once", item=shop)
    assert (taken.state, issued(taken.case)) == ("examining", [])
    assert [line for line in told(taken.case) if line.endswith("登记簿查不到,没有核对")] != []
    assert ledger_verify().faults == ()


def test_what_the_city_holds_is_not_asked_for_and_what_has_expired_is_refused(
    window: Window, shop: Item, catering: Item
) -> None:
    first = window.take("1", outcome="accept_at_once", item=shop)
    refused(lambda: window.take("1", "3", outcome="accept_at_once", item=catering), "请填签发日期")
    old = {"dated_3": "2025-03-01"}
    refused(lambda: window.take("1", "3", outcome="accept_at_once", item=catering, **old), "已过期")
    good = {"dated_3": "2025-08-01"}
    taken = window.take("1", "3", outcome="accept_at_once", item=catering, **good)
    assert taken.state == "evaluating"
    assert window.case(taken.case).facts["held"] == {"2": [issued(first.case)[0], "2031-03-01"]}
    stranger = {**good, "name": "王小明"}
    refused(
        lambda: window.take("1", "3", outcome="accept_at_once", item=catering, **stranger),
        "必要的材料还没有交齐",
    )
    brought = window.take("1", "2", "3", outcome="accept_at_once", item=catering, **stranger)
    assert brought.state == "examining"
    assert "持有有效的“营业执照”:不符合" in told(brought.case)


def test_a_material_that_comes_later_must_hold_too(window: Window, catering: Item) -> None:
    taken = window.take("1", "2", outcome="tell_missing", item=catering)

    def comes(**dated: str) -> None:
        window.move(taken.case, "materials", "fang", received="3", **dated)

    refused(comes, "请填签发日期")
    refused(lambda: comes(dated="3=2024-01-01"), "已过期")
    refused(lambda: comes(dated="3=昨天"), "应为日期")
    comes(dated="3=2026-01-01")
    assert window.case(taken.case).facts["materials"]["3"] == "present"
    window.move(taken.case, "accept_at_once", "fang")
    assert window.case(taken.case).state == "examining"


def test_an_item_without_checks_is_decided_by_people_and_checks_are_for_instant_items_alone(
    window: Window,
) -> None:
    refused(lambda: window.take("1", "3", "4", outcome="accept_at_once"), "没有登记可以当场核对的条件")
    refused(lambda: window.item_of(f"{ORGAN}4370731009000", checks="无在办"), "只有即办件")


def test_when_the_certificate_cannot_be_issued_nothing_was_decided(
    window: Window, shop: Item, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_number(**_asked: Any) -> None:
        raise Refusal("certificate", "没有号码了")

    monkeypatch.setattr("bihuan.kernel.certificates.services.numbers_take", no_number)
    refused(lambda: window.take("1", outcome="accept_at_once", item=shop), "没有号码了")
