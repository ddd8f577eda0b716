"""axe-core in the page: what an accessibility expert would call serious."""

from __future__ import annotations

from pathlib import Path
from typing import Any

AXE = Path(__file__).resolve().parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
RUN = """async () => (await axe.run(document, {
        runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], resultTypes: ["violations"]}))
    .violations.filter(v => v.impact === "serious" || v.impact === "critical")
    .map(v => `${v.id}: ${v.nodes.map(n => n.target.join(" ")).slice(0, 5).join(" | ")}`)"""


def serious(page: Any) -> list[str]:
    """Serious and critical violations of WCAG 2.2 AA on the page as it stands, with the elements."""
    page.wait_for_load_state()  # before its styles are there a page looks different
    page.evaluate(AXE.read_text(encoding="utf-8"))  # not a script element: the page's policy allows none
    found: list[str] = page.evaluate(RUN)
    return found


def overflows(page: Any) -> bool:
    """Does the page scroll sideways?"""
    page.wait_for_load_state()
    return bool(
        page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth + 1")
    )
