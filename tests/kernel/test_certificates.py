"""Issuing, suspending, revoking and replacing: numbers without gaps, entries, notices, and refusals that change nothing."""

from __future__ import annotations

import json
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from bihuan.kernel.cases.personal import person_anonymise
from bihuan.kernel.certificates.models import Certificate
from bihuan.kernel.certificates.rules import number_written
from bihuan.kernel.certificates.selectors import Checked, number_checked, token_checked
from bihuan.kernel.certificates.services import (
    Holder,
    certificate_issue,
    certificate_replace,
    certificate_resume,
    certificate_revoke,
    certificate_suspend,
)
from bihuan.kernel.identity.scope import Scope, scope_apply
from bihuan.kernel.ledger.keys import key_rotate, statements_read
from bihuan.kernel.ledger.models import LedgerEntry, LedgerPrivate
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.ledger.verify import ledger_verify
from bihuan.kernel.notices.models import Notice
from bihuan.kernel.policies.services import policy_set
from bihuan.lib.refusals import NotFound, Refusal
from bihuan.lib.text import FieldError
from tests.api.client import contents, rows
from tests.certificates import CONTENTS, issue, stalls
from tests.desk.conftest import City, city

__all__ = ["city", "stalls"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stalls")]
EVERYTHING = Scope(0, (), (), True)
REASON = "现场核查不符合条件"


class Office:
    """wang's bureau issues; times move by hours."""

    def __init__(self, city: City) -> None:
        self.city, self.by, self.now = city, city.people["wang"], city.now
        self.case = city.closed().case
        self.unit = city.units["371502_market"]
        scope_apply(EVERYTHING)

    def issues(self, **more: Any) -> Certificate:
        asked = issue(**{"case": self.case, "unit": self.unit, **more})
        return certificate_issue(issue=asked, by=self.by, now=self.now)

    def entries(self, made: Certificate) -> list[dict[str, Any]]:
        with kernel_writes():
            found = LedgerEntry.objects.filter(stream=f"certificate:{made.pk}").order_by("seq")
            return [json.loads(bytes(entry.body)) for entry in found]

    def told(self, made: Certificate) -> list[str]:
        with kernel_writes():
            return list(
                Notice.objects.filter(key__startswith=f"certificate:{made.pk}:").order_by("pk").values_list("template", flat=True)
            )  # fmt: skip

    def checked(self, made: Certificate, *, days: int = 0) -> Checked:
        return token_checked(token=made.token, now=self.now + timedelta(days=days))


@pytest.fixture
def office(city: City) -> Office:
    return Office(city)


def state() -> tuple[dict[str, int], dict[str, str], list[Any]]:
    with kernel_writes():
        return rows(), contents(), list(Certificate.objects.order_by("pk").values())


def test_what_is_issued(office: Office) -> None:
    made = office.issues()
    made.refresh_from_db()
    assert (made.number, made.state, made.holder_masked) == ("聊摊许〔2026〕0001号", "valid", "宋**")
    assert (made.valid_from, made.valid_until) == (date(2026, 3, 2), date(2027, 3, 1))
    (entry,) = office.entries(made)
    assert entry["kind"] == "issued" and entry["by"] == office.by
    assert entry["data"]["number"] == made.number
    assert sorted(entry["private"]) == ["contents", "holder", "identity"]
    body = json.dumps(entry, ensure_ascii=False)
    assert not [word for word in ("宋晓梅", "371502199003071230", CONTENTS["place"]) if word in body]
    assert office.told(made) == ["certificate_issued"]
    notice = Notice.objects.get(template="certificate_issued")
    assert (notice.channel, notice.case_id, notice.context["number"]) == ("sms", office.case, made.number)
    assert ledger_verify().faults == ()


def test_numbers_have_no_gaps_when_one_is_refused(office: Office) -> None:
    assert office.issues().number.endswith("0001号")
    with pytest.raises(RuntimeError, match="undone"), transaction.atomic():
        assert office.issues().number.endswith("0002号")
        raise RuntimeError("undone")
    assert office.issues().number.endswith("0002号")


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"kind": "nothing"}, Refusal),
        ({"case": 10**9}, NotFound),
        ({"unit": 10**9}, NotFound),
        ({"holder": Holder("")}, FieldError),
        ({"holder": Holder("宋\u202e晓梅")}, FieldError),
        ({"contents": {"place": "东侧"}}, FieldError),
        ({"until": date(2026, 3, 1)}, FieldError),
    ],
)
def test_what_makes_no_sense_is_not_issued(
    office: Office, changed: dict[str, Any], error: type[Exception]
) -> None:
    before = state()
    with pytest.raises(error):
        office.issues(**changed)
    assert state() == before


@pytest.mark.parametrize(
    "typed", ["建消审字[2026]0001号", "建消审字（2026）０００１ 号", " 建消审字〔2026〕 0001号"]
)
def test_a_number_is_read_as_people_type_it(typed: str) -> None:
    assert number_written(typed) == "建消审字〔2026〕0001号"


def test_everybody_may_know_what_it_is_worth(office: Office) -> None:
    made = office.issues()
    found = office.checked(made)
    assert (found.standing, found.number, found.holder) == ("valid", made.number, "宋**")
    assert found.unit.pk == office.unit and found.kind and found.kind.code == "stall"
    for typed in (made.number, " ".join(made.number.lower())):
        assert number_checked(number=typed, code=made.code.lower(), now=office.now) == found
    assert office.checked(made, days=364).standing == "valid"
    late = office.checked(made, days=365)
    assert (late.standing, late.since) == ("expired", date(2027, 3, 1))


