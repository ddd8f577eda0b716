"""`./dev pack NAME` makes a pack that the conformance suite accepts as it is, in a copy of the tree."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bihuan.kernel.scaffold import ScaffoldError, name_check, pack_make

ROOT = Path(__file__).resolve().parents[2]


def run(tree: Path, *command: str) -> subprocess.CompletedProcess[str]:
    home = os.environ.get("BIHUAN_HOME", str(ROOT / "var"))
    environment = {**os.environ, "PYTHONPATH": str(tree / "src"), "BIHUAN_HOME": home}
    environment.pop("PYTEST_XDIST_WORKER", None)
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=tree,
        env=environment,
        capture_output=True,
        text=True,
        timeout=480,
        check=False,
    )


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    leave = shutil.ignore_patterns("__pycache__", "node_modules", "vendor")
    for name in ("src", "docs", "benchmarks", "pyproject.toml"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tmp_path / name, **({"ignore": leave} if copy is shutil.copytree else {}))
    (tmp_path / "tests").mkdir()
    for path in (ROOT / "tests").iterdir():
        if path.is_file():
            shutil.copy(path, tmp_path / "tests")
    return tmp_path


def test_a_new_pack_passes_the_conformance_suite_as_it_is(tree: Path) -> None:
    made = run(tree, "bihuan.kernel.scaffold", "lamps")
    assert made.returncode == 0, made.stderr
    folder = tree / "src/bihuan/packs/lamps"
    files = {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    assert files == {"README.md", "__init__.py", "pack.py", "rules.py", "workflow.py", "tests/test_rules.py"}
    assert "@" not in "".join(path.read_text() for path in folder.rglob("*.py")).replace(
        "@dataclass", ""
    ).replace("@pytest", "")
    assert (tree / "docs/packs/lamps.md").exists()
    tested = run(
        tree,
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "tests/test_every_pack.py",
        str(folder),
        "-k",
        "lamps or locked or drawn or role or numbers",
    )
    assert tested.returncode == 0, tested.stdout[-3000:]
    assert run(tree, "bihuan.kernel.scaffold", "lamps").returncode == 2


@pytest.mark.parametrize(
    "name",
    [
        "",
        "x",
        "Lamps",
        "street_lamps",
        "street-lamps",
        "1amps",
        "路灯",
        "../lamps",
        "class",
        "json",
        "hotline",
        "l" * 21,
    ],
)
def test_a_name_that_cannot_be_a_packs_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ScaffoldError):
        name_check(name)
    (tmp_path / "hotline").mkdir()
    with pytest.raises(ScaffoldError):
        pack_make(name, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["hotline"]
