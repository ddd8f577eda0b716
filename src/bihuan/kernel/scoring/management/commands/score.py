"""`bihuan score recompute --until DATE`: count again from the ledger for a closing time, and mend what differs."""

from __future__ import annotations

import json
import time
from argparse import ArgumentParser
from datetime import date, datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from bihuan.kernel.identity.scope import Scope, day_of, scope_within
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.scoring.keeping import scores_recompute
from bihuan.kernel.scoring.reading import scored_packs
from bihuan.kernel.scoring.selectors import Span, card_in_force, ranking
from bihuan.lib.text import SHANGHAI

EVERYTHING = Scope(0, (), (), True)


class Command(BaseCommand):
    """Prints one JSON object a pack: items, what was changed (0 on an unchanged ledger), digest, seconds, and both lists."""

    help = "考核:用账本重新计算到某一天(不含)为止的结果;账本没变则什么都不变"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parts = parser.add_subparsers(dest="part", required=True)
        part = parts.add_parser("recompute", help="重新计算")
        part.add_argument("--until", required=True, metavar="DATE", help="截止日期(不含),如 2026-03-01")
        part.add_argument("--since", metavar="DATE", help="从哪天起,默认截止日前一天所在月的一日")
        part.add_argument("--dry-run", action="store_true", help="只比较,不改")

    def handle(self, *_args: Any, until: str, since: str | None, dry_run: bool, **_options: Any) -> None:
        end = _midnight(until)
        begin = _midnight(since) if since else (end - timedelta(days=1)).replace(day=1)
        now = timezone.now()
        for pack in scored_packs():
            begun = time.perf_counter()
            done = scores_recompute(pack=pack, since=begin, until=end, now=now, mend=not dry_run)
            card = card_in_force(pack=pack, on=day_of(begin))
            with kernel_writes(), scope_within(EVERYTHING):
                lists = ranking(pack=pack, span=Span(begin, end, now), card=card)
            told = {
                "pack": pack, "since": begin.isoformat(), "until": end.isoformat(), "items": done.items,
                "changed": done.changed, "digest": done.digest, "seconds": round(time.perf_counter() - begun, 3),
                "lists": {
                    name: [{"unit": one.unit, "place": one.place, "score": one.score} for one in rows]
                    for name, rows in lists.items()
                },
            }  # fmt: skip
            self.stdout.write(json.dumps(told, ensure_ascii=False))


def _midnight(text: str) -> datetime:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise CommandError("日期应写作 2026-01-31。") from error
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)
