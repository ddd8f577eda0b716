"""`bihuan exchange key | peer …`: this centre's public key, and connecting another centre from the machine's own terminal."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from bihuan.kernel.exchange.models import Peer
from bihuan.kernel.exchange.signing import key_id_of, private_read, public_of
from bihuan.kernel.exchange.upkeep import key_add, peer_add, peer_change
from bihuan.kernel.identity.commands import by_add, by_named
from bihuan.kernel.identity.models import Unit
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import FieldError


class Command(BaseCommand):
    help = "上下级中心:显示本中心的公钥;登记一个中心和它的公钥,已登记的改成这样"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """`key`, or `peer` with what is known of it."""
        doing = parser.add_subparsers(dest="do", required=True)
        doing.add_parser("key", help="本中心的代码和公钥")
        peer = doing.add_parser("peer", help="登记一个中心")
        peer.add_argument("code", help="行政区划代码")
        peer.add_argument("name")
        peer.add_argument("--relation", choices=Peer.Relation.values, required=True)
        peer.add_argument("--unit", default="", help="下级中心在本级的单位代码")
        peer.add_argument("--url", default="", help="地址;对方来取的不填")
        peer.add_argument("--public", default="", help="对方的公钥")
        peer.add_argument("--fetched", action="store_true", help="由我方去取")
        by_add(peer)

    def handle(self, *_args: Any, do: str, **given: Any) -> None:
        """Print, or enter; what is as it should be already stays."""
        if do == "key":
            public = public_of(private_read(settings.EXCHANGE_KEY))
            self.stdout.write(f"{settings.REGION} {public} {key_id_of(public)}")
            return
        try:
            with transaction.atomic():
                _connect(**{name: given[name] for name in NAMES}, by=by_named(given["by"]))
        except (Refusal, FieldError) as refusal:
            raise CommandError(refusal.message) from None


NAMES = ("code", "name", "relation", "unit", "url", "public", "fetched")


def _connect(
    *, code: str, name: str, relation: str, unit: str, url: str, public: str, fetched: bool, by: int | str
) -> None:
    now = timezone.now()
    known = Peer.objects.filter(code=code).first()
    if known is None:
        found = Unit.objects.filter(code=unit).first() if unit else None
        here = found.pk if found else None
        known = peer_add(
            code=code, name=name, relation=relation, url=url, fetched=fetched, unit=here, now=now, by=by
        )
    elif (known.name, known.url, known.fetched) != (name, url, fetched):
        peer_change(peer=known.pk, name=name, url=url, fetched=fetched, now=now, by=by)
    if public and not known.keys.filter(key_id=key_id_of(public)).exists():
        key_add(peer=known.pk, public=public, now=now, by=by)
