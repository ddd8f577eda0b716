"""`bihuan sample verify ID`: draw a sample again from the ledger. Exit status 1 when anything does not fit."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.review.models import Sample
from bihuan.kernel.review.selectors import sample_redraw


class Command(BaseCommand):
    """Prints list digest, seed and both draws as one JSON object."""

    help = "抽样:用账本里的名单和种子重新抽一遍,看结果是否相同"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parts = parser.add_subparsers(dest="part", required=True)
        verify = parts.add_parser("verify", help="重抽一次")
        verify.add_argument("sample", type=int)

    def handle(self, *_args: Any, part: str, sample: int, **_options: Any) -> None:
        with kernel_writes():
            row = Sample.objects.filter(pk=sample).first()
            if row is None:
                raise CommandError(f"no such sample: {sample}")
            again = sample_redraw(sample=row)
        told = {
            "sample": sample, "listed": len(row.listed), "digest": again.entry.get("digest"),
            "seed": again.entry.get("seed"), "drawn": again.entry.get("drawn"), "again": again.drawn,
            "faults": list(again.faults),
        }  # fmt: skip
        self.stdout.write(json.dumps(told, ensure_ascii=False))
        if again.faults:
            raise SystemExit(1)
