"""The case page in a real browser: handed out by the chief, photographs small, the place on a map, a recording played."""

from __future__ import annotations

import io
import threading
import wave
from collections.abc import Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import expect

from bihuan.kernel.ledger.services import kernel_writes
from bihuan.packs.hotline.models import Call, Order
from tests.browser.axe import overflows, serious
from tests.desk.conftest import City
from tests.lib.test_sniffing import picture

pytestmark = pytest.mark.browser
PLACE = "柳园南路66号 东昌府区(地图点位 36.45000, 115.98500)"


def sound() -> bytes:
    """Two seconds of silence."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(32_000))
    return out.getvalue()


class _Telephony(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = sound()
        self.send_response(200)
        self.send_header("Content-Type", "audio/wav")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        return


@pytest.fixture
def telephony(settings: Any) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Telephony)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/rec/"
    settings.RECORDING_SOURCES = [address]
    yield address
    server.shutdown()
    server.server_close()


def test_a_chief_gives_the_case_away_where_it_is_read(open_as: Any, present: datetime) -> None:
    city = City(present)
    opened = city.dispatched(place=PLACE)
    for width in (360, 1280):
        chen = open_as("chen", width=width, audited=True)
        chen.goto(f"{chen.home}/cases/{opened.number}")
        expect(chen.locator("[data-place] path.leaflet-interactive, [data-place] path").first).to_be_visible()
        expect(chen.get_by_role("link", name="在手机地图里打开")).to_have_attribute(
            "href", "geo:36.45000,115.98500?q=36.45000,115.98500"
        )
        chen.get_by_role("button", name="交办").click()
        expect(chen.locator("#hand-out-wrong")).to_have_text("请选择交给谁。")
        assert serious(chen) == []
        assert not overflows(chen)
        to, name = {360: ("wang", "王建业"), 1280: ("sun", "孙")}[width]
        chen.locator("#hand-out-to").select_option(to)
        chen.get_by_role("button", name="交办").click()
        expect(chen.locator("#units")).to_contain_text(name)


def test_photographs_are_small_and_whole_on_click(open_as: Any, present: datetime) -> None:
    city = City(present)
    opened = city.handling()
    wang = open_as("wang")
    wang.goto(f"{wang.home}/cases/{opened.number}")
    photo = {"name": "现场.png", "mimeType": "image/png", "buffer": picture("PNG", size=(960, 700))}
    paper = {"name": "合同.txt", "mimeType": "text/plain", "buffer": "合同".encode()}
    wang.locator("#upload-file").set_input_files([photo, paper])
    wang.get_by_role("button", name="上传").click()
    wang.get_by_text("已添加 2 个附件。").wait_for()
    shown = wang.locator("#files .photo-side img")
    expect(shown).to_have_count(1)
    assert shown.evaluate("async i => (i.loading = 'eager', await i.decode(), i.naturalWidth)") == 480
    expect(wang.locator("#files .files li")).to_have_count(1)
    shown.click()
    assert wang.locator("img").evaluate("async i => (await i.decode(), i.naturalWidth)") == 960


def test_a_recording_is_played_in_the_page(open_as: Any, present: datetime, telephony: str) -> None:
    city = City(present)
    opened = city.dispatched()
    with kernel_writes():
        call = Call.objects.create(call="c-1", ringing_at=present, recording=f"{telephony}1.wav")
        Order.objects.create(
            case_id=opened.case, call=call, channel="telephone", type="complaint", arrived_at=present
        )
    tang = open_as("tang", audited=True)
    tang.goto(f"{tang.home}/cases/{opened.number}")
    tang.locator("#call summary").click()
    tang.locator("#listen-reason").fill("核对来电人的原话")
    tang.locator("#call").get_by_role("button", name="调听录音").click()
    player = tang.locator("#call audio")
    player.wait_for()
    assert serious(tang) == []
    length = (
        "async a => { a.muted = true; await a.play(); a.currentTime = 1.5; return [a.duration, a.error] }"
    )
    assert player.evaluate(length) == [2, None]
    expect(tang.locator(".timeline li").first).to_contain_text("调听了录音")
