"""`bihuan hotline`: import orders, train and use the text model, show how dispatch does, simulate a call."""

import json
import sys
from argparse import ArgumentParser, ArgumentTypeError
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

from django.core.files import File
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from bihuan.kernel.administration.importing import rows_read
from bihuan.kernel.identity.commands import by_add, by_named
from bihuan.kernel.sentences import told
from bihuan.lib.refusals import Refusal
from bihuan.lib.tables import TableError
from bihuan.lib.text import FieldError, parse_moment
from bihuan.packs.hotline.adapters.telephony import incoming_call
from bihuan.packs.hotline.directory.kinds import DirectoryRows
from bihuan.packs.hotline.directory.upkeep import directory_import
from bihuan.packs.hotline.importing.mappings import MAPPINGS
from bihuan.packs.hotline.importing.orders import ImportReport, import_unit, orders_import
from bihuan.packs.hotline.seat.calls import call_last, call_note
from bihuan.packs.hotline.selectors import dispatch_figures
from bihuan.packs.hotline.text.files import classify_file, train_files
from bihuan.packs.hotline.text.model import load
from bihuan.packs.hotline.text.store import model_in_force, model_put_in_force


def moment(text: str) -> datetime | None:
    """`now` (None) or a moment that has passed."""
    try:
        return None if text == "now" else parse_moment(text, field="time", now=timezone.now())
    except FieldError as fault:
        raise ArgumentTypeError(fault.message) from None


def table_told(error: TableError) -> str:
    """What is wrong with a file, and where, in the language of the command."""
    if (get_language() or "zh").startswith("zh"):
        return str(error)
    place = ", ".join(
        [*([_("第 %s 行") % error.line] if error.line else []), *([error.column] if error.column else [])]
    )
    return f"{place}: {told(error)}" if place else told(error)


