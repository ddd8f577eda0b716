"""What is kept of every workflow outside its code: fingerprints, so that no change goes unnoticed, and drawn pages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from bihuan.kernel.pack import Pack, packs
from bihuan.kernel.workflow.diagram import page

ROOT = Path(__file__).resolve().parents[3]
LOCK = ROOT / "tests" / "workflows.lock.json"
PAGES = ROOT / "docs" / "packs"


def fingerprints(of: Mapping[str, Pack]) -> dict[str, str]:
    """The fingerprint of every workflow of these packs by its key, in order."""
    found = {workflow.key: workflow.fingerprint() for pack in of.values() for workflow in pack.workflows}
    return dict(sorted(found.items()))


def fingerprints_lock(path: Path = LOCK, *, of: Mapping[str, Pack] | None = None) -> dict[str, str]:
    """Write the fingerprints down as they are now; with `of`, those of these packs beside what is there."""
    kept = fingerprints_locked(path) if of is not None else {}
    kept |= fingerprints(packs() if of is None else of)
    path.write_text(json.dumps(dict(sorted(kept.items())), indent=2) + "\n", encoding="utf-8")
    return kept


def fingerprints_locked(path: Path = LOCK) -> dict[str, str]:
    """What was written down; nothing when the file is not there."""
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}


def fingerprint_faults(path: Path = LOCK) -> list[str]:
    """A sentence for each workflow that differs from what was written down."""
    now, locked = fingerprints(packs()), fingerprints_locked(path)
    faults = []
    for key in sorted(now.keys() | locked.keys()):
        if key not in locked:
            faults.append(f"{key} is not locked")
        elif key not in now:
            faults.append(f"{key} is gone, but cases may still be under it")
        elif now[key] != locked[key]:
            faults.append(
                f"{key} differs from the version that was locked: make a new version, or lock it again"
            )
    return faults


def pack_page(pack: Pack) -> str:
    """The page of a pack: each of its workflows drawn and told."""
    labels = {role.code: role.label for role in pack.roles}
    return "\n".join(page(workflow, labels) for workflow in pack.workflows)


def pages_write(folder: Path = PAGES, *, of: Mapping[str, Pack] | None = None) -> list[str]:
    """Write the pages of all packs (or `of` these) that differ; returns their names."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, pack in (packs() if of is None else of).items():
        path, text = folder / f"{name}.md", pack_page(pack)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            written.append(path.name)
    return written


def pages_stale(folder: Path = PAGES) -> list[str]:
    """The names of pages that are missing, out of date, or belong to no pack."""
    wanted = {f"{name}.md": pack_page(pack) for name, pack in packs().items()}
    there = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.md")}
    return sorted(name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name))
