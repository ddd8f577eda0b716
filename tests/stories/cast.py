"""The standing cast at work over HTTP: each logs in, opens the page, fills the desk's form in and sends it.

`Town.takes` reads the case's version from the page that the person sees, as a browser would; `Town.refused` asserts
that nothing changed. Times move only when a story says so.
"""

from __future__ import annotations

import html
import io
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from openpyxl import load_workbook

from bihuan.kernel.cases.models import Case
from bihuan.kernel.clocks.models import Clock
from bihuan.kernel.identity.models import Person, Unit
from bihuan.kernel.identity.scope import Scope, scope_apply
from bihuan.kernel.ledger.models import LedgerEntry
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.ledger.verify import ledger_verify
from tests.api.client import contents, rows

EVERYTHING = Scope(0, (), (), True)
REFUND = {
    "text": "在某培训班交了5200元,一直没有开课,商家协商不退费。",
    "type": "complaint",
    "matter": "消费退费纠纷",
    "territory": "柳园街道",
    "place": "柳园南路66号",
    "reporter": "宋晓梅",
    "phone": "19900000001",
}
ANSWER = "经调解,双方已达成一致并退费,来电人认可。"


class Town:
    """The city with its people at their desks; `now` is everybody's clock."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.clients: dict[str, Client] = {}
        self.units = {unit.code: unit for unit in Unit.objects.all()}

    def later(self, **span: float) -> None:
        """Time passes, and everybody logs in again: sessions end by themselves."""
        self.now += timedelta(**span)
        self.clients.clear()

    def unit(self, code: str) -> str:
        """A unit as a person types it."""
        return f"{self.units[code].name} · {code}"

    def as_(self, username: str) -> Client:
        if username not in self.clients:
            client = Client()
            with kernel_writes():
                client.force_login(Person.objects.get(username=username))
            self.clients[username] = client
        return self.clients[username]

    def open(self, **changed: str) -> str:
        """li takes an order in by the form; returns its number."""
        client = self.as_("li")
        key = re.search(r'name="key" value="(\w+)"', client.get("/hotline/new").content.decode())[1]  # type: ignore[index]
        typed = {name: value for name, value in {**REFUND, **changed, "key": key}.items() if value}
        response = client.post("/hotline/new", typed)
        assert response.status_code == 302, text_of(response)
        self.see()
        return str(Case.objects.latest("pk").number)

    def handling(self, **changed: str) -> str:
        """An order that wang has signed for."""
        number = self.open(**changed)
        self.takes("wang", number, "sign_for")
        return number

    def called_back(self, **changed: str) -> str:
        """An order answered and reviewed, which waits for its call-back."""
        number = self.handling(**changed)
        self.answers(number)
        return number

    def answers(self, number: str, **answer: str) -> None:
        """wang calls the caller and answers; sun and zhao review."""
        self.takes("wang", number, "self_call_back", reached="yes", understood="on", note="已向来电人说明")
        self.takes("wang", number, "answer", **{"outcome": "done", "answer": ANSWER, **answer})
        self.takes("sun", number, "approve_up")
        self.takes("zhao", number, "approve")

    def page(self, username: str, number: str, query: str = "") -> str:
        return text_of(self.as_(username).get(f"/cases/{number}{query}"))

    def takes(self, username: str, number: str, step: str, **data: Any) -> None:
        """Open the step's form, fill it in, send it; the page afterwards says that it is done."""
        page = self.page(username, number, f"?step={step}")
        version = re.search(r'name="version" value="(\d+)"', page)
        assert version, f"{username} is not offered {step}: {said(page)}"
        response = self.post(username, number, step, int(version[1]), **data)
        assert response.status_code == 302, f"{username} {step}: {said(text_of(response))}"
        self.later(minutes=10)

    def post(self, username: str, number: str, step: str, version: int, **data: Any) -> HttpResponse:
        return self.as_(username).post(f"/cases/{number}/steps/{step}", {"version": version, **data})

    def refused(
        self, username: str, number: str, step: str, words: str, *, status: int = 422, **data: Any
    ) -> None:
        """The step is refused with these words, and nothing at all changed."""
        version = self.case(number).version
        before = rows(), contents()
        response = self.post(username, number, step, version, **data)
        assert response.status_code == status, (response.status_code, said(text_of(response)))
        assert words in text_of(response), said(text_of(response))
        assert (rows(), contents()) == before, "something changed"

    def see(self) -> None:
        scope_apply(EVERYTHING)

    def case(self, number: str) -> Case:
        self.see()
        return Case.objects.select_related("unit").get(number=number)

    def at(self, number: str) -> tuple[str, str]:
        """State and unit."""
        case = self.case(number)
        return case.state, case.unit.code

    def clock(self, number: str, kind: str, basis: str = "promised") -> Clock:
        return Clock.objects.filter(case=self.case(number), kind=kind, basis=basis).latest("pk")

    def kinds(self, number: str) -> list[str]:
        return list(
            LedgerEntry.objects.filter(case_id=self.case(number).pk)
            .order_by("seq")
            .values_list("kind", flat=True)
        )

    def ledger(self, number: str) -> str:
        """All bytes of the case's own stream."""
        entries = LedgerEntry.objects.filter(case_id=self.case(number).pk).order_by("seq")
        return "\n".join(bytes(entry.body).decode() for entry in entries)

    def exported(self, username: str, query: str = "?tab=all") -> str:
        response = self.as_(username).get(f"/export.xlsx{query}")
        book = load_workbook(io.BytesIO(b"".join(response.streaming_content)))  # type: ignore[attr-defined]
        return "\n".join(str(row) for row in book.active.iter_rows(values_only=True))  # type: ignore[union-attr]

    def verified(self) -> None:
        assert ledger_verify().faults == ()


def text_of(response: HttpResponse) -> str:
    return html.unescape(response.content.decode())


def said(page: str) -> str:
    """What a page says about the next step, for reading a failure."""
    main = page.partition('id="content"')[2][:6000] or page[:3000]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))[:1200]


@pytest.fixture
def town(db: None, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Town:
    made = Town(now)
    monkeypatch.setattr("bihuan.site.middleware.timezone.now", lambda: made.now)
    return made
