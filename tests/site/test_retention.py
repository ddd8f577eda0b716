"""Retention: what was kept long enough is erased, said before by a dry run, held where somebody has to answer for it."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.utils import timezone

from bihuan.kernel.attachments.files import path_of
from bihuan.kernel.attachments.models import Attachment
from bihuan.kernel.attachments.retention import attachments_kept
from bihuan.kernel.cases.models import Case, CaseText, Hold, Idempotency, Party
from bihuan.kernel.cases.personal import ERASED, person_anonymise
from bihuan.kernel.cases.retention import cases_kept, hold_end, hold_place
from bihuan.kernel.identity.models import Person
from bihuan.kernel.ledger.models import LedgerEntry
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.ledger.verify import ledger_verify
from bihuan.lib.refusals import NotPermitted, Refusal
from bihuan.packs.hotline.models import Call, Order
from bihuan.site.retention import retention_due, retention_run
from tests.api.client import contents, rows
from tests.attack.test_forgetting import attached
from tests.stories.cast import Town, town

__all__ = ["town"]
FIVE_YEARS, THREE_YEARS = timedelta(days=1826), timedelta(days=1096)


@pytest.fixture(autouse=True)
def root(settings: Any, tmp_path: Path) -> None:
    settings.ATTACHMENT_ROOT = tmp_path / "attachments"


def closed(town: Town, **changed: str) -> Case:
    number = town.handling(**changed)
    attached(town, number)
    town.answers(number)
    town.takes("liu", number, "evaluate", grade="5")
    town.see()
    return town.case(number)


def told(now: Any, what: str = "due") -> dict[str, Any]:
    found = retention_due(now=now) if what == "due" else retention_run(now=now)
    return {one.kept.code: (one.due.count if what == "due" else one.erased) for one in found if one.due.count}


def names(case: Case) -> set[str]:
    with kernel_writes():
        return set(Party.objects.filter(case=case).values_list("name", flat=True))


def kinds_of(case: Case) -> list[str]:
    with kernel_writes():
        return list(
            LedgerEntry.objects.filter(case_id=case.pk).order_by("seq").values_list("kind", flat=True)
        )


def test_files_go_before_names_and_both_with_an_entry(town: Town) -> None:
    case = closed(town)
    with kernel_writes():
        content = Attachment.objects.get(case=case).blob_id
    before = rows(), contents()
    day_before = case.closed_at + timedelta(days=1095)
    assert "hotline.attachments" not in told(day_before)
    assert told(case.closed_at + THREE_YEARS)["hotline.attachments"] == 1
    assert (rows(), contents()) == before  # to say it changes nothing
    assert told(case.closed_at + THREE_YEARS, "run")["hotline.attachments"] == 1
    with kernel_writes():
        row = Attachment.objects.get(case=case)
        assert (row.blob, row.name) == (None, ERASED)
    assert path_of(content).exists()  # until the commit, which a test does not see
    assert names(case) == {"宋晓梅"}
    assert kinds_of(case)[-1] == "attachments_erased"
    assert told(case.closed_at + FIVE_YEARS, "run")["hotline.case"] == 1
    assert names(case) == {""}
    assert kinds_of(case)[-1] == "anonymised"
    assert "hotline.case" not in told(case.closed_at + FIVE_YEARS)
    assert ledger_verify().faults == ()
    with kernel_writes():
        runs = [
            json.loads(bytes(e.body))["data"]["erased"]
            for e in LedgerEntry.objects.filter(stream="retention").order_by("seq")
        ]
    assert [run.get("hotline.attachments", run.get("hotline.case")) for run in runs] == [1, 1]


def test_an_open_case_is_kept_however_old(town: Town) -> None:
    number = town.handling()
    town.see()
    later = town.now + timedelta(days=9999)
    assert "hotline.case" not in told(later, "run")
    assert names(town.case(number)) == {"宋晓梅"}


def test_a_held_case_is_erased_by_nobody(town: Town) -> None:
    case = closed(town)
    security, later = Person.objects.get(username="security").pk, case.closed_at + FIVE_YEARS
    for who in ("tang", "admin", "audit"):
        before = rows(), contents()
        with pytest.raises(NotPermitted):
            hold_place(case=case.pk, reason="行政诉讼", by=Person.objects.get(username=who).pk, now=town.now)
        assert (rows(), contents()) == before
    hold_place(case=case.pk, reason="行政诉讼", by=security, now=town.now)
    with pytest.raises(Refusal, match="已经保全"):
        hold_place(case=case.pk, reason="行政诉讼", by=security, now=town.now)
    (due,) = [one for one in retention_due(now=later) if one.kept.code == "hotline.case"]
    assert (due.due.count, due.due.oldest, due.due.held) == (0, None, 1)
    assert {"hotline.case", "hotline.attachments"}.isdisjoint(told(later, "run"))
    with pytest.raises(Refusal, match="已经保全"):
        person_anonymise(case=case.pk, by=security, now=later)
    assert names(case) == {"宋晓梅"}
    with kernel_writes():
        assert Attachment.objects.get(case=case).blob_id
    hold_end(case=case.pk, by=security, now=later)
    with pytest.raises(Refusal, match="没有保全"):
        hold_end(case=case.pk, by=security, now=later)
    assert told(later, "run")["hotline.case"] == 1
    assert kinds_of(case)[-3:] == ["held", "released", "anonymised"]
    assert ledger_verify().faults == ()


def test_what_an_open_case_came_of_is_held(town: Town) -> None:
    case, other = closed(town), town.handling(phone="19900000002", text="另一件事,要求处理,请尽快答复。")
    with kernel_writes():
        Case.objects.filter(number=other).update(origin=case)
    later = case.closed_at + FIVE_YEARS
    (due,) = [one.due for one in retention_due(now=later) if one.kept.code == "hotline.case"]
    assert (due.count, due.held) == (0, 1)
    told(later, "run")
    assert names(case) == {"宋晓梅"}


def test_nothing_is_due_by_a_rule_that_nobody_set(town: Town) -> None:
    case = closed(town)
    with kernel_writes():
        Case.objects.filter(pk=case.pk).update(pack="nobody")
    later = case.closed_at + FIVE_YEARS
    for kept in (cases_kept("nobody", later), attachments_kept("nobody", later)):
        assert (kept.days, kept.due(later).count, kept.erase(later, 10)) == (None, 0, 0)
    assert names(case) == {"宋晓梅"}


def test_recordings_sessions_and_answers_go_by_their_age(town: Town) -> None:
    case = closed(town)
    with kernel_writes():
        of_open = Call.objects.create(
            call="a", phone="1", ringing_at=town.now, ended_at=town.now, recording="https://pbx/a"
        )
        Order.objects.filter(
            case__number=town.handling(phone="19900000003", text="路灯坏了三天,没有人来修。")
        ).update(call=of_open)
        of_closed = Call.objects.create(
            call="b", phone="2", ringing_at=town.now, ended_at=town.now, recording="https://pbx/b"
        )
        Order.objects.filter(case=case).update(call=of_closed)
        Idempotency.objects.create(actor=1, operation="x", key="k", request=b"1", created_at=town.now)
        answers = Idempotency.objects.count()
        Session.objects.all().delete()
        Session.objects.create(session_key="old", session_data="", expire_date=town.now)
        later = town.now + timedelta(days=731)
        Session.objects.create(session_key="new", session_data="", expire_date=later + timedelta(hours=1))
    erased = told(later, "run")
    assert {name: erased[name] for name in ("hotline.recordings", "sessions", "idempotency")} == {
        "hotline.recordings": 1, "sessions": 1, "idempotency": answers,
    }  # fmt: skip
    with kernel_writes():
        assert dict(Call.objects.values_list("call", "recording")) == {"a": "https://pbx/a", "b": ""}
        assert list(Session.objects.values_list("session_key", flat=True)) == ["new"]


def test_a_night_without_anything_due_is_no_entry(town: Town) -> None:
    retention_run(now=town.now)
    before = rows(), contents()
    retention_run(now=town.now)
    assert (rows(), contents()) == before


def test_the_command_says_and_does(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    case = closed(town)
    monkeypatch.setattr(timezone, "now", lambda: case.closed_at + FIVE_YEARS)
    before = rows(), contents()
    out = StringIO()
    call_command("retention", "--dry-run", stdout=out)
    assert (rows(), contents()) == before
    day = f"{timezone.localtime(case.closed_at):%Y-%m-%d}"
    assert (
        f"hotline.case\t办结件的姓名、号码、文字、附件\t1825 days\tdue 1\toldest {day}\theld 0\n"
        in out.getvalue()
    )
    call_command("retention", "hold", case.number, "--reason", "行政诉讼", stdout=StringIO())
    with pytest.raises(CommandError, match="no case"):
        call_command("retention", "hold", "RX0", "--reason", "行政诉讼")
    out = StringIO()
    call_command("retention", stdout=out)
    assert "due 0\t-\theld 1\terased 0" in out.getvalue()
    call_command("retention", "release", case.number, stdout=StringIO())
    call_command("retention", stdout=StringIO())
    with kernel_writes():
        assert CaseText.objects.get(case=case).text == ERASED
        assert Hold.objects.filter(ended_at=None).count() == 0
