"""`bihuan onewindow import FILE --mapping NAME`: items of the catalogue from a file, by `sichuan` or by columns kept for a source.
`bihuan onewindow simulate`: a day of the hall."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.kernel.identity.commands import by_add, by_named
from bihuan.kernel.sentences import told
from bihuan.lib.refusals import Refusal
from bihuan.lib.tables import TableError
from bihuan.lib.text import FieldError
from bihuan.packs.onewindow.catalogue.importing import ItemsReport, items_import
from bihuan.packs.onewindow.catalogue.mappings import MAPPINGS
from bihuan.packs.onewindow.hall.comparison import compared
from bihuan.packs.onewindow.hall.words import compared_told

MOST_TICKETS, MOST_DAYS = 20_000, 20


class Command(BaseCommand):
    """Two parts; what fails says why in one sentence and exits with 1."""

    help = "一窗受理:从 CSV 或 Excel 导入事项目录;模拟大厅的一天"
    requires_system_checks: ClassVar[list[str]] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file and how its columns are read."""
        parts = parser.add_subparsers(dest="part", required=True, metavar="import|simulate")
        part = parts.add_parser("import", help="导入事项;不对的行报告并留在 FILE.bad.csv")
        part.add_argument("file", type=Path)
        part.add_argument(
            "--mapping", required=True, help="、".join(MAPPINGS) + ",或在“先对照列名”里记下的来源的名字"
        )
        part.add_argument("--dry-run", action="store_true", help="只检查,什么都不改")
        part.add_argument("--report", metavar="FILE|-", help="把结果写成一个 JSON 对象(- 为标准输出)")
        by_add(part)
        part = parts.add_parser("simulate", help="模拟大厅的一天:叫号规则与先来先叫相比")
        part.add_argument("--seed", type=int, default=20_260_302)
        part.add_argument("--tickets", type=int, default=4_000, help="多少个号,1 至 20000")
        part.add_argument("--days", type=int, default=1, help="从这个种子起走几天,取平均,1 至 20")

    def handle(self, *_args: Any, part: str, **options: Any) -> None:
        """Do the part that is named."""
        if part == "simulate":
            self._simulate(options["seed"], options["tickets"], options["days"])
        else:
            self._import(**options)

    def _simulate(self, seed: int, tickets: int, days: int) -> None:
        if not 1 <= tickets <= MOST_TICKETS:
            raise CommandError(_("号数应为 1 至 %s。") % MOST_TICKETS)
        if not 1 <= days <= MOST_DAYS:
            raise CommandError(_("天数应为 1 至 %s。") % MOST_DAYS)
        for line in compared_told(compared(seed=seed, tickets=tickets, days=days), tickets, seed, days):
            self.stdout.write(line)

    def _import(
        self,
        *,
        file: Path,
        mapping: str,
        dry_run: bool,
        report: str | None,
        by: str | None,
        **_options: Any,
    ) -> None:
        """Import, and tell what was done."""
        try:
            now = timezone.now()
            done = items_import(path=file, mapping=mapping, now=now, by=by_named(by), dry_run=dry_run)
        except (Refusal, FieldError, TableError) as error:
            raise CommandError(told(error)) from error
        except OSError as error:
            raise CommandError(_("没有这个文件：%(name)s") % {"name": error.filename}) from error
        if report == "-":
            self.stdout.write(json.dumps(done.as_dict(), ensure_ascii=False))
            return
        self.stdout.write(_told(done))
        if report:
            Path(report).write_text(json.dumps(done.as_dict(), ensure_ascii=False) + "\n", encoding="utf-8")


def _told(done: ItemsReport) -> str:
    return (
        _("共 %(rows)s 行:可用 %(good)s(新增 %(new)s,有变 %(changed)s,相同 %(same)s),不对 %(bad)s。")
        % done.as_dict()
    )
