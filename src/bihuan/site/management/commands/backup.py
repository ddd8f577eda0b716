"""bihuan backup DIR: the database, its log of changes, attachments and seals; keys into a folder of their own."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from bihuan.site.backup import backup_make
from bihuan.site.postgres_files import PostgresError, archiving


class Command(BaseCommand):
    help = "Back up into a folder while everything runs; again into the same folder takes the base anew and adds the rest."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument(
            "--keys", type=Path, metavar="FOLDER", help="also the keys, into a folder elsewhere"
        )
        parser.add_argument(
            "--log-only",
            action="store_true",
            help="only the archived log of changes: quick, for every few minutes",
        )

    def handle(self, **options: Any) -> None:
        folder: Path = options["folder"].resolve()
        keys = options["keys"].resolve() if options["keys"] else None
        if keys and keys.is_relative_to(folder):
            raise CommandError("The keys go elsewhere than what they protect: choose a folder outside.")
        try:
            done = backup_make(
                to=folder, home=settings.HOME, keys=keys, now=timezone.now(), log_only=options["log_only"]
            )
        except (PostgresError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{done.log_files} files of the log, {done.contents} other files, {done.keys} of keys added in {folder}."
        )
        if os.environ.get("DATABASE_URL"):
            self.stdout.write(
                "database.dump is as of now; to a point in time only your server's own base backup and log lead."
            )
        elif not archiving():
            self.stdout.write(
                "BIHUAN_WAL_ARCHIVE=1 is not set: this can be restored as of now, and to no moment after it."
            )
