"""A small supervisor of a private PostgreSQL, and the addresses by which each database role reaches its database.

The server lives as long as a process of ours uses it: `ensure_running` takes a share in it, `release` gives the share
back, and the last one to do so stops the server. A server that we did not start is never touched, and with
`DATABASE_URL` set nothing here starts or stops anything.
"""

import fcntl
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from bihuan.site import postgres_files as files
from bihuan.site.postgres_files import Account, Layout, PostgresError

Role = Literal["owner", "app", "worker"]
DATABASE = os.environ.get("BIHUAN_DATABASE", "bihuan")
RETRY_SECONDS = 30  # after kill -9 the old backends hold the shared memory for a while
RECOVERY_SECONDS = 600
POLL_SECONDS = 0.5
ABANDON_SECONDS = 1.0

_shares: dict[Path, int] = {}  # base folder -> descriptor that holds the shared lock


@dataclass(frozen=True)
class Server:
    """A server that can be used; `started` is true if this call started it."""

    started: bool

    def url_for(self, role: Role) -> str:
        """Return the address for `role` as a `postgresql://` URL."""
        return url_for(role)


@dataclass(frozen=True)
class _Postmaster:
    pid: int
    start_time: int
    ready: bool


def url_for(role: Role) -> str:
    """Return the address for `role`: the operator's if there is one, else the private server's.

    Raises ValueError for an unknown role, PostgresError if DATABASE_URL is set but nobody said how `role` connects.
    """
    if role not in get_args(Role):
        raise ValueError(f"unknown database role {role!r}: one of {', '.join(get_args(Role))}")
    owner = os.environ.get("DATABASE_URL")
    if not owner:
        socket = quote(str(files.layout_find().socket), safe="")
        return f"postgresql://bihuan_{role}@/{DATABASE}?host={socket}&port={files.PORT}"
    if role == "owner":
        return owner
    given = os.environ.get(f"DATABASE_{role.upper()}_URL") or provisioned_urls(owner).get(role)
    if not given:
        raise PostgresError(
            f"DATABASE_URL is set, but DATABASE_{role.upper()}_URL is not and the role bihuan_{role} was not made "
            "by us: run `bihuan migrate` once, or set it."
        )
    return given


def database_url(role: Role) -> dict[str, Any]:
    """Return the address for `role` in the words of Django's DATABASES (NAME, USER, PASSWORD, HOST, PORT[, OPTIONS]).

    Starts nothing and creates nothing. Raises as `url_for`.
    """
    return url_parts(url_for(role))


def url_parts(url: str) -> dict[str, Any]:
    """Take a `postgresql://` URL apart, query parameters included (`host` and `port` may stand there)."""
    split = urlsplit(url)
    if split.scheme not in ("postgresql", "postgres") or not split.path.strip("/"):
        raise ValueError("a database address reads postgresql://USER:PASSWORD@HOST:PORT/NAME")
    options = dict(parse_qsl(split.query))
    parts: dict[str, Any] = {
        "NAME": unquote(split.path.strip("/")),
        "USER": unquote(split.username or ""),
        "PASSWORD": unquote(split.password or ""),
        "HOST": options.pop("host", unquote(split.hostname or "")),
        "PORT": options.pop("port", str(split.port or "")),
    }
    return {**parts, "OPTIONS": options} if options else parts


def provisioned_file() -> Path:
    """The file, readable by us alone, with the addresses that `database_roles.provision` made."""
    return files.home_folder() / "database-roles.json"


def provisioned_urls(owner_url: str) -> dict[str, str]:
    """Return role -> address as provisioned for the database of `owner_url`; empty if there are none."""
    try:
        stored: dict[str, str] = json.loads(provisioned_file().read_text())
    except FileNotFoundError:
        return {}
    return stored if stored.pop("database", None) == database_key(owner_url) else {}


def database_key(url: str) -> str:
    """Name the database of an address, without user or password."""
    parts = url_parts(url)
    return f"{parts['HOST']}:{parts['PORT']}/{parts['NAME']}"


def ensure_running() -> Server:
    """Start the private server if it does not run, take a share in it, and return it.

    Safe to call from several processes at once and again in one. A crash is retried for 30 s.
    Raises PostgresError with the end of the server's log.
    """
    if os.environ.get("DATABASE_URL"):
        return Server(started=False)
    layout = files.layout_find()
    layout.base.mkdir(parents=True, exist_ok=True)
    with _locked(layout):
        _share_take(layout)
        if _running(layout):
            return Server(started=False)
        try:
            _start(layout)
        except BaseException:
            _abandon(layout)
            raise
    return Server(started=True)


