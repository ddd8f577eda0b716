"""`bihuan work`: the worker of jobs of a site whose database is the operator's, as a service of the system starts it."""

import os
from argparse import ArgumentParser
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from bihuan.site.operation.starting import start_check
from bihuan.site.processes import jobs_command


class Command(BaseCommand):
    """Check that this code fits the database, then become the worker."""

    help = "启动后台任务(生产环境);数据库没有升级或流程被改动时拒绝启动"
    requires_system_checks: ClassVar[list[str]] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How many jobs at once."""
        parser.add_argument("--concurrency", type=int, default=2, help="同时进行的任务数")

    def handle(self, *_args: Any, concurrency: int, **_options: Any) -> None:
        """Never returns."""
        faults = start_check()
        if faults:
            raise CommandError("\n".join([_("不能启动:"), *faults]))
        command = jobs_command(concurrency)
        os.execve(command[0], command, {**os.environ, "BIHUAN_DB_ROLE": "worker"})
