"""Who holds what a list says the city has: the one register that a material's name names, or nobody. Pure."""

from __future__ import annotations

from collections.abc import Collection

from bihuan.packs.onewindow.catalogue.contents import HELD
from bihuan.packs.onewindow.certificates.kinds import BY_NAME


def registers_given(materials: str, known: Collection[str]) -> tuple[str, list[str]]:
    """The lines of materials, each that is only said to be held with the register that holds it; where none or several could, it is to be
    handed in: these by name. Lines that are `known` (the item says them already) stay."""
    lines, unheld = [], []
    for line in materials.splitlines():
        marks = [_plain(part) for part in line.replace("\uff5c", "|").split("|")]
        if HELD not in marks[1:] or " | ".join(marks) in known:
            lines.append(line)
            continue
        register = _register(marks[0])
        held = [f"{HELD}:{register}"] if register else []
        lines.append(" | ".join(one for mark in marks for one in (held if mark == HELD else [mark])))
        if not register:
            unheld.append(marks[0])
    return "\n".join(lines), unheld


def _plain(mark: str) -> str:
    """A mark without blanks; one that names no register after its colon is the bare mark."""
    bare = mark.strip()
    return HELD if bare.replace("\uff1a", ":").rstrip(": ") == HELD else bare


def _register(name: str) -> str:
    """The register of this name, or the only one whose name stands in it (营业执照复印件); "" for none."""
    found = [name] if name in BY_NAME else [one for one in BY_NAME if one in name]
    return found[0] if len(found) == 1 else ""
