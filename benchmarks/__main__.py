"""`python -m benchmarks [NAME] [--keep]`: all benchmarks, or one; JSON lines on stdout, tables on stderr.

Each runs in a process of its own, so that peak memory is its own. The seeded year stays between the benchmarks of one
run, and after it with --keep.
"""

from __future__ import annotations

import subprocess
import sys
from argparse import ArgumentParser
from pathlib import Path

FOLDER = Path(__file__).parent
FIRST = ("due_dates", "text_model", "numbers", "import_year", "seed_year")
"""These come first; the seeded year before what is measured on it."""


def names() -> list[str]:
    """The names of all benchmarks, in the order in which they run."""
    found = {path.stem for path in FOLDER.glob("*.py") if "def main(" in path.read_text(encoding="utf-8")} - {
        "__main__"
    }
    return [*(name for name in FIRST if name in found), *sorted(found.difference(FIRST))]


def main() -> int:
    """Run; 1 when any benchmark failed."""
    parser = ArgumentParser(prog="bench", description="Measure; every figure is one JSON line on stdout.")
    parser.add_argument("name", nargs="?", choices=names())
    parser.add_argument("--keep", action="store_true", help="keep the databases of the seeded year")
    wanted = parser.parse_args()
    failed = [name for name in ([wanted.name] if wanted.name else names()) if _run(name)]
    if not wanted.keep:
        _year_drop()
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return bool(failed)


def _run(name: str) -> int:
    print(f"— {name}", file=sys.stderr, flush=True)
    return subprocess.run(
        [sys.executable, "-m", f"benchmarks.{name}"], cwd=FOLDER.parent, check=False
    ).returncode


def _year_drop() -> None:
    from benchmarks.database import YEAR, django_ready, drop
    from benchmarks.million import MILLION
    from benchmarks.multiplied import MULTIPLIED

    django_ready()
    drop(YEAR)
    drop(MILLION)
    drop(MULTIPLIED)


if __name__ == "__main__":
    sys.exit(main())
