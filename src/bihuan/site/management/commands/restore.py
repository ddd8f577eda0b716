"""bihuan restore DIR [--until TIME]: a backup comes back into a fresh home, and the ledger is verified."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from bihuan.kernel.ledger.sealing import kept_set_aside
from bihuan.kernel.ledger.services import register_append
from bihuan.lib.text import SHANGHAI
from bihuan.site.backup import restore_make
from bihuan.site.postgres_files import PostgresError


def moment(text: str) -> datetime:
    """ISO 8601; without a zone it is Shanghai's."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=SHANGHAI)


class Command(BaseCommand):
    help = "Restore a backup into a fresh BIHUAN_HOME, as of a moment or as far as its log goes, then verify."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument(
            "--until", type=moment, help="e.g. 2026-11-26T10:30:00; all that was committed by then is there"
        )
        parser.add_argument("--keys", type=Path, metavar="FOLDER", help="where the keys were backed up")

    def handle(self, **options: Any) -> None:
        source, until = options["folder"].resolve(), options["until"]
        try:
            restore_make(source=source, home=settings.HOME, keys=options["keys"], until=until)
        except (PostgresError, OSError) as error:
            raise CommandError(str(error)) from error
        aside = kept_set_aside(now=timezone.now())
        data = {"until": until, "seals_set_aside": aside}
        register_append(stream="operation", kind="restored", at=timezone.now(), by="operator", data=data)
        self.stdout.write(f"Restored into {settings.HOME}. {aside} later seals were set aside.")
        call_command("verify", stdout=self.stdout)
