"""`bihuan doctor [--json]`: looks at everything an IT officer would ask about, and says what to do."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, ClassVar

from django.core.management.base import BaseCommand
from django.db import DatabaseError
from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.site.operation.doctor import machine_examined
from bihuan.site.operation.doctor_database import database_examined
from bihuan.site.operation.findings import Finding


class Command(BaseCommand):
    """One line each: ok, warn or fail; exit status 1 when anything fails."""

    help = "检查整个系统,逐项说明正常(ok)、注意(warn)或故障(fail)及处理办法"
    requires_system_checks: ClassVar[list[str]] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """For programs."""
        parser.add_argument("--json", action="store_true", help="输出 JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Look, and say."""
        found = list(_examined())
        if options["json"]:
            self.stdout.write(json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=1))
        else:
            for one in found:
                self.stdout.write(f"{one.level:<5}{one.part:<14}{one.told}")
                if one.remedy:
                    self.stdout.write(f"{'':<19}→ {one.remedy}")
        if any(one.level == "fail" for one in found):
            raise SystemExit(1)


def _examined() -> Iterator[Finding]:
    now = timezone.now()
    yield from machine_examined(now=now)
    try:
        yield from database_examined(now=now)
    except DatabaseError as error:
        yield Finding(
            "database", "fail", type(error).__name__, _("看数据库是否在运行、DATABASE_URL 是否正确。")
        )
