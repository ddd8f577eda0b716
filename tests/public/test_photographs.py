"""A citizen's own photographs on the follow page: small, the original on click, nobody else's."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from PIL import Image

from bihuan.kernel.attachments.models import Attachment
from tests.public.conftest import Citizen, photograph
from tests.stories.cast import Town


@pytest.fixture
def reported(citizen: Citizen, town: Town) -> tuple[str, int]:
    """A report with a photograph; its number and the photograph's id."""
    data = {
        "key": citizen.key(),
        "text": "路灯不亮。",
        "place": "柳园南路66号",
        "photographs": [photograph()],
    }
    assert citizen.post("/public/report", data).status_code == 302
    number, _code = citizen.ticket()
    town.see()
    return number, Attachment.objects.get(case__number=number).pk


def body(response: HttpResponse) -> bytes:
    return b"".join(response.streaming_content)  # type: ignore[attr-defined]


def test_the_citizen_sees_what_was_sent(citizen: Citizen, reported: tuple[str, int]) -> None:
    number, file = reported
    address = f"/public/cases/{number}/photographs/{file}"
    page = citizen.page(number)
    assert f'<a href="{address}"><img src="{address}/thumbnail"' in page
    for one in (address, f"{address}/thumbnail"):
        answer = citizen.client.get(one)
        assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
        assert answer["Cache-Control"] == "private, no-store"
        picture = body(answer)
        assert Image.open(io.BytesIO(picture)).size == (24, 24)
        assert "柳园南路66号".encode() not in picture


def test_nobody_else_sees_it(citizen: Citizen, town: Town, reported: tuple[str, int]) -> None:
    number, file = reported
    for client in (Client(), town.as_("tang"), town.as_("qian")):
        assert client.get(f"/public/cases/{number}/photographs/{file}").status_code == 404
        assert client.get(f"/public/cases/{number}/photographs/{file}/thumbnail").status_code == 404
    other = Citizen(town, "203.0.113.8")
    mine, _code = other.reports(phone="19900000002")
    assert other.client.get(f"/public/cases/{mine}/photographs/{file}").status_code == 404
    citizen.client.post("/public/leave")
    assert citizen.client.get(f"/public/cases/{number}/photographs/{file}").status_code == 404


def test_files_of_the_unit_stay_inside(citizen: Citizen, town: Town, reported: tuple[str, int]) -> None:
    number, _file = reported
    town.see()
    holder = town.case(number)
    picture = SimpleUploadedFile("现场.jpg", photograph(colour="blue").read())
    assert town.as_("tang").post(f"/cases/{number}/attachments", {"file": picture}).status_code == 302
    town.see()
    inside = Attachment.objects.filter(case=holder.pk).latest("pk").pk
    assert f"/photographs/{inside}" not in citizen.page(number)
    assert citizen.client.get(f"/public/cases/{number}/photographs/{inside}").status_code == 404


def test_a_withdrawn_photograph_is_shown_no_more(
    citizen: Citizen, town: Town, reported: tuple[str, int]
) -> None:
    number, file = reported
    town.as_("tang").post(f"/attachments/{file}/withdraw", {"reason": "照片里有别人的信息"})
    assert "/photographs/" not in citizen.page(number).replace("photographs-hint", "")
    assert citizen.client.get(f"/public/cases/{number}/photographs/{file}/thumbnail").status_code == 404