def test_suspended_resumed_revoked(office: Office) -> None:
    made = office.issues()
    act = {"certificate": made.pk, "reason": REASON, "by": office.by}
    certificate_suspend(**act, now=office.now + timedelta(days=1))
    assert (office.checked(made, days=1).standing, office.checked(made, days=1).since) == (
        "suspended",
        date(2026, 3, 3),
    )
    certificate_resume(**act, now=office.now + timedelta(days=2))
    assert office.checked(made, days=2).standing == "valid"
    certificate_revoke(**act, now=office.now + timedelta(days=3))
    assert (office.checked(made, days=3).standing, office.checked(made, days=3).since) == (
        "revoked",
        date(2026, 3, 5),
    )
    assert [entry["kind"] for entry in office.entries(made)] == ["issued", "suspended", "resumed", "revoked"]
    assert all(REASON not in json.dumps(entry, ensure_ascii=False) for entry in office.entries(made))
    assert office.told(made) == [
        f"certificate_{what}" for what in ("issued", "suspended", "resumed", "revoked")
    ]
    before = state()
    for again in (certificate_revoke, certificate_resume, certificate_suspend):
        with pytest.raises(Refusal, match="现在已撤销"):
            again(**act, now=office.now + timedelta(days=4))
    with pytest.raises(FieldError):
        certificate_revoke(certificate=made.pk, reason="短", by=office.by, now=office.now)
    assert state() == before


def test_a_replaced_one_names_the_new(office: Office) -> None:
    old = office.issues()
    asked = issue(
        office.case,
        office.unit,
        holder=Holder("聊城市一家餐饮有限公司", "91371500MA3C4B5D6E", organisation=True),
    )
    new = certificate_replace(
        certificate=old.pk, issue=asked, reason="变更持证人", by=office.by, now=office.now
    )
    found = office.checked(old)
    assert (found.standing, found.replaced_by) == ("replaced", new.number)
    assert office.checked(new).holder == "聊城市一家餐饮有限公司"
    before = state()
    with pytest.raises(Refusal, match="现在已换发"):
        certificate_replace(
            certificate=old.pk, issue=asked, reason="变更持证人", by=office.by, now=office.now
        )
    assert state() == before
    with pytest.raises(IntegrityError), kernel_writes(), transaction.atomic():
        Certificate.objects.filter(pk=new.pk).update(state="replaced")


def test_a_key_that_was_changed_still_vouches_for_what_it_signed(office: Office, tmp_path: Path) -> None:
    old = office.issues()
    key_rotate(now=office.now, by="system", reason="yearly")
    new = office.issues()
    assert office.checked(old).number == old.number
    assert office.checked(new).number == new.number
    assert len(statements_read()) == 2
    keys, out = tmp_path / "keys.json", StringIO()
    keys.write_text(json.dumps(statements_read()), encoding="utf-8")
    for made in (old, new):
        call_command(
            "certificate", "verify", f"https://x.cn/verify?t={made.token}", "--keys", str(keys), stdout=out
        )
    assert out.getvalue().count("The signature fits.") == 2
    assert f"number\t{new.number}" in out.getvalue() and "宋晓梅" not in out.getvalue()
    body, _dot, signature = new.token.partition(".")
    with pytest.raises(SystemExit):
        call_command("certificate", "verify", f"{body[:-2]}AA.{signature}", "--keys", str(keys), stdout=out)
    assert "FAULT" in out.getvalue()


def test_a_genuine_token_of_another_register_is_said_to_be_so(office: Office) -> None:
    with transaction.atomic():
        made = office.issues()
        transaction.set_rollback(True)
    with pytest.raises(NotFound, match="没有这份证照的记录"):
        office.checked(made)


@pytest.mark.parametrize(
    ("number", "code"), [("{number}", "ABCD-2345"), ("聊摊许〔2026〕9999号", "{code}"), ("", "")]
)
def test_a_wrong_number_and_a_wrong_code_are_answered_alike(office: Office, number: str, code: str) -> None:
    made = office.issues()
    with pytest.raises(NotFound, match="编号或查验码不对"):
        number_checked(
            number=number.format(number=made.number), code=code.format(code=made.code), now=office.now
        )


def test_the_policy_hides_a_person_wholly(office: Office) -> None:
    made = office.issues()
    policy_set(
        code="certificates.public_holder", value="hidden", legal_basis="本市规定", valid_from=date(2026, 1, 1),
        now=office.now, by="system",
    )  # fmt: skip
    assert office.checked(made).holder == ""


def test_it_is_forgotten_with_its_case_but_not_while_it_holds(office: Office) -> None:
    made = office.issues()
    before = state()
    with pytest.raises(Refusal, match="还在有效期内"):
        person_anonymise(case=office.case, by="retention", now=office.now)
    assert state() == before
    later = office.now + timedelta(days=400)
    person_anonymise(case=office.case, by="retention", now=later)
    made.refresh_from_db()
    assert (made.holder, made.identity, made.contents, made.token) == ("", "", {}, "")
    with kernel_writes():
        texts = LedgerPrivate.objects.filter(stream=f"certificate:{made.pk}").values_list("text", "salt")
        assert {(text, bytes(salt)) for text, salt in texts} == {(None, b"")}
    assert number_checked(number=made.number, code=made.code, now=later).standing == "expired"
    assert ledger_verify().faults == ()
