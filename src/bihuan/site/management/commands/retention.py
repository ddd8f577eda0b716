"""bihuan retention [--dry-run] | hold NUMBER | release NUMBER: erase what was kept long enough, or keep a case from it."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.retention import hold_end, hold_place
from bihuan.kernel.identity.commands import by_add, by_named
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import FieldError
from bihuan.site.retention import Told, retention_due, retention_run


class Command(BaseCommand):
    help = "Erase what was kept as long as the policies say (the worker does it each night); hold a case, or release it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would be erased, and change nothing"
        )
        commands = parser.add_subparsers(dest="command")
        hold = commands.add_parser("hold", help="a case that is not to be erased: litigation, accountability")
        hold.add_argument("number")
        hold.add_argument("--reason", required=True)
        release = commands.add_parser("release", help="the hold is over")
        release.add_argument("number")
        for one in (hold, release):
            by_add(one)

    def handle(self, **options: Any) -> None:
        now = timezone.now()
        if options["command"] is None:
            told = retention_due(now=now) if options["dry_run"] else retention_run(now=now)
            for one in told:
                self.stdout.write(line(one, dry=options["dry_run"]))
            return
        try:
            by, case = by_named(options["by"]), _case_of(options["number"])
            if options["command"] == "hold":
                hold_place(case=case, reason=options["reason"], by=by, now=now)
            else:
                hold_end(case=case, by=by, now=now)
        except (Refusal, FieldError) as refusal:
            raise CommandError(str(refusal)) from refusal


def line(one: Told, *, dry: bool) -> str:
    """A kind in a line, its parts apart by tabs."""
    kept, due = one.kept, one.due
    days = "for ever" if kept.days is None else f"{kept.days} days"
    oldest = f"oldest {timezone.localtime(due.oldest):%Y-%m-%d}" if due.oldest else "-"
    erased = "" if dry else f"\terased {one.erased}"
    return f"{kept.code}\t{kept.label}\t{days}\tdue {due.count}\t{oldest}\theld {due.held}{erased}"


def _case_of(number: str) -> int:
    with kernel_writes():
        found = Case.objects.filter(number=number).values_list("pk", flat=True).first()
    if found is None:
        raise CommandError(f"There is no case {number}.")
    return int(found)
