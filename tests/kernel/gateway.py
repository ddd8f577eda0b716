"""A receiver of notices on this machine, and cases whose notices it is sent."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from bihuan.kernel.cases.moving import case_move
from bihuan.kernel.cases.opening import Opened, Opening, PartyData, case_open
from bihuan.kernel.identity.models import Person, Unit
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.notices.models import Notice, WebhookTarget
from bihuan.packs.hotline import rules

PHONE = "19900000001"
MINUTE = timedelta(minutes=1)


class Gateway:
    """A receiver on this machine: answers with the statuses given, then 200; keeps what it was sent."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.got: list[tuple[str, dict[str, str], bytes]] = []
        self.answer = b"{}"
        self.gate: threading.Event | None = None
        self.arrived = threading.Event()
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                gateway.got.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
                gateway.arrived.set()
                if gateway.gate:
                    gateway.gate.wait(10)
                self.send_response(gateway.statuses.pop(0) if gateway.statuses else 200)
                self.send_header("Location", "http://127.0.0.1:1/elsewhere")
                self.send_header("Content-Length", str(len(gateway.answer)))
                self.end_headers()
                self.wfile.write(gateway.answer)

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def keys(self) -> list[str]:
        return [headers["idempotency-key"] for _, headers, _ in self.got]


@pytest.fixture
def gateway(settings: Any) -> Iterator[Gateway]:
    one = Gateway()
    settings.WEBHOOK_PRIVATE_HOSTS = ["127.0.0.1"]
    settings.SMS_GATEWAY = json.dumps(
        {
            "url": one.url + "/sms",
            "headers": {"X-App": "demo"},
            "body": {"mobile": "{phone}", "content": "{text}"},
        }
    )
    yield one
    one.server.shutdown()
    one.server.server_close()


@pytest.fixture
def ids(db: None) -> dict[str, int]:
    return {
        **dict(Unit.objects.values_list("code", "id")),
        **dict(Person.objects.values_list("username", "id")),
    }


def opened(ids: dict[str, int], now: datetime, **party: Any) -> Opened:
    centre = ids["371502_12345"]
    return case_open(
        Opening(
            pack="hotline", title="培训班不退费", text="报了培训班一直没开课,要求退费。", unit=centre,
            opened_by=centre,
            by=ids["li"], now=now, reported_at=now, region="371502", facts={"type": "complaint"},
            parties=(PartyData(**{"name": "宋女士", "phone": PHONE, **party}),),
        )
    )  # fmt: skip


def declined(ids: dict[str, int], now: datetime, **party: Any) -> tuple[Opened, Notice]:
    """A case whose reporter is sent a text message."""
    case = opened(ids, now, **party)
    data = {"reason": rules.DECLINE_REASONS[0][0], "answer": "请向有关部门反映。", "route": "向法院起诉"}
    case_move(case_id=case.case, step="decline", by=ids["li"], now=now, data=data)
    with kernel_writes():
        return case, Notice.objects.get(case_id=case.case, channel="sms")


def again(notice: Notice) -> Notice:
    with kernel_writes():
        return Notice.objects.select_related("case").get(pk=notice.pk)


def hook(gateway: Gateway, *events: str, path: str = "/hook", secret: str = "s3cret") -> WebhookTarget:
    with kernel_writes():
        return WebhookTarget.objects.create(
            name=path, url=gateway.url + path, secret=secret, events=list(events)
        )
