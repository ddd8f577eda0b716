"""Strange hosts, redirects and characters: refused or read as nothing, and no page breaks."""

from __future__ import annotations

import pytest

from tests.stories.cast import Town


def test_a_strange_host_is_refused(town: Town) -> None:
    assert town.as_("wang").get("/", headers={"host": "evil.example"}).status_code == 400


@pytest.mark.parametrize(
    "where", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_nobody_is_sent_elsewhere(town: Town, where: str) -> None:
    for address, data in (
        ("/large-type", {"next": where}),
        ("/i18n/setlang/", {"next": where, "language": "en"}),
    ):
        response = town.as_("wang").post(address, data)
        assert response.status_code == 302
        assert response["Location"] == "/", address
    assert town.as_("wang").get("/login", {"next": where})["Location"] == "/home"


@pytest.mark.parametrize(
    "bad", ["\x00", "a\x00b", "\ud800".encode("utf-8", "surrogatepass").decode("latin1"), "٣", "²", "9" * 400]
)
def test_strange_characters_break_nothing(town: Town, bad: str) -> None:
    number = town.handling()
    client = town.as_("wang")
    client.raise_request_exception = False
    for name in ("q", "unit", "matter", "number", "state", "since", "until", "after", "page", "tab"):
        for address in ("/", "/search", "/choices/unit", "/choices/person", "/notices", "/export.xlsx"):
            assert client.get(address, {name: bad}).status_code < 500, (address, name)
    for path in (f"/cases/{number}?step={bad}",):
        assert client.get(path).status_code < 500
    assert client.get("/cases/" + bad.replace("\x00", "%00")).status_code in (400, 404)
    version = town.case(number).version
    for step in ("assist", "answer", "ask_pause", "return", "merge", bad.replace("\x00", "%00")):
        data = dict.fromkeys(
            ("units", "request", "reason", "outcome", "answer", "until", "case", "grounds"), bad
        )
        response = client.post(f"/cases/{number}/steps/{step}", {"version": version, **data})
        assert response.status_code in (400, 403, 404, 422), (step, response.status_code)
        assert town.case(number).version == version
    tang = town.as_("tang")
    tang.raise_request_exception = False
    for step, name in (
        ("merge", "case"),
        ("assign", "unit"),
        ("accept_return", "matter"),
        ("dispatch", "unit"),
    ):
        response = tang.post(f"/cases/{number}/steps/{step}", {"version": version, name: bad})
        assert response.status_code in (403, 404, 422), (step, response.status_code)
    assert client.post(f"/cases/{number}/steps/sign_for", {"version": bad}).status_code in (409, 422)
    for phone in ("phone", "matter", "place", "territory"):
        other = town.as_("li")
        other.raise_request_exception = False
        assert other.get("/hotline/new", {phone: bad}).status_code < 500, phone
        assert other.post("/hotline/suggest", {"text": "积水", phone: bad}).status_code < 500, phone
    for address in ("/administration/people", "/administration/units", "/audit"):
        for who in ("admin", "audit"):
            other = town.as_(who)
            other.raise_request_exception = False
            for name in ("q", "page", "before", "stream"):
                assert other.get(address, {name: bad}).status_code < 500, (address, name)
