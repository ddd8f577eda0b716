"""`bihuan up`: everything that a trial needs, in one terminal."""

import os
import signal
import subprocess
import sys
import time
from argparse import SUPPRESS, ArgumentParser
from typing import Any, ClassVar, NoReturn

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _

from bihuan.packs.hotline.demonstration.loading import runs_known
from bihuan.site import postgres, tiers
from bihuan.site.city.load import city_lacks
from bihuan.site.city.people import CAST
from bihuan.site.operation.starting import files_told, start_faults
from bihuan.site.postgres_files import PostgresError
from bihuan.site.processes import (
    METRICS_SHARED,
    Child,
    UpError,
    answers,
    children_for,
    metrics_folder,
    port_check,
    stop_all,
)

READY_SECONDS = 600  # a busy machine is slow; what has ended is told at once
POLL_SECONDS = 0.2
SERVER_CHECK_SECONDS = 2.0


ORDERS, TIER_ORDERS = 2000, 200


def _up_of(centre: tiers.Centre, host: str, port: int, orders: int | None) -> Child:
    """The `up` of one tier as a process of ours."""
    command = tiers.command_of(centre, host, port, TIER_ORDERS if orders is None else orders)
    return Child(centre.tier, command, "owner", more=tiers.environment_of(centre))


def _is_somebody_s_own() -> bool:
    """People are there, and they are not the demonstration's: its load may have failed before its orders began."""
    people = get_user_model()._base_manager
    cast = [one.username for one in CAST]
    return people.exists() and people.filter(username__in=cast).count() < len(cast)


def address_of(host: str, port: int) -> str:
    """Where a browser on this machine reaches what listens there."""
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


