"""Personal data: masked, read in plain with a reason in the ledger, hidden reporters, erased without a broken chain."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from bihuan.kernel.cases.models import Case, CaseText, Party
from bihuan.kernel.cases.moving import case_move
from bihuan.kernel.cases.opening import Opening, PartyData, case_open
from bihuan.kernel.cases.personal import ERASED, parties_of_case, party_masked, party_unmask, person_anonymise
from bihuan.kernel.identity.models import Grant, Person, Unit
from bihuan.kernel.identity.scope import Scope, scope_apply, scope_of
from bihuan.kernel.ledger.models import LedgerEntry, LedgerPrivate
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.ledger.verify import ledger_verify
from bihuan.kernel.pack import roles
from bihuan.lib.refusals import NotFound, NotPermitted, Refusal
from bihuan.lib.text import FieldError

pytestmark = pytest.mark.django_db

SONG = PartyData(
    name="宋晓梅", phone="13812341234", id_number="371502199003071230", address="东昌府区古楼街道3号楼"
)
PLAIN = {"name": SONG.name, "phone": SONG.phone, "id_number": SONG.id_number, "address": SONG.address}
REASON = "核实退费金额需要回电"


class City:
    """Ids by name, the applied scope, and cases in a state."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.unit = dict(Unit.objects.values_list("code", "id"))
        self.person = dict(Person.objects.values_list("username", "id"))

    def see(self, username: str) -> Scope:
        scope = scope_of(person=self.person[username], at=self.now, roles=roles())
        scope_apply(scope)
        return scope

    def handled(self, *, secret: bool = False) -> int:
        self.see("tang")
        centre = self.unit["371502_12345"]
        party = PartyData(**{**PLAIN, "confidential": secret})
        opening = Opening(
            pack="hotline", title="宋晓梅反映退费", text="我是宋晓梅,要求退费。", unit=centre, opened_by=centre,
            by=self.person["li"], now=self.now, reported_at=self.now, region="371502", place="古楼街道3号楼",
            parties=(party,), facts={"type": "report" if secret else "complaint"}, confidential=secret,
        )  # fmt: skip
        case = case_open(opening).case
        self.move(case, "dispatch", "li", unit=self.unit["371502_market"])
        self.move(case, "sign_for", "wang")
        return case

    def closed(self) -> int:
        case = self.handled()
        self.move(
            case, "assist", "wang", units=[self.unit["371502_education"]], request="请核查宋晓梅的缴费记录"
        )
        child = self.child(case)
        self.move(child, "sign_for", "371502_education_handler")
        self.move(child, "report", "371502_education_handler", answer="宋晓梅缴费属实")
        self.move(case, "self_call_back", "wang", reached="yes", note="已联系宋晓梅")
        self.move(case, "answer", "wang", outcome="done", answer="经调解双方同意退费,已经办结。")
        self.move(case, "approve_up", "sun")
        self.move(case, "approve", "zhao")
        self.move(case, "evaluate", "liu", grade="5")
        return case

    def child(self, case: int) -> int:
        return Case.objects.get(parent_id=case).pk

    def move(self, case: int, step: str, by: str, **data: Any) -> None:
        case_move(case_id=case, step=step, by=self.person[by], now=self.now, data=data)

    def entries(self, case: int) -> list[dict[str, Any]]:
        with kernel_writes():
            found = LedgerEntry.objects.filter(case_id=case).order_by("seq")
            return [json.loads(bytes(row.body)) for row in found]


@pytest.fixture
def city(now: datetime) -> City:
    return City(now)


def party_of(case: int) -> int:
    with kernel_writes():
        return int(Party.objects.get(case_id=case).pk)


def test_a_party_is_masked_by_default(city: City) -> None:
    case = city.handled()
    party = party_masked(Party.objects.get(case_id=case))
    assert party["name"] == "宋**"
    assert party["phone"] == "138****1234"
    assert party["id_number"] == "371***********1230"
    assert party["address"] == "东昌府区古楼街道***"
    assert party["confidential"] is False


