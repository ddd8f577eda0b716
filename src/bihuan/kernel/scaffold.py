"""`./dev pack NAME`: an empty pack that passes the conformance suite; the field's own words are then written into it."""

from __future__ import annotations

import importlib
import keyword
import re
import sys
from pathlib import Path

from bihuan.kernel import published
from bihuan.kernel.pack import PACKS

TEMPLATES = Path(__file__).with_name("scaffold_files")
NAME = re.compile(r"[a-z][a-z0-9]{1,19}")


class ScaffoldError(ValueError):
    """The pack cannot be made; the sentence says why."""


def name_check(name: str, folder: Path = PACKS) -> None:
    """ScaffoldError unless `name` can be a new pack's: it is a module, an application and part of file names."""
    if not NAME.fullmatch(name):
        raise ScaffoldError(
            f"{name[:40]!r} cannot name a pack: 2 to 20 small letters and digits, a letter first."
        )
    if keyword.iskeyword(name) or name in sys.stdlib_module_names:
        raise ScaffoldError(f"{name!r} is a word of Python: choose another name.")
    if (folder / name).exists():
        raise ScaffoldError(f"There is a pack {name!r} already.")


def pack_make(name: str, folder: Path = PACKS) -> list[Path]:
    """Write the files of a new pack from `scaffold_files`; returns their paths. ScaffoldError when it cannot be."""
    name_check(name, folder)
    written = []
    for template in sorted(TEMPLATES.rglob("*.txt")):
        path = folder / name / template.relative_to(TEMPLATES).with_suffix("")
        path.parent.mkdir(parents=True, exist_ok=True)
        text = template.read_text(encoding="utf-8")
        path.write_text(text.replace("@name@", name).replace("@Prefix@", name.upper()), encoding="utf-8")
        written.append(path)
    return written


def pack_publish(name: str) -> None:
    """Lock the new pack's fingerprint and draw its page."""
    pack = importlib.import_module(f"bihuan.packs.{name}.pack").PACK
    published.fingerprints_lock(of={name: pack})
    published.pages_write(of={name: pack})


def main(arguments: list[str]) -> int:
    """Make the pack named by the one argument; 2 and a sentence when it cannot be."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m bihuan.kernel.scaffold NAME\n")
        return 2
    try:
        written = pack_make(arguments[0])
    except ScaffoldError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    pack_publish(arguments[0])
    for path in written:
        sys.stdout.write(f"{path.relative_to(published.ROOT)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
