"""Whether an extension may be granted: asked for before expiry, with a reason, and approved.

Source: 《北京市接诉即办工作条例》 art. 15(2); 《行政许可法》 art. 42; number and length come from the policy
in force.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bihuan.kernel.clocks.rules import Limit
from bihuan.kernel.clocks.words import UNITS


@dataclass(frozen=True)
class Refusal:
    """Why not: a stable code, and a sentence to translate and fill with `values`."""

    code: str
    sentence: str
    values: Mapping[str, int] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """The Chinese sentence, filled."""
        return self.sentence.format(**self.values)


def extension_refusal(
    *,
    limit: Limit,
    due: int | None,
    now: int,
    granted_so_far: int,
    days: int,
    reason: str,
    approver: object | None,
    by: object,
) -> Refusal | None:
    """The first ground for refusing `days` (in the limit's unit) more, or None if they may be granted.

    `due` and `now` in epoch seconds, `due` None while paused (never expired); `granted_so_far` counts grants;
    `by` asks, `approver` grants, and they may not be the same.
    """
    policy = limit.extension
    if policy is None:
        return Refusal("extension_not_allowed", "该时限不允许延期。")
    if not reason.strip():
        return Refusal("extension_reason_missing", "申请延期应当说明理由。")
    if days < 1:
        return Refusal("extension_length_invalid", "延期长度应不少于1。")
    if days > policy.max_length:
        sentence = "每次延期不得超过{most}" + UNITS[limit.unit] + "。"
        return Refusal("extension_too_long", sentence, {"most": policy.max_length})
    if granted_so_far >= policy.max_number:
        return Refusal("extension_used_up", "延期不得超过{most}次。", {"most": policy.max_number})
    if policy.before_expiry and due is not None and now > due:
        return Refusal("extension_after_expiry", "期限已过，延期应当在到期前申请。")
    if policy.needs_approver and approver is None:
        return Refusal("extension_approver_missing", "延期应当经负责人批准。")
    if approver is not None and approver == by:
        return Refusal("extension_self_approved", "申请人不能批准自己的延期。")
    return None
