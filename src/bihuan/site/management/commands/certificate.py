"""bihuan certificate verify TOKEN: check a certificate's QR code without a network, by the centre's public keys."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from bihuan.kernel.certificates.token import token_read
from bihuan.kernel.ledger.keys import statements_read
from bihuan.kernel.ledger.verifier import keys_read
from bihuan.lib.refusals import Refusal


class Command(BaseCommand):
    help = "Check what a certificate's QR code holds. Exit status 1 when it is forged or altered. Asks no database."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)
        verify = commands.add_parser("verify", help="is it signed by this centre, and what does it say?")
        verify.add_argument("token", help="what was scanned: the address, or its part t")
        verify.add_argument(
            "--keys", type=Path, help="a file of public keys, as /verify/keys.json gives it; else those here"
        )
        verify.add_argument(
            "--key", default="", help="the fingerprint of the first key, as you had it from elsewhere"
        )

    def handle(self, **options: Any) -> None:
        try:
            path: Path | None = options["keys"]
            statements = json.loads(path.read_text("utf-8")) if path else statements_read()
            keys, faults, remarks = keys_read(statements)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CommandError(f"the keys cannot be read: {error}") from error
        if options["key"] and next(iter(keys), "") != options["key"]:
            faults.append(f"the first key is {next(iter(keys), 'none')}, not the one that you know")
        if faults:
            raise CommandError("; ".join(faults))
        try:
            told = token_read(options["token"], keys)
        except Refusal as error:
            self.stdout.write(f"FAULT {error}")
            raise SystemExit(1) from error
        for remark in remarks:
            self.stdout.write(f"NOTE {remark}")
        for name, value in told.items():
            self.stdout.write(f"{name}\t{value}")
        self.stdout.write(
            "The signature fits. Whether it still holds today, the register alone knows (/verify)."
        )
