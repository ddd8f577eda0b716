"""A case's forms at the desk: masked on the page, in plain with a reason, corrected by whoever acts on the case."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client

from bihuan.kernel.cases.models import Viewer
from bihuan.kernel.forms.models import Answers
from bihuan.kernel.forms.services import answers_record, form_publish
from bihuan.kernel.identity.scope import Scope, scope_apply
from bihuan.kernel.ledger.models import LedgerEntry
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.ledger.verify import ledger_verify
from tests.api.client import contents, rows
from tests.desk.conftest import City
from tests.kernel.forms.stall import GOOD, text
from tests.stories.cast import text_of

As = Callable[..., Client]
REASON = "核对申请人的电话"
TYPED = {
    "f.applicant.name": "宋晓梅", "f.applicant.phone": "13812349999", "f.goods": "toys", "f.kind": "booth", "f.promise": "true",
}  # fmt: skip


@pytest.fixture
def filled(city: City) -> Answers:
    """A case of wang's with a form filled in, which the coordination desk sees too."""
    form = form_publish(
        code="test.stall", schema=text(), valid_from=date(2026, 1, 1), basis="集市管理办法第3条", now=city.now, by="test"
    )  # fmt: skip
    case = city.handling().case
    scope_apply(Scope(0, (), (), True))
    with kernel_writes():
        Viewer.objects.create(case_id=case, unit_id=city.units["371502_desk"])
    return answers_record(case=case, form=form, values=GOOD, by=city.people["wang"], now=city.now)


def entries(case: int, kind: str) -> list[dict[str, Any]]:
    scope_apply(Scope(0, (), (), True))
    found = LedgerEntry.objects.filter(case_id=case, kind=kind).order_by("seq")
    return [json.loads(bytes(one.body)) for one in found]


def test_every_word_is_read_with_a_reason_that_the_ledger_keeps(city: City, as_: As, filled: Answers) -> None:
    number, client = filled.case.number, as_("wang")
    page = text_of(client.get(f"/cases/{number}"))
    assert "138****1234" in page and "13812341234" not in page and "查看全部、更正" in page
    plain = text_of(client.post(f"/cases/{number}/answers/{filled.pk}/show", {"reason": REASON}))
    assert "宋晓梅" in plain and "13812341234" in plain and "这次查看已记入办理记录" in plain
    assert 'name="f.applicant.name"' in plain
    (entry,) = entries(filled.case_id, "unmasked")
    assert (entry["by"], entry["data"]) == (
        city.people["wang"],
        {"form": "test.stall", "part": "", "version": 1},
    )
    assert REASON not in json.dumps(entry, ensure_ascii=False)
    assert client.get(f"/cases/{number}/answers/{filled.pk}/show").status_code == 302
    assert ledger_verify().faults == ()


@pytest.mark.parametrize(
    ("username", "reason", "status"),
    [("wang", "", 422), ("wang", "看看", 422), ("wang", "x" * 501, 422), ("wang", "理由\x00理由", 422), ("zhou", REASON, 403), ("qian", REASON, 404),
     ("admin", REASON, 404)],
)  # fmt: skip
def test_who_may_not_or_says_no_reason_reads_nothing(
    city: City, as_: As, filled: Answers, username: str, reason: str, status: int
) -> None:
    client = as_(username)
    before = rows(), contents()
    answer = client.post(f"/cases/{filled.case.number}/answers/{filled.pk}/show", {"reason": reason})
    assert answer.status_code == status
    assert "13812341234" not in text_of(answer)
    assert (rows(), contents()) == before


def test_a_correction_is_a_new_version(city: City, as_: As, filled: Answers) -> None:
    address = f"/cases/{filled.case.number}/answers/{filled.pk}"
    client = as_("wang")
    before = rows(), contents()
    wrong = client.post(address, {**TYPED, "f.applicant.phone": "12", "f.note": "写了很多"})
    assert wrong.status_code == 422
    assert "还没有更正" in text_of(wrong) and "写了很多" in text_of(wrong)
    same = client.post(address, {**TYPED, "f.applicant.phone": "13812341234", "f.kind": "cart"})
    assert same.status_code == 422 and "完全相同" in text_of(same)
    more = client.post(address, {**TYPED, "f.helpers.0.name": "甲", "more": "helpers"})
    assert 'name="f.helpers.1.name"' in text_of(more)
    assert (rows(), contents()) == before
    done = client.post(address, TYPED)
    assert done["Location"] == f"/cases/{filled.case.number}#answers"
    page = text_of(client.get(f"/cases/{filled.case.number}"))
    assert "138****9999" in page and "亭子" in page and "第 2 次填写" in page
    late = client.post(address, {**TYPED, "f.kind": "cart"})
    assert late.status_code == 409 and "刚才已有人填写" in text_of(late)
    assert [e["data"]["version"] for e in entries(filled.case_id, "answers")] == [1, 2]


@pytest.mark.parametrize(("username", "status"), [("zhou", 403), ("qian", 404)])
def test_others_correct_nothing(city: City, as_: As, filled: Answers, username: str, status: int) -> None:
    client = as_(username)
    before = rows(), contents()
    answer = client.post(f"/cases/{filled.case.number}/answers/{filled.pk}", TYPED)
    assert answer.status_code == status
    assert (rows(), contents()) == before
    assert as_("wang").post("/cases/RX1/answers/1", TYPED).status_code == 404
