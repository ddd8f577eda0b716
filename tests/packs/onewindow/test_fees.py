"""Fees: told when it is granted, paid or waived at the window before the certificate is made; what was wrongly taken is a red card."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from bihuan.kernel.desk.case.actions import case_offers
from bihuan.kernel.identity.services import grant_add
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.ledger.verify import ledger_verify
from bihuan.kernel.notices.follow_codes import follow_code
from bihuan.kernel.notices.models import Notice
from bihuan.lib.refusals import NotPermitted
from bihuan.packs.onewindow.catalogue.contents import fees_read, fees_told
from bihuan.packs.onewindow.catalogue.services import item_set
from bihuan.packs.onewindow.fees.rules import above_standard, grounds, owed, settled
from bihuan.packs.onewindow.models import Card, Item
from bihuan.packs.onewindow.supervision.keeping import cards_keep
from tests.packs.onewindow.bazaar import SIGN, Bazaar
from tests.packs.onewindow.conftest import FOOD, Window
from tests.packs.onewindow.test_item_forms import page
from tests.packs.onewindow.test_loop import refused

FEES = "工本费 | 10.00 | 鲁价费〔2020〕1号 | 减免:残疾人 | 减免:低保\n检测费 | 25.50 | 鲁价费〔2020〕2号 | 减免:残疾人\n公示费 | 0.10 | 鲁价费〔2020〕3号"


def test_what_is_owed_is_what_the_catalogue_lists_and_nothing_waived() -> None:
    fees = fees_read(FEES)
    assert fees_told(fees) == FEES
    facts: dict[str, Any] = {"fees": fees}
    assert (owed(facts), grounds(facts), settled(facts)) == ("35.60", ["残疾人", "低保"], False)
    facts["fee"] = {"waived": {"1": "残疾人", "2": "残疾人"}}
    assert (owed(facts), grounds(facts)) == ("0.10", [])
    assert [above_standard(facts, amount) for amount in ("0.10", "0.11")] == [False, True]
    assert (owed({}), settled({})) == ("0.00", True)


def granted(window: Window, code: str, **said: Any) -> int:
    taken = window.accepted(item=window.item_of(FOOD[:-1] + code, **said))
    window.move(taken.case, "examine", "wang", advice="grant", opinion="材料齐全,符合条件。")
    window.move(taken.case, "grant", "chen", answer="准予食品经营许可。")
    return taken.case


def cards(case: int) -> list[tuple[str, str, str | None]]:
    with kernel_writes():
        return list(Card.objects.filter(case=case).values_list("colour", "rule", "person__username"))


def test_giving_up_is_never_the_step_that_is_offered_first(window: Window) -> None:
    case, ren = granted(window, "7", fees=FEES), window.people["ren"]
    offers = case_offers(case=window.case(case), person=ren, now=window.now)
    assert [offer.step.code for offer in offers.mine] == ["fee_pay", "fee_waive", "fee_forgo"]
    assert offers.usual is None  # it was "fee_forgo"
    window.move(case, "fee_pay", "ren", amount="35.60", receipt="SD20260302")
    assert case_offers(case=window.case(case), person=ren, now=window.now).usual.code == "make"  # type: ignore[union-attr]


@pytest.fixture
def follow(window: Window, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr("bihuan.site.middleware.timezone.now", lambda: window.now)

    def followed(case: int) -> str:
        client, number = Client(), window.case(case).number
        client.post("/public/follow", {"number": number, "code": follow_code(case)})
        return page(client.get(f"/public/cases/{number}"))

    return followed


@pytest.mark.django_db
def test_it_is_paid_at_the_window_before_the_certificate_is_made(window: Window, follow: Any) -> None:
    case = granted(window, "5", fees=FEES)
    with kernel_writes():
        assert Notice.objects.filter(case_id=case, template="fee_due").count() == 1
    shown = follow(case)
    for words in ("工本费 10.00 元", "鲁价费〔2020〕1号", "应缴 35.60 元", "可以减免:残疾人、低保"):
        assert words in shown, words
    paid = {"amount": "35.60", "receipt": "鲁财票 00012345"}
    grant_add(
        person=window.people["wang"],
        unit=window.case(case).unit_id,
        role="window_clerk",
        now=window.now,
        by="system",
    )
    refused(lambda: window.move(case, "make", "ren"), "还没有缴清")
    refused(lambda: window.move(case, "fee_pay", "wang", **paid), "不能再办“登记缴费”", NotPermitted)
    refused(lambda: window.move(case, "fee_pay", "fang", **{**paid, "amount": "35.59"}), "实收少于应缴")
    refused(lambda: window.move(case, "fee_pay", "fang", **{**paid, "amount": "三十"}), "金额")
    refused(lambda: window.move(case, "fee_pay", "fang", amount="35.60"), "票据号码")
    window.move(case, "fee_pay", "fang", **paid)
    refused(lambda: window.move(case, "fee_pay", "fang", **paid), "已经缴清")
    assert "已缴 35.60 元" in follow(case)
    window.move(case, "make", "ren")
    cards_keep(now=window.now)
    assert (window.case(case).state, cards(case)) == ("delivering", [])
    unpaid = granted(window, "4", fees=FEES)
    window.move(unpaid, "fee_forgo", "fang", reason="申请人说不办了")
    row = window.case(unpaid)
    assert (row.state, row.facts["outcome"]) == ("evaluating", "withdrawn")
    assert ledger_verify().faults == ()


@pytest.mark.django_db
def test_it_is_waived_on_the_grounds_of_the_catalogue_alone_and_more_than_the_standard_is_a_red_card(
    window: Window,
) -> None:
    case = granted(window, "6", fees=FEES)
    refused(lambda: window.move(case, "fee_waive", "ren", ground="熟人"), "没有这种减免情形")
    refused(lambda: window.move(case, "fee_waive", "fang", ground="低保"), "不能再办“减免收费”", NotPermitted)
    window.move(case, "fee_waive", "ren", ground="低保")
    window.move(case, "fee_waive", "ren", ground="残疾人")
    assert window.case(case).facts["fee"]["waived"] == {"1": "低保", "2": "残疾人"}
    refused(lambda: window.move(case, "fee_waive", "ren", ground="残疾人"), "没有这种减免情形")
    window.move(case, "fee_pay", "ren", amount="5.00", receipt="鲁财票 00012346")
    cards_keep(now=window.now)
    assert cards(case) == [("red", "fee", "ren")]


def steps(window: Window, case: int, who: str) -> tuple[bool, bool]:
    """Is the finding of money among somebody's own steps, and among those of others?"""
    found = case_offers(case=window.case(case), person=window.people[who], now=window.now)
    mine, others = ({offer.step.code for offer in part} for part in (found.mine, found.others))
    assert "make" in others
    return "fee_found" in mine, "fee_found" in others


