"""The processes of `bihuan up`: start, watch, restart, stop."""

import contextlib
import ctypes
import errno
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

BACKOFF_FIRST = 1.0  # seconds before the first restart, doubled up to the longest
BACKOFF_LONGEST = 30.0
STEADY_SECONDS = 60.0  # who lived this long starts again with the first back-off
STOP_SECONDS = 10.0
WEB_THREADS = 4  # of each web process; each keeps a connection to the database
METRICS_SHARED = "PROMETHEUS_MULTIPROC_DIR"
DEATH_SIGNAL_OPTION = 1  # PR_SET_PDEATHSIG


class UpError(RuntimeError):
    """`up` cannot go on; the text says why and what to do."""


@dataclass
class Child:
    """One process: what it is called, how it is started, under which database role it connects, with what more in its
    environment."""

    name: str
    command: list[str]
    role: str
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    restart_at: float = 0.0
    backoff: float = BACKOFF_FIRST
    more: Mapping[str, str] = field(default_factory=dict)

    def start(self) -> None:
        """Start in a session of its own: the terminal's Ctrl-C reaches only us, and we stop it in order."""
        environment = {**os.environ, **self.more, "BIHUAN_DB_ROLE": self.role}
        self.process = subprocess.Popen(
            self.command,
            env=environment,
            start_new_session=True,
            preexec_fn=_die_with_parent,  # noqa: PLW1509  `up` has one thread
            stdin=subprocess.DEVNULL,
        )
        self.started_at = time.monotonic()

    def watch(self, report: Callable[[str], None]) -> None:
        """Report a death once, and start again after the back-off (seconds 1, 2, 4 … 30)."""
        if self.process is None:
            if time.monotonic() >= self.restart_at:
                self.start()
            return
        code = self.process.poll()
        if code is None:
            return
        if time.monotonic() - self.started_at > STEADY_SECONDS:
            self.backoff = BACKOFF_FIRST
        report(f"{self.name} ended with {code}; starting it again in {self.backoff:.0f} s")
        _group_signal(self.process, signal.SIGKILL)
        self.process, self.restart_at = None, time.monotonic() + self.backoff
        self.backoff = min(self.backoff * 2, BACKOFF_LONGEST)


def children_for(host: str, port: int) -> list[Child]:
    """The web (2 processes of granian, connecting as app) and the worker of jobs (as worker)."""
    return [Child("web", web_command(host, port, 2), "app"), Child("worker", jobs_command(2), "worker")]


def web_command(host: str, port: int, processes: int) -> list[str]:
    """Granian with so many processes."""
    granian = [sys.executable, "-m", "granian", "--interface", "wsgi", "--workers", str(processes)]
    granian += f"--host {host} --port {port} --log-level warning --respawn-failed-workers".split()
    granian += f"--blocking-threads {WEB_THREADS} --backpressure {WEB_THREADS * 16}".split()
    return [*granian, "--blocking-threads-idle-timeout", "600", "bihuan.site.wsgi:application"]


def jobs_command(at_once: int) -> list[str]:
    """The worker of jobs. Two at once, so that a model in training does not hold up the sweep and the notices."""
    jobs = [sys.executable, "-m", "bihuan.site", "procrastinate", "worker", "--concurrency", str(at_once)]
    return [*jobs, "--shutdown-graceful-timeout", str(STOP_SECONDS / 2)]


def metrics_folder(folder: Path) -> Path:
    """An empty folder in which the web processes count together; what processes before wrote is gone."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    return folder


def stop_all(children: Iterable[Child]) -> None:
    """Ask every process to end, and after 10 s end it with everything that it started."""
    living = [child.process for child in children if child.process is not None]
    for process in living:
        _group_signal(process, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    for process in living:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(max(0.0, deadline - time.monotonic()))
        _group_signal(process, signal.SIGKILL)
        process.wait()


def port_check(host: str, port: int) -> None:
    """Raise UpError if nothing can listen there."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise UpError(f"Port {port} on {host} is in use: choose another with --port.") from error
        raise UpError(f"Cannot listen on {host}, port {port}: {error.strerror or error}.") from error


def answers(host: str, port: int) -> bool:
    """Is the web ready to serve? Where no centre has been founded yet, what it serves is the way to found one."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    connection = http.client.HTTPConnection(reachable, port, timeout=5)
    try:
        connection.request("GET", "/ready/web", headers={"Host": "localhost"})
        parts = json.loads(connection.getresponse().read())["parts"]
        return all(word == "ok" or (part, word) == ("centre", "missing") for part, word in parts.items())
    except (OSError, http.client.HTTPException, ValueError, KeyError):
        return False
    finally:
        connection.close()


def _group_signal(process: subprocess.Popen[bytes], number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def _die_with_parent() -> None:
    """If `up` itself is killed, its children get SIGTERM (Linux; elsewhere they stay)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(DEATH_SIGNAL_OPTION, signal.SIGTERM)
