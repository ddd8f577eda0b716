"""The certificate of an application: issued by the step that makes it, shown to its applicant, true or not for everybody."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client

from bihuan.kernel.cases.models import Case
from bihuan.kernel.certificates.models import Certificate
from bihuan.kernel.certificates.selectors import number_checked, token_checked
from bihuan.kernel.certificates.services import certificate_revoke
from bihuan.kernel.ledger.keys import KeyMissing
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.ledger.verify import ledger_verify
from bihuan.kernel.notices.follow_codes import follow_code
from bihuan.kernel.notices.models import Notice
from bihuan.lib.refusals import NotPermitted, Refusal
from tests.packs.onewindow.conftest import FOOD, MARKET, Window
from tests.packs.onewindow.test_codes import ORGAN
from tests.packs.onewindow.test_loop import refused

pytestmark = pytest.mark.django_db


def granted(window: Window, **typed: str) -> int:
    taken = window.accepted(**typed)
    window.move(taken.case, "examine", "wang", advice="grant", opinion="材料齐全,符合条件。")
    window.move(taken.case, "grant", "chen", answer="准予食品经营许可。")
    return taken.case


def made_of(case: int) -> Certificate:
    with kernel_writes():
        return Certificate.objects.get(case=case)


def test_making_issues_the_certificate_that_the_catalogue_names(window: Window) -> None:
    case = granted(window)
    window.move(case, "make", "ren")
    made = made_of(case)
    assert (made.kind, made.number) == ("onewindow_food", "SPJY2026000001")
    assert (made.holder, made.identity, made.organisation) == ("宋晓梅", "371502199001011226", False)
    assert made.contents == {"item": "食品经营许可(新办)", "case_code": f"{FOOD}202603020001"}
    assert made.unit_id == window.units[MARKET]
    assert (made.valid_from, made.valid_until) == (date(2026, 3, 2), date(2031, 3, 1))
    assert window.case(case).state == "delivering"
    with kernel_writes():
        assert Notice.objects.filter(case=case, template="certificate_issued").count() == 1
    assert ledger_verify().faults == ()


def test_an_organisation_s_is_told_in_full_and_a_result_without_a_kind_of_its_own_has_one_too(
    window: Window,
) -> None:
    item = window.item_of("鲁食-2026/07", scheme="opaque", results="备案回执", valid_months="0")
    taken = window.accepted(item=item, applicant="organisation", name="聊城市某某有限公司", id_number=ORGAN)
    window.move(taken.case, "examine", "wang", advice="grant", opinion="材料齐全,符合条件。")
    window.move(taken.case, "grant", "chen", answer="准予备案。")
    window.move(taken.case, "make", "ren")
    made = made_of(taken.case)
    assert (made.kind, made.number, made.valid_until) == ("onewindow_result", "ZWJG2026000001", None)
    assert (made.holder_masked, made.contents) == ("聊城市某某有限公司", {"item": "食品经营许可(新办)"})


def test_whoever_decided_does_not_make_and_without_a_key_nothing_is_made(
    window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = granted(window)

    def no_key(*, now: object) -> None:
        raise KeyMissing("key_missing", "还没有签名密钥")

    refused(lambda: window.move(case, "make", "chen"), "没有这一权限|角色", NotPermitted)
    monkeypatch.setattr("bihuan.kernel.certificates.services.key_ready", no_key)
    refused(lambda: window.move(case, "make", "ren"), "还没有签名密钥")
    with kernel_writes():
        assert Certificate.objects.count() == 0
    assert window.case(case).state == "certifying"


def test_everybody_can_tell_a_good_one_from_a_tampered_a_revoked_and_an_expired_one(window: Window) -> None:
    case = granted(window)
    window.move(case, "make", "ren")
    made = made_of(case)
    assert token_checked(token=made.token, now=window.now).standing == "valid"
    body, dot, signature = made.token.partition(".")
    for forged in (body[:-2] + "AA" + dot + signature, body + dot + "A" * len(signature), "x.y"):
        with pytest.raises(Refusal):
            token_checked(token=forged, now=window.now)
    later = window.now + timedelta(days=365 * 6)
    assert number_checked(number=made.number, code=made.code, now=later).standing == "expired"
    certificate_revoke(certificate=made.pk, reason="承诺不实", by=window.people["chen"], now=window.now)
    assert token_checked(token=made.token, now=window.now).standing == "revoked"


def test_the_applicant_opens_it_with_number_and_code_and_nobody_else(window: Window) -> None:
    case = granted(window)
    window.move(case, "make", "ren")
    made, number = made_of(case), window.case(case).number
    address = f"/public/cases/{number}/certificates/{made.pk}.pdf"
    assert Client().get(address)["Location"] == f"/public/follow?number={number}"
    mine = Client()
    mine.post("/public/follow", {"number": number, "code": follow_code(case)})
    page = mine.get(f"/public/cases/{number}").content.decode()
    assert ("SPJY2026000001" in page, address in page) == (True, True)
    answer = mine.get(address)
    assert (answer["Content-Type"], answer.content[:5]) == ("application/pdf", b"%PDF-")
    other = granted(window)
    window.move(other, "make", "ren")
    assert mine.get(f"/public/cases/{number}/certificates/{made_of(other).pk}.pdf").status_code == 404


def test_a_case_that_names_nobody_gets_no_certificate(window: Window) -> None:
    case = granted(window)
    with kernel_writes():
        Case.objects.get(pk=case).parties.update(name="")
    refused(lambda: window.move(case, "make", "ren"), "没有写明申请人")
