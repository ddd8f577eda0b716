"""Recordings: played inside the page, part by part, for whoever gave a reason; fetched from known sources alone."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.test import Client

from bihuan.kernel.ledger.models import LedgerEntry
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.lib.refusals import NotFound
from bihuan.packs.hotline.adapters.recordings import recording_can_be_fetched, recording_fetch
from bihuan.packs.hotline.models import Call
from tests.desk.conftest import City, as_, city  # noqa: F401  fixtures
from tests.packs.hotline.test_calls import recorded
from tests.packs.hotline.test_screens import everything

As = Callable[..., Client]
SOUND = bytes(range(256)) * 4


class Telephony(BaseHTTPRequestHandler):
    """A telephone system's recordings: /whole knows no ranges, /ranges does."""

    def do_GET(self) -> None:
        path, asked = self.path.partition("?")[0], self.headers.get("Range", "")
        if path.startswith("/rec/moved"):
            self.send_response(302)
            self.send_header("Location", "/rec/whole.wav")
            self.end_headers()
        elif path.startswith("/rec/none"):
            self.send_error(404)
        elif path.startswith("/rec/ranges") and asked:
            first, _, last = asked.removeprefix("bytes=").partition("-")
            part = SOUND[int(first) : int(last or len(SOUND)) + 1]
            at = f"bytes {first}-{int(first) + len(part) - 1}/{len(SOUND)}"
            self._send(206, part, {"Content-Range": at})
        else:
            kind = {"html": "text/html", "bin": "application/octet-stream"}.get(path.rpartition(".")[2])
            self._send(200, SOUND, {"Content-Type": kind or "audio/wav"})

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "audio/wav", "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        return


@pytest.fixture(scope="module")
def telephony() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Telephony)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/rec/"
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def source(telephony: str, settings: Any) -> None:
    settings.RECORDING_SOURCES = [telephony.rstrip("/")]


@pytest.mark.parametrize(
    ("address", "known"),
    [
        ("1.wav", True),
        ("a/b/1.wav?x=1", True),
        ("../admin", False),
        ("%2e%2e/admin", False),
        ("a/..%2fadmin", False),
    ],
)
def test_only_below_a_known_source(telephony: str, address: str, known: bool) -> None:
    assert recording_can_be_fetched(telephony + address) is known


def test_another_host_is_no_source(telephony: str, settings: Any) -> None:
    for address in (
        "http://169.254.169.254/latest",
        telephony.rstrip("/") + ".evil/1.wav",
        "file:///etc/passwd",
    ):
        assert not recording_can_be_fetched(address)
    settings.RECORDING_SOURCES = []
    assert not recording_can_be_fetched(telephony + "1.wav")


@pytest.mark.parametrize("name", ["whole.wav", "ranges.wav", "x/1.bin/1.wav"])
@pytest.mark.parametrize(
    ("wanted", "status", "part", "at"),
    [
        ("", 200, SOUND, None),
        ("bytes=0-", 206, SOUND, "bytes 0-1023/1024"),
        ("bytes=10-19", 206, SOUND[10:20], "bytes 10-19/1024"),
        ("bytes=1000-", 206, SOUND[1000:], "bytes 1000-1023/1024"),
        ("bytes=-5", 200, SOUND, None),
        ("bytes=0-1,5-6", 200, SOUND, None),
        ("rows=1", 200, SOUND, None),
    ],
)
def test_a_range_is_given_whether_the_telephone_system_knows_ranges_or_not(
    telephony: str, name: str, wanted: str, status: int, part: bytes, at: str | None
) -> None:
    found = recording_fetch(telephony + name, wanted=wanted)
    assert (found.status, found.headers.get("Content-Range"), found.headers["Content-Type"]) == (
        status,
        at,
        "audio/wav",
    )
    assert b"".join(found.parts) == part
    assert found.headers["Content-Length"] == str(len(part))


def test_a_range_past_the_end_is_told(telephony: str) -> None:
    found = recording_fetch(telephony + "whole.wav", wanted="bytes=5000-")
    assert (found.status, found.headers["Content-Range"], b"".join(found.parts)) == (416, "bytes */1024", b"")


@pytest.mark.parametrize("name", ["moved.wav", "none.wav", "page.html", "unknown.bin"])
def test_what_is_no_recording_is_not_passed_on(telephony: str, name: str) -> None:
    with pytest.raises(NotFound, match="电话系统中没有这段录音"):
        recording_fetch(telephony + name)


def test_a_telephone_system_that_is_away_is_told() -> None:
    with pytest.raises(NotFound, match="现在连不上"):
        recording_fetch("http://127.0.0.1:9/rec/1.wav")


def lies_at(address: str) -> None:
    with kernel_writes():
        Call.objects.update(recording=address)


@pytest.fixture
def number(as_: As, city: City, telephony: str) -> str:
    found = recorded(as_, city)
    lies_at(f"{telephony}whole.wav")
    return found


def heard(client: Client, number: str) -> str:
    """Give a reason on the case page; the address of the player."""
    page = client.post(f"/hotline/cases/{number}/recording", {"reason": "核对来电人的原话"}).content.decode()
    return re.search(r'<audio[^>]* src="([^"]+)"', page)[1]  # type: ignore[index]


def test_a_recording_is_played_on_the_case_page(as_: As, city: City, number: str) -> None:
    client = as_("tang")
    before = client.get(f"/cases/{number}").content.decode()
    assert "<audio" not in before and "/sound" not in before
    address = heard(client, number)
    answer = client.get(address, headers={"Range": "bytes=10-19"})
    assert (answer.status_code, answer["Content-Range"]) == (206, "bytes 10-19/1024")
    assert b"".join(answer.streaming_content) == SOUND[10:20]  # type: ignore[attr-defined]
    assert answer["Cache-Control"] == "private, no-store"
    assert "<audio" not in client.get(f"/cases/{number}").content.decode()  # once a reason
    everything()
    assert LedgerEntry.objects.filter(kind="heard").count() == 1


def test_a_short_reason_is_refused_on_the_page_and_kept(as_: As, city: City, number: str) -> None:
    refused = as_("tang").post(f"/hotline/cases/{number}/recording", {"reason": "听听"})
    page = refused.content.decode()
    assert refused.status_code == 422
    assert 'id="listen-wrong"' in page and 'value="听听"' in page and "<audio" not in page
    everything()
    assert not LedgerEntry.objects.filter(kind="heard").exists()


def test_the_player_is_for_whoever_gave_the_reason_and_for_half_an_hour(
    as_: As,
    city: City,
    number: str,
) -> None:
    address = heard(as_("tang"), number)
    plain = address.partition("?")[0]
    for who in ("li", "zhao"):
        assert as_(who).get(address).status_code in (403, 404)
    for token in ("", "?token=x", f"{address.removeprefix(plain)}x"):
        assert as_("tang").get(plain + token).status_code == 403
    assert as_("tang", after=1.49).get(address).status_code == 200
    assert as_("tang", after=1.51).get(address).status_code == 403
    assert Client().get(address).status_code == 302


def test_a_recording_that_is_gone_is_not_found(as_: As, city: City, number: str, telephony: str) -> None:
    client = as_("tang")
    address = heard(client, number)
    lies_at(f"{telephony}none.wav")
    assert client.get(address).status_code == 404