@pytest.mark.django_db
def test_what_is_free_stays_free_and_money_found_is_a_red_card(window: Window, follow: Any) -> None:
    case = granted(window, "7")
    assert {"fee", "fees"} & window.case(case).facts.keys() == set()
    assert [steps(window, case, who) for who in ("fang", "tang")] == [(False, False), (True, False)]
    assert "应缴" not in follow(case)
    refused(lambda: window.move(case, "fee_pay", "fang", amount="5", receipt="收据 0001"), "不收费")
    refused(
        lambda: window.move(
            case, "fee_found", "fang", found="unlisted", amount="5", reason="窗口收了加急费。"
        ),
        "权限",
        NotPermitted,
    )
    window.move(case, "make", "ren")
    window.move(case, "fee_found", "tang", found="unlisted", amount="5", reason="申请人反映收了加急费,查实。")
    cards_keep(now=window.now)
    assert cards(case) == [("red", "fee", None)]


@pytest.mark.django_db
def test_a_theme_is_paid_for_once_before_its_permit(window: Window) -> None:
    bazaar = Bazaar(window)
    sign = Item.objects.get(code=SIGN)
    item_set(
        item=sign.pk,
        given={"fees": FEES},
        unit=window.units["371502_enforcement"],
        now=window.now,
        by="system",
    )
    taken = bazaar.take()
    for part in ("卫生", "招牌", "食品"):
        bazaar.grant(taken.case, part)
    assert "fees" not in bazaar.part(taken.case, "招牌").case.facts  # type: ignore[union-attr]
    refused(lambda: window.move(taken.case, "issue_permit", "ren"), "还没有缴清")
    window.move(taken.case, "fee_pay", "fang", amount="35.60", receipt="鲁财票 00012347")
    assert window.move(taken.case, "issue_permit", "ren").state == "delivering"


def test_what_costs_something_is_not_decided_by_the_system(window: Window) -> None:
    refused(
        lambda: window.item_of(FOOD[:-1] + "8", fees=FEES, instant=True, promised_days="1", checks="未失信"),
        "不能由系统",
    )
