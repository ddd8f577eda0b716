"""The scripts of the house: plain sh, usage, refusals, and a front end that is built only when something changed."""

import shutil
import socket
import stat
import subprocess
import time
from pathlib import Path

import pytest

from bihuan.site import frontend, processes
from bihuan.site.processes import UpError, port_check

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = ("up", "test", "lint", "bench", "soak", "shots", "pack", "shell")


def dev(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(ROOT / "dev"), *arguments], capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize(("script", "shell"), [("dev", "sh"), (".ci/run", "bash")])
def test_script_is_executable_and_parses(script: str, shell: str) -> None:
    assert (ROOT / script).stat().st_mode & stat.S_IXUSR
    assert (ROOT / script).read_text().splitlines()[0] in ("#!/bin/sh", "#!/usr/bin/env bash")
    checked = subprocess.run([shell, "-n", str(ROOT / script)], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.skipif(not shutil.which("dash"), reason="dash is not installed")
def test_dev_parses_in_the_strictest_shell() -> None:
    checked = subprocess.run(["dash", "-n", str(ROOT / "dev")], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")


def test_help_names_every_command() -> None:
    shown = dev("help")
    assert shown.returncode == 0
    assert [line.split()[0] for line in shown.stdout.splitlines()[2:]] == list(COMMANDS)


@pytest.mark.parametrize("arguments", [(), ("nonsense",)])
def test_anything_else_shows_the_usage_and_fails(arguments: tuple[str, ...]) -> None:
    refused = dev(*arguments)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr == dev("help").stdout


def test_pack_asks_for_a_name() -> None:
    refused = dev("pack")
    assert (refused.returncode, refused.stderr) == (1, "dev: give the name of the pack: ./dev pack NAME\n")


def test_ci_runs_lint_and_the_readmes_test_command() -> None:
    steps = [line for line in (ROOT / ".ci/run").read_text().splitlines() if line.startswith("step ")]
    assert steps == ["step ./dev lint", "step ./dev test"]


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    for name in frontend.INPUTS:
        shutil.copy(frontend.SOURCE / name, tmp_path)
    return tmp_path


def test_front_end_is_not_built_twice(sources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "vendor"
    target.mkdir()
    commands: list[list[str]] = []
    monkeypatch.setattr(frontend, "_run", lambda command, *_: commands.append(command))
    monkeypatch.setattr(frontend, "_node_on_path", lambda: (Path("/bin/node"), ["npm"]))
    assert frontend.build(sources, target)
    assert [command[:2] for command in commands] == [["npm", "ci"], ["/bin/node", "build.mjs"]]
    assert not frontend.build(sources, target)
    with (sources / "build.mjs").open("a") as script:
        script.write("\n")
    assert frontend.build(sources, target)
    assert len(commands) == 4


def test_a_failing_npm_says_so_and_leaves_no_stamp(
    sources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "vendor"
    target.mkdir()
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\necho E404 no such package >&2\nexit 3\n")
    npm.chmod(0o755)
    monkeypatch.setattr(frontend, "_node_on_path", lambda: (Path("/bin/node"), [str(npm)]))
    with pytest.raises(frontend.BuildError, match=r"(?s)ended with 3:\nE404 no such package.*registry"):
        frontend.build(sources, target)
    assert not (target / ".stamp").exists()


def test_a_port_in_use_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UpError, match=f"Port {port} on 127.0.0.1 is in use: choose another with --port."):
            port_check("127.0.0.1", port)
    port_check("127.0.0.1", port)


def test_a_dead_child_is_reported_and_started_again_with_back_off() -> None:
    reports: list[str] = []
    child = processes.Child("web", ["sh", "-c", "exit 3"], "app")
    child.start()
    assert child.process is not None
    child.process.wait()
    child.watch(reports.append)
    assert reports == ["web ended with 3; starting it again in 1 s"]
    child.watch(reports.append)
    assert child.process is None
    child.restart_at = 0
    child.watch(reports.append)
    assert child.process is not None
    child.process.wait()
    child.watch(reports.append)
    assert reports[1:] == ["web ended with 3; starting it again in 2 s"]


def test_stopping_ends_children_that_do_not_listen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "STOP_SECONDS", 0.5)
    script = f"trap '' TERM; touch {tmp_path}/deaf; while :; do sleep 0.05; done"
    deaf = processes.Child("web", ["sh", "-c", script], "app")
    deaf.start()
    while not (tmp_path / "deaf").exists():
        time.sleep(0.01)
    processes.stop_all([deaf, processes.Child("never started", [], "app")])
    assert deaf.process is not None
    assert deaf.process.returncode == -9