class Command(BaseCommand):
    """Start the database, bring the tables up to date, load the demonstration city, serve."""

    help = "启动全部服务：数据库、网页、后台任务；首次启动时载入演示城市"
    requires_system_checks: ClassVar[list[str]] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to listen."""
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--orders", type=int, help="首次启动时载入的演示工单数(默认 2000,两级演示 200)")
        parser.add_argument("--tiers", action="store_true", help="两级演示:区级在 PORT,市级在 PORT+1")
        parser.add_argument("--tier", choices=[one.tier for one in tiers.BOTH], help=SUPPRESS)

    def handle(
        self, *_args: Any, host: str, port: int, orders: int | None, tier: str | None, **options: Any
    ) -> None:
        """Run until Ctrl-C or SIGTERM; stop everything that this command started."""
        # A shell that starts us in the background makes us deaf to SIGINT.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        self.tier = next((one for one in tiers.BOTH if one.tier == tier), None)
        both = [_up_of(one, host, port, orders) for one in tiers.BOTH] if options["tiers"] else []
        children = both or children_for(host, port)
        try:
            if both:
                for one in tiers.BOTH:
                    port_check(host, port + one.after)
                self._watch(children)
            port_check(host, port)
            self._migrate()
            self._seed(orders if orders is not None else ORDERS)
            self._connect(port)
            self._serve(children, host, port)
        except UpError as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            pass
        finally:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            if any(child.process for child in children):
                if self.tier is None:
                    self._say(_("正在停止…"))
                stop_all(children)

    def _migrate(self) -> None:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self._say(_("正在建立数据表…"))
            call_command("migrate", interactive=False, verbosity=0)

    def _watch(self, children: list[Child]) -> NoReturn:
        """Start the `up` of each tier, and again whichever ends."""
        if os.environ.get("DATABASE_URL"):
            raise UpError(_("两级演示用自带的数据库:请去掉 DATABASE_URL。"))
        connection.close()
        for child in children:
            child.start()
        while True:
            time.sleep(POLL_SECONDS)
            for child in children:
                child.watch(self._say)

    def _connect(self, port: int) -> None:
        """Let a tier enter the other one; the city then takes its first orders in."""
        if self.tier is None:
            return
        self._run(tiers.peer_command(self.tier, port))
        if self.tier is tiers.CITY:
            self._run([sys.executable, "-m", "bihuan.site", "tiers", "--orders"])

    def _run(self, command: list[str]) -> None:
        done = subprocess.run(command, env={**os.environ, "BIHUAN_DB_ROLE": "worker"}, check=False)
        if done.returncode:
            raise UpError(_("演示城市未能载入，原因见上。"))

    def _seed(self, orders: int) -> None:
        """Load the demonstration city once; a load that was stopped goes on."""
        if not settings.DEMONSTRATION:
            return
        if self.tier is tiers.CITY:
            self._run([sys.executable, "-m", "bihuan.site", "tiers"])
            return
        finished, unfinished = runs_known()
        if not unfinished and (finished or _is_somebody_s_own()):
            if finished and city_lacks():
                self._run([sys.executable, "-m", "bihuan.site", "seed", "--missing"])
            return
        self._say(_("正在载入演示城市…"))
        self._run([sys.executable, "-m", "bihuan.site", "seed", "--orders", str(orders)])

    def _serve(self, children: list[Child], host: str, port: int) -> None:
        for fault in (*start_faults(), *(() if os.environ.get("DATABASE_URL") else files_told())):
            self._say(fault)
        connection.close()
        os.environ.setdefault("BIHUAN_ADDRESS", address_of(host, port))
        os.environ[METRICS_SHARED] = str(metrics_folder(settings.HOME / "run" / f"metrics-{port}"))
        for child in children:
            child.start()
        self._wait_ready(children, host, port)
        self._introduce(host, port)
        checked_at = time.monotonic()
        while True:
            time.sleep(POLL_SECONDS)
            for child in children:
                child.watch(self._say)
            if time.monotonic() - checked_at > SERVER_CHECK_SECONDS:
                checked_at = time.monotonic()
                self._database_watch()

    def _database_watch(self) -> None:
        """Start the server again when it ended; one that does not start is told, and tried again."""
        try:
            if postgres.ensure_running().started:
                self._say(_("数据库曾停止，已重新启动"))
        except PostgresError as error:
            self._say(str(error))

    def _wait_ready(self, children: list[Child], host: str, port: int) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not answers(host, port):
            for child in children:
                if child.process is None or child.process.poll() is not None:
                    raise UpError(_("%(name)s 未能启动，原因见上。") % {"name": child.name})
            if time.monotonic() > deadline:
                raise UpError(_("网页在 %(seconds)s 秒内没有应答。") % {"seconds": READY_SECONDS})
            time.sleep(POLL_SECONDS)

    def _introduce(self, host: str, port: int) -> None:
        self._say("")
        if self.tier is not None:
            self._say(self.tier.name)
        self._say(_("闭环已就绪：%(address)s/") % {"address": address_of(host, port)})
        if settings.DEMONSTRATION:
            self._introduce_people()
        elif not get_user_model()._base_manager.exists():
            self._say(_("这里还没有中心:另开一个终端运行 bihuan centre init。"))
        self._say(_("按 Ctrl-C 停止。"))

    def _introduce_people(self) -> None:
        from bihuan.kernel.pack import roles
        from bihuan.packs.fire import demonstration as fire
        from bihuan.site.city.above import PEOPLE
        from bihuan.site.city.people import CAST
        from bihuan.site.city.units import units_by_code

        unit = {code: one.name for code, one in units_by_code().items()}
        here = PEOPLE if self.tier is tiers.CITY else CAST
        people = [(one.username, one.name, one.unit, str(one.role)) for one in here]
        if self.tier is not tiers.CITY:
            unit |= {one.code: one.name for one in fire.UNITS}
            people += fire.PEOPLE
        self._say(_("演示人员（口令均为 %(password)s）：") % {"password": settings.DEMONSTRATION_PASSWORD})
        for username, name, held_in, role in people:
            self._say(f"  {username:<9} {name}  {_(roles()[role].label)}  {unit[held_in]}")
        if self.tier is not tiers.CITY:
            self._introduce_followed()

    def _introduce_followed(self) -> None:
        """What a visitor may follow as the citizen who applied for it: made-up people's, in the demonstration alone."""
        from bihuan.kernel.notices.follow_codes import follow_code
        from bihuan.packs.onewindow.demonstration.online import online_followed

        for number, case in online_followed():
            told = {"number": number, "code": follow_code(case)}
            self._say(_("网上申请的演示件（在“查进展”里打开）：编号 %(number)s 查询码 %(code)s") % told)

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
