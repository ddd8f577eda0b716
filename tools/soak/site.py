"""The site that is soaked: a home and a database of its own, started by `bihuan up`, killed piece by piece."""

from __future__ import annotations

import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from pathlib import Path

START_SECONDS = 3600
STOP_SECONDS = 180
BIHUAN = [sys.executable, "-m", "bihuan.site"]


class Site:
    """A site in `folder`; `kills` counts what was killed."""

    def __init__(self, folder: Path, orders: int) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.folder, self.orders = folder, orders
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("DATABASE_", "BIHUAN_"))
        }
        self.environment = {**kept, "BIHUAN_HOME": str(folder / "home"), "BIHUAN_PROXIES": "1"}
        self.kills: Counter[str] = Counter()
        self.up: subprocess.Popen[bytes] | None = None
        self.command: subprocess.Popen[str] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start everything and wait until it is ready."""
        command = [*BIHUAN, "up", "--port", str(self.port), "--orders", str(self.orders)]
        with (self.folder / "up.log").open("wb") as log:
            self.up = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)
        if said := self._wait("/ready/web", START_SECONDS):
            raise SystemExit(f"the site does not start: {said}")

    def wait_whole(self, seconds: float) -> list[str]:
        """Wait until every part is ready again; what was still said when it was not within so many seconds."""
        said = self._wait("/ready", seconds)
        return [said] if said else []

    def stop(self) -> None:
        """Stop it; the database stays as it is."""
        if self.up is None or self.up.poll() is not None:
            return
        self.up.send_signal(signal.SIGTERM)
        try:
            self.up.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            for pid in [*_descendants(self.up.pid), *self._postmaster(), self.up.pid]:
                os.kill(pid, signal.SIGKILL)

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """A command of the site's, in its environment."""
        return subprocess.run(
            [*BIHUAN, *command], env=self.environment, capture_output=True, text=True, check=False
        )

    def checked(self, *command: str) -> str:
        """What a command of the site's says; SystemExit when it fails."""
        done = self.run(*command)
        if done.returncode:
            raise SystemExit(f"{' '.join(command)}: {done.stderr}")
        return done.stdout

    def run_killable(self, *command: str) -> tuple[int, str, str]:
        """A command of the site's that `kill_one` may hit: exit status, what it said and what it complained of."""
        with subprocess.Popen(
            [*BIHUAN, *command],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as self.command:
            said, complaint = self.command.communicate()
        return self.command.returncode, said, complaint

    def script(self, module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A module of ours, in the site's environment, connected as its worker."""
        environment = {
            **self.environment,
            "BIHUAN_DB_ROLE": "worker",
            "DJANGO_SETTINGS_MODULE": "bihuan.site.settings",
        }
        return subprocess.run(
            [sys.executable, "-m", module, *arguments],
            env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip

    def kill_one(self, chance: random.Random) -> str:
        """Kill -9 a process of the web, the worker of jobs, PostgreSQL's first process, or a sealing that runs."""
        found = {name: pids for name, pids in self._processes().items() if pids}
        if not found:
            return ""
        name = chance.choice(sorted(found))
        try:
            os.kill(chance.choice(found[name]), signal.SIGKILL)
        except ProcessLookupError:
            return ""
        self.kills[name] += 1
        return name

    def _processes(self) -> dict[str, list[int]]:
        assert self.up is not None
        found: dict[str, list[int]] = {"web": [], "worker": [], "database": self._postmaster(), "sealing": []}
        if self.command is not None and self.command.poll() is None:
            found["sealing"].append(self.command.pid)
        for pid in _descendants(self.up.pid):
            command = _command(pid)
            if "procrastinate" in command:
                found["worker"].append(pid)
            elif "granian" in command or "multiprocessing" in command:
                found["web"].append(pid)
        return found

    def _postmaster(self) -> list[int]:
        for path in Path("/proc").glob("[0-9]*"):
            command = _command(int(path.name))
            match = re.search(r"/bin/postgres -D (\S+)", command)
            if match and (Path(match[1]).parent / "home").exists():
                if (Path(match[1]).parent / "home").read_text().strip() == str(self.folder / "home"):
                    return [int(path.name)]
            elif match and str(self.folder) in match[1]:
                return [int(path.name)]
        return []

    def _wait(self, path: str, seconds: float) -> str:
        """Wait until `path` is answered with 200: "", or what was said instead at the end, with the last of the log."""
        assert self.up is not None
        deadline, said = time.monotonic() + seconds, "no answer"
        while time.monotonic() < deadline and self.up.poll() is None:
            try:
                with urllib.request.urlopen(self.address + path, timeout=60):
                    return ""
            except urllib.error.HTTPError as error:
                said = error.read().decode(errors="replace")
            except OSError:
                pass
            time.sleep(0.5)
        ended = "" if self.up.poll() is None else "`bihuan up` has ended; "
        return f"{ended}{path}: {said}\n{(self.folder / 'up.log').read_text(errors='replace')[-2000:]}"


def _descendants(pid: int) -> list[int]:
    found = []
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in map(int, (task / "children").read_text().split()):
                found += [child, *_descendants(child)]
    except OSError:
        return found
    return found


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""
