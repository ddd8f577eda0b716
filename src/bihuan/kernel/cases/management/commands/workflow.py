"""bihuan workflow: lock and check fingerprints, write the drawn pages, move open cases to a new version."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from bihuan.kernel.cases.versions import cases_migrate
from bihuan.kernel.published import fingerprint_faults, fingerprints_lock, pages_write
from bihuan.lib.refusals import Refusal


class Command(BaseCommand):
    help = "Keep the workflows: lock | check | docs | migrate FROM TO [--map state=state …]"

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("lock", help="write every workflow's fingerprint down")
        actions.add_parser("check", help="compare with what was written down; exit status 1 when one differs")
        actions.add_parser("docs", help="write docs/packs")
        migrate = actions.add_parser("migrate", help="move open cases to a new version, with an entry each")
        migrate.add_argument("source", metavar="FROM", help="name/version")
        migrate.add_argument("target", metavar="TO", help="name/version")
        migrate.add_argument(
            "--map", action="append", default=[], metavar="STATE=STATE", help="may be repeated"
        )

    def handle(self, *, action: str, **options: Any) -> None:
        getattr(self, f"_{action}")(options)

    def _lock(self, options: dict[str, Any]) -> None:
        self.stdout.write(f"{len(fingerprints_lock())} workflows locked")

    def _check(self, options: dict[str, Any]) -> None:
        faults = fingerprint_faults()
        if faults:
            raise CommandError("\n".join(faults))
        self.stdout.write("every workflow is as it was locked")

    def _docs(self, options: dict[str, Any]) -> None:
        written = pages_write()
        self.stdout.write(f"written: {', '.join(written)}" if written else "every page is up to date")

    def _migrate(self, options: dict[str, Any]) -> None:
        pairs = [pair.partition("=") for pair in options["map"]]
        if not all(before and after for before, _, after in pairs):
            raise CommandError("--map takes STATE=STATE")
        states = {before: after for before, _, after in pairs}
        try:
            count = cases_migrate(
                source=options["source"],
                target=options["target"],
                states=states,
                now=timezone.now(),
                by="system",
            )
        except Refusal as refusal:
            raise CommandError(refusal.message) from None
        self.stdout.write(f"{count} cases moved to {options['target']}")
