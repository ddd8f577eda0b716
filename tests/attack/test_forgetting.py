"""Forgetting: an anonymised case leaves nothing personal anywhere, and nothing personal goes without an entry."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from bihuan.kernel.attachments.files import path_of
from bihuan.kernel.attachments.forgetting import contents_discard, strays_discard
from bihuan.kernel.attachments.models import Attachment, Blob
from bihuan.kernel.attachments.services import attachments_verify
from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.personal import ERASED, person_anonymise
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.ledger.verify import ledger_verify
from bihuan.kernel.notices.models import Notice
from bihuan.lib.refusals import NotPermitted
from bihuan.packs.hotline.models import Correction, Order
from tests.api.client import contents, rows
from tests.stories.cast import Town

WORDS = ("宋晓梅", "19900000001", "桂花巷", "绝密小区")
TEXT = "宋晓梅说在培训班交了5200元,一直没有开课。"
FILE = "宋晓梅交款的凭据".encode()


@pytest.fixture(autouse=True)
def root(settings: Any, tmp_path: Path) -> Path:
    settings.ATTACHMENT_ROOT = tmp_path / "attachments"
    return tmp_path / "attachments"


def attached(town: Town, number: str, content: bytes = FILE, name: str = "宋晓梅的收据.txt") -> None:
    file = SimpleUploadedFile(name, content)
    assert town.as_("wang").post(f"/cases/{number}/attachments", {"file": file}).status_code == 302


def closed_and_reclassified(town: Town) -> Case:
    """A case that an officer put right, with a file, closed; its place is one that dispatch did not know."""
    number = town.open(territory="", place="绝密小区9号楼", address="桂花巷7号", text=TEXT)
    town.takes("zhou", number, "assign", unit=town.unit("371502_market"), matter="0403", remark="宋晓梅来电")
    town.takes("wang", number, "sign_for")
    attached(town, number)
    town.takes("wang", number, "assist", units=[town.unit("371502_education")], request="请核实宋晓梅的缴费")
    town.see()
    child = Case.objects.get(parent__number=number).number
    town.takes("371502_education_handler", child, "sign_for")
    town.takes("371502_education_handler", child, "report", answer="宋晓梅缴费属实")
    town.answers(number, answer="宋晓梅已收到退款,双方无争议。")
    town.takes("liu", number, "evaluate", grade="5")
    with kernel_writes():
        told = {"number": number, "state": "closed", "name": "宋晓梅"}
        assert Notice.objects.filter(case__number=number).update(text="宋晓梅您好", context=told)
    case = town.case(number)
    assert case.closed_at
    return case


def told_in(words: tuple[str, ...] = WORDS) -> dict[str, set[str]]:
    """Which tables hold which of these words, in any column, bytes read as text."""
    found: dict[str, set[str]] = {}
    with kernel_writes(), connection.cursor() as cursor:
        cursor.execute("select tablename from pg_tables where schemaname = 'public'")
        for (table,) in cursor.fetchall():
            text = "convert_from(body, 'UTF8')" if table == "ledger_entry" else "t::text"
            for word in words:
                cursor.execute(
                    f'select count(*) from "{table}" t where position(%s in {text}) > 0'
                    f" or position(%s in {text}) > 0",
                    [word, json.dumps(word)[1:-1]],
                )
                if cursor.fetchone()[0]:
                    found.setdefault(table, set()).add(word)
    return found


def forgotten(case: Case, town: Town, capture: Any) -> None:
    with capture(execute=True):
        person_anonymise(case=case.pk, by="retention", now=town.now)


def test_no_table_tells_of_whom_a_case_forgot(town: Town, django_capture_on_commit_callbacks: Any) -> None:
    case = closed_and_reclassified(town)
    before = told_in()
    assert set(before) == {
        "cases_case", "cases_text", "cases_party", "ledger_private", "attachments_attachment", "hotline_order",
        "hotline_correction", "notices_notice", "cases_idempotency",
    }  # fmt: skip
    entries = town.ledger(case.number)
    assert all(fault is None for fault in ledger_verify().faults)
    forgotten(case, town, django_capture_on_commit_callbacks)
    assert told_in() == {}
    assert town.ledger(case.number).startswith(entries)
    assert ledger_verify().faults == ()
    assert attachments_verify() == ()


def test_training_data_forgets_the_words_and_keeps_the_label(
    town: Town, django_capture_on_commit_callbacks: Any
) -> None:
    case = closed_and_reclassified(town)
    forgotten(case, town, django_capture_on_commit_callbacks)
    with kernel_writes():
        assert list(Correction.objects.filter(case=case).values_list("text", "correct")) == [("", "0403")]
        assert Order.objects.get(case=case).reasons == []


def test_files_of_a_forgotten_case_leave_the_disk(
    town: Town, root: Path, django_capture_on_commit_callbacks: Any
) -> None:
    case = closed_and_reclassified(town)
    with kernel_writes():
        path = path_of(Blob.objects.get().pk)
    assert path.read_bytes() == FILE
    forgotten(case, town, django_capture_on_commit_callbacks)
    assert [p for p in root.rglob("*") if p.is_file()] == []
    with kernel_writes():
        assert not Blob.objects.exists()
        (row,) = Attachment.objects.filter(case=case).values_list("name", "blob", "withdrawn_at")
    assert row == (ERASED, None, town.now)
    assert "收据" not in town.page("tang", case.number)


def test_a_content_that_another_case_has_stays(
    town: Town, root: Path, django_capture_on_commit_callbacks: Any
) -> None:
    case = closed_and_reclassified(town)
    other = town.handling()
    attached(town, other, name="收据.txt")
    forgotten(case, town, django_capture_on_commit_callbacks)
    with kernel_writes():
        kept = Attachment.objects.get(case__number=other)
        assert path_of(kept.blob_id).read_bytes() == FILE
        assert contents_discard([kept.blob_id]) == 0
    assert "".join(p.read_text() for p in root.rglob("*") if p.is_file()) == FILE.decode()
    town.see()
    page = town.as_("wang").get(f"/attachments/{kept.pk}")
    assert b"".join(page.streaming_content) == FILE  # type: ignore[attr-defined]
    assert attachments_verify() == ()


def test_a_file_left_behind_goes_by_night_and_a_fresh_one_stays(town: Town, root: Path) -> None:
    number = town.handling()
    attached(town, number)
    stray = root / "ab" / ("ab" * 32)
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"x")
    for path in root.rglob("*"):
        os.utime(path, times=(town.now.timestamp(),) * 2)
    assert strays_discard(now=town.now + timedelta(hours=23)) == 0
    assert stray.exists()
    assert strays_discard(now=town.now + timedelta(hours=25)) == 1
    assert not stray.exists()
    assert attachments_verify() == ()


def test_nothing_is_forgotten_when_it_is_refused(town: Town, root: Path) -> None:
    case = closed_and_reclassified(town)
    before = rows(), contents(), told_in()
    with pytest.raises(NotPermitted):
        person_anonymise(case=case.pk, by=case.handler_id or 0, now=town.now)
    assert (rows(), contents(), told_in()) == before
    assert len([p for p in root.rglob("*") if p.is_file()]) == 1


def private_sql(statement: str, case: Case) -> int:
    with kernel_writes(), connection.cursor() as cursor:
        cursor.execute(statement, {"stream": f"case:{case.pk}"})
        return cursor.rowcount


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("delete from ledger_private where stream = %(stream)s and name = 'text'",
         "the text 'text' is missing, which the entry commits to"),
        ("update ledger_private set text = null, salt = '' where stream = %(stream)s and name = 'text'",
         "the text 'text' was erased, and no later entry says so"),
        ("insert into ledger_private (stream, seq, name, salt, text) values (%(stream)s, 1, 'more', 'x', 'y')",
         "the text 'more' belongs to no entry"),
        ("insert into ledger_private (stream, seq, name, salt) values (%(stream)s, 1, 'more', '')",
         "the text 'more' belongs to no entry"),
        ("update ledger_private set text = text || '。' where stream = %(stream)s and name = 'text'",
         "the text 'text' differs from what its entry commits to"),
    ],
)  # fmt: skip
def test_a_text_erased_added_or_changed_in_silence_is_found(town: Town, statement: str, what: str) -> None:
    case = town.case(town.handling())
    assert ledger_verify().faults == ()
    assert private_sql(statement, case) == 1
    (fault,) = ledger_verify().faults
    assert (fault.stream, fault.seq, fault.what) == (f"case:{case.pk}", 1, what)


def test_a_row_erased_twice_over_is_missed_too(town: Town, django_capture_on_commit_callbacks: Any) -> None:
    case = closed_and_reclassified(town)
    forgotten(case, town, django_capture_on_commit_callbacks)
    assert private_sql("delete from ledger_private where stream = %(stream)s and name = 'place'", case) == 1
    (fault,) = ledger_verify().faults
    assert fault.what == "the text 'place' is missing, which the entry commits to"
