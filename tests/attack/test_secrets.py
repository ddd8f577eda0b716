"""What is personal stays so: in lists, files, searches, notices and what is kept for training."""

from __future__ import annotations

import io
import logging
import re
from typing import Any
from urllib.parse import unquote

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DataError, connection
from django.test import Client
from openpyxl import load_workbook

from bihuan.kernel.attachments.models import Attachment
from bihuan.kernel.cases.models import Case, Party
from bihuan.kernel.desk.choices import people_suggested, person_named
from bihuan.kernel.identity.models import Grant, Person
from bihuan.kernel.identity.scope import scope_apply, scope_of
from bihuan.kernel.ledger.models import LedgerEntry, LedgerPrivate
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.notices.adapters.message import NotCarried
from bihuan.kernel.notices.adapters.webhook import address_checked
from bihuan.kernel.pack import roles
from bihuan.kernel.workflow.asks import Ask
from bihuan.lib.text import FieldError
from bihuan.site.logs import DiscreetFormatter
from tests.api.client import Api
from tests.stories.cast import Town

SECRET = {
    "text": "反映某人收受好处,可以打我电话13912344321。",
    "title": "举报收受好处13912344321",
    "type": "report",
    "reporter": "佟志鹏",
    "phone": "13912344321",
    "address": "柳园街道桂花巷7号",
    "place": "柳园南路66号13912344321",
}
EVIL = "<img src=x onerror=alert(1)>\"'><script>alert(2)</script>{{7919*7907}}"


def test_numbers_are_masked_wherever_a_case_is_told(town: Town) -> None:
    number = town.open(**SECRET)
    town.takes("wang", number, "sign_for")
    file = SimpleUploadedFile("佐证13912344321.txt", "内容".encode())
    assert town.as_("wang").post(f"/cases/{number}/attachments", {"file": file}).status_code == 302
    town.takes("wang", number, "assist", units=[town.unit("371502_education")], request="请核实13912344321")
    child = Case.objects.get(parent=town.case(number)).number
    other = "371502_education_handler"
    for who, which in (("wang", number), ("zhao", number), (other, child), ("tang", number), ("tang", child)):
        client, api = town.as_(who), Api(who)
        told = {
            "page": town.page(who, which),
            "desk": client.get("/?tab=all").content.decode(),
            "search": client.get("/search", {"q": which}).content.decode(),
            "export": town.exported(who),
            "notices": client.get("/notices").content.decode(),
            "api": api.get(f"/cases/{which}").content.decode(),
            "list": api.get("/cases").content.decode(),
            "ledger": api.get(f"/cases/{which}/ledger").content.decode(),
        }
        for where, page in told.items():
            assert "13912344321" not in page, (who, where)
            assert "佟志鹏" not in page, (who, where)
            if who != "tang":
                assert "桂花巷" not in page, (who, where)


def test_the_machines_answer_hides_a_confidential_reporter_as_the_page_does(town: Town) -> None:
    number = town.open(**SECRET)
    for who in ("zhao", "tang"):
        (party,) = Api(who).get(f"/cases/{number}").json()["parties"]
        assert (party["name"], party["phone"], party["address"]) == ("***", "***", "***"), who


@pytest.mark.parametrize("words", ["13912344321", "1391234432", "4321", "12344"])
def test_a_masked_number_is_not_guessed_by_searching(town: Town, words: str) -> None:
    number = town.open(**SECRET)
    town.takes("wang", number, "sign_for")
    assert number in town.as_("wang").get("/search", {"q": "收受好处"}).content.decode()
    assert number not in town.as_("wang").get("/search", {"q": words}).content.decode()


def test_a_confidential_reporter_who_gives_a_name_in_the_text_stays_hidden(town: Town) -> None:
    number = town.open(**{**SECRET, "text": "我是佟志鹏,反映某人收受好处。", "title": "佟志鹏举报"})
    assert "佟志鹏" not in town.page("wang", number)


