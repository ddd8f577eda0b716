"""bihuan seal take|list|export|check: seal the ledger, keep seals elsewhere, and hold kept ones against the database."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from bihuan.kernel.ledger.checking import seal_exported, seals_check
from bihuan.kernel.ledger.sealing import seals_read, seals_take
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.notices.seals import seals_tell
from bihuan.lib.refusals import Refusal


class Command(BaseCommand):
    help = "Seal the ledger now, list the seals, export them to be kept elsewhere, or check kept ones."

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)
        commands.add_parser("take", help="seal what is not sealed yet (the worker does it each hour)")
        commands.add_parser("list", help="all seals")
        export = commands.add_parser(
            "export", help="write one file a seal into a folder; those that are there stay"
        )
        export.add_argument("folder", type=Path)
        check = commands.add_parser(
            "check", help="kept seals against this database. Exit status 1 when one does not fit"
        )
        check.add_argument("files", nargs="+", type=Path, metavar="FILE", help="of seals, or folders of them")

    def handle(self, **options: Any) -> None:
        try:
            getattr(self, f"_{options['command']}")(options)
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal

    def _take(self, _options: dict[str, Any]) -> None:
        taken = seals_take(now=timezone.now())
        self.stdout.write(f"{len(taken)} seals taken." if taken else "Everything is sealed already.")
        if told := seals_tell(now=timezone.now()):
            self.stdout.write(f"{told} notices put: to be kept elsewhere.")

    def _list(self, _options: dict[str, Any]) -> None:
        with kernel_writes():
            seals = seals_read()
        for told in (seal.told for seal in seals):
            self.stdout.write(
                f"{told['number']}\t{told['at']}\t{told['last']} entries\t{told['root']}\tkey {told['key']}"
            )

    def _export(self, options: dict[str, Any]) -> None:
        folder: Path = options["folder"]
        folder.mkdir(parents=True, exist_ok=True)
        with kernel_writes():
            seals = seals_read()
        count = 0
        for seal in seals:
            file = folder / f"seal-{seal.number:08}.json"
            if not file.exists():
                unfinished = file.with_suffix(".new")
                unfinished.write_text(json.dumps(seal_exported(seal), ensure_ascii=False), encoding="utf-8")
                unfinished.rename(file)
                count += 1
        self.stdout.write(f"{count} seals written to {folder}.")

    def _check(self, options: dict[str, Any]) -> None:
        paths = [
            one
            for path in options["files"]
            for one in (sorted(path.glob("*.json")) if path.is_dir() else [path])
        ]
        try:
            faults = seals_check([json.loads(path.read_text(encoding="utf-8")) for path in paths])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CommandError(f"a kept seal cannot be read: {error}") from error
        for fault in faults:
            self.stdout.write(f"FAULT {fault}")
        self.stdout.write(f"{len(faults)} faults" if faults else f"All {len(paths)} kept seals fit.")
        if faults:
            raise SystemExit(1)
