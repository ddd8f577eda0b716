"""Every address of the site, as a stranger, an outsider and everybody of the cast: what is not theirs stays hidden."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve

from bihuan.kernel.administration.shape import kinds
from bihuan.kernel.appointments.models import Booking, Resource
from bihuan.kernel.attachments.models import Attachment
from bihuan.kernel.cases.models import Case, Party
from bihuan.kernel.certificates.models import Certificate, Change
from bihuan.kernel.identity.models import Delegation, Person
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.meetings.models import Invited, Meeting
from bihuan.kernel.pack import packs, workflows
from bihuan.kernel.review.services import Drawing, sample_draw
from bihuan.kernel.scoring.models import Decision
from bihuan.packs.hotline.models import Call, Order
from tests.api.client import Api, contents, rows
from tests.stories.cast import Town, text_of

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"')
"""Random letters and digits, which may by chance be those of a telephone number."""
OPEN_TO_ALL = {
    "styleguide",
    "promises",
    "public",
    "public/follow",
    "public/guide",
    "public/hall",
    "public/draws",
    "public/methods",
    "public/outlines.json",
    "public/report",
    "public/reviews",
    "public/scores",
    "public/book",
    "public/bookings",
    "verify",
    "verify/keys.json",
    "login",
    "login/code",
    "account/password",
    "logout",
    "large-type",
    "sw.js",
    "manifest.webmanifest",
    "public/manifest.webmanifest",
    "offline",
    "waiting",
    "waiting/who",
    "i18n/setlang/",
    "api/openapi.json",
    "exchange/messages",
    "exchange/fetch",
    "exchange/contents",
    *(
        f"open311/{name}.{form}"
        for form in ("json", "xml")
        for name in ("discovery", "v2/discovery", "v2/services", "v2/requests")
    ),
}
CAST = ("li", "zhou", "wang", "sun", "zhao", "liu", "tang", "qian", "admin", "security", "audit")
SECRET = {
    "text": "反映某人收受好处,联系方式13912344321。",
    "type": "report",
    "reporter": "佟志鹏",
    "phone": "13912344321",
    "address": "柳园街道桂花巷7号",
    "title": "绝密标记甲乙丙",
}


def patterns(found: Any = None, before: str = "") -> list[str]:
    """Every address of the site with its parameters in <>."""
    out: list[str] = []
    for one in (found or get_resolver()).url_patterns:
        address = before + str(one.pattern)
        if isinstance(one, URLResolver):
            out += patterns(one, address)
        elif isinstance(one, URLPattern):
            out.append(address)
    return out


def filled(values: dict[str, str], *, own_steps: bool = False) -> list[str]:
    """Every address with these values in it; each kind administered and one step of each workflow stand for themselves,
    and each step of the case's own pack where somebody gets as far as the case (`own_steps`)."""
    own = {step.code for w in packs()["hotline"].workflows for step in w.steps} if own_steps else set()
    steps = sorted(own | {w.steps[0].code for w in workflows().values()})
    out = []
    for pattern in patterns():
        address = re.sub(r"\^choices/\(\?P<kind>[^)]*\)\$", "choices/person", pattern)
        for step in steps if "step>" in address else [""]:
            for kind in kinds() if address.startswith("administration/<") else [values["name"]]:
                name = {**values, "step": step, "name": kind}
                out.append("/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda m, n=name: n[m[1]], address))
    return out


@pytest.fixture
def secret(town: Town) -> dict[str, str]:
    """A confidential case that the market bureau handles, with a file and a delegation that are nobody else's."""
    number = town.open(**SECRET)
    town.takes("wang", number, "sign_for")
    picture = SimpleUploadedFile("绝密标记附件.txt", "绝密标记内容".encode())
    assert town.as_("wang").post(f"/cases/{number}/attachments", {"file": picture}).status_code == 302
    town.see()
    with kernel_writes():
        sun = Person.objects.get(username="sun").pk
        row = Delegation.objects.create(
            grantor_id=sun, grantee_id=Person.objects.get(username="chen").pk, reason="绝密标记委托",
            begins=town.now, ends=town.now.replace(year=2027),
        )  # fmt: skip
        attachment = Attachment.objects.get(case__number=number).pk
        party = Party.objects.get(case__number=number).pk
        call = Call.objects.create(
            call="secret",
            phone="13912344321",
            ringing_at=town.now,
            ended_at=town.now,
            recording="https://pbx/绝密标记",
        )
        Order.objects.filter(case__number=number).update(call=call)
        case = Case.objects.get(number=number)
        drawing = Drawing(
            scheme="hotline.tenth", unit=case.unit_id, role="bureau_head", day=town.now.date(), since=None, until=town.now,
            due_at=town.now, percent=100, rounding="up", listed={number: case.pk},
        )  # fmt: skip
        sample = sample_draw(drawing=drawing, now=town.now)
        assert sample
        decision = Decision.objects.create(
            kind="exclusion", pack="hotline", unit_id=case.unit_id, case=case, category="litigation", words="绝密标记证据",
            asked_by_id=sun, asked_at=town.now,
        )  # fmt: skip
        tang = Person.objects.get(username="tang").pk
        meeting = Meeting.objects.create(
            kind="dispatch", subject="绝密标记会议", at=town.now, place="中心", planned_by_id=tang, planned_at=town.now, key="secret"
        )  # fmt: skip
        Invited.objects.create(meeting=meeting, unit=town.units["371502_market"])
        window = Resource.objects.create(code="secret", name="窗口", kind="window", unit=case.unit)
        booking = Booking.objects.create(
            number="绝密标记约号", resource=window, begin=town.now, end=town.now + timedelta(minutes=30), case=case, name="佟志鹏",
            phone="13912344321", made_at=town.now, held=(town.now, town.now + timedelta(minutes=30)),
        )  # fmt: skip
        certificate = Certificate.objects.create(
            kind="stall", number="绝密标记证号", case=case, unit=case.unit, holder="乙佟鹏", issued_at=town.now,
            valid_from=town.now.date(), state_at=town.now, code="ABCD-2345",
        )  # fmt: skip
        change = Change.objects.create(
            certificate=certificate,
            act="revoke",
            ground="deceit",
            reason="绝密标记理由",
            asked_by_id=sun,
            asked_at=town.now,
        )
    return {
        "change": str(change.pk), "what": "grant", "number": number, "attachment": str(attachment), "party": str(party), "delegation": str(row.pk),
        "meeting": str(meeting.pk), "certificate": str(certificate.pk), "booking": str(booking.pk), "act": "close", "person": str(sun), "action": "reset", "name": "hotline", "rest": "nothing", "kind": "person",
        "call": str(call.pk), "answer": "1", "path": "nothing", "code": "nothing", "version": "1", "answers": "1", "sha256": "0" * 64, "form": "csv", "key": "hotline", "view": "1", "run": "1",
        "sample": str(sample.pk), "sampled": str(sample.cases.get().pk), "decision": str(decision.pk), "measure": "on_time",
        "board": "hotline", "chart": "places",
        "month": "2026-03", "light": "red", "item": "1", "theme": "1", "card": "1", "commitment": "1", "paper": "receipt", "project": "1", "draw": "1", "site": "1", "worker": "1",
        "visit": "1", "question": "1", "method": "1", "check": "1", "deferred": "1", "photo": "1",
    }  # fmt: skip


REPORTER, PHONE = ("佟",), ("13912344321", "****4321")
TOLD_TO = {
    "qian": ("绝密标记", *REPORTER, *PHONE),
    "audit": ("绝密标记", *REPORTER, *PHONE),
    "admin": ("绝密标记", *REPORTER, *PHONE),
    "security": ("绝密标记", *REPORTER, *PHONE),
    "hall": ("绝密标记", *REPORTER, *PHONE),  # a screen that anybody stands before
    "wang": (*REPORTER, *PHONE, "绝密标记委托", "https://pbx"),  # handles it, and must not know whose it is
    "sun": (*REPORTER, *PHONE, "https://pbx"),
    "zhao": (*PHONE, "绝密标记委托", "https://pbx"),  # reviews: sees cases, reads no names
}
"""Whoever sees a part of the secret case, or none of it, and what no address may tell them without a reason."""
OUTSIDERS = ("qian", "audit", "admin", "security", "hall")


def asked_of(number: str) -> dict[str, str]:
    return {"q": number, "tab": "all", "number": number, "phone": "13912344321", "id": "1"}


def page_of(response: Any, address: str, number: str) -> str:
    """What an answer tells, without what was typed into the question (an export's is told to the auditor) and random letters."""
    body = b"".join(response) if response.streaming else response.content
    page = body.decode(errors="replace").replace(f'value="{number}"', "").replace(address, "")
    page = page.replace('value="13912344321"', "").replace(f"<dt>编号</dt><dd>{number}</dd>", "")
    return TOKEN.sub("", re.sub(r'name="next" value="[^"]*"', "", page).replace(f"={number}", ""))


def addresses(values: dict[str, str], *, own_steps: bool = False) -> list[str]:
    """Every address but those that end the session or change whose it is."""
    left_out = ("/account", "/logout", "/login", "/i18n")
    return [one for one in filled(values, own_steps=own_steps) if not one.startswith(left_out)]


def test_every_parameter_of_every_address_is_tried(secret: dict[str, str]) -> None:
    """A new address with a new parameter does not slip by: it has no value here, and this fails."""
    names = {name for pattern in patterns() for name in re.findall(r"<(?:\w+:)?(\w+)>", pattern)}
    assert names <= set(secret) | {"step"}
    assert len(set(filled(secret))) > 100
    assert not [one for one in filled(secret) if "<" in one or "^" in one]


@pytest.mark.parametrize("who", TOLD_TO)
def test_no_address_tells_anybody_more_than_is_theirs(town: Town, secret: dict[str, str], who: str) -> None:
    number = secret["number"]
    marks = (*TOLD_TO[who], number) if who in OUTSIDERS else TOLD_TO[who]
    town.see()
    before = contents()
    sent_only: set[str] = set()  # patterns that take no GET, whatever the values
    for address in addresses(secret, own_steps=True):
        pattern = resolve(address).route
        if pattern in sent_only:
            continue
        response = town.as_(who).get(address, asked_of(number) if "choices" not in address else {"q": "王"})
        if response.status_code == 405:
            sent_only.add(pattern)
        assert response.status_code < 500, address
        page = page_of(response, address, number)
        # What numbers the format makes is shown; registers, such as that of samples, name cases by their numbers.
        numbers = address.startswith(("/administration/numbering", "/audit"))
        for mark in marks:
            assert mark not in page or (numbers and mark == number), (address, mark)
        if who in OUTSIDERS and number in address:
            assert response.status_code in (302, 403, 404, 405, 422), (address, response.status_code)
    cases = ("cases_case", "cases_text", "cases_party", "clocks_clock", "hotline_order")
    assert {name: contents()[name] for name in cases} == {name: before[name] for name in cases}


@pytest.mark.parametrize("who", CAST)
def test_what_does_not_exist_is_found_by_nobody(town: Town, who: str) -> None:
    """Others' ids that are nobody's: no error that tells the inside, and nothing changes."""
    town.see()
    numbers = (
        "attachment",
        "party",
        "delegation",
        "person",
        "call",
        "answer",
        "view",
        "run",
        "meeting",
        "sample",
        "sampled",
        "decision",
        "certificate",
        "commitment",
        "change",
        "project",
        "draw",
        "site",
        "worker",
        "visit",
        "question",
        "method",
        "booking",
        "card",
        "check",
        "deferred",
        "photo",
    )
    nothing = dict.fromkeys(numbers, "999999999") | {
        "number": "RX1999010100001", "action": "nothing", "name": "nothing", "rest": "nothing", "kind": "person",
        "path": "nothing", "code": "nothing", "version": "1", "answers": "1", "sha256": "0" * 64, "form": "csv", "key": "nothing",
        "measure": "nothing", "what": "grant", "month": "nothing", "light": "nothing", "act": "close",
        "board": "nothing", "chart": "nothing", "paper": "nothing", "item": "999999999", "theme": "999999999",
    }  # fmt: skip
    before = contents()
    for address in addresses(nothing):
        if any(value in address for value in ("999999999", "RX1999010100001")):
            response = town.as_(who).get(address)
            assert response.status_code in (302, 400, 403, 404, 405, 422), (address, response.status_code)
    assert contents() == before


@pytest.mark.parametrize("who", OUTSIDERS)
def test_an_outsider_changes_nothing_at_any_address_of_a_case(
    town: Town, secret: dict[str, str], who: str
) -> None:
    number = secret["number"]
    town.see()
    before = rows(), contents()
    right = {"version": str(town.case(number).version), "reason": "没有理由的理由"}
    tries = [(address, right) for address in addresses(secret, own_steps=True)]
    tries += [(address, {"version": "1"}) for address in addresses(secret)]
    for address, data in tries:
        if number in address:
            token = {"Idempotency-Key": f"k{len(address)}"}
            sent = town.as_(who).post(address, data, headers=token)
            assert sent.status_code in (302, 403, 404, 405, 415), (address, sent.status_code)
            told = TOKEN.sub("", text_of(sent).replace(address, ""))
            assert not any(mark in told for mark in TOLD_TO[who]), address
    assert (rows(), contents()) == before


def test_a_stranger_is_sent_to_the_door(town: Town, secret: dict[str, str]) -> None:
    for address in filled(secret):
        if address.strip("/") in {name.strip("/") for name in OPEN_TO_ALL}:
            continue
        response = Client().get(address)
        assert response.status_code in (302, 401, 404, 405), (address, response.status_code)
        if response.status_code == 302:
            doors = ("/public/follow", "/public/bookings?")
            door = doors if address.startswith("/public/") else "/login?next="
            assert response["Location"].startswith(door), address


def test_every_write_of_a_page_needs_its_token(town: Town, secret: dict[str, str]) -> None:
    client = Client(enforce_csrf_checks=True)
    with kernel_writes():
        client.force_login(Person.objects.get(username="wang"))
    before = rows(), contents()
    for address in filled(secret):
        response = client.post(address, {"version": "4", "all": "1"})
        stranger_s = address.startswith(
            "/open311/v2/requests."
        )  # asks no session: taken as from anybody, and not good
        refused = (400,) if stranger_s else (403, 404, 405, 415)
        assert response.status_code in refused, (address, response.status_code)
    assert (rows(), contents()) == before


@pytest.mark.parametrize("who", CAST)
def test_pages_of_people_are_kept_by_no_browser(town: Town, who: str) -> None:
    for address in (
        "/",
        "/search?q=x",
        "/account",
        "/notices",
        "/administration/units",
        "/worklist/counts",
        "/export.xlsx",
    ):
        response = town.as_(who).get(address)
        if response.status_code == 200:
            assert "no-store" in response["Cache-Control"], address
    assert "no-store" in Api(who).get("/cases")["Cache-Control"]


def test_headers_of_a_page(town: Town) -> None:
    response = town.as_("wang").get("/")
    policy = response["Content-Security-Policy"]
    assert "unsafe" not in policy and "*" not in policy
    assert "frame-ancestors 'none'" in policy
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "same-origin"
    assert not re.search(r"<[^>]+\son\w+=|<script(?![^>]*\ssrc=)|style=|javascript:", text_of(response))
