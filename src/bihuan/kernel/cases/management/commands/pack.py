"""bihuan pack NAME: make an empty pack."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from bihuan.kernel.published import ROOT
from bihuan.kernel.scaffold import ScaffoldError, pack_make, pack_publish


class Command(BaseCommand):
    help = "Make an empty pack that passes the conformance suite."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="2 to 20 small letters and digits")

    def handle(self, *, name: str, **options: Any) -> None:
        try:
            written = pack_make(name)
        except ScaffoldError as error:
            raise CommandError(str(error)) from None
        pack_publish(name)
        for path in written:
            self.stdout.write(str(path.relative_to(ROOT)))
