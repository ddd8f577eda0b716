"""Open311 GeoReport v2: the published schemas, JSON and XML alike, what is told to all, and reports taken in once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from bihuan.kernel.cases.models import Case, Party
from bihuan.kernel.desk.api.tokens import token_issue
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.notices.follow_codes import follow_code
from bihuan.packs.hotline.models import Matter, Order
from tests.api.client import contents, rows
from tests.packs.hotline.open311_schema import faults
from tests.stories.cast import REFUND, Town, town

__all__ = ["town"]
pytestmark = pytest.mark.django_db
HOLE = {
    "service_code": "0101",
    "address_string": "古楼街道东关街6号楼2单元",
    "description": "路面积水,车过不去。",
    "first_name": "晓梅",
    "last_name": "宋",
    "phone": "13912344321",
    "email": "song@example.cn",
    "device_id": "tt222111",
}
PERSONAL = ("宋", "晓梅", "13912344321", "****4321", "6号楼", "车过不去", "song@", "tt222111")
XML = {"services": "service", "service_requests": "request", "errors": "error"}


def get(path: str, client: Client | None = None, **asked: Any) -> Any:
    response = (client or Client()).get(f"/open311/v2/{path}.json", asked)
    assert response.status_code == 200, response.content.decode()
    assert response["Content-Type"] == "application/json; charset=utf-8"
    return response.json()


def post(client: Client | None = None, form: str = "json", key: str = "", **typed: Any) -> HttpResponse:
    headers = {"Idempotency-Key": key} if key else {}
    given = {name: value for name, value in {**HOLE, **typed}.items() if value != ""}
    return (client or Client()).post(f"/open311/v2/requests.{form}", given, headers=headers)


def posted(**typed: Any) -> str:
    response = post(**typed)
    assert response.status_code == 200, response.content.decode()
    (told,) = response.json()
    return str(told["service_request_id"])


def kept() -> tuple[Any, ...]:
    return {name: n for name, n in rows().items() if name != "public_tally"}, contents()


def refused(response: HttpResponse, status: int, said: str) -> None:
    assert response.status_code == status, response.content.decode()
    (error,) = response.json()
    assert set(error) == {"code", "description"}
    assert error["code"] == status
    assert said in error["description"]


def plain(element: ET.Element) -> Any:
    """An XML answer as text: lists by the names of what they hold, the rest as they stand."""
    if element.tag in (*XML, "attributes", "values", "endpoints", "formats"):
        return [plain(child) for child in element]
    return {child.tag: plain(child) for child in element} if len(element) else element.text


def same(value: Any) -> Any:
    """A JSON answer as XML would say it."""
    if isinstance(value, dict):
        return {name: same(part) for name, part in value.items()}
    if isinstance(value, list):
        return [same(part) for part in value]
    return str(value).lower() if isinstance(value, bool) else value if value is None else str(value)


def test_every_answer_fits_the_published_schemas_and_is_the_same_in_xml(town: Town) -> None:
    open_one, done = posted(), town.called_back()
    town.takes("liu", done, "evaluate", grade="5", contacted="on", resolved="on", understood="on")
    paths = {
        "discovery": "", "services": "services.json", "services/0101": "service-definition.json",
        "services/other": "service-definition.json", "requests": "requests.json",
        f"requests/{open_one}": "requests.json", f"requests/{done}": "requests.json",
    }  # fmt: skip
    for path, schema in paths.items():
        told = get(path)
        assert not schema or faults(told, schema) == [], path
        response = Client().get(f"/open311/v2/{path}.xml")
        assert response["Content-Type"] == "text/xml; charset=utf-8"
        assert response.content.startswith(b"<?xml version='1.0' encoding='utf-8'?>")
        assert plain(ET.fromstring(response.content)) == same(told), path
    assert faults([{**get(f"requests/{done}")[0], "status": "resolved"}], "requests.json") != []


def test_discovery_names_the_endpoint_and_both_formats() -> None:
    told = get("discovery")
    (endpoint,) = told["endpoints"]
    assert endpoint["url"] == "http://testserver/open311/v2"
    assert endpoint["specification"] == "http://wiki.open311.org/GeoReport_v2"
    assert endpoint["formats"] == ["application/json", "text/xml"]
    assert Client().get("/open311/discovery.json").json() == told


def test_services_are_the_matters_in_force_that_are_no_emergency() -> None:
    told = {service["service_code"]: service for service in get("services")}
    assert told["0101"] == {
        "service_code": "0101", "service_name": "道路积水", "description": None, "metadata": True,
        "type": "realtime", "keywords": None, "group": "城市综合",
    }  # fmt: skip
    assert told["other"]["group"] is None
    emergencies = set(Matter.objects.filter(emergency=True).values_list("code", flat=True))
    assert emergencies
    assert not emergencies & set(told)
    english = Client().get("/open311/v2/services.json", headers={"Accept-Language": "en"}).json()
    assert next(s for s in english if s["service_code"] == "0101")["group"] == "City in general"


def test_a_posted_request_is_an_order_dispatched_at_once(town: Town) -> None:
    response = post()
    (told,) = response.json()
    number = told["service_request_id"]
    case = town.case(number)
    assert (case.state, case.matter, case.unit.code) == ("dispatched", "0101", "371502_municipal")
    assert case.place == "古楼街道东关街6号楼2单元"
    assert case.content.text == "路面积水,车过不去。"
    with kernel_writes():
        party = Party.objects.get(case=case)
        assert (party.name, party.phone) == ("宋晓梅", "13912344321")
        assert Order.objects.get(case=case).channel == "app"
    assert set(told) == {"service_request_id", "service_notice", "account_id"}
    assert follow_code(case.pk) in told["service_notice"]
    assert "http://testserver/public/follow" in told["service_notice"]
    assert '"by":"reporter"' in town.ledger(number).split("\n")[0]
    town.verified()


def test_what_is_told_holds_nothing_that_people_said(town: Town) -> None:
    number = posted(**{"attribute[TOWNSHIP]": "古楼街道", "media_url": "https://pictures.example/1.jpg"})
    assert "照片:https://pictures.example/1.jpg" in town.case(number).content.text
    (told,) = get(f"requests/{number}")
    due = town.clock(number, "handle").due_at
    assert due is not None
    assert told == {
        "service_request_id": number, "status": "open", "status_notes": "已经派给承办单位。",
        "service_name": "道路积水", "service_code": "0101", "description": None,
        "agency_responsible": town.case(number).unit.name, "service_notice": "承办单位先签收,再去办。",
        "requested_datetime": "2026-03-02T10:00:00+08:00", "updated_datetime": "2026-03-02T10:00:00+08:00",
        "expected_datetime": timezone.localtime(due).isoformat(), "address": "东昌府区古楼街道", "address_id": None,
        "zipcode": None, "lat": None, "long": None, "media_url": None,
    }  # fmt: skip
    answers = [
        Client().get(f"/open311/v2/requests{one}.{form}")
        for one in ("", f"/{number}")
        for form in ("json", "xml")
    ]
    for answer in answers:
        assert not [mark for mark in (*PERSONAL, "pictures.example") if mark in answer.content.decode()]


def test_confidential_orders_are_as_if_they_were_not_there(town: Town) -> None:
    seen = posted()
    hidden = [posted(**{"attribute[WANT]": "report"}), town.open(**{**REFUND, "confidential": "on"})]
    assert [told["service_request_id"] for told in get("requests")] == [seen]
    assert get("requests", service_request_id=",".join((seen, *hidden)))[0]["service_request_id"] == seen
    assert len(get("requests", service_request_id=",".join((seen, *hidden)))) == 1
    nothing = Client().get("/open311/v2/requests/RX0000000000000.json")
    for number in hidden:
        assert town.case(number).confidential
        answer = Client().get(f"/open311/v2/requests/{number}.json")
        refused(answer, 404, "service_request_id")
        assert answer.content == nothing.content
        assert town.as_("tang").get(f"/open311/v2/requests/{number}.json").status_code == 404


def test_filters_and_pages(town: Town) -> None:
    start = town.now
    first = posted()
    town.later(days=1)
    second = posted(service_code="other", description="说不清楚的事,请转办。")
    town.later(days=1)
    third = town.called_back()
    town.takes("liu", third, "evaluate", grade="5", contacted="on", resolved="on", understood="on")

    def numbers(**asked: Any) -> list[str]:
        return [told["service_request_id"] for told in get("requests", **asked)]

    def moment(at: Any) -> str:
        return str(at.isoformat())

    assert numbers() == [third, second, first]
    assert numbers(status="open") == [second, first]
    assert numbers(status="closed") == [third]
    assert numbers(status="closed,open") == [third, second, first]
    assert numbers(service_code="0101") == [first]
    assert first in numbers(service_code="0101,other")
    assert numbers(service_code="9999") == []
    assert numbers(start_date=moment(start + timedelta(hours=1))) == [third, second]
    assert numbers(end_date=moment(start)) == [first]
    assert (
        numbers(end_date="2026-03-02T02:00:00Z") == numbers(end_date="2026-03-03T01:00:00+23:00") == [first]
    )
    assert numbers(start_date=moment(start), end_date=moment(start + timedelta(days=1))) == [second, first]
    assert numbers(page_size="2") == [third, second]
    assert numbers(page_size="2", page="2") == [first]
    assert numbers(page="3") == []
    assert numbers(service_request_id=f"{first},{third}", status="open", page="9") == [third, first]
    assert numbers(updated_after=moment(start + timedelta(hours=1))) == [second, third]
    assert numbers(updated_after=moment(start - timedelta(days=9000))) == [first, second, third]
    assert numbers(updated_after=moment(start - timedelta(hours=1)), status="closed") == [third]
    pages = {"updated_after": moment(start - timedelta(hours=1)), "page_size": "1"}
    assert [numbers(**pages, page=str(page)) for page in (1, 2, 3, 4)] == [[first], [second], [third], []]
    closed = get(f"requests/{third}")[0]
    assert closed["updated_datetime"] == timezone.localtime(town.case(third).closed_at).isoformat()
    assert numbers(updated_after=closed["updated_datetime"]) == []
    town.later(days=100)
    assert numbers() == []
    assert numbers(status="", start_date="", page="") == []
    assert numbers(start_date=moment(start)) == [third, second, first]


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ({"start_date": "2026-01-01"}, "start_date"),
        ({"start_date": "yesterday"}, "start_date"),
        ({"end_date": "0001-01-01T00:00:00Z"}, "end_date"),
        ({"updated_after": "2026-01-01T00:00:00"}, "updated_after"),
        ({"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-04-02T00:00:00Z"}, "end_date"),
        ({"start_date": "2026-02-01T00:00:00Z", "end_date": "2026-01-02T00:00:00Z"}, "end_date"),
        ({"status": "resolved"}, "status"),
        ({"page": "0"}, "page"),
        ({"page": "9" * 5000}, "page"),
        ({"page_size": "1001"}, "page_size"),
        ({"service_request_id": "x" * 65}, "service_request_id"),
    ],
)
def test_a_wrong_filter_is_named(asked: dict[str, str], named: str) -> None:
    refused(Client().get("/open311/v2/requests.json", asked), 400, f"{named}: ")


@pytest.mark.parametrize(
    ("typed", "status", "named"),
    [
        ({"service_code": ""}, 400, "service_code"),
        ({"service_code": "9999"}, 404, "service_code"),
        ({"address_string": ""}, 400, "address_string"),
        ({"address_string": "路" * 151}, 400, "address_string"),
        ({"lat": "36.45"}, 400, "long"),
        ({"long": "115.985"}, 400, "lat"),
        ({"lat": "36.45", "long": "east"}, 400, "long"),
        ({"lat": "42.36", "long": "-71.06"}, 400, "lat"),
        ({"address_id": "000000"}, 400, "address_id"),
        ({"phone": "139"}, 400, "phone"),
        ({"first_name": "宋" * 61}, 400, "first_name"),
        ({"description": "水" * 4001}, 400, "description"),
        ({"description": "水\0"}, 400, "description"),
        ({"service_code": "other", "description": ""}, 400, "description"),
        ({"media_url": "file:///etc/passwd"}, 400, "media_url"),
        ({"attribute[WANT]": "everything"}, 400, "attribute[WANT]"),
        ({"attribute[WANT]": ["help", "praise"]}, 400, "attribute[WANT]"),
        ({"attribute[TOWNSHIP]": "无此镇"}, 400, "attribute[TOWNSHIP]"),
        ({"attribute[WHISPAWN]": "1"}, 400, "attribute"),
        ({"jurisdiction_id": "city.gov"}, 404, "jurisdiction_id"),
        ({"api_key": "xyz"}, 403, "api_key"),
    ],
)
def test_bad_input_is_refused_by_name_and_nothing_changes(
    town: Town, typed: dict[str, Any], status: int, named: str
) -> None:
    before = kept()
    refused(post(**typed), status, f"{named}: ")
    assert kept() == before


def test_what_is_no_form_and_what_is_no_address(town: Town) -> None:
    before = kept()
    body = Client().post(
        "/open311/v2/requests.json", {"service_code": "0101"}, content_type="application/json"
    )
    refused(body, 400, "Content-Type")
    refused(Client().post("/open311/v2/services.json"), 405, "")
    refused(Client().delete("/open311/v2/requests.json"), 405, "")
    refused(Client().get("/open311/v2/services/9999.json"), 404, "service_code")
    refused(Client().get("/open311/v2/tokens/unknown.json"), 404, "token")
    refused(
        Client().get("/open311/v2/services.json", {"jurisdiction_id": "city.gov"}), 404, "jurisdiction_id"
    )
    assert get("services", jurisdiction_id="371502") == get("services", jurisdiction_id="")
    many = "&".join(f"a{n}=1" for n in range(1100))
    kind = "application/x-www-form-urlencoded"
    refused(Client().post("/open311/v2/requests.json", many, content_type=kind), 400, "")
    answer = post(form="xml", service_code="9999")
    assert answer.status_code == 404
    assert ET.fromstring(answer.content).find("error/code").text == "404"  # type: ignore[union-attr]
    assert kept() == before


def test_the_same_report_is_taken_once(town: Town) -> None:
    number = posted()
    before = kept()
    assert posted() == number
    assert kept() == before
    assert posted(description="又积水了。") != number
    town.later(days=1)
    assert posted() != number


def test_a_key_makes_it_once_and_finds_it_again(town: Town) -> None:
    number = posted(key="app-20260302-17")
    assert posted(key="app-20260302-17") == number
    assert get("tokens/app-20260302-17") == [{"service_request_id": number, "token": "app-20260302-17"}]
    before = kept()
    refused(post(key="app-20260302-17", description="另一件事。"), 400, "Idempotency-Key")
    refused(post(key="k" * 129), 400, "Idempotency-Key")
    assert kept() == before


def test_whoever_may_enter_orders_enters_them_with_a_token(town: Town) -> None:
    keys = {}
    for who in ("li", "wang"):
        keys[who], _ = token_issue(username=who, days=3, now=town.now, by="test")
    number = posted(api_key=keys["li"])
    assert posted(api_key=keys["li"]) == number
    assert '"by":"reporter"' not in town.ledger(number)
    (told,) = post(api_key=keys["li"]).json()
    assert told["service_notice"] is None
    before = kept()
    refused(post(api_key=keys["wang"], description="另一件事。"), 403, "api_key")
    assert kept() == before


def test_more_than_the_public_may_is_refused_and_a_key_may_more(town: Town) -> None:
    stranger = Client(REMOTE_ADDR="203.0.113.7")
    for n in range(20):
        assert post(stranger, phone="", description=f"积水{n}").status_code == 200
    before = kept()
    refused(post(stranger, phone="", description="积水再来"), 429, "12345")
    assert kept() == before
    key, _ = token_issue(username="li", days=3, now=town.now, by="test")
    assert post(stranger, phone="", description="积水再来", api_key=key).status_code == 200


def test_wrong_keys_are_counted_until_even_the_right_one_opens_nothing(town: Town) -> None:
    stranger = Client(REMOTE_ADDR="203.0.113.8")
    key, _ = token_issue(username="li", days=3, now=town.now, by="test")
    for n in range(60):
        refused(post(stranger, api_key=f"bihuan_{n}"), 403, "api_key")
    before = kept()
    refused(post(stranger, api_key=key), 429, "12345")
    assert kept() == before


def test_a_point_on_the_map_becomes_the_place(town: Town) -> None:
    number = posted(address_string="", lat="36.45", long="115.985")
    assert town.case(number).place == "东昌府区(地图点位 36.45000, 115.98500)"
    township = posted(address_string="", address_id="371502001")
    assert town.case(township).territory.code == "371502001"  # type: ignore[union-attr]
    assert Case.objects.count() == 2


def test_a_thousand_requests_are_told_in_few_questions(
    town: Town, django_assert_max_num_queries: Any
) -> None:
    for n in range(5):
        posted(phone="", description=f"积水{n}")
    with django_assert_max_num_queries(20):
        assert len(get("requests")) == 5
    with django_assert_max_num_queries(28):
        assert len(get("requests", updated_after="2026-01-01T00:00:00Z")) == 5
