"""The private PostgreSQL: one server a home, ours alone, back after a crash, gone after the last user."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from bihuan.site import database_roles, postgres, postgres_files
from bihuan.site.postgres_files import PostgresError

START = [sys.executable, "-m", "bihuan.site.postgres", "start"]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home with nothing in it; whatever ran there is gone afterwards."""
    for name in ("DATABASE_URL", "DATABASE_APP_URL", "DATABASE_WORKER_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BIHUAN_HOME", str(tmp_path / "home"))
    yield tmp_path / "home"
    monkeypatch.setenv("BIHUAN_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    postgres.stop()
    postgres.release()
    shutil.rmtree(postgres_files.layout_find().base, ignore_errors=True)


def superuser(database: str = "postgres") -> psycopg.Connection:
    return psycopg.connect(
        host=str(postgres_files.layout_find().socket), user="postgres", dbname=database, autocommit=True
    )


def postmaster_pid() -> int:
    return int((postgres_files.layout_find().data / "postmaster.pid").read_text().splitlines()[0])


def processes_in(folder: Path) -> list[int]:
    return [int(p.name) for p in Path("/proc").glob("[0-9]*") if postgres_files.lives_in(int(p.name), folder)]


def test_first_start_makes_roles_database_and_extensions(home: Path) -> None:
    server = postgres.ensure_running()
    assert server.started
    assert postgres.running()
    with superuser() as connection:
        roles = connection.execute(
            "select rolname, rolcanlogin, rolcreatedb, rolsuper, rolbypassrls, rolcreaterole from pg_roles"
            " where rolname like 'bihuan%' order by 1"
        ).fetchall()
        assert roles == [
            ("bihuan_app", True, False, False, False, False),
            ("bihuan_kernel", False, False, False, False, False),
            ("bihuan_owner", True, True, False, False, False),
            ("bihuan_worker", True, False, False, False, False),
        ]
        grants = connection.execute(
            "select member::regrole::text, inherit_option, set_option from pg_auth_members"
            " where roleid = 'bihuan_kernel'::regrole and member <> 'bihuan_owner'::regrole order by 1"
        ).fetchall()
        assert grants == [("bihuan_app", False, True), ("bihuan_worker", False, True)]
        safe = {
            "fsync": "on",
            "synchronous_commit": "on",
            "listen_addresses": "",
            "TimeZone": "Asia/Shanghai",
        }
        assert {name: connection.execute(f"show {name}").fetchone()[0] for name in safe} == safe
    with psycopg.connect(server.url_for("owner"), autocommit=True) as owner:
        assert owner.execute("select current_user, current_database()").fetchone() == (
            "bihuan_owner",
            "bihuan",
        )
        owner.execute("create table kept (n int)")
        owner.execute("create database test_bihuan")
    with psycopg.connect(server.url_for("owner"), dbname="test_bihuan") as owner:
        assert owner.execute("select extname from pg_extension order by 1").fetchall() == [
            ("btree_gist",),
            ("ltree",),
            ("plpgsql",),
        ]
    with psycopg.connect(server.url_for("app"), autocommit=True) as app:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("create table forbidden ()")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("select * from kept")
        assert app.execute("set role bihuan_kernel; select current_user").pgresult is not None
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(host=str(postgres_files.layout_find().socket), user="bihuan_kernel", dbname="bihuan")


def test_only_the_account_may_enter_its_folders(home: Path) -> None:
    postgres.ensure_running()
    layout = postgres_files.layout_find()
    account = postgres_files.account_find(layout)
    assert account.uid != 0
    for folder in (layout.data, layout.log, layout.socket):
        found = folder.stat()
        assert (stat.S_IMODE(found.st_mode), found.st_uid) == (0o700, account.uid)
    assert Path(f"/proc/{postmaster_pid()}").stat().st_uid == account.uid


def test_back_within_30_s_after_kill_9_with_a_client_attached(home: Path) -> None:
    server = postgres.ensure_running()
    with psycopg.connect(server.url_for("owner"), autocommit=True) as owner:
        owner.execute("create table kept (n int)")
        owner.execute("insert into kept values (7)")
        killed = postmaster_pid()
        os.kill(killed, signal.SIGKILL)
        while postgres.running():
            time.sleep(0.01)
        begun = time.monotonic()
        assert postgres.ensure_running().started
        assert time.monotonic() - begun < 30
    assert postmaster_pid() != killed
    with psycopg.connect(server.url_for("owner")) as owner:
        assert owner.execute("select n from kept").fetchall() == [(7,)]


def test_stop_leaves_nothing(home: Path) -> None:
    postgres.ensure_running()
    layout = postgres_files.layout_find()
    assert processes_in(layout.data)
    assert postgres.stop()
    assert not postgres.running()
    assert processes_in(layout.data) == []
    assert not (layout.data / "postmaster.pid").exists()
    assert not layout.socket.exists() or list(layout.socket.iterdir()) == []
    assert not postgres.stop()


def test_the_last_user_stops_the_server(home: Path) -> None:
    postgres.ensure_running()
    code = "from bihuan.site import postgres as p; p.ensure_running(); print('in', flush=True); input(); print(p.release())"
    other = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdout is not None
    assert other.stdout.readline() == "in\n"
    assert not postgres.release()
    assert postgres.running()
    assert other.communicate("\n", timeout=30)[0] == "True\n"
    assert not postgres.running()


def test_two_starts_at_once_make_one_server(home: Path) -> None:
    both = [subprocess.Popen(START, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert sorted(process.communicate(timeout=60)[0] for process in both) == [
        "already running\n",
        "started\n",
    ]


def test_a_server_elsewhere_is_not_touched(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    postgres.ensure_running()
    pid = postmaster_pid()
    with monkeypatch.context() as patch:
        patch.setenv("BIHUAN_HOME", str(home.with_name("another")))
        assert not postgres.running()
        assert not postgres.stop()
        assert not postgres.release()
    assert postmaster_pid() == pid
    assert postgres.running()


def test_a_server_on_our_data_that_we_did_not_start_is_not_stopped(home: Path) -> None:
    postgres.ensure_running()
    marker = postgres_files.layout_find().base / "started.json"
    ours = marker.read_text()
    marker.write_text("[1, 1]")
    assert not postgres.stop()
    assert postgres.running()
    marker.write_text(ours)
    assert postgres.stop()


def test_starts_although_the_pid_file_names_a_living_stranger(home: Path) -> None:
    postgres.ensure_running()
    layout = postgres_files.layout_find()
    stale = (layout.data / "postmaster.pid").read_text().splitlines()
    assert postgres.stop()
    (layout.data / "postmaster.pid").write_text("\n".join([str(os.getpid()), *stale[1:]]) + "\n")
    assert not postgres.running()
    assert postgres.ensure_running().started


def test_a_folder_of_someone_else_is_refused(home: Path) -> None:
    layout = postgres_files.layout_find()
    layout.base.mkdir(parents=True)
    layout.log.mkdir(mode=0o755)
    with pytest.raises(PostgresError, match="is not a private folder"):
        postgres.ensure_running()
    assert not layout.data.exists()


def test_database_url_overrides_the_private_server(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:p%40ss@db.example:6432/city?sslmode=require")
    assert not postgres.ensure_running().started
    assert not postgres_files.layout_find().base.exists()
    assert postgres.database_url("owner") == {
        "NAME": "city",
        "USER": "me",
        "PASSWORD": "p@ss",
        "HOST": "db.example",
        "PORT": "6432",
        "OPTIONS": {"sslmode": "require"},
    }
    with pytest.raises(PostgresError, match="DATABASE_APP_URL"):
        postgres.database_url("app")
    monkeypatch.setenv("DATABASE_APP_URL", "postgresql://web@db.example/city")
    assert postgres.database_url("app")["USER"] == "web"


def test_addresses_of_the_private_server(home: Path) -> None:
    assert postgres.database_url("worker") == {
        "NAME": "bihuan",
        "USER": "bihuan_worker",
        "PASSWORD": "",
        "HOST": str(postgres_files.layout_find().socket),
        "PORT": "5432",
    }
    with pytest.raises(ValueError, match="unknown database role 'root'"):
        postgres.url_for("root")  # type: ignore[arg-type]
    assert not home.exists()


@pytest.mark.parametrize("url", ["mysql://a@b/c", "postgresql://a@b", "city", ""])
def test_no_database_address(url: str) -> None:
    with pytest.raises(ValueError, match="a database address reads"):
        postgres.url_parts(url)


def test_a_deep_home_still_has_a_short_socket_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_files, "is_root", lambda: False)
    monkeypatch.setenv("BIHUAN_HOME", "/home/" + "deep/" * 30)
    socket = postgres_files.layout_find().socket
    assert socket.parent == Path("/tmp")
    monkeypatch.setenv("BIHUAN_HOME", "/home/" + "deep/" * 31)
    assert postgres_files.layout_find().socket != socket


def test_provision_on_an_operators_database(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    postgres.ensure_running()
    with superuser() as connection:
        connection.execute("drop role bihuan_app, bihuan_worker, bihuan_kernel")
        connection.execute("create role city login createrole")
        connection.execute("create role weak login")
        connection.execute("create database city owner city")
    socket = postgres_files.layout_find().socket
    url = f"postgresql://city@/city?host={socket}"
    monkeypatch.setenv("DATABASE_URL", url)

    with pytest.raises(PostgresError, match="may not create roles"):
        database_roles.provision(url.replace("city@", "weak@"))
    assert not postgres.provisioned_file().exists()

    urls = database_roles.provision(url)
    assert sorted(urls) == ["app", "worker"]
    assert stat.S_IMODE(postgres.provisioned_file().stat().st_mode) == 0o600
    assert postgres.database_url("app")["USER"] == "bihuan_app"
    assert len(postgres.database_url("app")["PASSWORD"]) == 32
    assert database_roles.provision(url) == urls
    with psycopg.connect(postgres.url_for("worker")) as worker:
        worker.execute("set local role bihuan_kernel")
        assert worker.execute("select current_user").fetchone() == ("bihuan_kernel",)

    postgres.provisioned_file().unlink()
    with pytest.raises(PostgresError, match="bihuan_app exists already"):
        database_roles.provision(url)
    assert not postgres.provisioned_file().exists()