def test_what_the_centre_writes_of_a_confidential_reporter_does_not_reach_the_unit(town: Town) -> None:
    number = town.open(**SECRET)
    town.takes("tang", number, "urge", remark="佟志鹏来电催问,请抓紧。")
    town.takes("wang", number, "sign_for")
    file = SimpleUploadedFile("佟志鹏的证明.txt", "内容".encode())
    assert town.as_("wang").post(f"/cases/{number}/attachments", {"file": file}).status_code == 302
    town.takes("wang", number, "assist", units=[town.unit("371502_education")], request="请核实佟志鹏所说")
    town.see()
    party, child = Party.objects.get(case__number=number).pk, Case.objects.get(parent__number=number).number
    shown = town.as_("tang").post(f"/cases/{number}/parties/{party}/show", {"reason": "核实佟志鹏的身份"})
    assert shown.status_code == 200
    for who, which in (
        ("wang", number),
        ("zhao", number),
        ("tang", number),
        ("371502_education_handler", child),
    ):
        page = town.page(who, which)
        assert "佟志鹏" not in page, who
    page = town.page("wang", number)
    for words in ("***来电催问,请抓紧。", "***的证明.txt", "请核实***所说", "核实***的身份"):
        assert words in page, words
    with kernel_writes():
        withheld = LedgerPrivate.objects.filter(
            name__in=("party.remark", "party.name", "party.request", "party.reason")
        )
        assert sorted(withheld.values_list("text", flat=True)) == [
            "佟志鹏来电催问,请抓紧。", "佟志鹏的证明.txt", "核实佟志鹏的身份", "请核实佟志鹏所说",
        ]  # fmt: skip
    for who in ("wang", "371502_education_handler"):
        scope_apply(scope_of(person=Person.objects.get(username=who).pk, at=town.now, roles=roles()))
        assert not LedgerPrivate.objects.filter(name__startswith="party.").exists(), who
    town.verified()


def test_a_downloaded_file_carries_no_number_in_its_name(town: Town) -> None:
    number = town.handling()
    file = SimpleUploadedFile("佐证13912344321.txt", "内容".encode())
    assert town.as_("wang").post(f"/cases/{number}/attachments", {"file": file}).status_code == 302
    with kernel_writes():
        attachment = Attachment.objects.get(case__number=number).pk
    told = town.as_("wang").get(f"/attachments/{attachment}")["Content-Disposition"]
    assert unquote(told) == "attachment; filename*=utf-8''佐证139----4321.txt"


@pytest.mark.parametrize("who", ["li", "qian", "zhou", "tang", "admin", "security", "audit"])
@pytest.mark.parametrize("asked", ["王", "wang", "", "建"])
def test_names_of_people_elsewhere_are_told_to_nobody(town: Town, who: str, asked: str) -> None:
    scope = scope_of(person=Person.objects.get(username=who).pk, at=town.now, roles=roles())
    there = set(Grant.objects.filter(unit__in=scope.units).values_list("person__username", flat=True))
    assert "wang" not in there
    page = town.as_(who).get("/choices/person", {"person": asked}).content.decode()
    assert set(re.findall(r"· ([^\"]+)\"", page)) <= there
    ask = Ask("person", "受托人", "person")
    with pytest.raises(FieldError) as refused:
        person_named(ask, "王建国 · wang", on=town.now.date(), units=scope.units)
    assert refused.value.rule == "unknown_person"


def test_people_of_the_own_unit_and_of_those_below_are_named(town: Town) -> None:
    on = town.now.date()
    for who in ("wang", "sun"):
        assert '· wang"' in town.as_(who).get("/choices/person", {"person": "wang"}).content.decode(), who
    units = [town.units["371502_market"].pk]
    wang = Person.objects.get(username="wang")
    assert (
        person_named(Ask("person", "受托人", "person"), f"{wang.name} · wang", on=on, units=units) == wang.pk
    )
    with kernel_writes():
        Grant.objects.filter(person=wang).update(valid_to=on)
    assert people_suggested("wang", on=on, units=units) == []


