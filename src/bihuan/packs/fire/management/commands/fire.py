"""`bihuan fire`: judge projects by the list of special ones, and draw a draw again."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from bihuan.kernel.ledger.services import kernel_writes
from bihuan.lib.tables import TableError
from bihuan.packs.fire.draws.published import record_digest
from bihuan.packs.fire.draws.services import draw_verify
from bihuan.packs.fire.draws.verifying import Checked, file_check
from bihuan.packs.fire.models import Draw
from bihuan.packs.fire.special.files import file_classify
from bihuan.packs.fire.special.rules import NATIONAL, limits_of


class Command(BaseCommand):
    """A part that fails says why in one sentence and exits with 1."""

    help = "消防审验:判断特殊建设工程,重新抽取"
    requires_system_checks: ClassVar[list[str]] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """classify, draw."""
        parts = parser.add_subparsers(dest="part", required=True, metavar="classify|draw")
        part = parts.add_parser("classify", help="给每个项目加上是否特殊建设工程、第几项和理由")
        part.add_argument("file", type=Path, metavar="IN.csv", help="列:use、area_m2、height_m、contains")
        part.add_argument("--out", type=Path, required=True, metavar="OUT.csv")
        part = parts.add_parser("draw", help="重新抽取一次,看结果是否相同")
        part.add_argument(
            "--verify", required=True, metavar="N|RECORD.json", help="抽取的编号,或下载的抽取记录"
        )
        part.add_argument("--key", default="", metavar="FINGERPRINT", help="公布的首把密钥的指纹")
        part.add_argument("--alone", action="store_true", help="不与账本对照,只看文件本身")

    def handle(self, *_args: Any, part: str, **options: Any) -> None:
        """Run one part."""
        getattr(self, f"_{part}")(**options)

    def _classify(self, *, file: Path, out: Path, **_options: Any) -> None:
        """Every row that could not be judged is told on stderr and counted: it is that row's error, not the file's."""
        try:
            done = file_classify(file, out=out, limits=limits_of(NATIONAL))
        except TableError as error:
            raise CommandError(f"{file.name}:{error}") from error
        except FileNotFoundError as error:
            raise CommandError(_("没有这个文件：%(name)s") % {"name": error.filename}) from error
        except (OSError, ValueError) as error:
            raise CommandError(str(error)) from error
        for wrong in done.errors:
            self.stderr.write(f"第 {wrong.line} 行 {wrong.column}".rstrip() + f":{wrong.message}")
        told = {"rows": done.rows, "special": done.special, "errors": len(done.errors), "out": str(out)}
        self.stdout.write(json.dumps(told, ensure_ascii=False))

    def _draw(self, *, verify: str, key: str, alone: bool, **_options: Any) -> None:
        """Draw again and check all that can be checked, by number from the ledger or from a file; exit status 1 when anything does not fit."""
        if verify.isdecimal():
            with kernel_writes():
                row = Draw.objects.filter(pk=int(verify)).first()
                if row is None:
                    raise CommandError(_("没有这次抽取:%s") % verify)
                checked = Checked(row.record, [_("与账本对照")], [], draw_verify(row))
        else:
            try:
                file = json.loads(Path(verify).read_text(encoding="utf-8"))
                checked = file_check(file, key=key, alone=alone)
            except OSError as error:
                raise CommandError(_("没有这个文件：%(name)s") % {"name": verify}) from error
            except (ValueError, RecursionError) as error:
                raise CommandError(_("这不是一份抽取记录:%s") % verify) from error
        record = checked.record
        drawn = {group["code"]: group["drawn"] for group in record["strata"]}
        told = {
            "seed": record["seed"], "drawn": drawn, "teams": record["teams"], "digest": record_digest(record),
            "checked": checked.done, "not_checked": checked.left, "faults": checked.faults,
        }  # fmt: skip
        self.stdout.write(json.dumps(told, ensure_ascii=False))
        if checked.faults:
            raise SystemExit(1)
