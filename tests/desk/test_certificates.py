"""Certificates at the desk: on the page of their case, in the register, on paper, by the API; nobody else's."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pypdf import PdfReader

from bihuan.kernel.certificates import selectors
from bihuan.kernel.certificates.models import Certificate
from bihuan.kernel.certificates.services import certificate_issue, certificate_revoke
from bihuan.kernel.identity.scope import Scope, scope_apply
from bihuan.kernel.ledger.models import LedgerEntry
from bihuan.kernel.ledger.services import kernel_writes
from tests.api.client import Api
from tests.certificates import issue, stalls
from tests.desk.conftest import City

__all__ = ["stalls"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stalls")]
EVERYTHING = Scope(0, (), (), True)
As = Callable[..., Client]


def issued(city: City, **more: Any) -> Certificate:
    scope_apply(EVERYTHING)
    case = city.dispatched().case
    asked = issue(case, city.units["371502_market"], **more)
    return certificate_issue(issue=asked, by=city.people["wang"], now=city.now)


def entries(made: Certificate) -> list[tuple[str, Any]]:
    with kernel_writes():
        found = LedgerEntry.objects.filter(stream=f"certificate:{made.pk}").order_by("seq")
        return [(entry.kind, json.loads(bytes(entry.body))["by"]) for entry in found]


def test_the_page_of_its_case_shows_it_masked(city: City, as_: As) -> None:
    made = issued(city)
    page = as_("wang").get(f"/cases/{made.case.number}").content.decode()
    assert made.number in page and "临时摊点许可证" in page and "宋**" in page and "宋晓梅" not in page
    assert f"/certificates/{made.pk}/paper.pdf" in page


def test_the_paper_is_the_same_each_time_and_each_printing_an_entry(city: City, as_: As) -> None:
    made = issued(city)
    first = as_("wang").get(f"/certificates/{made.pk}/paper.pdf")
    again = as_("wang", after=5).get(f"/certificates/{made.pk}/paper.pdf", headers={"Accept-Language": "en"})
    assert first["Content-Type"] == "application/pdf" and "no-store" in first["Cache-Control"]
    assert first.content == again.content
    text = PdfReader(io.BytesIO(first.content)).pages[0].extract_text().replace("\n", "").replace(" ", "")
    for words in (
        made.number,
        "宋晓梅",
        "柳园南路66号东侧",
        "2026-03-02 至 2027-03-01",
        "2026年3月2日",
        made.code,
    ):
        assert words.replace(" ", "") in text, words
    assert entries(made) == [("issued", city.people["wang"])] + [("printed", city.people["wang"])] * 2


def test_a_revoked_one_says_so_on_its_paper(city: City, as_: As) -> None:
    made = issued(city)
    certificate_revoke(
        certificate=made.pk, reason="现场核查不合格", by=city.people["wang"], now=city.now + timedelta(days=1)
    )
    paper = as_("wang").get(f"/certificates/{made.pk}/paper.pdf")
    assert "已撤销 2026-03-03" in PdfReader(io.BytesIO(paper.content)).pages[0].extract_text()


@pytest.mark.parametrize(("who", "status"), [("qian", 404), ("zhao", 403)])
def test_who_may_not_read_names_gets_no_paper(city: City, as_: As, who: str, status: int) -> None:
    made = issued(city)
    assert as_(who).get(f"/certificates/{made.pk}/paper.pdf").status_code == status
    assert entries(made) == [("issued", city.people["wang"])]


def test_the_register_is_searched_by_number_and_holder(
    city: City, as_: As, django_assert_max_num_queries: Any
) -> None:
    made = issued(city)
    for q, found in (
        (made.number, True),
        ("聊摊许〔2026〕", True),
        ("宋晓梅", True),
        ("371502199003071230", True),
        ("宋", False),
        ("%", False),
    ):
        page = as_("wang").get("/certificates", {"q": q}).content.decode()
        assert (f'/certificates/{made.pk}"' in page) is found, q
    page = as_("zhao").get("/certificates", {"q": "宋晓梅"}).content.decode()
    assert made.number not in page  # who reads no names cannot ask by them either
    assert made.number in as_("zhao").get("/certificates", {"q": made.number}).content.decode()
    assert made.number not in as_("qian").get("/certificates").content.decode()
    client = as_("wang")
    client.get("/certificates")
    with django_assert_max_num_queries(20):
        client.get("/certificates")


def list_of(page: Any) -> list[str]:
    text = page if isinstance(page, str) else page.content.decode()
    return re.findall(r'/certificates/(\d+)"', text)


def test_the_register_goes_on_after_fifty(city: City, as_: As, monkeypatch: pytest.MonkeyPatch) -> None:
    made = issued(city)
    for _ in range(50):
        certificate_issue(issue=issue(made.case_id, made.unit_id), by=city.people["wang"], now=city.now)
    page = as_("wang").get("/certificates").content.decode()
    assert page.count("/certificates/") == 50 and made.number not in page
    scope_apply(EVERYTHING)
    before = Certificate.objects.order_by("-pk").values_list("pk", flat=True)[49]
    assert f"?before={before}" in page
    assert made.number in as_("wang").get("/certificates", {"before": before}).content.decode()
    monkeypatch.setattr(
        selectors, "FEW", 0
    )  # a unit with many cases: read in another way, and the same is found
    assert list_of(as_("wang").get("/certificates")) == list_of(page)
    assert made.number in as_("wang").get("/certificates", {"before": before}).content.decode()
    assert list_of(as_("qian").get("/certificates")) == []
    with kernel_writes():
        Certificate.objects.filter(pk=made.pk).update(
            unit=city.units["371502_housing"]
        )  # of another, in a case of ours
    assert made.number in as_("wang").get("/certificates", {"before": before}).content.decode()


def test_the_api_tells_them_masked(city: City) -> None:
    made = issued(city)
    (item,) = Api("wang").get(f"/certificates?case={made.case.number}").json()["items"]
    assert (item["number"], item["holder"], item["standing"]) == (made.number, "宋**", "valid")
    assert (item["valid_until"], item["replaced_by"]) == ("2027-03-01", None)
    assert "token" not in item and "code" not in item
    assert Api("qian").get("/certificates").json() == {"items": [], "next": None}
