"""`bihuan up` on a small site of its own: what it starts it stops, what was done once is not done again."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from bihuan.site import postgres, postgres_files

READY_SECONDS = 240


class Site:
    """A site whose every process can be found by its port or its data folder."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.log = folder / "up.log"
        self.environment = environment

    def command(self) -> list[str]:
        return [sys.executable, "-m", "bihuan.site", "up", "--port", str(self.port), "--orders", "40"]

    def start(self) -> subprocess.Popen[bytes]:
        with self.log.open("w") as log:
            process = subprocess.Popen(self.command(), env=self.environment, stdout=log, stderr=log)
        deadline = time.monotonic() + READY_SECONDS
        while "Ctrl-C" not in self.log.read_text():
            assert process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)
        return process

    def descendants_of(self, pid: int) -> list[int]:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [found for child in map(int, children) for found in (child, *self.descendants_of(child))]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    for name in ("DATABASE_URL", "BIHUAN_DB_ROLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BIHUAN_HOME", str(tmp_path / "home"))
    yield Site(tmp_path, dict(os.environ))
    postgres.stop()
    shutil.rmtree(postgres_files.layout_find().base, ignore_errors=True)


def test_up_loads_once_restarts_what_is_killed_and_stops_everything(site: Site) -> None:
    up = site.start()
    assert "正在载入演示城市" in site.log.read_text()
    assert settings.DEMONSTRATION_PASSWORD in site.log.read_text()
    with urllib.request.urlopen(f"http://127.0.0.1:{site.port}/login", timeout=10) as answer:
        assert "闭环" in answer.read().decode()

    second = subprocess.run(
        site.command(), env=site.environment, capture_output=True, text=True, check=False, timeout=240
    )
    assert second.returncode == 1
    assert f"Port {site.port} on 127.0.0.1 is in use: choose another with --port." in second.stderr
    assert postgres.running()

    processes = site.descendants_of(up.pid)
    assert len(processes) >= 4  # web with two workers, worker of jobs
    address = f"BIHUAN_ADDRESS=http://127.0.0.1:{site.port}".encode()
    assert any(address in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0") for pid in processes)
    up.send_signal(signal.SIGINT)
    assert up.wait(timeout=120) == 0
    assert not postgres.running()
    assert [pid for pid in processes if Path(f"/proc/{pid}").exists()] == []

    up = site.start()
    assert "正在载入演示城市" not in site.log.read_text()
    _killed_and_back(site, up)
    up.send_signal(signal.SIGTERM)
    assert up.wait(timeout=120) == 143
    assert not postgres.running()


def _killed_and_back(site: Site, up: subprocess.Popen[bytes]) -> None:
    """A worker and the server are killed; both are started again."""
    killed = [pid for pid in site.descendants_of(up.pid) if b"procrastinate" in _command_of(pid)]
    killed.append(int((postgres_files.layout_find().data / "postmaster.pid").read_text().split()[0]))
    assert len(killed) == 2
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 30
    while site.log.read_text().count("Launching a worker") < 2 or not postgres.running():
        assert time.monotonic() < deadline, site.log.read_text()
        time.sleep(0.1)
    assert "worker ended with -9; starting it again in 1 s" in site.log.read_text()


def _command_of(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()
