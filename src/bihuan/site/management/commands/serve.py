"""`bihuan serve`: the web of a site whose database is the operator's, as a service of the system starts it."""

import os
from argparse import ArgumentParser
from typing import Any, ClassVar

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from bihuan.site.operation.starting import start_check
from bihuan.site.processes import METRICS_SHARED, metrics_folder, web_command


class Command(BaseCommand):
    """Check that this code fits the database, then become the web server."""

    help = "启动网页服务(生产环境);数据库没有升级或流程被改动时拒绝启动"
    requires_system_checks: ClassVar[list[str]] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to listen, and with how many processes."""
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument(
            "--processes", type=int, default=max(2, os.cpu_count() or 2), help="进程数,默认每个核一个"
        )

    def handle(self, *_args: Any, host: str, port: int, processes: int, **_options: Any) -> None:
        """Never returns."""
        faults = start_check()
        if faults:
            raise CommandError("\n".join([_("不能启动:"), *faults]))
        shared = metrics_folder(settings.HOME / "run" / f"metrics-{port}")
        command = web_command(host, port, processes)
        os.execve(command[0], command, {**os.environ, "BIHUAN_DB_ROLE": "app", METRICS_SHARED: str(shared)})
