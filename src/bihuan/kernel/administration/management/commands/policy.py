"""bihuan policy list|set: read the rules in force, and set one from a date on."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from bihuan.kernel.administration.services import policy_change
from bihuan.kernel.identity.commands import by_add, by_named
from bihuan.kernel.policies.models import PolicyRule
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import FieldError


class Command(BaseCommand):
    help = "List the policies, or set one with effect from a date; each change is in the ledger."

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)
        listing = commands.add_parser("list", help="all rows, newest last")
        listing.add_argument("code", nargs="?", help="only this rule")
        setting = commands.add_parser("set", help="add a row")
        setting.add_argument("code")
        setting.add_argument(
            "value", help='JSON, e.g. 3 or \'{"default": {"number": 5, "unit": "working_day"}}\''
        )
        setting.add_argument("--basis", required=True, help="the legal basis")
        setting.add_argument("--from", dest="valid_from", required=True, type=date.fromisoformat)
        setting.add_argument("--to", dest="valid_to", type=date.fromisoformat)
        setting.add_argument("--region", default="")
        by_add(setting)

    def handle(self, **options: Any) -> None:
        if options["command"] == "list":
            self._list(options["code"])
            return
        try:
            value = json.loads(
                options["value"], parse_float=str
            )  # the ledger keeps decimals as they are written
            rule = policy_change(
                code=options["code"],
                value=value,
                legal_basis=options["basis"],
                valid_from=options["valid_from"],
                valid_to=options["valid_to"],
                region=options["region"],
                now=timezone.now(),
                by=by_named(options["by"]),
            )
        except json.JSONDecodeError as error:
            raise CommandError(f"The value is no JSON: {error}") from error
        except (Refusal, FieldError) as refusal:
            raise CommandError(f"{refusal.field or refusal.rule}: {refusal.message}") from refusal
        self.stdout.write(f"{rule.code} is set from {rule.valid_from} on (row {rule.pk}).")

    def _list(self, code: str | None) -> None:
        rows = PolicyRule.objects.order_by("code", "valid_from", "id")
        for row in rows.filter(code=code) if code else rows:
            until = f"–{row.valid_to}" if row.valid_to else ""
            value = json.dumps(row.value, ensure_ascii=False)
            region = f" [{row.region}]" if row.region else ""
            self.stdout.write(
                f"{row.pk}\t{row.code}{region}\t{row.valid_from}{until}\t{value}\t{row.legal_basis}"
            )