def test_a_number_typed_as_a_filter_of_an_export_stays_beside_the_ledger(town: Town) -> None:
    town.open()
    town.exported("tang", "?tab=all&number=13912344321&unit=佟志鹏")
    with kernel_writes():
        (entry,) = LedgerEntry.objects.filter(stream="export")
        kept = dict(LedgerPrivate.objects.filter(stream="export").values_list("name", "text"))
    body = bytes(entry.body).decode()
    assert "13912344321" not in body and "佟" not in body and "%E4%BD%9F" not in body
    assert kept == {"number": "13912344321", "unit": "佟志鹏"}
    page = town.as_("audit").get("/audit").content.decode()
    assert "<dt>编号</dt><dd>139****4321</dd>" in page and "佟志鹏" in page
    assert "13912344321" not in page
    town.verified()


def test_the_audit_page_tells_no_name_that_was_tried_at_the_door(town: Town) -> None:
    Client().post("/login", {"username": "my-password-1", "password": "x"})
    page = town.as_("audit").get("/audit").content.decode()
    assert "登录未成" in page
    assert "my-password-1" not in page


def test_the_log_tells_where_an_error_arose_but_not_whom_it_stumbled_on(town: Town) -> None:
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(DiscreetFormatter())
    with pytest.raises(DataError, match=SECRET["reporter"]) as failed, connection.cursor() as cursor:
        cursor.execute("select %s::bigint", [SECRET["reporter"] + SECRET["phone"]])
    handler.emit(logging.LogRecord("x", logging.ERROR, "x", 1, "failed", (), failed._excinfo))
    told = out.getvalue()
    assert "test_secrets.py" in told
    assert "psycopg.errors.InvalidTextRepresentation" in told and "django.db.utils.DataError" in told
    assert "佟志鹏" not in told and "13912344321" not in told
    formatters = {one["()"] for one in settings.LOGGING["formatters"].values()}
    assert formatters == {"bihuan.site.logs.DiscreetFormatter", "bihuan.site.logs.JsonFormatter"}


def test_nothing_typed_becomes_markup(town: Town) -> None:
    number = town.open(text=EVIL + "退费", title=EVIL, place=EVIL, reporter="<b>x", territory="", address="")
    unit = "371502_market"
    if town.at(number)[0] == "coordinating":
        town.takes("zhou", number, "assign", unit=town.unit(unit), remark=EVIL)
    town.takes("wang", number, "sign_for")
    file = SimpleUploadedFile("<img src=x onerror=alert(1)>.txt", "内容".encode())
    town.as_("wang").post(f"/cases/{number}/attachments", {"file": file})
    town.takes("wang", number, "assist", units=[town.unit("371502_education")], request=EVIL)
    pages: list[Any] = [town.as_(who).get(f"/cases/{number}") for who in ("wang", "tang")]
    pages += [town.as_("tang").get("/", {"tab": "all", "unit": EVIL, "number": EVIL, "matter": EVIL})]
    pages += [town.as_("tang").get("/search", {"q": q}) for q in (EVIL, "退费", "img", "onerror")]
    pages += [town.as_("wang").get(f"/cases/{number}", {"step": EVIL}), town.as_("wang").get("/notices")]
    pages += [town.as_("li").get("/hotline/new", {"phone": EVIL, "place": EVIL})]
    pages += [town.post("wang", number, "ask_pause", 1, reason=EVIL, **{EVIL: EVIL})]
    pages += [
        town.as_("wang").get("/login", {"next": EVIL}),
        town.as_("wang").get("/choices/unit", {"q": EVIL}),
    ]
    for page in pages:
        body = page.content.decode()
        assert "<img src=x" not in body
        assert "<script>alert" not in body
        assert "<b>x" not in body
        assert str(7919 * 7907) not in body


