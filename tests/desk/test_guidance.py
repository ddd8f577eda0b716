"""What helps a handler on the case page: what is still missing, terms in words, answers in one tap, pictures by kind."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from bihuan.kernel.attachments.models import Attachment
from bihuan.kernel.cases.models import Case
from bihuan.kernel.clocks.models import Clock
from bihuan.kernel.desk.templatetags.desk import moment
from tests.desk.conftest import City
from tests.desk.test_case_page import see_all, send, stored
from tests.lib.test_sniffing import picture

As = Callable[..., Client]


def signed(city: City) -> str:
    opened = city.dispatched()
    city.move(opened.case, "sign_for", "wang")
    return str(opened.number)


def test_what_is_missing_leads_to_the_step_that_mends_it(city: City, as_: As) -> None:
    number = signed(city)
    page = as_("wang", after=2).get(f"/cases/{number}")
    assert [(check.sentence[:13], check.remedy.code) for check in page.context["checks"]] == [
        ("答复前,承办单位要先回访来", "self_call_back")
    ]
    body = page.content.decode()
    assert "“答复”之前还差:" in body and f'href="/cases/{number}?step=self_call_back#act"' in body


def test_an_answer_in_one_tap_is_the_form_filled_in(city: City, as_: As) -> None:
    number = signed(city)
    wang = as_("wang", after=2)
    body = wang.get(f"/cases/{number}?step=self_call_back").content.decode()
    form = next(f for f in re.findall(r"<form.*?</form>", body, re.S) if "已接通,来电人认可" in f)
    typed = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))
    sent = wang.post(f"/cases/{number}/steps/self_call_back", typed)
    assert sent.status_code == 302
    page = wang.get(f"/cases/{number}")
    told = page.context["page"].told[0]
    assert {one.label: one.value for one in told.fields} == {
        "是否接通": "已接通", "来电人理解并认可": "是", "回访情况": "已接通,来电人理解并认可。",
    }  # fmt: skip
    assert page.context["checks"] == []


def test_an_extension_tells_its_terms_and_what_it_would_bring(city: City, as_: As) -> None:
    number = signed(city)
    wang = as_("wang", after=2)
    page = wang.get(f"/cases/{number}?step=ask_extension")
    see_all(city)
    case = Case.objects.get(number=number)
    due = Clock.objects.get(case=case, kind="handle", basis="promised").due_at
    assert page.context["terms"][0] == f"现在的期限是 {moment(due)},要在这之前申请。"
    lengths = page.context["lengths"]
    assert lengths[0][0] == "1 个工作日"
    city.move(case.pk, "ask_extension", "wang", after=2, days=3, reason="要等检测结果")
    city.move(case.pk, "grant_extension", "tang", after=3)
    granted = Clock.objects.get(case=case, kind="handle", basis="promised").due_at
    assert lengths[2][1] == granted, "what was shown is what came"


def test_a_return_and_an_objection_tell_what_is_left(city: City, as_: As) -> None:
    opened = city.dispatched()
    chen = as_("chen")
    see_all(city)
    due = Clock.objects.get(case=opened.case, kind="return").due_at
    named = "依据《东昌府区12345市民热线首接负责制(试行)》,自 2020-01-01 起施行。"
    assert chen.get(f"/cases/{opened.number}?step=return").context["terms"] == [
        named, "本件一共可提 2 次,还可提 2 次。", f"要在 {moment(due)} 前提出。",
    ]  # fmt: skip
    assert chen.get(f"/cases/{opened.number}?step=object").context["terms"] == [
        named,
        "本件一共可提 1 次,还可提 1 次。",
    ]


def test_the_outcomes_are_explained(city: City, as_: As) -> None:
    opened = city.handling()
    body = as_("wang", after=2).get(f"/cases/{opened.number}?step=answer").content.decode()
    assert "<dt>已办结</dt><dd>事情已经办好" in body


@pytest.mark.parametrize(
    ("kind", "kept"), [("before", "before"), ("after", "after"), ("<x>", "file"), ("", "file")]
)
def test_pictures_are_kept_with_what_they_show(city: City, as_: As, kind: str, kept: str) -> None:
    opened = city.handling()
    wang = as_("wang", after=2)
    files = [SimpleUploadedFile(f"{n}.png", picture("PNG")) for n in range(2)]
    sent = wang.post(f"/cases/{opened.number}/attachments", {"file": files, "kind": kind})
    assert (sent.status_code, sent["Location"]) == (302, f"/cases/{opened.number}#files")
    page = wang.get(f"/cases/{opened.number}")
    see_all(city)
    assert list(Attachment.objects.values_list("kind", flat=True)) == [kept] * 2
    sides = {label: len(files) for label, files in page.context["page"].photos}
    assert sides[{"before": "处理前", "after": "处理后", "file": "其他"}[kept]] == 2


def test_a_usual_reason_shows_the_number_to_call(city: City, as_: As) -> None:
    opened = city.handling()
    see_all(city)
    party = Case.objects.get(pk=opened.case).parties.get()
    wang = as_("wang", after=2)
    shown = wang.post(f"/cases/{opened.number}/parties/{party.pk}/show", {"reason": ["", "打电话核实情况"]})
    assert 'href="tel:19900000001"' in shown.content.decode()
    told = wang.get(f"/cases/{opened.number}").context["page"].told[0]
    assert (told.kind, [said.value for said in told.fields]) == ("unmasked", ["打电话核实情况"])
    assert "19900000001" not in wang.get(f"/cases/{opened.number}").content.decode()


def test_a_late_request_for_more_time_is_refused(city: City, as_: As) -> None:
    number = signed(city)
    see_all(city)
    case = Case.objects.get(number=number)
    due = Clock.objects.get(case=case, kind="handle", basis="promised").due_at
    late = (due - city.now + timedelta(minutes=1)).total_seconds() / 3600
    before = stored(city, case.pk)
    wang = as_("wang", after=late)
    page = wang.get(f"/cases/{number}?step=ask_extension")
    assert page.context["step"] is None
    assert "延期要在到期前申请" in page.context["why_not"]
    assert send(wang, number, "ask_extension", before[1], days="1", reason="要等检测结果").status_code == 422
    assert stored(city, case.pk) == before
    assert timezone.is_aware(due)