class Command(BaseCommand):
    """One command with five parts; a part that fails says why in one sentence and exits with 1."""

    help = "市民热线：导入来件、训练和使用文本模型、派单指标、模拟来电"
    requires_system_checks: ClassVar[list[str]] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """import, train, classify, figures, ring."""
        parts = parser.add_subparsers(
            dest="part", required=True, metavar="import|train|classify|figures|ring"
        )
        self._import_arguments(parts.add_parser("import", help="导入 CSV 或 Excel 文件"))
        self._train_arguments(parts.add_parser("train", help="用 CSV 文件训练文本模型"))
        self._classify_arguments(parts.add_parser("classify", help="给 CSV 文件逐行加上类别"))
        directory = parts.add_parser("directory", help="派单目录").add_subparsers(dest="what", required=True)
        part = directory.add_parser("import", help="从 CSV 或 Excel 导入派单目录;有一行不对,全部都不导入")
        part.add_argument("file", type=Path)
        by_add(part)
        figures = parts.add_parser("figures", help="派单用时、自动派单和错派的份额")
        figures.add_argument("--since", type=moment, help="从何时起（默认 30 天前）")
        figures.add_argument("--until", type=moment, help="到何时止（默认现在）")

        self._ring_arguments(parts.add_parser("ring", help="模拟电话系统：来电、接听、挂断"))

    def _ring_arguments(self, part: ArgumentParser) -> None:
        part.add_argument("--agent", default="", help="坐席的用户名")
        part.add_argument("--phone", default="", help="来电号码")
        part.add_argument(
            "--call", default="", help="电话系统的来电编号；不写则是新的，或该坐席最后一个未结束的"
        )
        events = part.add_mutually_exclusive_group()
        events.add_argument("--answer", dest="event", action="store_const", const="answered", help="接听")
        events.add_argument(
            "--end", dest="event", action="store_const", const="ended", help="挂断；没有接听的成为未接"
        )
        part.add_argument("--recording", default="", metavar="URL", help="录音的地址")

    def _import_arguments(self, part: ArgumentParser) -> None:
        part.add_argument("file")
        names = "、".join(m.name for m in MAPPINGS)
        part.add_argument("--mapping", help=f"{names}，或一个 JSON 文件；不写则按表头识别")
        part.add_argument("--dry-run", action="store_true", help="只检查，什么都不改")
        part.add_argument("--report", metavar="FILE|-", help="把结果写成一个 JSON 对象（- 为标准输出）")
        part.add_argument(
            "--open-at", type=moment, default=None, metavar="now|TIME", help="立件的时间，默认 now"
        )
        part.add_argument("--unit", default="", metavar="CODE", help="登记来件的单位，默认本级中心")

    def _train_arguments(self, part: ArgumentParser) -> None:
        part.add_argument("files", nargs="+")
        part.add_argument("--text", required=True, metavar="COL", help="文本列；几列相接写作 标题+内容")
        part.add_argument("--label", required=True, metavar="COL")
        part.add_argument("--out", metavar="MODEL", help="模型存成这个文件")
        part.add_argument("--use", action="store_true", help="用于派单（类别须是事项编码）")

    def _classify_arguments(self, part: ArgumentParser) -> None:
        part.add_argument("file")
        part.add_argument("--text", required=True, metavar="COL")
        part.add_argument("--out", required=True, metavar="OUT.csv")
        part.add_argument("--model", metavar="MODEL", help="模型文件，默认为派单在用的模型")

    def handle(self, *_args: Any, part: str, **options: Any) -> None:
        """Run one part."""
        try:
            getattr(self, f"_{part}")(**options)
        except (Refusal, FieldError) as refusal:
            raise CommandError(told(refusal)) from refusal
        except TableError as error:
            raise CommandError(f"{Path(options['file']).name}：{table_told(error)}") from error
        except FileNotFoundError as error:
            raise CommandError(_("没有这个文件：%(name)s") % {"name": error.filename}) from error
        except (OSError, ValueError) as error:
            raise CommandError(str(error)) from error

    def _import(
        self, *, file: str, mapping: str | None, dry_run: bool, report: str | None, open_at: datetime | None,
        unit: str, **_: Any,
    ) -> None:  # fmt: skip
        done = orders_import(
            path=file,
            mapping=mapping,
            dry_run=dry_run,
            now=open_at or timezone.now(),
            unit_opened_by=import_unit(unit) if unit else None,
            progress=_Progress(Path(file)),
        )
        if report == "-":
            self.stdout.write(json.dumps(done.as_dict(), ensure_ascii=False))
        else:
            self._tell(done)
            if report:
                Path(report).write_text(
                    json.dumps(done.as_dict(), ensure_ascii=False) + "\n", encoding="utf-8"
                )

    def _tell(self, done: ImportReport) -> None:
        if done.unknown_columns:
            self.stdout.write(_("没有用到的列：%(names)s") % {"names": "、".join(done.unknown_columns)})
        self.stdout.write(
            _(
                "%(rows)d 行：登记 %(imported)d（在办 %(open)d，历史 %(closed)d），"
                "重复 %(repeated)d，有误 %(bad)d；"
            )
            % done.as_dict()
            + _(
                "自动派单 %(automatic)d，交协调台 %(coordination)d；"
                "%(seconds).1f 秒，每秒 %(rows_per_s).0f 行"
            )
            % done.as_dict()
        )
        if done.judged is not None:
            self.stdout.write(
                _(
                    "按时:文件说 %(ontime_file)d,按我们的时钟 %(ontime_clock)d(共 %(judged)d),不一致 %(disagree)d"
                )
                % done.as_dict()
            )
        if done.bad_rows_file:
            self.stdout.write(_("有误的行在 %(file)s，改好后可再导入") % {"file": done.bad_rows_file})
        if done.dry_run:
            self.stdout.write(_("只是检查，什么都没有改"))

    def _train(
        self, *, files: list[str], text: str, label: str, out: str | None, use: bool, **_: Any
    ) -> None:
        model = train_files(files, text_column=text, label_column=label)
        if out:
            model.save(out)
        if use:
            names = [Path(name).name for name in files]
            model_put_in_force(model=model, sources=names, by="command", now=timezone.now())
        told = {"fingerprint": model.fingerprint, "in_force": use, "out": out, **model.metrics}
        self.stdout.write(json.dumps(told, ensure_ascii=False))

    def _classify(self, *, file: str, text: str, out: str, model: str | None, **_options: Any) -> None:
        chosen = load(model) if model else model_in_force()
        if chosen is None:
            raise CommandError(_("没有在用的文本模型；请先训练，或用 --model 指明模型文件"))
        done = classify_file(file, text_column=text, out_path=out, model=chosen)
        told = {"rows": done.rows, "sent": done.sent, "abstained": done.abstained, "empty": done.empty}
        self.stdout.write(json.dumps(told, ensure_ascii=False))

    def _directory(self, *, file: Path, by: str | None, **_options: Any) -> None:
        with file.open("rb") as opened:
            rows = rows_read(DirectoryRows(), file=File(opened), text="")
        counted, faults = directory_import(rows, now=timezone.now(), by=by_named(by))
        for line, column, why in faults:
            self.stderr.write(f"{line}\t{column}\t{why}")
        if faults:
            raise CommandError(_("%s 行有误,什么都没有导入") % len(faults))
        self.stdout.write(_("派单目录:新增 %(new)d 行,更改 %(changed)d 行,不变 %(same)d 行") % counted)

    def _figures(self, *, since: datetime | None, until: datetime | None, **_: Any) -> None:
        end = until or timezone.now()
        figures = dispatch_figures(since=since or end - timedelta(days=30), until=end)
        self.stdout.write(json.dumps(figures.as_dict(), ensure_ascii=False))

    def _ring(
        self, *, agent: str, phone: str, call: str, event: str | None, recording: str, **_: Any
    ) -> None:
        now, event = timezone.now(), event or ("recording" if recording else "ringing")
        told = {"call": call or call_last(agent=agent, event=event, now=now), "event": event}
        told |= {"agent": agent, "phone": phone, "recording": recording}
        kept = call_note(event=incoming_call(told, now=now))
        self.stdout.write(json.dumps({"call": kept.call, "event": event}))


class _Progress:
    """Rows, rows a second and time left on stderr: one line that is written over, or a line a batch without
    a terminal.
    """

    def __init__(self, path: Path) -> None:
        self.size = path.stat().st_size if path.exists() else 0
        self.total = _rows_guessed(path)
        self.end = "\r" if sys.stderr.isatty() else "\n"

    def __call__(self, report: ImportReport) -> None:
        left = max(self.total - report.rows, 0) / report.rows_per_s if report.rows_per_s else 0
        line = _("%(rows)d 行，每秒 %(speed).0f 行，约剩 %(left).0f 秒") % {
            "rows": report.rows,
            "speed": report.rows_per_s,
            "left": left,
        }
        sys.stderr.write(f"{line}   {self.end}")
        sys.stderr.flush()


def _rows_guessed(path: Path) -> int:
    """About how many rows a text file has: its line ends. 0 for a workbook or an archive."""
    if not path.is_file() or path.suffix.lower() not in (".csv", ".tsv", ".txt"):
        return 0
    with path.open("rb") as binary:
        return sum(block.count(b"\n") for block in iter(lambda: binary.read(1 << 20), b""))