def running() -> bool:
    """Is the private server up and ready for connections?"""
    return _running(files.layout_find())


def release() -> bool:
    """Give back the share taken by `ensure_running`; the last one stops the server. True if it was stopped."""
    layout = files.layout_find()
    share = _shares.pop(layout.base, None)
    if share is None:
        return False
    with _locked(layout):
        try:
            fcntl.flock(share, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        finally:
            os.close(share)
        return _stop(layout)


def stop() -> bool:
    """Stop the private server if we started it, whoever uses it. True if it was stopped."""
    layout = files.layout_find()
    if not layout.base.exists():
        return False
    with _locked(layout):
        return _stop(layout)


@contextmanager
def _locked(layout: Layout) -> Iterator[None]:
    with (layout.base / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _share_take(layout: Layout) -> None:
    if layout.base not in _shares:
        share = os.open(layout.base / "users", os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(share, fcntl.LOCK_SH)
        _shares[layout.base] = share


def _running(layout: Layout) -> bool:
    postmaster = _postmaster(layout)
    return postmaster is not None and postmaster.ready


def _postmaster(layout: Layout) -> _Postmaster | None:
    """Return the live server on our data, by its pid file checked against the process itself."""
    try:
        lines = (layout.data / "postmaster.pid").read_text().splitlines()
        pid, start_time = int(lines[0]), int(lines[2])
    except (FileNotFoundError, IndexError, ValueError):
        return None
    if not files.lives_in(pid, layout.data):
        return None
    return _Postmaster(pid, start_time, ready=len(lines) > 7 and lines[7].strip() == "ready")


def _start(layout: Layout) -> None:
    account = files.account_find(layout)
    files.folders_create(layout, account)
    binaries = files.binaries_find(layout)
    if not layout.data.exists():
        _data_create(layout, account, binaries)
    _version_check(layout, binaries, account)
    files.settings_write(layout)
    _start_retried(layout, account, binaries)
    _recovered(layout)
    postmaster = _postmaster(layout)
    if postmaster is None:
        raise PostgresError(f"PostgreSQL stopped at once. Its log is in {layout.log}.")
    _marker_write(layout, postmaster)
    database_prepare(layout)


def _abandon(layout: Layout) -> None:
    """After Ctrl-C or an error in the middle of a start, leave no server behind. The caller holds the lock."""
    deadline = time.monotonic() + ABANDON_SECONDS
    while (postmaster := _postmaster(layout)) is None and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS / 10)
    if postmaster:
        _marker_write(layout, postmaster)
        _stop(layout)


def _data_create(layout: Layout, account: Account, binaries: Path) -> None:
    unfinished = layout.base / "data-new"
    if unfinished.exists():
        subprocess.run(["rm", "-rf", str(unfinished)], check=True)
    files.folder_create(unfinished, account)
    locale = ["--locale=C.UTF-8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--encoding=UTF8"]
    command = [str(binaries / "initdb"), "-D", str(unfinished), "-U", files.SUPERUSER, "--auth=peer", *locale]
    done = _run(command, account)
    if done.returncode:
        raise PostgresError(f"initdb failed:\n{done.stdout}{done.stderr}")
    unfinished.rename(layout.data)


def _version_check(layout: Layout, binaries: Path, account: Account) -> None:
    stored = (layout.data / "PG_VERSION").read_text().strip()
    offered = _run([str(binaries / "postgres"), "--version"], account).stdout.split()[-1].split(".")[0]
    if stored != offered:
        raise PostgresError(
            f"The data in {layout.data} was written by PostgreSQL {stored}, the package brings {offered}: "
            "dump it with the old package, move the folder away, and restore."
        )


def _start_retried(layout: Layout, account: Account, binaries: Path) -> None:
    deadline = time.monotonic() + RETRY_SECONDS
    option = f"-c config_file={shlex.quote(str(layout.config))}"
    output = layout.log / "startup.log"
    command = [str(binaries / "pg_ctl"), "-D", str(layout.data), "-w", "-t", str(RECOVERY_SECONDS)]
    command += ["-l", str(output), "-o", option, "start"]
    while True:
        if _recovered(layout):  # whose pg_ctl was killed while it waited
            return
        _stale_pid_remove(layout)
        output.unlink(missing_ok=True)
        begun = time.monotonic()
        done = _run(command, account)
        if done.returncode == 0:
            return
        if time.monotonic() - begun > RETRY_SECONDS:  # it ran for a while and was killed again
            deadline = time.monotonic() + RETRY_SECONDS
        if time.monotonic() > deadline:
            said = output.read_text(errors="replace") if output.exists() else done.stdout + done.stderr
            raise PostgresError(f"PostgreSQL does not start. Its log is in {layout.log}:\n{said[-2000:]}")
        time.sleep(POLL_SECONDS)


def _recovered(layout: Layout) -> bool:
    """Wait for a server that is there and not ready yet. False when there is none, or it ended."""
    deadline = time.monotonic() + RECOVERY_SECONDS
    while (postmaster := _postmaster(layout)) is not None and time.monotonic() < deadline:
        if postmaster.ready:
            return True
        time.sleep(POLL_SECONDS)
    return False


def _stale_pid_remove(layout: Layout) -> None:
    """Remove the pid file of a dead server whose number lives on, as a zombie or in another program.

    PostgreSQL would take that for itself and refuse to start. The file is also its guard against two servers on
    one folder, so it goes only when no process at all works in the folder.
    """
    pid_file = layout.data / "postmaster.pid"
    try:
        os.kill(int(pid_file.read_text().splitlines()[0]), 0)
    except (OSError, IndexError, ValueError):
        return
    if Path("/proc/self").exists():
        pids = (int(name) for name in os.listdir("/proc") if name.isdigit())
        if not any(files.lives_in(pid, layout.data) for pid in pids):
            pid_file.unlink(missing_ok=True)


def _stop(layout: Layout) -> bool:
    postmaster = _postmaster(layout)
    if postmaster is None or _marker_read(layout) != [postmaster.pid, postmaster.start_time]:
        return False
    account = files.account_find(layout)
    command = [str(files.binaries_find(layout) / "pg_ctl"), "-D", str(layout.data), "-w", "-t", "60", "stop"]
    if any(_run([*command, "-m", mode], account).returncode == 0 for mode in ("fast", "immediate")):
        _marker(layout).unlink(missing_ok=True)
        if layout.socket.parent != layout.base:
            layout.socket.rmdir()
        return True
    raise PostgresError(f"PostgreSQL (process {postmaster.pid}) does not stop. Its log is in {layout.log}.")


def _marker(layout: Layout) -> Path:
    return layout.base / "started.json"


def _marker_write(layout: Layout, postmaster: _Postmaster) -> None:
    _marker(layout).write_text(json.dumps([postmaster.pid, postmaster.start_time]))


def _marker_read(layout: Layout) -> object:
    try:
        return json.loads(_marker(layout).read_text())
    except (FileNotFoundError, ValueError):
        return None


def database_prepare(layout: Layout) -> None:
    """Make what is missing. Settings import this module: the driver is loaded only when a server is to be told something."""
    from bihuan.site.database_roles import private_prepare

    socket = str(layout.socket).replace("\\", "\\\\").replace("'", "\\'")
    private_prepare(f"host='{socket}' port={files.PORT} user={files.SUPERUSER}", DATABASE)


def _run(command: list[str], account: Account) -> subprocess.CompletedProcess[str]:
    """Run a program of the server under its account, away from our environment and folder."""
    other: dict[str, Any] = {}
    if files.is_root():
        other = {"user": account.uid, "group": account.gid, "extra_groups": []}
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "Asia/Shanghai"}
    return subprocess.run(
        command,
        env=environment,
        cwd="/",
        umask=0o077,
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        **other,
    )


def _run_with_server(command: list[str]) -> int:
    """Run a command while the server runs. Ctrl-C reaches it from the terminal, SIGTERM through us."""
    ensure_running()
    try:
        with subprocess.Popen(command) as process:
            signal.signal(signal.SIGINT, lambda *_: None)
            signal.signal(signal.SIGTERM, lambda number, _: process.send_signal(number))
            code = process.wait()
        return code if code >= 0 else 128 - code
    finally:
        release()


def main(arguments: list[str]) -> int:
    """`python -m bihuan.site.postgres start | stop | status | run COMMAND…`: the server without Django."""
    match arguments:
        case ["start"]:
            print("started" if ensure_running().started else "already running")
        case ["stop"]:
            print("stopped" if stop() else "nothing of ours to stop")
        case ["status"]:
            print("running" if running() else "not running")
        case ["run", *command] if command:
            return _run_with_server(command)
        case _:
            print(main.__doc__)
            return 2
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except PostgresError as error:
        sys.exit(str(error))
