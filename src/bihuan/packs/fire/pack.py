"""Fire (建设工程消防审验) as a pack."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from bihuan.kernel.bundles.rules import part_kept
from bihuan.kernel.identity.roles import UNIT_ROLES, Role
from bihuan.kernel.manifest import Bundles, Kept, Stepped
from bihuan.kernel.numbering.formats import NumberFormat
from bihuan.kernel.pack import Pack, late
from bihuan.packs.fire import rules
from bihuan.packs.fire.materials import FAIL, PASS
from bihuan.packs.fire.merging.workflow import MERGED, PART
from bihuan.packs.fire.papers.kinds import KINDS
from bihuan.packs.fire.policies import CLOCK_LABELS, CLOCKS, POLICIES, RULE_CHOICES, RULE_LABELS
from bihuan.packs.fire.promises import PROMISES
from bihuan.packs.fire.registers import REGISTERS
from bihuan.packs.fire.roles import SITE_ROLES
from bihuan.packs.fire.sites.policies import LIMIT_KEYS
from bihuan.packs.fire.workflows import CHIEF, INSPECTOR, OWNER, REVIEWER, WINDOW, WORKFLOWS

if TYPE_CHECKING:
    from bihuan.kernel.cases.moving import Moved


def _checked(**move: Any) -> "Moved":
    """See `draws.services.check_take` (imported late: this module is read before the tables are)."""
    from bihuan.packs.fire.draws.services import check_take

    return check_take(**move)


def _rectified(**move: Any) -> "Moved":
    """See `findings.services.rectification_report`."""
    from bihuan.packs.fire.findings.services import rectification_report

    return rectification_report(**move)


def _reviewed(**move: Any) -> "Moved":
    """See `experts.services.opinion_take`."""
    from bihuan.packs.fire.experts.services import opinion_take

    return opinion_take(**move)


def _documented(steps: Sequence[Stepped]) -> None:
    """See `papers.issuing.steps_documented` (imported late, as above)."""
    from bihuan.packs.fire.papers.issuing import steps_documented

    steps_documented(steps)


BUNDLES = "bihuan.kernel.bundles.services"


def _followed(steps: Sequence[Stepped]) -> None:
    """What a step writes on paper, and what it means to the whole that the case is a part of."""
    _documented(steps)
    late(f"{BUNDLES}.parts_follow")(steps)


def _kept(now: datetime) -> Sequence[Kept]:
    """See `sites.people.workers_kept`."""
    from bihuan.packs.fire.sites.people import workers_kept

    return workers_kept(now)


def _finding_closed(**move: Any) -> "Moved":
    """See `findings.services.finding_close`."""
    from bihuan.packs.fire.findings.services import finding_close

    return finding_close(**move)


def _forgotten(cases: Sequence[int], now: datetime) -> None:
    """See `evaluations.forgetting.evaluations_forget`."""
    from bihuan.packs.fire.evaluations.forgetting import evaluations_forget

    evaluations_forget(cases, now)


STEPS: Mapping[str, Any] = {
    "notify_once": rules.notice_kept,
    "accept": rules.way_kept,
    "part_told": part_kept,
    "evaluate_pass": rules.evaluation_kept,
    "evaluate_fail": rules.evaluation_kept,
    "site_pass": partial(rules.site_kept, conclusion=PASS),
    "site_fail": partial(rules.site_kept, conclusion=FAIL),
    "findings_counted": rules.findings_kept,
    **dict.fromkeys(("site_opened", "check_fail", "recheck_fail", "lapse"), rules.site_opened),
    "select": rules.selection_kept,
    "expert_opinion": rules.experts_kept,
}

PACK = Pack(
    name="fire",
    label="消防审验",
    label_en="Fire review",
    workflows=(MERGED, PART, *WORKFLOWS),
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
        **dict.fromkeys(("check_pass", "check_fail", "recheck_pass", "recheck_fail"), _checked),
        "rectify": _rectified,
        "expert_opinion": _reviewed,
        **dict.fromkeys(("verify", "cancel"), _finding_closed),
        **dict.fromkeys(("part_pass", "part_fail"), late(f"{BUNDLES}.part_move")),
        **dict.fromkeys(("merge_withdraw", "merge_refuse"), late(f"{BUNDLES}.whole_end")),
        "merge_again": late(f"{BUNDLES}.parts_again"),
    },
    forget=_forgotten,
    certificates=KINDS,
    follow=_followed,
    bundles=Bundles(
        late("bihuan.packs.fire.merging.services.part_open"),
        frozenset(("part_passed", "passed")),
        "part_told",
        "merge_done",
        "part_withdraw",
    ),
    clocks=CLOCKS,
    clock_labels=CLOCK_LABELS,
    policies=POLICIES,
    rule_labels=RULE_LABELS,
    limit_keys=LIMIT_KEYS,
    rule_choices=RULE_CHOICES,
    registers=REGISTERS,
    open_pages="fire/parts/open_pages.html",
    reporter=_("申请单位"),
    said=_("申请内容"),
    promises=PROMISES,
    retains=_kept,
    number_format=NumberFormat("fire", "XF{date:%Y%m%d}{serial:5}"),
)
