"""Fire (建设工程消防审验) as a pack."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy as _

from bihuan.kernel.bundles.rules import part_kept
from bihuan.kernel.identity.roles import UNIT_ROLES, Role
from bihuan.kernel.manifest import Bundles, Issuers, Stepped
from bihuan.kernel.numbering.formats import NumberFormat
from bihuan.kernel.pack import Pack, late
from bihuan.packs.fire import rules
from bihuan.packs.fire.materials import FAIL, PASS
from bihuan.packs.fire.merging.workflow import MERGED, PART
from bihuan.packs.fire.papers.kinds import KINDS
from bihuan.packs.fire.policies import (
    CLOCK_LABELS,
    CLOCKS,
    POLICIES,
    RULE_CHOICES,
    RULE_FAULTS,
    RULE_LABELS,
    WORKFLOW_CLOCKS,
)
from bihuan.packs.fire.promises import PROMISES
from bihuan.packs.fire.registers import REGISTERS
from bihuan.packs.fire.roles import SITE_ROLES
from bihuan.packs.fire.sites.policies import LIMIT_KEYS
from bihuan.packs.fire.workflows import CHIEF, INSPECTOR, OWNER, REVIEWER, WINDOW, WORKFLOWS

FIRE, BUNDLES = "bihuan.packs.fire", "bihuan.kernel.bundles.services"
FALLING = f"{FIRE}.papers.falling"
_checked = late(f"{FIRE}.draws.services.check_take")
_rectified = late(f"{FIRE}.findings.services.rectification_report")
_finding_closed = late(f"{FIRE}.findings.services.finding_close")
_reviewed = late(f"{FIRE}.experts.services.opinion_take")
_forgotten = late(f"{FIRE}.evaluations.forgetting.evaluations_forget")
_kept = late(f"{FIRE}.sites.people.workers_kept")


def _followed(steps: Sequence[Stepped]) -> None:
    """What a step writes on paper, and what it means to the whole that the case is a part of."""
    late(f"{FIRE}.papers.issuing.steps_documented")(steps)
    late(f"{FIRE}.projects.deferring.owed_follow")(steps)
    late(f"{FIRE}.owners.telling.withdrawals_told")(steps)
    late(f"{BUNDLES}.parts_follow")(steps)


STEPS: Mapping[str, Any] = {
    "notify_once": rules.notice_kept,
    "accept": rules.way_kept,
    "part_told": part_kept,
    "evaluate_pass": rules.evaluation_kept,
    "evaluate_fail": rules.evaluation_kept,
    "site_pass": partial(rules.site_kept, conclusion=PASS),
    "site_fail": partial(rules.site_kept, conclusion=FAIL),
    "findings_counted": rules.findings_kept,
    "owed_counted": rules.owed_kept,
    **dict.fromkeys(("site_opened", "check_fail", "recheck_fail", "lapse"), rules.site_opened),
    "select": rules.selection_kept,
    "expert_opinion": rules.experts_kept,
}

PACK = Pack(
    name="fire",
    label="消防审验",
    label_en="Fire review",
    workflows=(MERGED, PART, *WORKFLOWS),
    photographs=("after", "before", "file"),
    roles=(
        Role(WINDOW, "消防审验窗口", "Fire window clerk"),
        Role(REVIEWER, "消防设计审查人", "Fire design reviewer"),
        Role(INSPECTOR, "现场评定人", "Fire inspector"),
        Role(CHIEF, "消防审验负责人", "Chief of fire review", hands_out=True),
        Role(OWNER, "建设单位代表", "Owner's representative", home="fire:owner"),
        *SITE_ROLES,
        *UNIT_ROLES,
    ),
    judge=rules.judge,
    on_step=STEPS,
    writers={
        **dict.fromkeys(("accept", "deem_accepted"), late(f"{FIRE}.applying.services.application_accept")),
        **dict.fromkeys(("check_pass", "check_fail", "recheck_pass", "recheck_fail"), _checked),
        "rectify": _rectified,
        "expert_opinion": _reviewed,
        **dict.fromkeys(("verify", "cancel"), _finding_closed),
        "part_pass": late(f"{FIRE}.merging.services.part_grant"),
        "part_fail": late(f"{BUNDLES}.part_move"),
        **dict.fromkeys(("merge_withdraw", "merge_refuse"), late(f"{BUNDLES}.whole_end")),
        "merge_again": late(f"{BUNDLES}.parts_again"),
    },
    forget=_forgotten,
    withdrawn=late(f"{FIRE}.evaluations.withdrawing.evaluation_withdrawn"),
    certificates=KINDS,
    issuers=Issuers(
        asks=frozenset((WINDOW, REVIEWER, INSPECTOR)),
        decides=frozenset((CHIEF, "bureau_head")),
        changed=late(f"{FALLING}.document_changed"),
        resting=late(f"{FALLING}.document_resting"),
    ),
    follow=_followed,
    bundles=Bundles(
        late(f"{FIRE}.merging.services.part_open"),
        frozenset(("part_passed", "passed")),
        "part_told",
        "merge_done",
        "part_withdraw",
    ),
    clocks=CLOCKS,
    workflow_clocks=WORKFLOW_CLOCKS,
    clock_labels=CLOCK_LABELS,
    policies=POLICIES,
    rule_labels=RULE_LABELS,
    limit_keys=LIMIT_KEYS,
    rule_choices=RULE_CHOICES,
    rule_faults=RULE_FAULTS,
    registers=REGISTERS,
    open_pages="fire/parts/open_pages.html",
    reporter=_("申请单位"),
    said=_("申请内容"),
    promises=PROMISES,
    retains=_kept,
    number_format=NumberFormat("fire", "XF{date:%Y%m%d}{serial:5}"),
)
