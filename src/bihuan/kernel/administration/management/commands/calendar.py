"""bihuan calendar show|publish: the working calendar, and entering a year that was published."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from bihuan.kernel.administration.services import calendar_change
from bihuan.kernel.cases.sweeping import clocks_recompute
from bihuan.kernel.clocks.calendar import calendar_days_read
from bihuan.kernel.clocks.models import CalendarDay, CalendarYear
from bihuan.kernel.identity.commands import by_add, by_named
from bihuan.lib.refusals import Refusal


class Command(BaseCommand):
    help = "Show the working calendar, or enter a published year; clocks that rested on a provisional one are recomputed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)
        showing = commands.add_parser("show", help="the years, or the days of one")
        showing.add_argument("year", nargs="?", type=int)
        publishing = commands.add_parser(
            "publish", help="enter a year from a CSV file: date,kind(off|work),name"
        )
        publishing.add_argument("year", type=int)
        publishing.add_argument("file", type=Path)
        publishing.add_argument("--source", required=True, help="the notice that publishes it")
        by_add(publishing)

    def handle(self, **options: Any) -> None:
        if options["command"] == "show":
            self._show(options["year"])
            return
        now, by = timezone.now(), by_named(options["by"])
        try:
            days: dict[date, tuple[bool, str]] = calendar_days_read(options["file"])
            calendar_change(year=options["year"], days=days, source=options["source"], now=now, by=by)
        except (OSError, ValueError, KeyError) as error:
            raise CommandError(f"{options['file']}: {error}") from error
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal
        moved = clocks_recompute(now=now, by=by, year=options["year"])
        self.stdout.write(f"{options['year']} is published; {moved} due times moved.")

    def _show(self, year: int | None) -> None:
        if year is None:
            for row in CalendarYear.objects.order_by("year"):
                state = "published" if row.published else "provisional"
                self.stdout.write(f"{row.year}\t{state}\t{row.source}")
            return
        for day in CalendarDay.objects.filter(date__year=year).order_by("date"):
            self.stdout.write(f"{day.date}\t{'work' if day.working else 'off'}\t{day.name}")
