"""The city's centre and the district's, each with a database and a web of its own, and one of them killed in between.

What people do is committed in each centre's database by the services; what passes between the two goes over HTTP: the city's worker
sends by itself, the district's minute is told to come.
"""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from django.test import override_settings
from django.utils import timezone
from psycopg import sql

from benchmarks.database import sessions_end
from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.moving import case_move
from bihuan.kernel.exchange.models import Message, Peer
from bihuan.kernel.exchange.sending import messages_send
from bihuan.kernel.exchange.signing import private_read, public_of
from bihuan.kernel.exchange.upkeep import key_add, peer_add
from bihuan.kernel.identity.models import Person, Unit
from bihuan.kernel.identity.scope import Scope, scope_apply
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.ledger.verify import ledger_verify
from bihuan.packs.hotline.services import order_take
from bihuan.site.postgres import url_for
from bihuan.site.postgres_files import server_folder
from bihuan.site.processes import Child, answers, children_for, stop_all
from tests.exchange.conftest import ANSWER, ORDER

PATIENCE = 120.0  # seconds, on a machine that does much else


class Centre:
    """One of the two: its database, its processes, and its people, who act now."""

    def __init__(self, code: str, name: str, home: Path, *, works: bool) -> None:
        self.code, self.name, self.home, self.works = code, name, home, works
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.key = home / "keys" / "exchange"
        self.children: list[Child] = []

    def start(self) -> None:
        environment = {
            "BIHUAN_DATABASE": self.name,
            "BIHUAN_SERVER": str(server_folder()),
            "BIHUAN_HOME": str(self.home),
            "BIHUAN_REGION": self.code,
        }
        web, worker = children_for("127.0.0.1", self.port)
        web.command = ["1" if word == "2" else word for word in web.command]  # one process serves this test
        self.children = [web, worker] if self.works else [web]
        for child in self.children:
            child.more = environment
            child.start()
        until(lambda: answers("127.0.0.1", self.port))

    def kill(self) -> None:
        """All of its processes at once, without a word."""
        for child in self.children:
            if child.process is not None:
                os.killpg(child.process.pid, signal.SIGKILL)
                child.process.wait()
                child.process = None

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Within, this process works on this centre's database, committed at the end."""
        before = dict(connection.settings_dict)
        connection.close()
        connection.settings_dict["NAME"] = self.name
        try:
            keys, seals = self.key.parent, self.home / "seals"
            own = override_settings(REGION=self.code, EXCHANGE_KEY=self.key, KEY_ROOT=keys, SEAL_ROOT=seals)
            with own, transaction.atomic():
                scope_apply(Scope(0, (), (), True))
                yield
        finally:
            connection.close()
            connection.settings_dict.update(before)

    def moves(self, number: str, step: str, by: str, **data: Any) -> None:
        with self.inside():
            who, case = Person.objects.get(username=by).pk, Case.objects.get(number=number).pk
            case_move(case_id=case, step=step, by=who, now=timezone.now(), data=data)

    def told(self, read: Callable[[], Any]) -> Any:
        with self.inside(), kernel_writes():
            return read()

    def waiting(self) -> int:
        return int(self.told(lambda: Message.objects.filter(status="waiting").count()))

    def minute(self) -> None:
        """What its worker does each minute, now."""
        with self.inside(), kernel_writes():
            Peer.objects.update(held_until=None)
        before = dict(connection.settings_dict)
        connection.close()
        connection.settings_dict["NAME"] = self.name
        with override_settings(REGION=self.code, EXCHANGE_KEY=self.key):
            messages_send(now=timezone.now())
        connection.close()
        connection.settings_dict.update(before)


def until(holds: Callable[[], Any]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.2)


