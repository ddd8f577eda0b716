"""What is handled together, and what must precede what: the permit comes when the three others are done. Pure."""

from bihuan.kernel.bundles.rules import PartPlan

QUALITY, SAFETY, REVIEW, PERMIT = "质量", "安全", "消防", "许可"
DAYS = {QUALITY: 3, SAFETY: 3, REVIEW: 7, PERMIT: 5}
"""Working days that each is expected to take: the review's promise (S0), the others set for the demonstration."""
LABELS = {
    QUALITY: ("质量监督手续", "Quality supervision"),
    SAFETY: ("安全监督手续", "Safety supervision"),
    REVIEW: ("消防设计审查", "Fire design review"),
    PERMIT: ("建筑工程施工许可", "Construction permit"),
}


def network(*, reviewed: bool) -> tuple[PartPlan, ...]:
    """The parts of a project; `reviewed`: its design needs no review, or has passed it."""
    before = (QUALITY, SAFETY) if reviewed else (QUALITY, SAFETY, REVIEW)
    return (*(_plan(code, ()) for code in before), _plan(PERMIT, before))


def _plan(code: str, after: tuple[str, ...]) -> PartPlan:
    return PartPlan(code, DAYS[code], after, *LABELS[code])
