"""Forms in versions and answers of cases: who may, what the ledger says, what a refusal leaves, and that all can be erased."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction

from bihuan.kernel.attachments.models import Attachment
from bihuan.kernel.cases.models import Viewer
from bihuan.kernel.cases.opening import PartyData
from bihuan.kernel.cases.personal import person_anonymise
from bihuan.kernel.forms.models import Answers, FormVersion
from bihuan.kernel.forms.selectors import (
    answers_before,
    answers_of,
    answers_read,
    answers_versions,
    form_in_force,
    form_of,
)
from bihuan.kernel.forms.services import ANSWERED, AnswersRefused, answers_record, form_publish
from bihuan.kernel.identity.scope import NOBODY, scope_apply
from bihuan.kernel.ledger.models import LedgerEntry, LedgerPrivate
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.ledger.verify import ledger_verify
from bihuan.kernel.workflow.model import BY_REPORTER
from bihuan.lib.refusals import Conflict, NotFound, NotPermitted, Refusal
from bihuan.lib.text import FieldError
from tests.api.client import contents, rows
from tests.desk.conftest import City
from tests.kernel.forms.conftest import See
from tests.kernel.forms.stall import GOOD, ID_NUMBER, text

pytestmark = pytest.mark.django_db
PUBLISHED: dict[str, Any] = {
    "code": "test.stall",
    "valid_from": date(2026, 5, 1),
    "basis": "集市管理办法第3条",
}
FOOD = {**GOOD, "goods": ["food"], "licence": "JY123456", "fire": False}


def record(city: City, form: FormVersion, case: int, by: str = "wang", **more: Any) -> Answers:
    given = {"values": GOOD, "by": city.people[by], "now": city.now + timedelta(hours=1), **more}
    return answers_record(case=case, form=form, **given)


def entry_of(case: int) -> dict[str, Any]:
    body = LedgerEntry.objects.filter(case_id=case, kind=ANSWERED).latest("seq").body
    return dict(json.loads(bytes(body)))


# forms


def test_a_version_counts_from_its_day_on(city: City, stall: FormVersion) -> None:
    later = form_publish(schema=text(title="新的摊位申请"), now=city.now, by="test", **PUBLISHED)
    assert (stall.version, later.version) == (1, 2)
    assert form_in_force(code="test.stall", on=date(2026, 4, 30)) == stall
    assert form_in_force(code="test.stall", on=date(2026, 5, 1)) == later
    assert form_of(later).title == "新的摊位申请"
    for code, on in (("test.stall", date(2025, 12, 31)), ("test.none", date(2026, 5, 1))):
        with pytest.raises(NotFound):
            form_in_force(code=code, on=on)
    entries = LedgerEntry.objects.filter(stream="forms")
    with kernel_writes():
        told = [json.loads(bytes(e.body))["data"] for e in entries.order_by("seq")]
    assert [(d["code"], d["version"], d["valid_from"], len(d["sha256"])) for d in told] == [
        ("test.stall", 1, "2026-01-01", 64), ("test.stall", 2, "2026-05-01", 64),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("more", "by", "error", "field"),
    [
        ({}, "wang", NotPermitted, ""),
        ({}, "security", NotPermitted, ""),
        ({"code": "Stall"}, "admin", Refusal, "code"),
        ({"code": "a/b"}, "admin", Refusal, "code"),
        ({"schema": "{}"}, "admin", Refusal, "schema"),
        ({"basis": " "}, "admin", FieldError, "basis"),
        ({"basis": "依据\x00"}, "admin", FieldError, "basis"),
        ({"valid_from": date(2003, 12, 31)}, "admin", Refusal, "valid_from"),
        ({"valid_from": date(2037, 1, 1)}, "admin", Refusal, "valid_from"),
        ({"schema": text(), "valid_from": date(2026, 1, 1)}, "admin", Refusal, "schema"),
    ],
)
def test_what_cannot_be_published_leaves_nothing(
    city: City, stall: FormVersion, more: dict[str, Any], by: str, error: type[Exception], field: str
) -> None:
    before = rows(), contents()
    with pytest.raises(error) as refused:
        form_publish(**{"schema": text(title="新"), **PUBLISHED, **more}, now=city.now, by=city.people[by])
    assert getattr(refused.value, "field", "") == field
    assert (rows(), contents()) == before


def test_the_database_itself_keeps_versions_as_they_were(stall: FormVersion) -> None:
    for change in (lambda r: r.update(title="别的"), lambda r: r.delete()):
        with pytest.raises(DatabaseError), transaction.atomic(), kernel_writes():
            change(FormVersion.objects.filter(pk=stall.pk))
    assert FormVersion.objects.get(pk=stall.pk).title == "摊位申请"


# answers


def test_answers_lie_beside_the_case_and_the_entry_only_commits_to_them(
    city: City, stall: FormVersion, see: See
) -> None:
    case = city.handling().case
    see("wang")
    row = record(city, stall, case, values={**FOOD, "smoke": "看不见的"})
    assert answers_read(row) == FOOD
    assert (row.version, row.part, row.recorded_by_id) == (1, "", city.people["wang"])
    entry = entry_of(case)
    assert (entry["by"], entry["data"]) == (
        city.people["wang"], {"form": "test.stall", "form_version": 1, "part": "", "version": 1},
    )  # fmt: skip
    assert not any(
        word in json.dumps(entry, ensure_ascii=False) for word in ("宋晓梅", "13812341234", "JY123456")
    )
    kept = LedgerPrivate.objects.get(stream=f"case:{case}", seq=entry["seq"])
    assert (kept.name, json.loads(kept.text or "")) == (ANSWERED, FOOD)
    assert ledger_verify().faults == ()


def test_a_correction_is_a_new_version_and_parts_stand_apart(
    city: City, stall: FormVersion, see: See
) -> None:
    case = city.handling().case
    see("wang")
    record(city, stall, case)
    record(city, stall, case, part="visit-2", values=FOOD)
    record(city, stall, case, replaces=1, values={**GOOD, "kind": "booth"})
    assert [(a.part, a.version, answers_read(a)["kind"]) for a in answers_of(case=case)] == [
        ("", 2, "booth"), ("visit-2", 1, "cart"),
    ]  # fmt: skip
    assert [(a.part, a.version) for a in answers_versions(case=case)] == [("", 1), ("visit-2", 1), ("", 2)]
    before = answers_before(cases=[case], code="test.stall")
    assert before is not None and answers_read(before)["kind"] == "booth"


def test_files_come_along_as_attachments_of_the_case(city: City, stall: FormVersion, see: See) -> None:
    case = city.handling().case
    see("wang")
    file = SimpleUploadedFile("摊位.txt", "摊位的照片".encode())
    row = record(city, stall, case, values={**GOOD, "photo": 0, "shows": "摊位"}, files={"photo": file})
    attached = Attachment.objects.get(case=case)
    assert answers_read(row)["photo"] == attached.pk
    again = record(city, stall, case, replaces=1, values={**GOOD, "photo": attached.pk, "shows": "正面"})
    assert answers_read(again) == {**GOOD, "photo": attached.pk, "shows": "正面"}
    other = city.handling().case
    before = rows(), contents()
    for photo in (attached.pk, 0, 10**15):
        with pytest.raises(AnswersRefused) as refused:
            record(city, stall, other, values={**GOOD, "photo": photo})
        assert [(f.path, f.rule) for f in refused.value.flaws] in (
            [("photo", "required")],
            [("photo", "number")],
        )
    assert (rows(), contents()) == before


@pytest.mark.parametrize(
    ("by", "more", "error", "code"),
    [
        ("wang", {"values": {}}, AnswersRefused, "answers"),
        ("wang", {"values": {**GOOD, "kind": "tent"}}, AnswersRefused, "answers"),
        ("wang", {"replaces": 0}, Conflict, "version"),
        ("wang", {"replaces": 2}, Conflict, "version"),
        ("wang", {"replaces": 1}, Refusal, "same"),
        ("wang", {"part": "a b"}, Refusal, "part"),
        ("qian", {"replaces": 1}, NotFound, "not_found"),
        ("zhou", {"replaces": 1, "values": FOOD}, NotPermitted, "not_permitted"),
    ],
)
def test_refused_answers_change_nothing(
    city: City, stall: FormVersion, see: See, by: str, more: dict[str, Any], error: type[Refusal], code: str
) -> None:
    case = city.handling().case
    see("wang")
    record(city, stall, case)
    with kernel_writes():
        Viewer.objects.create(
            case_id=case, unit_id=city.units["371502_desk"]
        )  # zhou sees it, and acts on nothing
    before = rows(), contents()
    see(by)
    with pytest.raises(error) as refused:
        record(city, stall, case, by, **more)
    assert refused.value.code == code
    assert (rows(), contents()) == before


def test_a_closed_case_takes_no_answers(city: City, stall: FormVersion, see: See) -> None:
    case = city.closed().case
    see("liu")
    before = rows(), contents()
    with pytest.raises(Refusal) as refused:
        record(city, stall, case, "liu")
    assert refused.value.code == "closed"
    assert (rows(), contents()) == before


def test_answers_come_with_the_step_or_not_at_all(city: City, stall: FormVersion, see: See) -> None:
    case = city.handling().case
    see("wang")
    before = rows(), contents()
    with pytest.raises(Refusal) as refused, transaction.atomic():
        record(city, stall, case)
        city.move(case, "sign_for", "wang", after=2)
    assert refused.value.code == "state"
    assert (rows(), contents()) == before
    with transaction.atomic():
        record(city, stall, case)
        city.move(case, "answer", "wang", after=2, outcome="done", answer="经调解双方同意退费,已经办结。")
    assert [a.version for a in answers_of(case=case)] == [1]
    assert ledger_verify().faults == ()


def test_the_reporter_answers_without_an_account(city: City, stall: FormVersion, see: See) -> None:
    case = city.handling().case
    scope_apply(NOBODY)
    row = answers_record(case=case, form=stall, values=GOOD, by=BY_REPORTER, now=city.now)
    see("wang")
    assert (row.recorded_by_id, entry_of(case)["by"]) == (None, "reporter")


def test_who_does_not_see_the_case_does_not_see_its_answers(city: City, stall: FormVersion, see: See) -> None:
    case = city.handling().case
    see("wang")
    record(city, stall, case)
    assert len(answers_of(case=case)) == 1
    see("qian")
    assert answers_of(case=case) == []
    scope_apply(NOBODY)
    assert answers_of(case=case) == []


def test_a_confidential_reporter_stays_hidden_in_answers(city: City, stall: FormVersion, see: See) -> None:
    party = PartyData(name="宋晓梅", phone="13812341234", id_number=ID_NUMBER, confidential=True)
    case = city.opened(confidential=True, parties=(party,), facts={"type": "report"}).case
    see("tang")
    row = record(city, stall, case, "li")
    assert answers_read(row)["applicant"] == {"name": "***", "phone": "***"}
    seq = entry_of(case)["seq"]
    private = dict(LedgerPrivate.objects.filter(stream=f"case:{case}", seq=seq).values_list("name", "text"))
    assert json.loads(private[ANSWERED] or "")["applicant"]["name"] == "***"
    assert json.loads(private["party.answers"] or "") == GOOD


def test_anonymising_erases_answers_and_the_chain_stays_whole(
    city: City, stall: FormVersion, see: See
) -> None:
    opened = city.handling()
    see("wang")
    record(city, stall, opened.case)
    city.move(opened.case, "answer", "wang", outcome="done", answer="经调解双方同意退费,已经办结。")
    city.move(opened.case, "approve_up", "sun", after=2)
    city.move(opened.case, "approve", "zhao", after=3)
    city.move(opened.case, "evaluate", "liu", after=4, grade="5")
    person_anonymise(case=opened.case, by="retention", now=city.now + timedelta(days=900))
    see("tang")
    (row,) = answers_of(case=opened.case)
    assert (row.values, answers_read(row)) == ("", {})
    assert answers_before(cases=[opened.case], code="test.stall") is None
    assert not LedgerPrivate.objects.filter(stream=f"case:{opened.case}", text__contains="宋晓梅").exists()
    assert ledger_verify().faults == ()
