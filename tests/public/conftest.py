"""A citizen without an account, at the public pages; the standing cast behind them."""

from __future__ import annotations

import html
import io
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from PIL import Image

from bihuan.kernel.cases.models import Case
from bihuan.kernel.identity.scope import scope_apply
from bihuan.kernel.notices.follow_codes import follow_code
from tests.api.client import contents, rows
from tests.stories.cast import EVERYTHING, Town, text_of, town

__all__ = ["town"]
REFUND = {
    "text": "在某培训班交了5200元,一直没有开课,商家协商不退费。",
    "type": "complaint",
    "place": "柳园南路66号",
    "territory": "柳园街道",
    "reporter": "宋晓梅",
    "phone": "19900000001",
}


def photograph(name: str = "IMG_宋晓梅.jpg", colour: str = "red") -> SimpleUploadedFile:
    """A small photograph with a place in its metadata."""
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "柳园南路66号 19900000001"
    Image.new("RGB", (24, 24), colour).save(out, "JPEG", exif=exif)
    return SimpleUploadedFile(name, out.getvalue(), content_type="image/jpeg")


class Citizen:
    """Somebody with a telephone: a browser of her own, and what she reads."""

    def __init__(self, town: Town, address: str = "203.0.113.7") -> None:
        self.town = town
        self.client = Client(REMOTE_ADDR=address)
        self.came_to = ""

    def get(self, path: str, **asked: str) -> str:
        response = self.client.get(path, asked)
        assert response.status_code == 200, (path, response.status_code, response.get("Location"))
        return text_of(response)

    def post(self, path: str, data: dict[str, Any]) -> HttpResponse:
        response = self.client.post(path, data)
        self.came_to = response.get("Location") or self.came_to
        return response

    def key(self, path: str = "/public/report") -> str:
        return re.search(r'name="key" value="(\w+)"', self.get(path))[1]  # type: ignore[index]

    def reports(self, **changed: Any) -> tuple[str, str]:
        """Report by the form; the number and the code as the page shows them."""
        typed = {name: value for name, value in {**REFUND, **changed}.items() if value}
        response = self.post("/public/report", {"key": self.key(), **typed})
        assert response.status_code == 302, said(response)
        return self.ticket()

    def ticket(self) -> tuple[str, str]:
        page = self.get(self.came_to)
        number = re.search(r"RX\d{13}", page)[0]  # type: ignore[index]
        code = re.search(r'ticket-code">([A-Z0-9-]+)<', page)[1]  # type: ignore[index]
        return number, code

    def opens(self, number: str, code: str) -> str:
        """The page of a case, by its number and code."""
        response = self.post("/public/follow", {"number": number, "code": code})
        assert response.status_code == 302, said(response)
        return self.get(response["Location"])

    def page(self, number: str) -> str:
        return self.get(f"/public/cases/{number}")

    def grades(self, number: str, grade: str, why: str = "") -> HttpResponse:
        found = re.search(r'name="version" value="(\d+)"', self.page(number))
        version = found[1] if found else "1"
        return self.post(f"/public/cases/{number}/grade", {"grade": grade, "why": why, "version": version})

    def refused(self, path: str, data: dict[str, Any], words: str, *, status: int = 422) -> str:
        """The form is refused with these words, and no case, entry, file or notice changed."""
        self.town.see()
        before = kept(rows()), contents()
        response = self.post(path, data)
        page = text_of(response)
        assert response.status_code == status, (response.status_code, said(response))
        assert words in page, said(response)
        self.town.see()
        assert (kept(rows()), contents()) == before, "something changed"
        return page


def kept(counted: dict[str, int]) -> dict[str, int]:
    """All tables but what is counted of tries and kept of sessions."""
    return {name: n for name, n in counted.items() if name not in ("public_tally", "django_session")}


def said(response: HttpResponse) -> str:
    page = html.unescape(response.content.decode()).partition('id="content"')[2]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))[:800]


def code_of(number: str) -> str:
    """The code, as the server makes it."""
    scope_apply(EVERYTHING)
    return follow_code(Case.objects.get(number=number).pk)


@pytest.fixture
def citizen(town: Town) -> Citizen:
    return Citizen(town)