@pytest.mark.parametrize("title", ['=HYPERLINK("http://evil")', "+1+1", "-1+1", "@SUM(A1)", "＝1+1"])
def test_no_cell_of_an_export_is_run(town: Town, title: str) -> None:
    number = town.open(title=title, place=title)
    response = town.as_("tang").get("/export.xlsx?tab=all")
    sheet = load_workbook(io.BytesIO(b"".join(response.streaming_content))).active  # type: ignore[attr-defined]
    (row,) = [row for row in sheet.iter_rows() if row[0].value == number]  # type: ignore[union-attr]
    for cell in row:
        assert cell.data_type != "f"
        assert not str(cell.value).startswith(("=", "+", "-", "@"))


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/", "https://169.254.169.254/", "https://127.0.0.1/", "https://[::1]/",
        "https://[::ffff:127.0.0.1]/", "https://[64:ff9b::7f00:1]/", "https://[64:ff9b::a00:1]/",
        "https://[2002:7f00:1::]/", "https://[::127.0.0.1]/", "https://0.0.0.0/", "https://2130706433/",
        "https://0x7f.1/", "https://[fe80::1%25eth0]/", "https://100.64.0.1/", "ftp://example.org/", "file:///etc/passwd",
        "https://user@127.0.0.1/", "https://[fd00::1]/", "https://10.0.0.1:443/", "http://localhost/", "https:///x",
    ],
)  # fmt: skip
def test_no_hook_reaches_into_the_network(url: str) -> None:
    with pytest.raises(NotCarried):
        address_checked(url)


FORGED: list[Any] = [
    [10**30] * 10_000, list(range(1, 10_001)), [True], True, "1_0", "+7", " 7", 1.5, float("nan"), {"a": 1}, [[1]],
    [None], "1,2,3" * 5000, -1, 0, "9" * 5000, [{"id": 1}], b"1", 2**63, [2**63 - 1],
]  # fmt: skip


@pytest.mark.parametrize("value", FORGED, ids=range(len(FORGED)))
def test_forged_values_change_nothing(town: Town, value: Any) -> None:
    from bihuan.kernel.cases.moving import case_move
    from bihuan.kernel.identity.models import Person
    from bihuan.lib.refusals import Refusal
    from bihuan.lib.text import FieldError
    from tests.api.client import contents, rows

    number = town.open()
    case, wang = town.case(number), Person.objects.get(username="wang").pk
    before = rows(), contents()
    for step, data in (
        ("sign_for", {"unit": value}), ("return", {"grounds": value, "reason": value}),
        ("return", {"grounds": "duty", "reason": value}), ("dispatch", {"unit": value}), ("object", {"reason": value}),
    ):  # fmt: skip
        if step == "return" and isinstance(value, (str, bytes)) and data["grounds"] == "duty":
            continue
        with pytest.raises((Refusal, FieldError)):
            case_move(case_id=case.pk, step=step, by=wang, now=town.now, data=data)
    assert (rows(), contents()) == before


@pytest.mark.parametrize("value", FORGED, ids=range(len(FORGED)))
def test_forged_units_get_no_case(town: Town, value: Any) -> None:
    from bihuan.kernel.cases.moving import case_move
    from bihuan.kernel.identity.models import Person
    from bihuan.lib.refusals import Refusal
    from bihuan.lib.text import FieldError
    from tests.api.client import contents, rows

    number = town.handling()
    case, wang = town.case(number), Person.objects.get(username="wang").pk
    before = rows(), contents()
    with pytest.raises((Refusal, FieldError)):
        case_move(
            case_id=case.pk,
            step="assist",
            by=wang,
            now=town.now,
            data={"units": value, "request": "请核实情况"},
        )
    assert (rows(), contents()) == before


def test_no_assisting_case_goes_to_a_unit_where_nobody_works(town: Town) -> None:
    number = town.handling()
    case = town.case(number)
    territory = next(unit for unit in town.units.values() if unit.kind == "territory")
    town.refused(
        "wang",
        number,
        "assist",
        "不能接办",
        units=[f"{territory.name} · {territory.code}"],
        request="请核实情况",
    )
    assert not Case.objects.filter(parent=case).exists()


def test_an_export_is_seen_by_the_audit_administrator(town: Town) -> None:
    town.open()
    town.exported("tang")
    page = town.as_("audit").get("/audit").content.decode()
    assert "导出列表" in page