def test_a_confidential_reporter_is_stars_and_only_where_everything_is_seen(city: City) -> None:
    case = city.handled(secret=True)
    row = Case.objects.get(pk=case)
    (party,) = parties_of_case(row, city.see("tang"))
    assert {party[name] for name in PLAIN} == {"***"}
    assert party["may_unmask"] is True
    (seen,) = parties_of_case(row, city.see("zhao"))
    assert seen["may_unmask"] is False
    assert parties_of_case(row, city.see("wang")) == []


def test_the_handler_reads_in_plain_with_a_reason_that_lies_beside_the_ledger(city: City) -> None:
    case = city.handled()
    (masked,) = parties_of_case(Case.objects.get(pk=case), city.see("wang"))
    assert masked["may_unmask"] is True
    version = Case.objects.get(pk=case).version
    plain = party_unmask(party=masked["id"], by=city.person["wang"], reason=REASON, now=city.now)
    assert {name: plain[name] for name in PLAIN} == PLAIN
    entry = city.entries(case)[-1]
    assert (entry["kind"], entry["by"]) == ("unmasked", city.person["wang"])
    assert entry["data"] == {"party": masked["id"], "fields": ["name", "phone", "id_number", "address"]}
    text = json.dumps(entry, ensure_ascii=False)
    assert not any(value in text for value in (*PLAIN.values(), REASON))
    kept = LedgerPrivate.objects.get(stream=f"case:{case}", seq=entry["seq"])
    assert (kept.name, kept.text) == ("reason", REASON)
    assert Case.objects.get(pk=case).version == version
    assert not ledger_verify().faults


@pytest.mark.parametrize("reason", ["", "   ", "看看", "x" * 501, "理由\x00理由理由", None])
def test_a_reason_is_needed(city: City, reason: Any) -> None:
    case = city.handled()
    before = city.entries(case)
    city.see("wang")
    with pytest.raises(FieldError) as error:
        party_unmask(party=party_of(case), by=city.person["wang"], reason=reason, now=city.now)
    assert error.value.field == "reason"
    assert city.entries(case) == before


@pytest.mark.parametrize(
    ("username", "refusal"),
    [
        ("zhao", NotPermitted),
        ("zhou", NotPermitted),
        ("qian", NotFound),
        ("admin", NotFound),
        ("audit", NotFound),
    ],
)
def test_others_do_not_read_in_plain(city: City, username: str, refusal: type[Refusal]) -> None:
    case = city.handled()
    if username == "zhou":  # sees the case, without a role that unmasks
        with kernel_writes(), connection.cursor() as cursor:
            desk = city.unit["371502_desk"]
            cursor.execute("insert into case_viewer (case_id, unit_id) values (%s, %s)", [case, desk])
    before = city.entries(case)
    party = party_of(case)
    city.see(username)
    with pytest.raises(refusal):
        party_unmask(party=party, by=city.person[username], reason=REASON, now=city.now)
    assert city.entries(case) == before


def test_a_role_that_shows_a_case_gives_no_right_that_another_role_has_elsewhere(city: City) -> None:
    case, person = city.handled(), city.person["qian"]
    with kernel_writes():  # a handler elsewhere, who here only coordinates
        Grant.objects.create(person_id=person, unit_id=city.unit["371502_market"], role="dispatcher")
    party, before = party_of(case), city.entries(case)
    city.see("qian")
    assert Party.objects.filter(pk=party).exists()
    with pytest.raises(NotPermitted):
        party_unmask(party=party, by=person, reason=REASON, now=city.now)
    assert city.entries(case) == before


