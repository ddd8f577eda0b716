"""告知承诺 afterwards: checked within a term; an untrue word ends the decision and stands on record."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from bihuan.kernel.cases.models import Case
from bihuan.kernel.certificates.models import Certificate
from bihuan.kernel.certificates.selectors import number_checked
from bihuan.kernel.ledger.models import LedgerEntry
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.ledger.verify import ledger_verify
from bihuan.kernel.notices.models import Notice
from bihuan.kernel.pack import packs
from bihuan.lib.refusals import NotPermitted
from bihuan.packs.onewindow.models import Commitment
from tests.packs.onewindow.conftest import MARKET, As, Window
from tests.packs.onewindow.test_codes import ORGAN
from tests.packs.onewindow.test_loop import at, due, refused
from tests.stories.cast import text_of

pytestmark = pytest.mark.django_db
REVOKED = {"answer": "承诺的经营场所不存在,撤销许可。", "remedy": "六十日内可以申请行政复议,或六个月内起诉。"}


def committed(window: Window) -> tuple[int, int]:
    """An application granted on a commitment and its check."""
    item = window.item_of(f"{ORGAN}4370114005000", commitment=True)
    taken = window.take("1", outcome="accept_commitment", item=item, signed="on")
    window.move(taken.case, "examine", "wang", advice="grant", opinion="已签承诺书。")
    window.move(taken.case, "grant", "chen", answer="准予许可。")
    with kernel_writes():
        assert Commitment.objects.count() == 0
    window.move(taken.case, "make", "ren")
    with kernel_writes():
        return taken.case, Commitment.objects.get(application=taken.case).pk


def standing(window: Window, case: int) -> str:
    with kernel_writes():
        made = Certificate.objects.get(case=case)
    return number_checked(number=made.number, code=made.code, now=window.now).standing


def test_the_unit_checks_within_the_term_and_a_true_word_closes(window: Window) -> None:
    case, check = committed(window)
    assert at(window, check) == ("checking", MARKET)
    assert due(check, "commitment") == date(2026, 4, 14)
    window.move(check, "find_true", "wang", found="现场与承诺一致。")
    assert (window.case(check).state, standing(window, case)) == ("true", "valid")
    assert ledger_verify().faults == ()


def test_an_untrue_word_revokes_the_certificate_and_stands_on_record(window: Window) -> None:
    case, check = committed(window)
    window.move(check, "find_untrue", "wang", found="登记的地址没有经营场所。")
    refused(lambda: window.move(check, "revoke", "wang", **REVOKED), "权限|角色|办过", NotPermitted)
    window.move(check, "check_again", "chen", reason="照片看不清,再去一次。")
    window.move(check, "find_untrue", "wang", found="再次查看,没有经营场所。")
    refused(
        lambda: window.move(check, "revoke", "chen", answer="不行", remedy=REVOKED["remedy"]), "不能少于10"
    )
    window.move(check, "revoke", "chen", **REVOKED)
    assert (window.case(check).state, standing(window, case)) == ("untrue", "revoked")
    with kernel_writes():
        row = Commitment.objects.get(pk=check)
        entry = LedgerEntry.objects.get(stream="discredited")
        told = Notice.objects.filter(case=case, template="certificate_revoked").count()
    assert (row.identity, row.discredited_from, row.discredited_until) == (
        "371502199001011226", date(2026, 3, 2), date(2028, 3, 1),
    )  # fmt: skip
    assert (entry.kind, json.loads(bytes(entry.body))["data"]["application"], told) == (
        "discredited",
        case,
        1,
    )
    assert ledger_verify().faults == ()


def test_the_discredited_get_no_tolerance_until_their_time_is_over(window: Window) -> None:
    _case, check = committed(window)
    window.move(check, "find_untrue", "wang", found="登记的地址没有经营场所。")
    window.move(check, "revoke", "chen", **REVOKED)
    refused(lambda: window.take("1", "4", outcome="accept_lacking"), "2028-03-01 前在失信名单里")
    kept = window.take("1", "4", outcome="keep")
    refused(lambda: window.move(kept.case, "accept_lacking", "fang"), "不适用容缺受理")
    assert (
        window.take("1", "4", outcome="accept_lacking", id_number="371502199003071230").state == "examining"
    )
    window.accepted()
    with kernel_writes():
        Commitment.objects.update(discredited_until=window.now.date() - timedelta(days=1))
    assert window.take("1", "4", outcome="accept_lacking").state == "examining"


def test_an_entry_is_repaired_by_another_with_a_reason_after_its_term(
    window: Window, as_: As, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    monkeypatch.setattr("bihuan.site.middleware.timezone.now", lambda: window.now)
    assert as_("fang").get("/onewindow/discredited").status_code == 403
    assert "没有人在失信名单里" in text_of(as_("sun").get("/onewindow/discredited"))
    _case, check = committed(window)
    window.move(check, "find_untrue", "wang", found="登记的地址没有经营场所。")
    window.move(check, "revoke", "chen", **REVOKED)
    sun, reason = as_("sun"), "已改正,现场核实有经营场所。"
    with django_assert_max_num_queries(30):
        listed = text_of(sun.get("/onewindow/discredited"))
    assert ("宋**" in listed, "371***********1226" in listed, "2026-05-31 起可以修复" in listed) == (
        True,
        True,
        True,
    )

    def repair(client: Client, words: str) -> HttpResponse:
        return client.post(f"/onewindow/discredited/{check}", {"reason": words})

    def unchanged(answer: HttpResponse, status: int, words: str) -> None:
        assert (answer.status_code, words in text_of(answer)) == (status, True)
        with kernel_writes():
            rows = Commitment.objects.values_list("repaired_on", "repaired_by", "repair_reason")
            assert (list(rows), LedgerEntry.objects.filter(kind="repaired").count()) == (
                [(None, None, "")],
                0,
            )

    unchanged(repair(sun, reason), 422, "2026-05-31 起")
    window.later(days=90)
    sun = as_("sun")  # the session has ended
    unchanged(repair(sun, "改了"), 422, "不能少于10")
    unchanged(repair(as_("fang"), reason), 403, "权限")
    with kernel_writes():
        Commitment.objects.update(discredited_by=window.people["sun"])
    unchanged(repair(sun, reason), 403, "另一人")
    with kernel_writes():
        Commitment.objects.update(discredited_by=window.people["chen"])
    refused(lambda: window.take("1", "4", outcome="accept_lacking"), "失信名单")
    assert repair(sun, reason).status_code == 302
    assert "已修复" in text_of(sun.get("/onewindow/discredited"))
    assert repair(sun, reason).status_code == 409
    with kernel_writes():
        entry = LedgerEntry.objects.get(kind="repaired")
    assert (entry.stream, json.loads(bytes(entry.body))["data"]["case"]) == ("discredited", check)
    assert window.take("1", "4", outcome="accept_lacking").state == "examining"
    assert ledger_verify().faults == ()


def test_the_number_is_forgotten_with_the_application(window: Window) -> None:
    case, check = committed(window)
    with kernel_writes():
        Commitment.objects.filter(pk=check).update(identity="371502199001011226")
        forget = packs()["onewindow"].forget
        assert forget is not None
        forget([case], window.now)
        assert Commitment.objects.get(pk=check).identity == ""
        assert Case.objects.filter(pk=check).exists()
