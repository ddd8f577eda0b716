"""bihuan keys list|rotate|rotate-site: the keys that sign seals, and the site's secret key."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from bihuan.kernel.identity.accounts import secrets_reseal
from bihuan.kernel.identity.commands import by_add, by_named
from bihuan.kernel.ledger.keys import key_rotate, statements_read
from bihuan.lib.refusals import Refusal
from bihuan.site.secrets import secret_rotate


class Command(BaseCommand):
    help = "List the public keys of the seals, or change to a new key, announced under the signature of the one before."

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)
        commands.add_parser("list", help="all public keys with their fingerprints, the first one first")
        rotate = commands.add_parser(
            "rotate", help="make a new key; the private part of the one before is removed"
        )
        rotate.add_argument("--reason", required=True, help="e.g. yearly, or what happened")
        rotate.add_argument(
            "--lost", action="store_true", help="the one before is lost: nothing can vouch for the new one"
        )
        by_add(rotate)
        site = commands.add_parser(
            "rotate-site", help="change the site's secret key; restart the web and the worker after it"
        )
        site.add_argument("--leaked", action="store_true", help="the one before opens nothing any more: all sessions end, and"
                          " the codes by which citizens follow their cases change")  # fmt: skip
        by_add(site)

    def handle(self, **options: Any) -> None:
        if options["command"] == "list":
            for told in (json.loads(one["body"]) for one in statements_read()):
                lost = "\tthe one before was lost" if told["lost"] else ""
                self.stdout.write(f"{told['key']}\t{told['at']}\t{told['public']}\t{told['reason']}{lost}")
            return
        if options["command"] == "rotate-site":
            self._rotate_site(options)
            return
        try:
            key = key_rotate(
                now=timezone.now(), by=by_named(options["by"]), reason=options["reason"], lost=options["lost"]
            )
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write(
            f"The key is now {key.name}. Back up the folder of keys, and tell whoever verifies."
        )

    def _rotate_site(self, options: dict[str, Any]) -> None:
        """The new key is written last: what was encrypted for it is undone when it cannot be."""
        try:
            with transaction.atomic():
                key, put = secret_rotate(settings.HOME, keep=not options["leaked"])
                count = secrets_reseal(key=key, now=timezone.now(), by=by_named(options["by"]))
            put()
        except (Refusal, ValueError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{count} secrets are encrypted anew. Restart the web and the worker now.")
