"""Those who use the site meanwhile. Each does one thing at a time and repeats it under its key until it is answered."""

from __future__ import annotations

import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx

PATIENCE_SECONDS = 900
ANSWER_SECONDS = 90
"""A process that was killed hangs up at once: who waits so long for an answer waits for a slow machine."""
PEOPLE = ("li", "wang", "sun", "zhao", "liu")
ROUND: tuple[tuple[str, str, tuple[tuple[str, dict[str, Any]], ...]], ...] = (
    ("wang", "dispatched", (("sign_for", {}),)),
    (
        "wang", "handling",
        (
            ("self_call_back", {"reached": "yes", "note": "已接通,已说明情况"}),
            ("answer", {"outcome": "done", "answer": "经调解,双方已达成一致并退费,来电人认可。"}),
        ),
    ),
    ("sun", "reviewing", (("approve_up", {}),)),
    ("zhao", "reviewing", (("approve", {}),)),
    ("liu", "calling_back", (("evaluate", {"grade": "5", "contacted": True, "resolved": True}),)),
)  # fmt: skip
"""Who takes which steps on cases of which state."""


class Load:
    """What was acknowledged: orders and reports by their key, steps as (number, step, key).

    `unknown` was never answered, (number, step) or a key: it may be there or not.
    """

    def __init__(self, address: str, tokens: dict[str, str]) -> None:
        self.address, self.tokens = address, tokens
        self.ended = threading.Event()
        self.orders: dict[str, str] = {}
        self.reports: dict[str, str] = {}
        self.steps: list[tuple[str, str, str]] = []
        self.unknown: list[tuple[str, str] | str] = []
        self.told: Counter[str] = Counter()
        self.died: list[str] = []

    @property
    def acknowledged(self) -> dict[str, int]:
        return {"orders": len(self.orders), "reports": len(self.reports), "steps": len(self.steps)}

    @property
    def done(self) -> int:
        return sum(self.acknowledged.values())

    def told_of(self) -> dict[str, Any]:
        """What `tools.soak.judge` compares with the database."""
        perhaps = [one for one in self.unknown if not isinstance(one, str)]
        return {"orders": self.orders, "reports": self.reports, "steps": self.steps, "perhaps": perhaps}

    def work(self, act: Callable[..., None], *given: Any) -> None:
        """Do one's work until the end; what ends it before is kept."""
        try:
            act(*given)
        except Exception as error:  # whatever it is, the verdict has to name it
            self.died.append(f"{act.__name__}: {type(error).__name__}: {error}"[:300])

    def until_answered(self, send: Callable[[], httpx.Response]) -> httpx.Response | None:
        """Repeat until there is an answer that is no failure of the server; None when it never came."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            try:
                response = send()
                if response.status_code < 500:
                    if response.headers.get("Idempotency-Replayed"):
                        self.told["replayed"] += 1
                    return response
                self.told[f"answered {response.status_code}"] += 1
            except httpx.HTTPError as error:
                self.told[type(error).__name__] += 1
            time.sleep(0.3)
        return None

    def post_orders(self, chance: random.Random) -> None:
        """Orders through the API, each with a key and an id of its own."""
        with self._client("li") as client:
            while not self.ended.is_set():
                key = f"soak-{uuid4().hex}"
                body = {
                    "text": f"在某培训班交了5200元,一直没有开课,商家协商不退费。编号{key}", "type": "complaint",
                    "matter": "消费退费纠纷", "territory": "柳园街道", "reporter": "宋晓梅",
                    "phone": f"199{chance.randrange(10**8):08}", "external_id": key,
                }  # fmt: skip
                response = self._keyed(client, "/api/hotline/orders", body, key)
                if response is None:
                    self.unknown.append(key)
                elif response.status_code == 201:
                    self.orders[key] = response.json()["number"]
                else:
                    self._refused("order", response)

    def take_steps(self, person: str, state: str, steps: tuple[tuple[str, dict[str, Any]], ...]) -> None:
        """The steps that one person takes on cases in one state."""
        with self._client(person) as client:
            while not self.ended.is_set():
                found = self.until_answered(
                    lambda: client.get("/api/cases", params={"state": state, "limit": 20})
                )
                cases = (
                    found.json().get("items", []) if found is not None and found.status_code == 200 else []
                )
                for case in cases:
                    for step, data in steps:
                        if not self.ended.is_set():
                            self._step(client, case["number"], step, data)
                self.ended.wait(0.5)

    def report_publicly(self, chance: random.Random) -> None:
        """Reports by the public form, sent again until the page says that it was received."""
        while not self.ended.is_set():
            address = ".".join(str(chance.randrange(1, 250)) for _ in range(4))
            with httpx.Client(
                base_url=self.address, timeout=ANSWER_SECONDS, headers={"X-Forwarded-For": address}
            ) as client:
                self._report(client, chance)
            self.ended.wait(0.3)

    def _report(self, client: httpx.Client, chance: random.Random) -> None:
        page = self.until_answered(lambda: client.get("/public/report"))
        if page is None:
            return
        key, token = (
            re.search(rf'name="{name}" value="(\w+)"', page.text) for name in ("key", "csrfmiddlewaretoken")
        )
        if not key or not token:
            self.told["no form"] += 1
            return
        typed = {
            "key": key[1], "csrfmiddlewaretoken": token[1], "type": "complaint",
            "text": f"小区门口路灯不亮,晚上看不见路。编号{key[1]}", "place": "柳园南路66号", "territory": "柳园街道",
            "reporter": "宋晓梅", "phone": f"188{chance.randrange(10**8):08}",
        }  # fmt: skip
        sent = self.until_answered(lambda: client.post("/public/report", data=typed))
        if sent is None:
            self.unknown.append(key[1])
        elif sent.status_code == 302:
            shown = self.until_answered(lambda: client.get("/public/received"))
            number = re.search(r'ticket-big">([\w-]+)<', shown.text) if shown else None
            self.reports[key[1]] = number[1] if number else ""
        else:
            self._refused("report", sent)

    def _step(self, client: httpx.Client, number: str, step: str, data: dict[str, Any]) -> None:
        read = self.until_answered(lambda: client.get(f"/api/cases/{number}"))
        if (
            read is None
            or read.status_code != 200
            or step not in [one["step"] for one in read.json()["steps"]]
        ):
            return
        key = uuid4().hex
        body = {"version": read.json()["version"], "data": data}
        response = self._keyed(client, f"/api/cases/{number}/steps/{step}", body, key)
        if response is None:
            self.unknown.append((number, step))
        elif response.status_code == 200:
            self.steps.append((number, step, key))
        else:
            self._refused(step, response)

    def _keyed(
        self, client: httpx.Client, path: str, body: dict[str, Any], key: str
    ) -> httpx.Response | None:
        return self.until_answered(lambda: client.post(path, json=body, headers={"Idempotency-Key": key}))

    def _refused(self, what: str, response: httpx.Response) -> None:
        json = response.headers.get("Content-Type", "").startswith("application/problem")
        self.told[
            f"{what} refused {response.status_code} {response.json().get('code', '') if json else ''}".strip()
        ] += 1

    def _client(self, person: str) -> httpx.Client:
        return httpx.Client(
            base_url=self.address,
            timeout=ANSWER_SECONDS,
            headers={"Authorization": f"Bearer {self.tokens[person]}"},
        )