@pytest.fixture
def centres(django_db_setup: None, django_db_blocker: Any, tmp_path: Path) -> Iterator[tuple[Centre, Centre]]:
    with django_db_blocker.unblock():
        template = connection.settings_dict["NAME"]
        connection.close()
        city = Centre("371500", f"{template}_city", tmp_path / "city", works=True)
        district = Centre("371502", f"{template}_district", tmp_path / "district", works=False)
        sessions_end(template)
        owner = url_for("owner").replace("/bihuan?", "/postgres?")
        with psycopg.connect(owner, autocommit=True) as maker:
            maker.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [template]
            )
            for one in (city, district):
                maker.execute(
                    sql.SQL("create database {} template {}").format(
                        sql.Identifier(one.name), sql.Identifier(template)
                    )
                )
            try:
                _introduce(city, district)
                city.start()
                district.start()
                yield city, district
            finally:
                stop_all([*city.children, *district.children])
                connection.close()
                for one in (city, district):
                    maker.execute(
                        sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(one.name))
                    )


def _introduce(city: Centre, district: Centre) -> None:
    now, common = timezone.now(), {"by": "operator", "fetched": False}
    with district.inside():
        above = peer_add(
            code="371500", name="聊城市热线", relation="superior", url=city.url, now=now, **common
        )
        key_add(peer=above.pk, public=public_of(private_read(city.key)), now=now, by="operator")
    with city.inside():
        unit = Unit.objects.get(code="371502_12345").pk
        told = {"relation": "subordinate", "url": district.url, "unit": unit, "now": now, **common}
        below = peer_add(code="371502", name="东昌府区热线", **told)
        key_add(peer=below.pk, public=public_of(private_read(district.key)), now=now, by="operator")


def _takes(city: Centre, phone: str) -> str:
    with city.inside():
        return order_take(data={**ORDER, "phone": phone}, by=0, now=timezone.now()).number


def _state(centre: Centre, number: str) -> str:
    return str(centre.told(lambda: Case.objects.get(number=number).state))


def _here(district: Centre, number: str) -> str:
    return str(district.told(lambda: Case.objects.get(superior__number=number).number))


def test_one_of_two_centres_is_killed_in_between_and_nothing_is_lost_or_doubled(
    centres: tuple[Centre, Centre],
) -> None:
    city, district = centres
    first = _takes(city, "19900000001")
    until(lambda: not city.waiting())  # its worker has handed it down
    district.minute()
    assert _state(city, first) == "handling"  # the receipt came back
    here = _here(district, first)
    assert _state(district, here) == "dispatched"

    district.kill()
    with city.inside():
        supervisor = Person.objects.get(username="tang").pk
        case = Case.objects.get(number=first).pk
        case_move(case_id=case, step="urge", by=supervisor, now=timezone.now(), data={"remark": "请尽快办理"})
    second = _takes(city, "19900000002")
    until(lambda: city.told(lambda: Peer.objects.get().failures) > 0)
    assert city.waiting() == 2

    district.start()
    city.minute()
    district.minute()
    until(lambda: _state(city, second) == "handling")
    assert district.told(lambda: Case.objects.get(number=here).urge_count) == 1

    city.kill()
    district.moves(here, "sign_for", "wang")
    district.moves(here, "self_call_back", "wang", reached="yes", note="已向来电人说明")
    district.moves(here, "answer", "wang", outcome="done", answer=ANSWER)
    district.moves(here, "approve_up", "sun")
    district.moves(here, "report_up", "zhao")
    assert _state(city, first) == "handling"
    assert district.waiting() > 0

    city.start()
    district.minute()
    until(lambda: _state(city, first) == "reviewing" and not district.waiting() and not city.waiting())
    assert (
        city.told(lambda: Case.objects.select_related("content").get(number=first).content.answer) == ANSWER
    )
    assert district.told(lambda: Case.objects.filter(superior__isnull=False).count()) == 2
    for centre in centres:
        assert centre.told(lambda: set(Message.objects.values_list("status", flat=True))) == {"settled"}
        assert centre.told(lambda: ledger_verify().faults) == ()