def test_a_confidential_reporter_is_read_only_by_who_sees_everything_and_does_not_handle(city: City) -> None:
    case = city.handled(secret=True)
    party, before = party_of(case), city.entries(case)
    for username, refusal in (("wang", NotFound), ("sun", NotFound), ("zhao", NotPermitted)):
        city.see(username)
        with pytest.raises(refusal):
            party_unmask(party=party, by=city.person[username], reason=REASON, now=city.now)
    with kernel_writes():
        both = Grant.objects.create(
            person_id=city.person["liu"], unit_id=city.unit["371502_market"], role="handler"
        )
    city.see("liu")
    with pytest.raises(NotPermitted):
        party_unmask(party=party, by=city.person["liu"], reason=REASON, now=city.now)
    assert city.entries(case) == before
    with kernel_writes():
        both.delete()
    city.see("liu")
    assert (
        party_unmask(party=party, by=city.person["liu"], reason=REASON, now=city.now)["phone"] == SONG.phone
    )


def test_a_closed_account_reads_nothing(city: City) -> None:
    case = city.handled()
    party, before = party_of(case), city.entries(case)
    with kernel_writes():
        Person.objects.filter(username="wang").update(is_active=False)
    city.see("tang")
    with pytest.raises(NotPermitted):
        party_unmask(party=party, by=city.person["wang"], reason=REASON, now=city.now)
    assert city.entries(case) == before


def test_anonymising_leaves_no_personal_text_and_a_whole_chain(city: City) -> None:
    case = city.closed()
    city.see("tang")
    child, number = city.child(case), Case.objects.get(pk=case).number
    party_unmask(party=party_of(case), by=city.person["tang"], reason="为宋晓梅核对退费", now=city.now)
    bodies = [e for id_ in (case, child) for e in city.entries(id_)]
    later = city.now + timedelta(days=400)
    assert person_anonymise(case=case, by=city.person["security"], now=later) > 5
    row = Case.objects.get(pk=case)
    assert (row.number, row.title, row.place) == (number, ERASED, "")
    assert list(Party.objects.filter(case_id=case).values_list("name", "phone", "id_number", "address")) == [
        ("",) * 4
    ]
    for id_ in (case, child):
        text = CaseText.objects.get(case_id=id_)
        assert (text.text, text.answer, text.grams) == (ERASED, "", [])
        with kernel_writes():
            kept = list(LedgerPrivate.objects.filter(stream=f"case:{id_}").values_list("text", "salt"))
        assert kept
        assert {(text, bytes(salt)) for text, salt in kept} == {(None, b"")}
        assert city.entries(id_)[-1]["kind"] == "anonymised"
    assert [e for id_ in (case, child) for e in city.entries(id_)[:-1]] == bodies
    assert "宋晓梅" not in everything_about([case, child])
    assert not ledger_verify().faults


def everything_about(cases: list[int]) -> str:
    """All rows that tell of these cases, as one text."""
    found = []
    with kernel_writes(), connection.cursor() as cursor:
        for query in (
            "select c::text from cases_case c where id = any(%s)",
            "select c::text from cases_text c where case_id = any(%s)",
            "select c::text from cases_party c where case_id = any(%s)",
            "select convert_from(body, 'UTF8') from ledger_entry where case_id = any(%s)",
            "select text from ledger_private where text is not null and stream like 'case:%%'"
            " and substr(stream, 6)::bigint = any(%s)",
            "select n::text from notices_notice n where case_id = any(%s)",
        ):
            cursor.execute(query, [cases])
            found += [row[0] for row in cursor.fetchall()]
    return "\n".join(found)


def test_who_and_what_may_not_be_anonymised(city: City) -> None:
    open_case, closed = city.handled(), city.closed()
    city.see("tang")
    before = everything_about([open_case, closed])
    assert "宋晓梅" in before
    with pytest.raises(Refusal, match="未办结"):
        person_anonymise(case=open_case, by="retention", now=city.now)
    for username in ("tang", "li", "admin", "audit", "wang"):
        with pytest.raises(NotPermitted):
            person_anonymise(case=closed, by=city.person[username], now=city.now)
    with pytest.raises(NotFound):
        person_anonymise(case=10**12, by="retention", now=city.now)
    assert everything_about([open_case, closed]) == before
    person_anonymise(case=closed, by="retention", now=city.now)
    again = everything_about([closed])
    with pytest.raises(Refusal, match="已经匿名"):
        person_anonymise(case=closed, by="retention", now=city.now)
    assert everything_about([closed]) == again
