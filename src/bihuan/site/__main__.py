"""The `bihuan` command: Django's commands and those of the packs, with the private server underneath."""

import os
import signal
import sys
from types import FrameType

from bihuan.site import postgres
from bihuan.site.postgres_files import PostgresError, layout_find

# These need no database.
WITHOUT_DATABASE = {
    "help",
    "version",
    "check",
    "diffsettings",
    "collectstatic",
    "compilemessages",
    "makemessages",
    "pack",
    "restore",  # makes the database itself
}
PARTS_WITHOUT_DATABASE = {("fire", "classify")}
# These change the tables' shape, so they connect as the tables' owner; every other command connects as worker.
AS_OWNER = {"up", "migrate", "makemigrations", "showmigrations", "sqlmigrate", "dbshell", "flush"}
UNDEFINED_TABLE = "42P01"


def main() -> None:
    """Run one command; the server runs for as long as any command needs it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bihuan.site.settings")
    arguments = sys.argv[1:]
    command = arguments[0] if arguments else "help"
    os.environ.setdefault("BIHUAN_DB_ROLE", "owner" if command in AS_OWNER else "worker")
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as under nohup
            signal.signal(number, _terminated)
    try:
        _database_prepare(command, arguments)
        _run(arguments)
    except PostgresError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        postgres.release()


def _run(arguments: list[str]) -> None:
    """Run one command of Django's kind; a database without the tables is told in a sentence."""
    from django.core.management import execute_from_command_line  # reads the settings, so not before
    from django.db import ProgrammingError
    from django.utils.translation import gettext

    try:
        execute_from_command_line(["bihuan", *arguments])
    except ProgrammingError as error:
        if getattr(error.__cause__, "sqlstate", "") != UNDEFINED_TABLE:
            raise
        sys.exit(gettext("数据库还没有建表,请先运行 bihuan migrate。"))


def _database_prepare(command: str, arguments: list[str]) -> None:
    owner = os.environ.get("DATABASE_URL")
    if owner and command in AS_OWNER:
        from bihuan.site.database_roles import provision

        provision(owner)
    if tuple(arguments[:2]) in PARTS_WITHOUT_DATABASE:
        return
    if command in WITHOUT_DATABASE or command.startswith("-") or {"--help", "-h"} & set(arguments):
        return
    postgres.ensure_running()
    if not owner and "BIHUAN_DATABASE" in os.environ and command in AS_OWNER:
        postgres.database_prepare(layout_find())


def _terminated(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)


if __name__ == "__main__":
    main()
