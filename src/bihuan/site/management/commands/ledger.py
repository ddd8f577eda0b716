"""bihuan ledger export: entries with their proofs, for somebody who verifies them without us."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from bihuan.kernel.cases.models import Case
from bihuan.kernel.ledger.exporting import entries_export, stream_export
from bihuan.kernel.ledger.sealing import seals_take
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import SHANGHAI


class Command(BaseCommand):
    help = "Export entries of the ledger with proofs, seals, public keys and a verifier. Everything is sealed before."

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)
        export = commands.add_parser("export", help="write a zip")
        which = export.add_mutually_exclusive_group(required=True)
        which.add_argument("--case", metavar="NUMBER", help="the whole history of a case")
        which.add_argument("--stream", help="the whole of a register: policy, identity, calendar, …")
        which.add_argument("--since", type=date.fromisoformat, help="every stream from this day on")
        export.add_argument("--to", type=Path, required=True, metavar="FILE.zip")

    def handle(self, **options: Any) -> None:
        now, to = timezone.now(), options["to"]
        try:
            seals_take(now=now)
            if options["since"]:
                since = datetime.combine(options["since"], datetime.min.time(), SHANGHAI)
                done = entries_export(since=since, now=now, to=to)
            else:
                done = stream_export(stream=options["stream"] or _stream_of(options["case"]), now=now, to=to)
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write(f"{done.entries} entries with {done.seals} seals in {to}.")
        self.stdout.write(
            f"First key: {done.key} (tell it to whoever verifies, by another way than the file)."
        )


def _stream_of(number: str) -> str:
    with kernel_writes():
        found = Case.objects.filter(number=number).values_list("pk", flat=True).first()
    if found is None:
        raise CommandError(f"There is no case {number}.")
    return f"case:{found}"
