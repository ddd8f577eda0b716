"""Whoever seals the ledger meanwhile and keeps the seals elsewhere: `bihuan seal take` and `export`, killed like the others."""

from __future__ import annotations

import re
import threading

from tools.soak.site import Site

PAUSE_SECONDS = 20


class Sealer:
    """`seals` counts those that were told of as taken; `broken` keeps what sealing refused for."""

    def __init__(self, site: Site) -> None:
        self.site, self.kept = site, site.folder / "kept-seals"
        self.seals = 0
        self.broken: list[str] = []

    def seal_again_and_again(self, ended: threading.Event) -> None:
        """Seal what is new, keep it elsewhere, until the run has ended."""
        while not ended.is_set():
            self._take()
            ended.wait(PAUSE_SECONDS)

    def last_words(self) -> dict[str, list[str]]:
        """Seal what the run left; what does not fit, of this and of each seal that was kept."""
        code, _said, complaint = self._take()
        left = [] if code == 0 else [complaint[-500:]]
        checked = self.site.run("seal", "check", str(self.kept))
        lines = (checked.stdout + checked.stderr).splitlines()
        return {
            "seals_refused": self.broken,
            "last_seal": left,
            "kept_seals": lines[-20:] if checked.returncode else [],
        }

    def _take(self) -> tuple[int, str, str]:
        code, said, complaint = self.site.run_killable("seal", "take")
        if taken := re.match(r"(\d+) seals taken", said):
            self.seals += int(taken[1])
        if "封印" in complaint:
            self.broken.append(complaint.strip().splitlines()[-1])
        self.site.run_killable("seal", "export", str(self.kept))
        return code, said, complaint
