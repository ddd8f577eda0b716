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

START_SECONDS = 600
WHOLE_SECONDS = 180
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

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start everything and wait until it is ready."""
        command = [*BIHUAN, "up", "--port", str(self.port), "--orders", str(self.orders)]
        with (self.folder / "up.log").open("wb") as log:
            self.up = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)
        self._wait("/ready/web", START_SECONDS)

    def wait_whole(self) -> dict[str, object]:
        """Wait until every part is ready again; returns the seconds that it took."""
        begun = time.monotonic()
        self._wait("/ready", WHOLE_SECONDS)
        return {"whole_again_s": round(time.monotonic() - begun, 1)}

    def stop(self) -> None:
        """Stop it; the database stays as it is."""
        if self.up is not None and self.up.poll() is None:
            self.up.send_signal(signal.SIGTERM)
            self.up.wait(90)

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """A command of the site's, in its environment."""
        return subprocess.run(
            [*BIHUAN, *command], env=self.environment, capture_output=True, text=True, check=False
        )

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
        """Kill -9 a process of the web, the worker of jobs, or the whole PostgreSQL's first process."""
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
        found: dict[str, list[int]] = {"web": [], "worker": [], "database": self._postmaster()}
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

    def _wait(self, path: str, seconds: float) -> None:
        deadline, said = time.monotonic() + seconds, b""
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(self.address + path, timeout=10):
                    return
            except urllib.error.HTTPError as error:
                said = error.read()
            except OSError:
                pass
            time.sleep(0.5)
        log = (self.folder / "up.log").read_text(errors="replace")[-2000:]
        raise SystemExit(f"{path} is not ready after {seconds} s: {said.decode(errors='replace')}\n{log}")


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
